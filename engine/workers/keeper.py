"""What the calendar does to files: unpublished applications become public, files past their time are destroyed."""

from __future__ import annotations

from datetime import timedelta

import structlog

from engine.domain.actors import SYSTEM
from engine.services.proof.retention import BATCH, KeepFiles
from engine.services.runner import Runner

REST = timedelta(hours=1)
_log = structlog.get_logger(__name__)


class Keeper:
    name = "keeper"

    def __init__(self, runner: Runner, rest: timedelta = REST) -> None:
        self._runner = runner
        self._rest = rest

    def poll(self) -> timedelta:
        done = self._runner.run(KeepFiles(), SYSTEM)
        for kind, found in done.items():
            if found:
                _log.info(kind, cases=len(found))
        return timedelta(0) if max(map(len, done.values())) >= BATCH else self._rest
