"""The wire's side of the house: partners, what came in, and what became of what was sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any

from engine.clock import local_date
from engine.domain.commands import AcceptInbound, AddPartner, PublishMessage, RecordDelivery
from engine.errors import Conflict, NotFound
from engine.services import cases, messages, steps, trail
from engine.services.context import Context, Outcome
from engine.services.proof import proofs
from engine.store import cases as case_rows
from engine.store import messages as message_rows
from engine.store import partners as rows
from engine.store.database import Connection

UNMATCHED_FOR = timedelta(hours=72)


def add(context: Context, command: AddPartner) -> Outcome:
    """Register an outside body with its keys."""
    cases.require(context, "partner.manage")
    if rows.get(context.connection, command.code) is not None:
        raise Conflict(action="add", noun="partner", key=command.code, state="present")
    rows.insert(context.connection, {
        "code": command.code, "kind": command.kind, "name": command.name or command.code, "endpoint": command.endpoint,
        "allowed_cidrs": list(command.allowed_cidrs), "plain_http": command.plain_http,
        "may_send": list(command.may_send), "circuit": None, "enabled": True, "added_at": context.now},
        [{**asdict(key), "partner": command.code, "added_at": context.now, "revoked_at": None} for key in command.keys])
    trail.record_system(context, {"partner": command.code, "keys": [key.id for key in command.keys]})
    return {"partner": command.code, "keys": [{"id": key.id, "algorithm": key.algorithm} for key in command.keys]}


def accept(context: Context, command: AcceptInbound) -> Outcome:
    """Keep a verified message and bring it to the case it is about.

    Answers ``{"status": accepted | unmatched | conflict, "case_no", "first": None | the row kept before}``.
    """
    context.database.lock_name(context.connection, "inbound", command.partner, command.key)
    legal_on = _legal_day(command.envelope.get("payload", {}), context.today)
    late = _is_late(context, command)
    row = {
        "partner": command.partner, "message_id": command.message_id, "body_hash": command.body_hash,
        "type": command.type, "key": command.key, "status": "accepted", "case_id": None,
        "event_seq": command.event_seq, "channel": command.channel, "envelope": dict(command.envelope),
        "received_at": command.received_at or context.now, "legal_on": legal_on}
    if not rows.add_inbound(context.database, context.connection, row):
        return {"first": find_first_receipt(context.connection, command.partner, command.message_id)}
    status, case_id = _correlate(context, command, legal_on, late)
    rows.update_inbound(context.connection, command.partner, command.message_id, status=status, case_id=case_id)
    case_no = _note_in_case(context, case_id, command, status, late)
    proofs.keep(context, command, status, case_no)
    trail.record_system(context, {"inbound": command.type, "partner": command.partner, "id": command.message_id,
                                  "sha256": command.body_hash, "status": status, "case": case_id})
    return {"status": status, "case_no": case_no, "first": None}


def find_first_receipt(connection: Connection, partner: str, message_id: str) -> dict[str, Any] | None:
    """What was answered when this id came first."""
    row = rows.find_inbound(connection, partner, message_id)
    if row is None:
        return None
    case = case_rows.number_of(connection, row.case_id) if row.case_id else None
    return {"status": row.status, "sha256": row.body_hash, "received_at": row.received_at.isoformat(), "case_no": case}


def _legal_day(payload: Mapping[str, Any], today: date) -> date:
    """The legal receipt date: the day of delivery that the message proves, else the day of first acceptance."""
    for name in ("delivered_at", "served_at"):
        value = payload.get(name)
        if isinstance(value, str) and value:
            day = date.fromisoformat(value) if len(value) == 10 else local_date(datetime.fromisoformat(value))
            return min(day, today)
    return today


def _is_late(context: Context, command: AcceptInbound) -> bool:
    """An event older than one already applied is recorded and shown, not applied (RELIABILITY must 12)."""
    if command.event_seq is None:
        return False
    newest = rows.newest_event(context.connection, command.partner, command.key)
    return newest is not None and newest > command.event_seq


def _correlate(context: Context, command: AcceptInbound, legal_on: date, late: bool) -> tuple[str, str | None]:
    """(status, case). The cases known by the key are locked, in the order of their ids, before the message's name."""
    known = case_rows.with_key(context.connection, command.key) if command.key else []
    living = [case_id for case_id, state in known if state in ("active", "suspended")]
    for case_id in living:
        steps.lock_case(context, case_id, active=False)
    about = _about(context, command, living)
    if late:
        return "accepted", about or (known[0][0] if known else None)
    if not about and known and not message_rows.starts(context.connection, "message", command.type):
        return "conflict", (living or [known[0][0]])[0]
    payload = command.envelope.get("payload", {})
    answer = messages.publish(context, PublishMessage(
        command.type, command.key, {**payload, "legal_receipt_on": legal_on.isoformat()},
        f"{command.partner}:{command.message_id}", UNMATCHED_FOR, legal_on))
    return "accepted" if about or answer["matched"] else "unmatched", about


def _about(context: Context, command: AcceptInbound, living: Sequence[str]) -> str | None:
    """Which living case a message is about: the only one, or the one that waits for it."""
    if len(living) == 1:
        return living[0]
    waiting = message_rows.open_subscriptions(context.connection, "message", command.type, command.key)
    return next((wait.case_id for wait in waiting if wait.case_id in living), None)


def _note_in_case(context: Context, case_id: str | None, command: AcceptInbound, status: str, late: bool) -> str | None:
    if case_id is None:
        return None
    row = steps.lock_case(context, case_id, active=False)
    trail.note(context, row, "messageReceived", {
        "type": command.type, "partner": command.partner, "id": command.message_id, "status": status, "late": late})
    return row.case_no


def record_delivery(context: Context, command: RecordDelivery) -> Outcome:
    """Write down what became of one attempt: delivered, to be tried again, or a dead letter.

    ``circuit`` None leaves the partner's breaker as it is.
    """
    case_id = rows.case_of(context.connection, command.entry)
    if case_id is None:
        raise NotFound(noun="outbox entry", key=command.entry)
    case = steps.lock_case(context, case_id, active=False)
    entry = rows.lock_outbox(context.connection, command.entry)
    if entry.state != "pending":
        return {"state": entry.state}
    state = _state_after(command)
    rows.update_outbox(context.connection, command.entry, state=state, answer=command.detail[:1000],
                       next_at=command.next_at or entry.next_at, receipt=command.receipt,
                       delivered_at=context.now if state == "delivered" else None)
    changes: dict[str, Any] = {"circuit": command.circuit} if command.circuit is not None else {}
    if command.outcome == "gone":
        changes = {**changes, "enabled": False}
    if changes:
        rows.update_partner(context.connection, entry.partner, **changes)
    if state != "pending":
        trail.note(context, case, f"message:{state}", {"type": entry.type, "partner": entry.partner, "id": entry.id})
    return {"state": state}


def _state_after(command: RecordDelivery) -> str:
    if command.outcome == "delivered":
        return "delivered"
    return "pending" if command.outcome == "retry" and command.next_at is not None else "dead"
