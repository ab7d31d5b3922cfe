"""The service as its own processes, for tests that come through the door like everybody else.

    site = Site(folder, url)              # a database with the demo's accounts and whatever models are wanted
    with site.serve() as server: ...      # the product's own ``kapok serve`` (and ``kapok work`` on PostgreSQL)
    with site.virtual() as server:        # the same application on a clock that stands still until it is moved
        server.move_to(instant)

Run as a program (``python -m tests.support.server``), this is that second server: it reads instants from standard
input, one a line, and answers each when everything that is due then has been done.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy as sa
import structlog
import waitress

from engine import config
from engine.app import Kapok, create_app, create_kapok, create_pollers
from engine.cli.demo import ACCOUNTS, PASSWORD, shipped_models
from engine.clock import SystemClock, VirtualClock
from engine.config import Settings
from engine.domain.actors import SHELL
from engine.domain.commands import AddPartner, AddUser, Deploy, PartnerKey, Resource
from engine.house import master_ring
from engine.services.proof.audits import verify_all
from engine.services.proof.keys import field_cipher
from engine.store.database import Database
from engine.workers.loop import run_until_idle
from tests.support.house import hashed
from tests.support.partner import Partner
from tests.support.waiting import wait_until
from webhooks.signature import HMAC_SHA256

ROOT = Path(__file__).parents[2]
KAPOK = str(Path(sys.executable).with_name("kapok"))
MORNING = datetime.fromisoformat("2026-03-02T09:00:00+08:00")
"""A Monday with a calendar."""


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def environment(settings: Mapping[str, object]) -> dict[str, str]:
    """This process's environment with ``KAPOK_…`` from ``settings`` and no other."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KAPOK_")}
    return kept | {f"KAPOK_{name.upper()}": str(value) for name, value in settings.items()}


class Server:
    """One running installation: its web process, perhaps a worker beside it."""

    def __init__(self, url: str, commands: Sequence[Sequence[str]], env: Mapping[str, str], log: Path) -> None:
        self.url = url
        self.log = log
        self._commands, self._env = commands, dict(env)
        self.processes: list[subprocess.Popen[str]] = []

    def start(self) -> Server:
        with self.log.open("a") as out:
            for command in self._commands:
                self.processes.append(subprocess.Popen(
                    command, cwd=ROOT, env=self._env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=out,
                    text=True))
        return self

    def ready(self, timeout: float = 60.0) -> Server:
        wait_until(lambda: self._answers() or self._ended(), timeout, f"{self.url} ready; see {self.log}")
        return self

    def _answers(self) -> bool:
        with contextlib.suppress(httpx.TransportError):
            return httpx.get(f"{self.url}/readyz", trust_env=False).status_code == 200
        return False

    def _ended(self) -> bool:
        for process in self.processes:
            assert process.poll() is None, f"{process.args} ended: {self.log.read_text()[-4000:]}"
        return False

    def kill(self) -> None:
        """``kill -9`` of every process at once."""
        for process in self.processes:
            process.kill()
        self._gone()

    def stop(self) -> list[int]:
        """Ctrl-C; the exit statuses."""
        for process in self.processes:
            process.send_signal(signal.SIGINT)
        return self._gone()

    def _gone(self) -> list[int]:
        ended, self.processes = self.processes, []
        for process in ended:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    stream.close()
        return [process.returncode for process in ended]


class VirtualServer(Server):
    """The application on a virtual clock."""

    now = MORNING

    def ready(self, timeout: float = 60.0) -> VirtualServer:
        self.url = self._read()["url"]
        return self

    def move_to(self, instant: datetime) -> None:
        """Move the clock; returns when everything due by then has been done."""
        stdin = self.processes[0].stdin
        assert stdin is not None
        stdin.write(instant.isoformat() + "\n")
        stdin.flush()
        self.now = datetime.fromisoformat(self._read()["now"])

    def _read(self) -> dict[str, Any]:
        stdout = self.processes[0].stdout
        assert stdout is not None
        line = stdout.readline()
        assert line, f"the server ended: {self.log.read_text()[-4000:]}"
        return dict(json.loads(line))


