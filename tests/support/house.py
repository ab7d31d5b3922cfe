"""A wired house on a given database, with a clock moved by hand, seeded ids, and one actor for each role."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import sqlalchemy as sa
from argon2 import PasswordHasher

from engine.app import Kapok, create_kapok, create_pollers
from engine.clock import VirtualClock
from engine.config import Settings
from engine.domain.actors import SYSTEM, Actor, ActorKind
from engine.domain.commands import (
    ClaimUserTask,
    Command,
    CompleteUserTask,
    Deploy,
    PublishMessage,
    Resource,
    StartCase,
    task_key,
)
from engine.domain.identifiers import SeededIds
from engine.domain.permissions import ROLES
from engine.services.operations import Operation
from engine.services.operations.registry import OPERATIONS
from engine.services.proof.audits import verify_all
from engine.store import migrate
from engine.store import schema as s
from engine.store.database import Database
from engine.workers.loop import run_until_idle

MORNING = datetime(2026, 3, 2, 1, tzinfo=UTC)
"""Nine o'clock in Beijing on a Monday."""

MASTER_KEYS = "0011223344556677 aes-256-gcm " + "S" * 43 + "="
"""All houses of the tests open each other's databases."""

_CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def actor(role: str, number: int = 1) -> Actor:
    """Somebody with one role: ``examiner1``, ``examiner2``, …"""
    return Actor(id=f"{role}{number}", name=f"{role} {number}", roles=frozenset({role}))


ACTORS = {role: actor(role) for role in (*ROLES, "worker")}
DEPLOYER = ACTORS["deployer"]
SUPERVISOR = ACTORS["supervisor"]


def emptied(url: str) -> str:
    """The same database, migrated and without a row in it: faster than a new one, and as clean."""
    where = sa.make_url(url)
    if where.get_backend_name() == "sqlite":
        for ending in ("", "-wal", "-shm"):  # a new file each time: who still has the old one open keeps that one
            Path(f"{where.database}{ending}").unlink(missing_ok=True)
        Path(str(where.database)).write_bytes(_migrated())
        return url
    engine = sa.create_engine(where, poolclass=sa.NullPool)
    with engine.begin() as connection:
        tables = connection.exec_driver_sql("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").scalars()
        deletes = [f'DELETE FROM "{name}"' for name in tables if name != "alembic_version"]
        # Past the guards of append-only tables; all of it in one question.
        connection.exec_driver_sql("; ".join(["SET session_replication_role = replica", *deletes]))
    return url


@cache
def _migrated() -> bytes:
    """A migrated SQLite database without a row, as its file is; made once in a process."""
    with TemporaryDirectory(prefix="kapok-migrated-") as folder:
        path = Path(folder) / "kapok.db"
        database = Database(f"sqlite:///{path}")
        migrate.upgrade(database)
        database.close()
        assert not path.with_name("kapok.db-wal").exists(), "Expected all of it in one file, but the log is still there"
        return path.read_bytes()


def hashed(password: str) -> str:
    """As the house keeps it, at the least cost: a sign-in of the tests need not take as long as one in service."""
    return _CHEAP.hash(password)


def partner_actor(code: str) -> Actor:
    return Actor(id=code, name=code, kind=ActorKind.PARTNER)


