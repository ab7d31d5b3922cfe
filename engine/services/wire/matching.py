"""What no case has taken by itself: a person gives it to a case, files it as a note, or rejects it; and what has waited
too long is brought before one.

    unmatched ─┬─ match ──▶ accepted (its case goes on)
    conflict  ─┤─ note ───▶ noted (in the file, nothing moves)
               └─ reject ─▶ rejected (the partner is told)

A late older event may be noted or rejected too; it is never applied over a newer one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from engine.domain import events as ev
from engine.domain.actors import Actor, ActorKind
from engine.domain.commands import PublishMessage
from engine.domain.wire_commands import DecideInbound, ReviewInbound
from engine.errors import Conflict, InvalidInput, NotFound
from engine.services import cases, messages, steps, trail
from engine.services.context import Context, Outcome
from engine.services.people import access
from engine.services.wire import arrivals, exchange, inbound, tasks
from engine.store import cases as case_rows
from engine.store import messages as message_rows
from engine.store import partners as rows
from engine.store.cases import CaseRow

DECISIONS = ("match", "note", "reject")
_STATUS = {"match": "accepted", "note": "noted", "reject": "rejected"}
MOST_REASON = 500


class NothingWaits(Conflict):
    """Expected a case that waits for '{key}', but '{case}' waits for {waits}."""

    code = "nothing_waits"


def decide(context: Context, command: DecideInbound) -> Outcome:
    """Carry out what a person has decided about a message. Answers ``{"status", "case_no"}``."""
    cases.require(context, "handoff.decide")
    if command.decision not in DECISIONS or command.decision == "reject" and not command.reason.strip():
        raise InvalidInput(expected="match, note, or reject with a reason", found=command.decision, where="decision")
    seen = rows.find_inbound(context.connection, command.partner, command.message_id)
    case = _case(context, command, seen)
    freed = _withdraw(context, seen)
    row: Any = rows.lock_inbound(context.connection, command.partner, command.message_id)
    _require_open(row, command)
    if command.decision == "match":
        _match(context, row, case)
    _meet_others(context, freed, None if command.decision != "match" or case is None else case.id)
    rows.update_inbound(
        context.connection, row.partner, row.message_id, status=_STATUS[command.decision], decision=command.decision,
        decided_by=context.actor.id, decided_at=context.now, note=command.reason.strip()[:MOST_REASON] or None,
        case_id=case.id if case is not None else row.case_id)
    _tell(context, row, case, command)
    return {"status": _STATUS[command.decision], "case_no": case.case_no if case is not None else None}


def _case(context: Context, command: DecideInbound, row: Any) -> CaseRow | None:
    """The case that the message is given to, locked: the one chosen, else the one it was found to be about. Neither is
    there for who may not see it."""
    if row is None:
        raise NotFound(noun="message", key=command.message_id)
    if row.case_id is not None:
        access.require_inside(context, row.case_id, "message", command.message_id)
    chosen = _chosen(context, command.case.strip()) if command.case else row.case_id
    return steps.lock_case(context, chosen, active=False) if chosen else None


def _chosen(context: Context, key: str) -> str:
    """The case that somebody means by its id, its number, or another number that only one of the cases they see has."""
    named = case_rows.id_of(context.connection, key)
    found = [named] if named else [case_id for case_id, _ in case_rows.with_key(context.connection, key)]
    seen = [case_id for case_id in found if access.is_inside(context, case_id)]
    if len(seen) != 1:
        raise NotFound(noun="case", key=key)
    return seen[0]


def _withdraw(context: Context, row: Any) -> list[Any]:
    """From now on only the decision moves a case: the message is taken out of the buffer, and from the waits that it is
    bound to and has not been brought to (of a suspended case, say). Answers those waits."""
    name = row.type, row.key, f"{row.partner}:{row.message_id}"
    context.database.lock_name(context.connection, "message", row.type, row.key)  # nobody begins to wait meanwhile
    freed = message_rows.bound(context.connection, *name)
    for case_id in dict.fromkeys(wait.case_id for wait in freed):
        steps.lock_case(context, case_id, active=False)
    message_rows.withdraw(context.connection, *name, context.now)
    return freed


def _meet_others(context: Context, freed: Sequence[Any], given: str | None) -> None:
    """Waits that have lost their message take the next one that came for them, but not where this one is given."""
    for wait in freed:
        if wait.case_id != given:
            messages.meet_waiting(context, context.locked[wait.case_id], [ev.MessageAwaited(
                wait.wait, wait.instance, wait.element, wait.process, wait.name, wait.key)])


def _require_open(row: Any, command: DecideInbound) -> None:
    open_still = row.decision is None and (row.status in arrivals.WAITING or row.late)
    if not open_still or row.late and command.decision == "match":
        raise Conflict(action=command.decision, noun="message", key=row.message_id, state=row.status)


def _match(context: Context, row: Any, case: CaseRow | None) -> None:
    """Bind the message to the wait of the case, whatever key it waits under; without a case, to what it starts."""
    said, again = inbound.variables(row.envelope, row.legal_on), f"{row.partner}:{row.message_id}:{context.new_id()}"
    if case is None:
        if not message_rows.starts(context.connection, "message", row.type):
            raise NothingWaits(action="match", noun="message", key=row.type, case="–", waits="–", state="unmatched")
        messages.publish(_as_partner(context, row), PublishMessage(
            row.type, row.key, said, again, inbound.UNMATCHED_FOR, row.legal_on))
        rows.update_inbound(context.connection, row.partner, row.message_id, applied_at=context.now)
        return
    steps.require_active(case)
    wait = message_rows.wait_of(context.connection, case.id, row.type)
    if wait is None:
        there = arrivals.expected(context, case)
        raise NothingWaits(action="match", noun="message", key=row.type, case=case.case_no or case.id,
                           waits=", ".join(there["waits"]) or "–", state=case.state)
    messages.give(_as_partner(context, row), wait, PublishMessage(
        row.type, wait.key, said, again, inbound.UNMATCHED_FOR, row.legal_on))
    rows.update_inbound(context.connection, row.partner, row.message_id, applied_at=context.now)


def _as_partner(context: Context, row: Any) -> Context:
    return replace(context, actor=Actor(row.partner, row.partner, kind=ActorKind.PARTNER))


def _tell(context: Context, row: Any, case: CaseRow | None, command: DecideInbound) -> None:
    """Into the history of the case and the trail; the partner hears what it asked to hear."""
    if case is not None:
        arrivals.note(context, row, case, row.late)
        trail.note(context, case, f"messageDecided:{command.decision}", {
            "type": row.type, "partner": row.partner, "id": row.message_id, "reason": command.reason[:MOST_REASON]})
        if command.decision != "reject":
            exchange.answered(context, case.id, row)
    trail.record_system(context, {"inbound": row.type, "partner": row.partner, "id": row.message_id,
                                  "decision": command.decision, "case": case.id if case is not None else None})
    said = "rejected" if command.decision == "reject" else "accepted"
    exchange.confirm(context, row, said, case.id if case is not None else None,
                     "rejected_by_person" if said == "rejected" else "")


def review(context: Context, command: ReviewInbound) -> Outcome:
    """Nobody has taken it: one without a case is shown as overdue, one with a case becomes a conflict."""
    seen = rows.find_inbound(context.connection, command.partner, command.message_id)
    if seen is None:
        return {"status": "gone"}
    case = steps.lock_case(context, seen.case_id, active=False) if seen.case_id else None
    row: Any = rows.lock_inbound(context.connection, command.partner, command.message_id)
    if row.applied_at is not None or row.decision is not None or row.reason is not None:
        return {"status": row.status}
    over = case is not None and case.state not in inbound.LIVING
    changes = {"reason": "overdue"} if case is None else {
        "status": "conflict", "reason": "case_over" if over else "not_taken",
        "expected": arrivals.expected(context, case)}
    if case is not None:
        message_rows.expire(context.connection, row.type, row.key, f"{row.partner}:{row.message_id}", context.now)
    rows.update_inbound(context.connection, row.partner, row.message_id, **changes)
    tasks.tell(context, "wire.unmatched" if case is None else "wire.conflict", row, case)
    trail.record_system(context, {"inbound": row.type, "partner": row.partner, "id": row.message_id, **{
        name: value for name, value in changes.items() if name != "expected"}})
    return {"status": changes.get("status", row.status)}