class Site:
    """A database, a folder, and the settings that all processes of one installation share. ``at``: its virtual time."""

    def __init__(self, folder: Path, database_url: str, at: datetime | None = None) -> None:
        self.folder = folder
        self.port = free_port()
        self.settings: dict[str, object] = {
            "database_url": database_url, "folder": folder / "var", "port": self.port, "secure_cookies": "false",
            "poll_seconds": "0.2", "second_factor": "false"}
        self.database_url = database_url
        self._at = at

    @contextlib.contextmanager
    def house(self) -> Iterator[Kapok]:
        """The installation without a server: to prepare it before, and to look at it after."""
        clock = VirtualClock(self._at) if self._at else None
        kapok = create_kapok(Settings(database_url=self.database_url, folder=self.folder / "var"), clock)
        try:
            yield kapok
        finally:
            kapok.close()

    def prepare(self, *models: Resource, accounts: Sequence[str] = (), partner: Partner | None = None) -> Site:
        """Put accounts (``name`` or ``name:role``), models and a partner there; no models: those of the product."""
        digest = hashed(PASSWORD)
        wanted = accounts or [account.name for account in ACCOUNTS]
        with self.house() as kapok:
            for account in wanted:
                name, _, role = account.partition(":")
                kapok.run(AddUser(name, name, (role or name,), digest), SHELL)
            kapok.run(Deploy(models or shipped_models()), SHELL)
            if partner is not None:
                kapok.run(_added(partner), SHELL)
        return self

    @contextlib.contextmanager
    def serve(self) -> Iterator[Server]:
        """``kapok serve``; on PostgreSQL ``kapok work`` beside it."""
        commands = [[KAPOK, "serve"], [KAPOK, "work"]] if "postgresql" in self.database_url else [[KAPOK, "serve"]]
        server = Server(f"http://127.0.0.1:{self.port}", commands, environment(self.settings),
                        self.folder / "server.log")
        try:
            yield server.start().ready()
        finally:
            server.kill()

    @contextlib.contextmanager
    def virtual(self) -> Iterator[VirtualServer]:
        at = self._at or MORNING
        server = VirtualServer("", [[sys.executable, "-m", "tests.support.server", at.isoformat()]],
                               environment(self.settings), self.folder / "server.log")
        try:
            server.start()
            yield server.ready()
        finally:
            server.kill()

    def rows(self, table: sa.Table, *where: sa.ColumnElement[bool]) -> list[sa.Row[Any]]:
        """What the database holds, read past the server."""
        with self._reading() as connection:
            return list(connection.execute(sa.select(table).where(*where).order_by(*table.primary_key.columns)))

    def broken(self) -> list[dict[str, Any]]:
        """What is wrong with the audit trail."""
        with self._reading() as connection:
            return list(verify_all(connection)["broken"])

    @contextlib.contextmanager
    def _reading(self) -> Iterator[sa.Connection]:
        """The rows, with what is sealed at rest opened by the installation's own keys."""
        database = Database(self.database_url)
        ring = master_ring(Settings(database_url=self.database_url, folder=self.folder / "var"))
        database.seal_by(field_cipher(database, ring, False, SystemClock().now()))
        try:
            with database.reading() as connection:
                yield connection
        finally:
            database.close()


def _added(partner: Partner) -> AddPartner:
    return AddPartner(partner.code, "cnipa", partner.code, partner.deliver_to, ("127.0.0.0/8",), True,
                      ("cnipa.event", "pre.fastlane.ack", "receipt"),
                      (PartnerKey("k1", HMAC_SHA256, "shared", partner.secret),))


def main(start: str) -> None:
    """Serve on virtual time until standard input ends. Standard output is for answers alone."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    clock = VirtualClock(datetime.fromisoformat(start))
    settings = replace(config.from_environment(), secret_key="only for tests", demo_accounts=ACCOUNTS, demo=True)
    kapok = create_kapok(settings, clock)
    pollers = create_pollers(kapok)
    server = waitress.create_server(create_app(settings, kapok), host="127.0.0.1", port=settings.port, threads=8)
    threading.Thread(target=server.run, daemon=True).start()
    print(json.dumps({"url": f"http://127.0.0.1:{settings.port}"}), flush=True)
    while True:
        asked, _, _ = select.select([sys.stdin], [], [], 0.2)
        line = sys.stdin.readline() if asked else None
        if line == "":
            return
        if line:
            clock.move_to(datetime.fromisoformat(line.strip()))
        run_until_idle(pollers)
        if line:
            print(json.dumps({"now": clock.now().isoformat()}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
