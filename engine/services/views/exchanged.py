"""What a case has sent to partners and got from them."""

from __future__ import annotations

from typing import Any

from engine.services.views.models import MessageRow
from engine.store import queries
from engine.store.database import Connection


def messages(connection: Connection, case_id: str) -> tuple[MessageRow, ...]:
    """Oldest first."""
    sent, received = queries.messages_of(connection, case_id)
    rows = [MessageRow("out", row.partner_name or row.partner, row.type, row.type, _sent_state(row), row.created_at,
                       row.attempts) for row in sent]
    rows += [MessageRow("in", row.partner_name or row.partner, row.type, row.type, _received_state(row),
                        row.received_at, 1) for row in received]
    return tuple(sorted(rows, key=lambda item: item.at))


def _received_state(row: Any) -> str:
    """How a message that came in stands: taken by a step, waiting for one or for a person, or filed only."""
    if row.status in ("conflict", "rejected", "noted"):
        return str(row.status)
    return "late" if row.late else "processed" if row.applied_at is not None else "waiting"


def _sent_state(row: Any) -> str:
    if row.state == "pending":
        return "retrying" if row.attempts > 1 else "queued"
    return "acknowledged" if row.state == "delivered" and row.receipt else str(row.state)
