"""``message.send``: write a message for a partner into the outbox; it leaves after the commit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.errors import InvalidInput, NotFound, Phrase
from engine.services.operations import OperationCall
from engine.services.wire import catalogue, exchange
from engine.store import partners


def send_message(call: OperationCall) -> Mapping[str, Any]:
    """Inputs ``partner_kind`` (or ``partner``, a code), ``type``, ``correlation`` and ``payload``; ``addressee``: the
    name of the one meant, where there are several of a kind. Output ``sent`` {msg_id, type, partner}.

    Raises ``InvalidInput`` when the message does not fit its schema, may not be seen by the partner or would tell of an
    unpublished application; ``NotFound`` when no such partner is registered.
    """
    partner, kind = _partner(call), call.text("type")
    letter = exchange.envelope(call.context, partner.code, kind, {
        "center_case_no": call.case.case_no, **_object(call, "correlation")}, _object(call, "payload"))
    if partner.may_see is not None and kind not in partner.may_see:
        raise InvalidInput(expected=Phrase("a type that '{partner}' may see", partner=partner.code), found=kind,
                           where=call.job.element)
    catalogue.require_valid(letter, call.job.element)
    _require_cleared(call, letter)
    exchange.queue(call.context, call.case.id, letter)
    return {"sent": {"msg_id": letter["msg_id"], "type": kind, "partner": partner.code}}


def _partner(call: OperationCall) -> Any:
    """The one named, else the addressee of its kind, else the first."""
    connection, code = call.context.connection, call.variables.get("partner")
    if isinstance(code, str) and code:
        named = partners.get(connection, code)
        if named is None or not named.enabled:
            raise NotFound(noun="partner", key=code)
        return named
    kind, addressee = call.text("partner_kind"), call.variables.get("addressee") or None
    found = partners.of_kind(connection, kind, addressee)
    if found is None:
        raise NotFound(noun="partner of kind", key=f"{kind} {addressee}" if addressee else kind)
    return found


def _object(call: OperationCall, name: str) -> dict[str, Any]:
    value = call.variables.get(name) or {}
    if not isinstance(value, dict):
        raise InvalidInput(expected=Phrase("input '{name}' to be a context", name=name), found=repr(value),
                           where=call.job.element)
    return {key: item for key, item in value.items() if item is not None}


def _require_cleared(call: OperationCall, letter: Mapping[str, Any]) -> None:
    """Of an unpublished application only messages go out that are cleared for it, and no field that their schema does
    not know (DOMAIN §6.3: L3 never leaves by webhook)."""
    if call.case.level <= "L2":
        return
    message = catalogue.CATALOGUE.message(letter["type"])
    unknown = sorted(set(letter["payload"]) - set(message.schema["properties"]))
    if message.clearance < call.case.level or unknown or letter["attachments"]:
        found = ", ".join(unknown) or letter["type"]
        raise InvalidInput(expected=Phrase("nothing that tells of a case of level {level}", level=call.case.level),
                           found=found, where=call.job.element)
