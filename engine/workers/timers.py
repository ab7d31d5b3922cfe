"""Fires due timers: ids are read without locks, each timer is one command that locks its case and checks again.

A timer that cannot be fired is tried again later, ever more rarely, and stands in nobody's way.
"""

from __future__ import annotations

from datetime import timedelta

import structlog

from engine.clock import Clock
from engine.domain.actors import SYSTEM
from engine.domain.commands import FireTimer
from engine.services.runner import Runner
from engine.store import waits
from engine.store.database import Database

BATCH = 100
_log = structlog.get_logger(__name__)


class TimerPoller:
    name = "timers"

    def __init__(self, runner: Runner, database: Database, clock: Clock, rest: timedelta) -> None:
        self._runner = runner
        self._database = database
        self._clock = clock
        self._rest = rest
        self._failures: dict[tuple[str, int], int] = {}

    def poll(self) -> timedelta:
        """Fire one batch, earliest first. Rests when there was nothing to fire."""
        with self._database.reading() as connection:
            due = waits.due_timers(connection, self._clock.now(), BATCH + len(self._failures))
        fired = sum(self._fire(case_id, wait) for case_id, wait in due)
        return timedelta(0) if fired else self._rest

    def _fire(self, case_id: str, wait: int) -> int:
        try:
            outcome = self._runner.run(FireTimer(case_id, wait), SYSTEM)
        except Exception as error:  # one poisoned row spoils nothing else
            self._failures[case_id, wait] = self._failures.get((case_id, wait), 0) + 1
            _log.error("timer_failed", case=case_id, timer=wait, attempts=self._failures[case_id, wait], error=str(error))
            return 0
        self._failures.pop((case_id, wait), None)
        return int(outcome["fired"])
