"""A partner as its own process: ``webhooks.sandbox`` on a free port, for tests and for the demo.

    with Partner("cnipa", engine_url="http://127.0.0.1:8080/webhooks/v1/cnipa", secret=SECRET) as cnipa:
        cnipa.deliver_to                       # where the engine sends
        cnipa.send("cnipa.event", {...}, {"application_no": "202610123456.7"})
        cnipa.wait_for("received", type="pre.fastlane.push")

Run by hand: ``python -m tests.support.partner --kind cnipa …`` (the options of ``python -m webhooks.sandbox``).
"""

import contextlib
import json
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any

import httpx

from webhooks.sandbox.__main__ import main

ROOT = Path(__file__).parents[2]
_PAUSE = threading.Event()


class Partner:
    """A running sandbox partner. ``kill()`` and ``start()`` again keep what ``journal`` holds, on the same port."""

    def __init__(
        self,
        kind: str = "cnipa",
        *,
        engine_url: str | None = None,
        secret: str | None = None,
        peer_public: str | None = None,
        code: str | None = None,
        peer: str = "gdippc",
        journal: Path | None = None,
        options: Sequence[str] = (),
    ) -> None:
        given = {"--engine-url": engine_url, "--secret": secret, "--peer-public": peer_public, "--code": code}
        given |= {"--peer": peer, "--journal": str(journal) if journal else None}
        self._command = [sys.executable, "-m", "webhooks.sandbox", "--kind", kind, *options]
        self._command += [word for name, value in given.items() if value for word in (name, value)]
        self._process: subprocess.Popen[str] | None = None
        self.port = 0

    def start(self) -> "Partner":
        """Run it and wait until it listens."""
        command = [*self._command, "--port", str(self.port)]
        self._process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"Expected a sandbox partner to start, but it ended with {self._process.wait()}.")
        told = json.loads(line)
        self.url, self.deliver_to, self.code = told["ready"], told["deliver_to"], told["code"]
        self.algorithm, self.secret, self.public = told["algorithm"], told["secret"], told["public"]
        self.port = int(self.url.rpartition(":")[2])
        return self

    @property
    def running(self) -> bool:
        return self._process is not None

    def stop(self) -> None:
        self._end(lambda process: process.terminate())

    def kill(self) -> None:
        """``kill -9``."""
        self._end(lambda process: process.kill())

    def _end(self, how: Any) -> None:
        process, self._process = self._process, None
        if process is not None:
            how(process)
            process.wait(10)
            if process.stdout is not None:
                process.stdout.close()

    def __enter__(self) -> "Partner":
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    # what it is asked to do

    def configure(self, *, engine_url: str | None = None, now: datetime | None = None) -> dict[str, Any]:
        """Where to send, and what time it is (an engine on virtual time needs a partner of the same time)."""
        wish = {"engine_url": engine_url, "now": now.isoformat() if now else None}
        return self._control("configure", {name: value for name, value in wish.items() if value})

    def send(
        self,
        type_: str,
        payload: Mapping[str, Any] | None = None,
        correlation: Mapping[str, Any] | None = None,
        *,
        delay_s: float = 0,
        fault: str = "",
    ) -> str:
        """Let it send one message (missing parts: the catalogue's example); gives the id. Faults: see the postman."""
        wish = {"type": type_, "payload": payload, "correlation": correlation, "delay_s": delay_s, "fault": fault}
        answer = self._control("send", {name: value for name, value in wish.items() if value is not None})
        return str(answer["msg_id"])

    def plan(self, application_no: str, events: Sequence[str], every_s: float = 0.0) -> list[str]:
        """Let it send ``cnipa.event`` messages, one each ``every_s``."""
        wish = {"application_no": application_no, "events": list(events), "every_s": every_s}
        return list(self._control("plan", wish)["msg_ids"])

    def behave(self, mode: str, times: int = 1, **more: Any) -> None:
        """How it answers the next deliveries: slow (seconds), status (status, retry_after), drop, bad_receipt, …"""
        self._control("behave", {"mode": mode, "times": times} | more)

    # what it saw

    def log(self, event: str | None = None, **members: Any) -> list[dict[str, Any]]:
        """Its log, oldest first; only entries that have this event and these members."""
        entries = httpx.get(f"{self.url}/control/log", trust_env=False).json()["log"]
        wanted = members if event is None else members | {"event": event}
        return [entry for entry in entries if all(entry.get(name) == value for name, value in wanted.items())]

    def wait_for(self, event: str, seconds: float = 10.0, **members: Any) -> dict[str, Any]:
        """The first such entry, as soon as there is one; ``AssertionError`` with the whole log after ``seconds``."""
        for _ in range(int(seconds / 0.02)):
            with contextlib.suppress(IndexError):
                return self.log(event, **members)[0]
            _PAUSE.wait(0.02)
        raise AssertionError(f"Expected {event} {members} within {seconds} s, but the log is {self.log()}")

    def _control(self, action: str, wish: Mapping[str, Any]) -> dict[str, Any]:
        response = httpx.post(f"{self.url}/control/{action}", json=dict(wish), trust_env=False)
        if response.is_error:
            raise ValueError(response.json()["detail"])
        return dict(response.json())


if __name__ == "__main__":
    sys.exit(main())
