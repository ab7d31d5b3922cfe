"""Keeping and destroying: an unpublished application becomes public, a hold keeps a file, erasure takes a person's data
out of it, the schedule destroys it. The chain stays whole throughout: it knows salted digests, which stay.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, time

from engine.clock import LOCAL_ZONE
from engine.domain.audit_chain import row_digest
from engine.domain.retention import ended_before, shipped
from engine.errors import Conflict, NotFound
from engine.services import cases as case_service
from engine.services import steps, trail
from engine.services.context import Context, Outcome
from engine.store import cases, records
from engine.store import retention as rows
from engine.store.cases import CaseRow

BATCH = 20


@dataclass(frozen=True, slots=True)
class KeepFiles:
    """Internal command: what is due today, at most ``BATCH`` cases of each kind. ``dry`` only counts."""

    dry: bool = False


@dataclass(frozen=True, slots=True)
class HoldCase:
    """Keep a file whatever the schedule says, until the hold is lifted."""

    case: str
    reason: str


@dataclass(frozen=True, slots=True)
class LiftHold:
    case: str


@dataclass(frozen=True, slots=True)
class EraseRows:
    """Take the content of history rows out of a case, on the request of whom it is about. ``seqs``: their numbers."""

    case: str
    seqs: tuple[int, ...]
    reason: str


def keep(context: Context, command: KeepFiles) -> Outcome:
    """Answers ``{"published": cases that became public, "purged": cases whose content was destroyed}``."""
    published = rows.due_for_publication(context.connection, context.today, BATCH)
    purged = _due(context)
    if not command.dry:
        for case_id in sorted({*published, *purged}):
            row = steps.lock_case(context, case_id, active=False)
            if case_id in published:
                _publish(context, row)
            if case_id in purged:
                _purge(context, row)
    return {"published": published, "purged": purged}


def _due(context: Context) -> list[str]:
    found: list[str] = []
    for process, kept in shipped().items():
        day = ended_before(kept, context.today)
        if day is not None and len(found) < BATCH:
            before = datetime.combine(day, time(), LOCAL_ZONE)
            found += rows.due_for_purge(context.connection, process, before, BATCH - len(found))
    return found


def _publish(context: Context, row: CaseRow) -> None:
    """At publication the duty of secrecy ends (专利法 21(3), 34)."""
    row.level = "L1"
    trail.note(context, row, "levelChanged", {"level": "L1"})


def _purge(context: Context, row: CaseRow) -> None:
    if rows.is_held(context.connection, row.id):
        return
    _erase(context, row, None)
    rows.drop_content(context.connection, row.id)
    row.execution, row.title, row.parties, row.applicant, row.purged_at = b"", "", "", None, context.now
    trail.note(context, row, "purged", {})


def _erase(context: Context, row: CaseRow, wanted: Collection[int] | None) -> int:
    due = set(rows.texts_of(context.connection, row.id, wanted))
    digests = {item.seq: row_digest(item.salt, dict(item._mapping), item.data)
               for item in records.history_texts(context.connection, row.id) if item.seq in due}
    rows.erase(context.connection, row.id, context.now, digests)
    return len(digests)


def hold(context: Context, command: HoldCase) -> Outcome:
    row = _case(context, command.case)
    rows.hold(context.connection, row.id, context.now, context.actor.id, command.reason)
    trail.note(context, row, "held", {"reason": command.reason})
    return {"case_id": row.id, "held": True}


def lift(context: Context, command: LiftHold) -> Outcome:
    row = _case(context, command.case)
    if not rows.lift(context.connection, row.id, context.now, context.actor.id):
        raise Conflict(action="lift the hold of", noun="case", key=command.case, state="not held")
    trail.note(context, row, "holdLifted", {})
    return {"case_id": row.id, "held": False}


def erase(context: Context, command: EraseRows) -> Outcome:
    """Raises ``Conflict`` while a hold is on the case: the law that keeps a file goes before the wish to erase it."""
    row = _case(context, command.case)
    if rows.is_held(context.connection, row.id):
        raise Conflict(action="erase rows of", noun="case", key=command.case, state="held")
    count = _erase(context, row, command.seqs)
    trail.note(context, row, "erased", {"reason": command.reason, "rows": count})
    return {"case_id": row.id, "erased": count}


def _case(context: Context, key: str) -> CaseRow:
    case_service.require(context, "retention.manage")
    case_id = cases.id_of(context.connection, key)
    if case_id is None:
        raise NotFound(noun="case", key=key)
    return steps.lock_case(context, case_id, active=False)
