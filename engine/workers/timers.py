"""Fires due timers in batches, earliest first: claimed with their cases' locks, each fired in a savepoint, one commit.

A timer that cannot be fired stands in nobody's way: it is tried again ever more rarely, and then becomes an incident.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import structlog

from engine.clock import Clock
from engine.domain.actors import SYSTEM
from engine.domain.commands import FireTimer
from engine.errors import Busy
from engine.services.runner import Runner
from engine.services.timers import HoldTimer
from engine.store import waits
from engine.store.cases import CaseRow
from engine.store.database import Connection, Database
from engine.workers.poller import Poller

BATCH = 100
ATTEMPTS = 5
"""Failures in a row after which a timer is left to a person."""
LATE = timedelta(seconds=60)
"""From here on it is said that timers fire late; at most once in the same time."""
_log = structlog.get_logger(__name__)


class TimerPoller(Poller):
    name = "timers"

    def __init__(self, runner: Runner, database: Database, clock: Clock, rest: timedelta) -> None:
        super().__init__(runner, database, clock, rest)
        self._quiet_until: datetime | None = None

    def poll(self) -> timedelta:
        """Fire one batch. Rests when there was nothing to fire."""
        now = self._clock.now()
        with self._database.reading() as connection:  # most polls find nothing, and need no writer for that
            earliest = waits.next_timer_at(connection)
        if earliest is None or earliest > now:
            return self._rest
        self._tell_late(now, earliest)
        fired = 0
        for command, result in self._runner.run_batch(self._claim).items():
            key = (command.case_id, command.wait)
            if isinstance(result, Exception):  # one poisoned row spoils nothing else
                self._failed(key, result)
            else:
                self._patience.forget(key)
                fired += int(result["fired"])
        return timedelta(0) if fired else self._rest

    def _claim(self, connection: Connection) -> Iterator[tuple[FireTimer, CaseRow, waits.TimerOf]]:
        now = self._clock.now()
        due = waits.claim_timers(self._database, connection, now, BATCH + len(self._patience))
        allowed = [each for each in due if self._patience.allows((each[1].id, each[2]), now)]
        taken = allowed[:BATCH]
        found = waits.look_ahead(connection, sorted({row.id for _, row, _ in taken}))
        return ((FireTimer(row.id, wait), row, found(row.id, wait)) for _, row, wait in taken)

    def _tell_late(self, now: datetime, earliest: datetime) -> None:
        if now - earliest > LATE and (self._quiet_until is None or now >= self._quiet_until):
            self._quiet_until = now + LATE
            _log.warning("timers_late", seconds=round((now - earliest).total_seconds()))

    def _failed(self, key: tuple[str, int], error: Exception) -> None:
        attempts = self._patience.failed(key, self._clock.now())
        _log.error("timer_failed", case=key[0], timer=key[1], attempts=attempts, error=str(error))
        if attempts >= ATTEMPTS and not isinstance(error, Busy):
            self._runner.run(HoldTimer(*key, reason=f"{type(error).__name__}: {error}"), SYSTEM)
            self._patience.forget(key)
