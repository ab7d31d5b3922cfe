"""Starts cases by timer start events that are due, and arms the next occurrence of a cycle."""

from __future__ import annotations

from datetime import timedelta

import structlog

from engine.clock import Clock
from engine.domain.actors import SYSTEM
from engine.domain.commands import StartByTimer
from engine.services.runner import Runner
from engine.store import definitions
from engine.store.database import Database
from engine.workers.patience import Patience

_log = structlog.get_logger(__name__)


class StartPoller:
    name = "starts"

    def __init__(self, runner: Runner, database: Database, clock: Clock, rest: timedelta) -> None:
        self._runner = runner
        self._database = database
        self._clock = clock
        self._rest = rest
        self._patience = Patience()

    def poll(self) -> timedelta:
        now = self._clock.now()
        with self._database.reading() as connection:
            due = definitions.due_starts(connection, now)
        for row in due:
            if self._patience.allows((row.process_id, row.element), now):
                self._start(row.process_id, row.element)
        return self._rest

    def _start(self, process_id: str, element: str) -> None:
        try:
            self._runner.run(StartByTimer(process_id, element), SYSTEM)
            self._patience.forget((process_id, element))
        except Exception as error:  # the row stays due
            attempts = self._patience.failed((process_id, element), self._clock.now())
            _log.error("start_failed", process=process_id, element=element, attempts=attempts, error=str(error))
