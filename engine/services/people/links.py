"""Linked cases: two cases on one matter, each with a number, papers and periods of its own.

A link is seen from both sides. Who works on both is looked at again in the same transaction, by the caller: who
adjudicates does not mediate (RELIABILITY must 19), who decided does not decide again.
"""

from __future__ import annotations

from engine.services import trail
from engine.services.context import Context
from engine.store import recusals as rows
from engine.store.cases import CaseRow

LONGEST_REASON = 255


def are_linked(context: Context, first: CaseRow, second: CaseRow) -> bool:
    return any(row.id == second.id for row in rows.links_of(context.connection, first.id))


def connect(context: Context, first: CaseRow, second: CaseRow, reason: str) -> None:
    """Two locked cases that are not linked yet; on record in both."""
    reason = reason[:LONGEST_REASON]
    rows.link(context.connection, {"case_id": first.id, "linked_id": second.id, "reason": reason,
                                   "linked_by": context.actor.id, "linked_at": context.now})
    for row, other in ((first, second), (second, first)):
        trail.note(context, row, "case:linked", {"other": other.case_no or other.id, "reason": reason})
