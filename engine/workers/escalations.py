"""Fires due rungs of escalation ladders, each a command of its own that locks its case and checks again; and reminds of
suspensions whose last day has come."""

from __future__ import annotations

from datetime import timedelta

import structlog

from engine.clock import local_date
from engine.domain.actors import SYSTEM
from engine.domain.deadline_commands import FireRung, RemindSuspension
from engine.store import deadlines
from engine.workers.poller import Poller

BATCH = 100
Work = FireRung | RemindSuspension
_log = structlog.get_logger(__name__)


class EscalationPoller(Poller):
    name = "escalations"

    def poll(self) -> timedelta:
        """Fire one batch, earliest first. Rests when there was nothing to fire."""
        now = self._clock.now()
        with self._database.reading() as connection:
            rungs = deadlines.due_rungs(connection, now, BATCH + len(self._patience))
            due: list[Work] = [FireRung(*key) for key in rungs]
            due += [RemindSuspension(*key) for key in deadlines.due_suspensions(connection, local_date(now), BATCH)]
        done = sum(self._carry_out(command) for command in due if self._patience.allows(command, now))
        return timedelta(0) if done else self._rest

    def _carry_out(self, command: Work) -> bool:
        return self._attempt(
            command, lambda: self._runner.run(command, SYSTEM),
            lambda attempts, error: _log.error("rung_failed", rung=str(command), attempts=attempts, error=str(error)))
