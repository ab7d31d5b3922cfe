"""What became of what was sent, by what the partner says of it, and what we say of what was received.

    sent ──▶ received (HTTP receipt) ──▶ accepted (business receipt) ──▶ decided (the answer)

How far a message has to get depends on its type (``catalogue.goal``); who has got there is asked after no more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import msgspec

from engine.clock import LOCAL_ZONE, local_date
from engine.domain.commands import AcceptInbound
from engine.services import trail
from engine.services.context import Context
from engine.services.wire import catalogue
from engine.store import cases
from engine.store import partners as rows

RECEIPT = "receipt"
STILL_OPEN = frozenset({"accepted", "supplement"})
"""What an answer may say in ``status`` without ending the matter."""
_encoder = msgspec.json.Encoder(decimal_format="number")


def envelope(context: Context, receiver: str, kind: str, correlation: Mapping[str, Any], payload: Mapping[str, Any],
             causation: str | None = None) -> dict[str, Any]:
    """A message of ours, with a new id; nothing in it is empty."""
    made = {
        "msg_id": context.new_id(), "type": kind, "version": catalogue.CATALOGUE.message(kind).version
        if kind in catalogue.CATALOGUE.types else "1.0",
        "sent_at": context.now.astimezone(LOCAL_ZONE).replace(microsecond=0).isoformat(),
        "sender": context.parts.authority.code, "receiver": receiver, "correlation": dict(correlation),
        "payload": dict(payload), "attachments": []}
    return made if causation is None else made | {"causation_id": causation}


def queue(context: Context, case_id: str, letter: Mapping[str, Any]) -> None:
    """Into the outbox, behind what waits for the same partner in the same case. The case is locked."""
    rows.add_outbox(context.connection, {
        "id": letter["msg_id"], "case_id": case_id, "partner": letter["receiver"], "type": letter["type"],
        "position": rows.next_position(context.connection, case_id, letter["receiver"]),
        "body": _encoder.encode(letter).decode(), "state": "pending", "attempts": 0, "next_at": context.now,
        "created_at": context.now})


def confirm(context: Context, row: Any, status: str, case_id: str | None, reason: str = "",
            partner: Any = None) -> None:
    """The business receipt for a message, to a partner that asks for them: ``receipt`` is among what it may see."""
    partner = partner or rows.get(context.connection, row.partner)
    if partner is None or not partner.enabled or RECEIPT not in (partner.may_see or ()) or row.type == RECEIPT:
        return
    number = cases.number_of(context.connection, case_id) if case_id else None
    payload = {"of_msg_id": row.message_id, "status": status, "received_at": _said(row.received_at),
               "legal_receipt_date": row.legal_on.isoformat(), "case_no": number, "reason_code": reason or None}
    queue(context, case_id or "", envelope(
        context, partner.code, RECEIPT, {"of_msg_id": row.message_id},
        {name: value for name, value in payload.items() if value is not None}, row.message_id))


def _said(at: datetime) -> str:
    return at.astimezone(LOCAL_ZONE).replace(microsecond=0).isoformat()


def take_receipt(context: Context, command: AcceptInbound, case: Any) -> None:
    """A partner's business receipt: written beside the message of ours that it is about. ``case`` is locked. One that
    comes after the matter was decided stands in the history alone."""
    said = command.envelope.get("payload", {})
    entry = rows.lock_outbox(context.connection, str(said.get("of_msg_id")))
    status = str(said.get("status"))
    if entry.decided_at is None:
        ends = status == "rejected" or catalogue.goal(entry.type) != "decided"
        rows.update_outbox(
            context.connection, entry.id, business=status, reason=str(said.get("reason_code") or "") or None,
            accepted_at=entry.accepted_at or (None if status == "rejected" else context.now),
            decided_at=context.now if ends else None, answered_by=command.message_id if ends else entry.answered_by)
    if case is not None:
        trail.note(context, case, f"message:{'refused' if status == 'rejected' else 'acknowledged'}", {
            "type": entry.type, "partner": entry.partner, "id": entry.id})


def entry_of_receipt(context: Context, command: AcceptInbound) -> Any:
    """The message of ours that a receipt is about, if it went to the one who sends the receipt; else None."""
    said = command.envelope.get("payload", {}).get("of_msg_id")
    entry = rows.outbox_of(context.connection, said) if isinstance(said, str) else None
    return entry if entry is not None and entry.partner == command.partner else None


def answered(context: Context, case_id: str, row: Any, sent: Sequence[Any] | None = None) -> None:
    """A message has come to a case: what of ours it answers moves on. By the id it names, else the oldest it fits.

    ``sent``: what was sent for the case, where that is known.
    """
    causation = row.envelope.get("causation_id")
    entries = [one for one in (rows.sent(context.connection, case_id) if sent is None else sent)
               if one.partner == row.partner and one.decided_at is None]
    entry = next((one for one in entries if one.id == causation), None) or next(
        (one for one in entries if catalogue.decides(one.type, row.type)), None)
    if entry is None:
        return
    status = str(row.envelope.get("payload", {}).get("status") or "answered")[:16]
    decided = status not in STILL_OPEN and (
        not catalogue.decides(entry.type, row.type) or row.type == catalogue.CATALOGUE.message(entry.type).decided_by)
    rows.update_outbox(context.connection, entry.id, business=status, accepted_at=entry.accepted_at or context.now,
                       decided_at=context.now if decided else None, answered_by=row.message_id)


def other_partner_asked(sent: Sequence[Any], partner: str, kind: str) -> bool:
    """Whether a case has asked for this answer, and has asked others alone."""
    asked = {one.partner for one in sent if catalogue.decides(one.type, kind)}
    return bool(asked) and partner not in asked


def legal_day(payload: Mapping[str, Any], today: date) -> date:
    """The legal receipt date: the day of delivery that the message proves, else the day of first acceptance."""
    for name in ("delivered_at", "served_at"):
        value = payload.get(name)
        if isinstance(value, str) and value:
            day = date.fromisoformat(value) if len(value) == 10 else local_date(datetime.fromisoformat(value))
            return min(day, today)
    return today
