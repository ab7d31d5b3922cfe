"""``message.send``: write a message for a partner into the outbox; it leaves after the commit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from engine.clock import LOCAL_ZONE
from engine.errors import InvalidInput, NotFound
from engine.services.operations import OperationCall
from engine.store import partners
from webhooks.catalogue import load as load_catalogue

_catalogue = load_catalogue()
_encoder = msgspec.json.Encoder(decimal_format="number")


def send_message(call: OperationCall) -> Mapping[str, Any]:
    """Inputs ``partner_kind``, ``type``, ``correlation`` and ``payload``. Output ``sent`` {msg_id, type, partner}.

    Raises ``InvalidInput`` when the message does not fit its schema, ``NotFound`` when no partner of the kind is
    registered.
    """
    context = call.context
    kind, message_type = call.text("partner_kind"), call.text("type")
    partner = partners.of_kind(context.connection, kind)
    if partner is None:
        raise NotFound(noun="partner of kind", key=kind)
    msg_id = context.new_id()
    envelope = {
        "msg_id": msg_id, "type": message_type, "version": "1.0",
        "sent_at": context.now.astimezone(LOCAL_ZONE).replace(microsecond=0).isoformat(),
        "sender": context.parts.authority.code, "receiver": partner.code,
        "correlation": {"center_case_no": call.case.case_no, **_object(call, "correlation")},
        "payload": _object(call, "payload"), "attachments": []}
    _require_valid(envelope, call.job.element)
    partners.add_outbox(context.connection, {
        "id": msg_id, "case_id": call.case.id, "partner": partner.code, "type": message_type,
        "position": partners.next_position(context.connection, call.case.id, partner.code),
        "body": _encoder.encode(envelope).decode(), "state": "pending", "attempts": 0, "next_at": context.now,
        "created_at": context.now})
    return {"sent": {"msg_id": msg_id, "type": message_type, "partner": partner.code}}


def _object(call: OperationCall, name: str) -> dict[str, Any]:
    value = call.variables.get(name) or {}
    if not isinstance(value, dict):
        raise InvalidInput(expected=f"input '{name}' to be a context", found=repr(value), where=call.job.element)
    return {key: item for key, item in value.items() if item is not None}


def _require_valid(envelope: dict[str, Any], element: str) -> None:
    problems = _catalogue.validate_envelope(envelope) or _catalogue.validate_message(envelope)
    if problems:
        first = problems[0]
        raise InvalidInput(expected=f"{first.expected} at {first.pointer or '/'}", found=first.found, where=element)
