"""Starts cases by timer start events that are due, and arms the next occurrence of a cycle."""

from __future__ import annotations

from datetime import timedelta

import structlog

from engine.domain.actors import SYSTEM
from engine.domain.commands import StartByTimer
from engine.store import definitions
from engine.workers.poller import Poller

_log = structlog.get_logger(__name__)


class StartPoller(Poller):
    name = "starts"

    def poll(self) -> timedelta:
        now = self._clock.now()
        with self._database.reading() as connection:
            due = definitions.due_starts(connection, now)
        for row in due:
            if self._patience.allows((row.process_id, row.element), now):
                self._start(row.process_id, row.element)
        return self._rest

    def _start(self, process_id: str, element: str) -> None:
        self._attempt(
            (process_id, element), lambda: self._runner.run(StartByTimer(process_id, element), SYSTEM),
            lambda attempts, error: _log.error(
                "start_failed", process=process_id, element=element, attempts=attempts, error=str(error)))
