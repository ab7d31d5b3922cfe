"""Brings before a person what no case has taken in time: unmatched for 72 hours, or kept for a case that is over."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import structlog

from engine.domain.actors import SYSTEM
from engine.domain.wire_commands import ReviewInbound
from engine.services.wire.inbound import UNMATCHED_FOR
from engine.store import partners
from engine.workers.poller import Poller

BATCH = 100
REST = timedelta(minutes=1)
_log = structlog.get_logger(__name__)


class HandoffPoller(Poller):
    name = "handoffs"

    def poll(self) -> timedelta:
        now = self._clock.now()
        with self._database.reading() as connection:
            found = partners.unsettled_inbound(connection, now - UNMATCHED_FOR, BATCH + len(self._patience))
        due = [row for row in found if self._patience.allows(tuple(row), now)][:BATCH]
        reviewed = sum(self._review(row) for row in due)
        return timedelta(0) if reviewed >= BATCH else max(self._rest, REST)

    def _review(self, row: Any) -> bool:
        return self._attempt(tuple(row), lambda: self._runner.run(ReviewInbound(row.partner, row.message_id), SYSTEM),
                             lambda attempts, error: _log.warning(
                                 "review_failed", id=row.message_id, attempts=attempts, error=str(error)))