class House:
    """Commands, time, and a look at every table."""

    def __init__(self, url: str, folder: Path, operations: Mapping[str, Operation] = OPERATIONS,
                 clock: VirtualClock | None = None, seed: int = 1, **settings: Any) -> None:
        """``settings``: others than those of a test; one person may do alone what two are needed for in service."""
        self.clock = clock or VirtualClock(MORNING)
        usual = {"poll_seconds": 1.0, "two_persons": False, "master_keys": MASTER_KEYS}
        wanted = Settings(database_url=url, folder=folder, **{**usual, **settings})
        self.kapok: Kapok = create_kapok(wanted, self.clock, SeededIds(seed), operations)
        self.pollers = create_pollers(self.kapok)

    # -- commands -----------------------------------------------------------------------------------------------------
    def run(self, command: Command, actor: Actor = SYSTEM, key: str | None = None) -> dict[str, Any]:
        return dict(self.kapok.run(command, actor, key))

    def deploy(self, *files: bytes | tuple[str, bytes], actor: Actor = DEPLOYER) -> dict[str, Any]:
        """Publish diagrams; one given as bytes alone is called ``model-<n>.bpmn``."""
        named = [item if isinstance(item, tuple) else (f"model-{number}.bpmn", item)
                 for number, item in enumerate(files, 1)]
        return self.run(Deploy(tuple(Resource(name, content) for name, content in named)), actor)

    def start(self, process_id: str, variables: Mapping[str, Any] | None = None, actor: Actor = SYSTEM) -> str:
        """A new case; returns its id."""
        return str(self.run(StartCase(process_id, dict(variables or {})), actor)["case_id"])

    def task(self, case_id: str, element: str) -> str:
        """The key of the open user task at an element."""
        rows = self.rows(s.user_task, s.user_task.c.case_id == case_id, s.user_task.c.element == element,
                         s.user_task.c.state == "open")
        assert rows, f"Expected an open task at {element}, but open are {self.open_tasks(case_id)}"
        return task_key(case_id, rows[0].wait)

    def complete(self, case_id: str, element: str, variables: Mapping[str, Any] | None = None,
                 actor: Actor = SYSTEM, key: str | None = None) -> dict[str, Any]:
        return self.run(CompleteUserTask(self.task(case_id, element), dict(variables or {})), actor, key)

    def claim(self, case_id: str, element: str, actor: Actor) -> dict[str, Any]:
        return self.run(ClaimUserTask(self.task(case_id, element)), actor)

    def publish(self, name: str, key: str = "", variables: Mapping[str, Any] | None = None,
                **more: Any) -> dict[str, Any]:
        return self.run(PublishMessage(name, key, dict(variables or {}), **more))

    # -- time ---------------------------------------------------------------------------------------------------------
    def advance(self, **by: float) -> None:
        """Move the clock and let every poller do what is due: ``advance(hours=2)``."""
        self.clock.advance(timedelta(**by))
        self.settle()

    def run_timers(self) -> None:
        """Let the timers alone do what is due."""
        run_until_idle([poller for poller in self.pollers if poller.name == "timers"])

    def settle(self) -> None:
        run_until_idle(self.pollers)

    @property
    def today(self) -> date:
        return self.clock.now().date()

    # -- looking ------------------------------------------------------------------------------------------------------
    def rows(self, table: sa.Table, *where: sa.ColumnElement[bool]) -> list[sa.Row[Any]]:
        with self.kapok.database.reading() as connection:
            return list(connection.execute(sa.select(table).where(*where).order_by(*table.primary_key.columns)))

    def content(self, sha256: str) -> Path:
        """Where a file lies, as it is kept."""
        return self.kapok.settings.folder / "files" / sha256[:2] / sha256

    def case(self, case_id: str) -> sa.Row[Any]:
        return self.rows(s.case, s.case.c.id == case_id)[0]

    def open_tasks(self, case_id: str) -> list[str]:
        rows = self.rows(s.user_task, s.user_task.c.case_id == case_id, s.user_task.c.state == "open")
        return [row.element for row in rows]

    def history(self, case_id: str, *kinds: str) -> list[sa.Row[Any]]:
        rows = self.rows(s.history, s.history.c.case_id == case_id)
        return [row for row in rows if not kinds or row.kind in kinds]

    def completed(self, case_id: str) -> list[str]:
        """Elements completed, in order."""
        return [row.element for row in self.history(case_id, "completed")]

    def audit(self, chain: str = "system") -> list[sa.Row[Any]]:
        return self.rows(s.audit, s.audit.c.chain == chain)

    def broken(self) -> list[dict[str, Any]]:
        """What is wrong with the audit trail."""
        with self.kapok.database.reading() as connection:
            return list(verify_all(connection)["broken"])

    @contextmanager
    def statements(self) -> Iterator[list[str]]:
        """The SQL statements sent to the database meanwhile; a commit is ``COMMIT``."""
        seen: list[str] = []
        engine = self.kapok.database.engine

        def on_execute(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            seen.append(statement)

        def on_commit(_connection: Any) -> None:
            seen.append("COMMIT")

        sa.event.listen(engine, "before_cursor_execute", on_execute)
        sa.event.listen(engine, "commit", on_commit)
        try:
            yield seen
        finally:
            sa.event.remove(engine, "before_cursor_execute", on_execute)
            sa.event.remove(engine, "commit", on_commit)

    def close(self) -> None:
        self.kapok.close()
