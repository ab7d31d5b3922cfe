"""The manual channel: what came on paper or by hand, entered as a message of the catalogue by one person and checked by
another; from then on it is a message like any other, marked ``channel=manual``.

    entered ── release, by another ──▶ released (kept and brought home as ``inbound`` does)
       ├────── reject, by another ───▶ rejected
       └────── withdraw, by the one ─▶ withdrawn
"""

from __future__ import annotations

import hashlib
from typing import Any

from engine.clock import LOCAL_ZONE
from engine.domain.actors import ActorKind
from engine.domain.commands import AcceptInbound
from engine.domain.wire_commands import CheckMessage, EnterMessage, WithdrawMessage
from engine.errors import Conflict, InvalidInput, NotAllowed, NotFound, Phrase
from engine.services import cases, trail
from engine.services.context import Context, Outcome
from engine.services.people import access
from engine.services.people.approvals import OwnRequest
from engine.services.wire import catalogue, exchange, files, inbound
from engine.store import cases as case_rows
from engine.store import manual_messages as rows
from engine.store import partners
from engine.store.schema import encode_json

CHANNEL = "manual"


def enter(context: Context, command: EnterMessage) -> Outcome:
    """Keep what came on paper until another person has checked it. Answers ``{"entry", "state"}``."""
    cases.require(context, "handoff.enter")
    partner = partners.get(context.connection, command.partner)
    if partner is None:
        raise NotFound(noun="partner", key=command.partner)
    if command.type not in partner.may_send:
        raise InvalidInput(expected=Phrase("a type that '{partner}' may send", partner=partner.code),
                           found=command.type, where="type")
    if command.received_on > context.today:
        raise InvalidInput(expected="a day not after today", found=command.received_on.isoformat(), where="received_on")
    key = context.new_id()
    row = {"id": key, "partner": partner.code, "type": command.type, "correlation": dict(command.correlation),
           "payload": dict(command.payload), "received_on": command.received_on, "note": command.note.strip()[:1000],
           "state": "entered", "entered_by": context.actor.id, "entered_at": context.now}
    catalogue.require_valid(_envelope(context, row))
    rows.insert(context.connection, row)
    files.hand_in(context, partner.code, key, command.files)
    trail.record_system(context, {"manual": command.type, "partner": partner.code, "id": key, "state": "entered",
                                  "files": [item.sha256 for item in command.files]})
    return {"entry": key, "state": "entered"}


def check(context: Context, command: CheckMessage) -> Outcome:
    """Release or reject what another has entered. Answers ``{"state", "status", "case_no"}``."""
    cases.require(context, "handoff.check")
    row = _open(context, command.entry)
    _require_another(context, row)
    if not command.release:
        if not command.reason.strip():
            raise InvalidInput(expected="a reason", found="nothing", where="reason")
        return _close(context, row, "rejected", command.reason)
    letter = _envelope(context, row._asdict())
    catalogue.require_valid(letter)
    answer = inbound.accept(context, AcceptInbound(
        partner=row.partner, message_id=row.id, body_hash=hashlib.sha256(encode_json(letter).encode()).hexdigest(),
        type=row.type, key=catalogue.CATALOGUE.correlation_key(row.type, letter) or "", envelope=letter,
        channel=CHANNEL, received_at=row.entered_at, legal_on=_legal_on(row)))
    return {**_close(context, row, "released", command.reason), "status": answer["status"],
            "case_no": answer["case_no"]}


def _legal_on(row: Any) -> Any:
    """The day of delivery that the paper proves, else the day on which it reached the house."""
    return exchange.legal_day(row.payload, row.received_on)


def withdraw(context: Context, command: WithdrawMessage) -> Outcome:
    row = _open(context, command.entry)
    if row.entered_by != context.actor.id:
        raise NotAllowed(actor=context.actor.id, right="handoff.withdraw")
    return _close(context, row, "withdrawn", "")


def _open(context: Context, key: str) -> Any:
    """The entry, locked. Who may not see the case it names does not find it."""
    row = rows.lock(context.connection, key)
    if row is None:
        raise NotFound(noun="message", key=key)
    named = catalogue.CATALOGUE.correlation_key(row.type, {"correlation": row.correlation, "payload": row.payload})
    for case_id, _ in case_rows.with_key(context.connection, named or "") if named else ():
        access.require_inside(context, case_id, "message", key)
    if row.state != "entered":
        raise Conflict(action="check", noun="message", key=key, state=row.state)
    return row


def _require_another(context: Context, row: Any) -> None:
    alone = not context.parts.two_persons or context.actor.kind is ActorKind.SYSTEM
    if not alone and context.actor.id == row.entered_by:
        raise OwnRequest(by=row.entered_by, key=row.id)


def _close(context: Context, row: Any, state: str, reason: str) -> dict[str, Any]:
    rows.update(context.connection, row.id, state=state, decided_by=context.actor.id, decided_at=context.now,
                reason=reason.strip()[:500] or None)
    trail.record_system(context, {"manual": row.type, "partner": row.partner, "id": row.id, "state": state,
                                  "entered_by": row.entered_by})
    return {"entry": row.id, "state": state}


def _envelope(context: Context, row: dict[str, Any]) -> dict[str, Any]:
    return {"msg_id": row["id"], "type": row["type"], "version": _version(row["type"]),
            "sent_at": row["entered_at"].astimezone(LOCAL_ZONE).replace(microsecond=0).isoformat(),
            "sender": row["partner"], "receiver": context.parts.authority.code, "correlation": row["correlation"],
            "payload": row["payload"], "attachments": []}


def _version(kind: str) -> str:
    return catalogue.CATALOGUE.message(kind).version if kind in catalogue.CATALOGUE.types else "1.0"
