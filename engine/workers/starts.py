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

_log = structlog.get_logger(__name__)


class StartPoller:
    name = "starts"

    def __init__(self, runner: Runner, database: Database, clock: Clock, rest: timedelta) -> None:
        self._runner = runner
        self._database = database
        self._clock = clock
        self._rest = rest

    def poll(self) -> timedelta:
        with self._database.reading() as connection:
            due = definitions.due_starts(connection, self._clock.now())
        for row in due:
            try:
                self._runner.run(StartByTimer(row.process_id, row.element), SYSTEM)
            except Exception as error:  # the row stays due
                _log.error("start_failed", process=row.process_id, element=row.element, error=str(error))
        return self._rest
