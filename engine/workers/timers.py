"""Fires due timers: ids are read without locks, each timer is one command that locks its case and checks again.

A timer that cannot be fired stands in nobody's way: it is tried again ever more rarely, and then becomes an incident.
"""

from __future__ import annotations

from datetime import timedelta

import structlog

from engine.clock import Clock
from engine.domain.actors import SYSTEM
from engine.domain.commands import FireTimer
from engine.errors import Busy
from engine.services.runner import Runner
from engine.services.timers import HoldTimer
from engine.store import waits
from engine.store.database import Database
from engine.workers.patience import Patience

BATCH = 100
ATTEMPTS = 5
"""Failures in a row after which a timer is left to a person."""
_log = structlog.get_logger(__name__)


class TimerPoller:
    name = "timers"

    def __init__(self, runner: Runner, database: Database, clock: Clock, rest: timedelta) -> None:
        self._runner = runner
        self._database = database
        self._clock = clock
        self._rest = rest
        self._patience = Patience()

    def poll(self) -> timedelta:
        """Fire one batch, earliest first. Rests when there was nothing to fire."""
        now = self._clock.now()
        with self._database.reading() as connection:
            due = waits.due_timers(connection, now, BATCH + len(self._patience))
        fired = sum(self._fire(key) for key in due if self._patience.allows(key, now))
        return timedelta(0) if fired else self._rest

    def _fire(self, key: tuple[str, int]) -> int:
        try:
            outcome = self._runner.run(FireTimer(*key), SYSTEM)
        except Exception as error:  # one poisoned row spoils nothing else
            self._failed(key, error)
            return 0
        self._patience.forget(key)
        return int(outcome["fired"])

    def _failed(self, key: tuple[str, int], error: Exception) -> None:
        attempts = self._patience.failed(key, self._clock.now())
        _log.error("timer_failed", case=key[0], timer=key[1], attempts=attempts, error=str(error))
        if attempts >= ATTEMPTS and not isinstance(error, Busy):
            self._runner.run(HoldTimer(*key, reason=f"{type(error).__name__}: {error}"), SYSTEM)
            self._patience.forget(key)
