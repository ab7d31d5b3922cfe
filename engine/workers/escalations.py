"""Fires due rungs of escalation ladders, each a command of its own that locks its case and checks again; and reminds of
suspensions whose last day has come."""

from __future__ import annotations

from datetime import timedelta

import structlog

from engine.clock import Clock, local_date
from engine.domain.actors import SYSTEM
from engine.domain.deadline_commands import FireRung, RemindSuspension
from engine.services.runner import Runner
from engine.store import deadlines
from engine.store.database import Database
from engine.workers.patience import Patience

BATCH = 100
Work = FireRung | RemindSuspension
_log = structlog.get_logger(__name__)


class EscalationPoller:
    name = "escalations"

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
            rungs = deadlines.due_rungs(connection, now, BATCH + len(self._patience))
            due: list[Work] = [FireRung(*key) for key in rungs]
            due += [RemindSuspension(*key) for key in deadlines.due_suspensions(connection, local_date(now), BATCH)]
        done = sum(self._carry_out(command) for command in due if self._patience.allows(command, now))
        return timedelta(0) if done else self._rest

    def _carry_out(self, command: Work) -> int:
        try:
            self._runner.run(command, SYSTEM)
        except Exception as error:  # one poisoned row spoils nothing else; it is tried again ever more rarely
            attempts = self._patience.failed(command, self._clock.now())
            _log.error("rung_failed", rung=str(command), attempts=attempts, error=str(error))
            return 0
        self._patience.forget(command)
        return 1
