"""A kept message has found its case: what was kept says so, its files follow, what it answers moves on, and the partner
is told. Called with the case locked, by whoever brings the message home."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.services import trail
from engine.services.context import Context
from engine.services.wire import exchange, files, tasks
from engine.services.wire.catalogue import CATALOGUE
from engine.store import partners as rows
from engine.store import queries
from engine.store.cases import CaseRow

WAITING = frozenset({"unmatched", "conflict"})
OTHER_PARTNER = "other_partner"


def settle(context: Context, partner: str, message_id: str, case: CaseRow) -> None:
    """``case`` has taken the message."""
    known = context.kept.pop((partner, message_id), None) or rows.standing(context.connection, partner, message_id)
    if known is None or known.applied_at is not None:
        return
    rows.update_inbound(context.connection, partner, message_id, applied_at=context.now, case_id=case.id,
                        status="accepted" if known.status in WAITING else known.status)
    if known.case_id != case.id or known.status in WAITING:
        arrive(context, rows.find_inbound(context.connection, partner, message_id), case)


def arrive(context: Context, row: Any, case: CaseRow, late: bool = False, sent: Sequence[Any] | None = None,
           partner: Any = None) -> None:
    """The message is the case's from now on, whether or not a step has taken it yet. ``sent``, ``partner``: what was
    sent for the case, and who the message is from, where that is known."""
    note(context, row, case, late)
    if not late:
        exchange.answered(context, case.id, row, sent)
    exchange.confirm(context, row, "accepted", case.id, partner=partner)


def refuse(context: Context, partner: str, message_id: str, case: CaseRow) -> bool:
    """``case`` has asked others for what this message answers: a person decides. False when it has found its case
    elsewhere, or somebody has decided already."""
    row = rows.find_inbound(context.connection, partner, message_id)
    if row is None or row.applied_at is not None or row.decision is not None:
        return False
    rows.update_inbound(context.connection, partner, message_id, status="conflict", reason=OTHER_PARTNER,
                        case_id=case.id, expected=expected(context, case))
    if row.case_id != case.id:
        note(context, rows.find_inbound(context.connection, partner, message_id), case)
    tasks.tell(context, "wire.conflict", row, case)
    return True


def expected(context: Context, case: CaseRow) -> dict[str, Any]:
    """Where a case stands and which messages of partners it waits for, for the person who has to decide."""
    awaited = {wait.name for wait in queries.subscriptions_of(context.connection, case.id)}
    return {"case_no": case.case_no, "state": case.state, "stage": case.stage,
            "waits": sorted(awaited.intersection(CATALOGUE.types)),
            "tasks": rows.open_task_names(context.connection, case.id)}


def note(context: Context, row: Any, case: CaseRow, late: bool = False) -> None:
    """One line of the case's history, and its files into the file."""
    said = {name: getattr(row, name) for name in ("type", "partner", "status", "channel")}
    if row.channel != "webhook" or row.envelope.get("attachments"):
        files.file_into(context, case, said["partner"], row.message_id)
    trail.note(context, case, "messageReceived", {
        **said, "id": row.message_id, "late": late, "sha256": row.body_hash})
