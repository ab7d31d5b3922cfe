"""``/deliveries``: papers on their way; and what a case knows of service (送达): addresses, dispatches, receipts."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from marshmallow import Schema, fields, validate

from engine.domain import paper_commands as c
from engine.domain.papers import MODES
from engine.http.api import cases
from engine.http.api.access import act, actor, services
from engine.http.api.cases import READ, WRITE
from engine.http.api.fields import flag, free_text, text
from engine.http.api.files import Reference, ref
from engine.http.api.operations import Noun
from engine.http.api.pages import all_of
from engine.services.context import Outcome

noun = Noun("deliveries", "Service of papers: what waits for a receipt.")


class Step(Schema):
    """A line of the computation, in both languages."""

    zh = fields.String(required=True)
    en = fields.String(required=True)
    article = fields.String(required=True)


class Delivery(Schema):
    """``legal_on``: the day of receipt in law, computed by ``steps``; ``age``: days since the dispatch."""

    key = fields.String(required=True)
    case_id = fields.String(required=True)
    case_no = fields.String(required=True, allow_none=True)
    title = fields.String(required=True)
    number = fields.String(required=True, allow_none=True)
    sha256 = fields.String(required=True)
    recipient = fields.String(required=True)
    mode = fields.String(required=True)
    address = fields.String(required=True)
    tracking = fields.String(required=True)
    dispatched_on = fields.Date(required=True)
    state = fields.String(required=True)
    received_on = fields.Date(required=True, allow_none=True)
    legal_on = fields.Date(required=True, allow_none=True)
    steps = fields.List(fields.Nested(Step), required=True)
    note = fields.String(required=True)
    age = fields.Integer(required=True)


class DeliveryQuery(Schema):
    own = fields.Boolean(load_default=False)


class Servable(Schema):
    document = fields.String(required=True)
    title = fields.String(required=True)


class NewDelivery(Schema):
    """``document``: one of ``servable``; ``deadline``: the key of one that the receipt begins; ``on``: the day of the
    dispatch, today when it is left out."""

    document = text(64, required=True)
    recipient = text(200, required=True)
    mode = fields.String(required=True, validate=validate.OneOf(sorted(MODES)))
    on = fields.Date(load_default=None)
    tracking = free_text(64)
    deadline = free_text(64)


class Delivered(Schema):
    case_id = fields.String(required=True)
    delivery = fields.String(required=True)
    state = fields.String(required=True)
    legal_on = fields.String(required=True, allow_none=True, metadata={"format": "date"})


class NewReceipt(Schema):
    """``file``: what proves it."""

    state = fields.String(required=True, validate=validate.OneOf(["received", "refused", "returned"]))
    on = fields.Date(required=True)
    note = free_text()
    file = fields.Nested(Reference, load_default=None)


class Address(Schema):
    """``electronic``: the recipient consents to electronic service; ``user``: the recipient's account."""

    recipient = fields.String(required=True)
    user = fields.String(required=True)
    electronic = fields.Boolean(required=True)
    postal = fields.String(required=True)
    email = fields.String(required=True)
    phone = fields.String(required=True)
    confirmed_on = fields.Date(required=True)


class NewAddress(Schema):
    """A party confirms its own, whatever ``recipient`` and ``user`` say."""

    recipient = free_text(200)
    electronic = flag(required=True)
    postal = free_text()
    email = free_text(254)
    phone = free_text(40)
    user = free_text(64)


class Confirmed(Schema):
    case_id = fields.String(required=True)
    recipient = fields.String(required=True)


@noun.get("", all_of(Delivery), READ, query=DeliveryQuery)
def search(query: Mapping[str, Any]) -> Mapping[str, Any]:
    """What waits for a receipt in the cases that you see the whole of, the oldest first; ``own``: what was served on
    you electronically, newest first."""
    pages = services().papers
    return {"items": pages.own(actor())[0] if query["own"] else pages.waiting(actor())}


@cases.noun.get("/<key>/deliveries", all_of(
    Delivery, "CaseDeliveries", servable=fields.List(fields.Nested(Servable), required=True)), READ)
def deliveries(query: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """What was sent in a case; ``servable``: what can be."""
    room = services().papers.room(actor(), key)
    return {"items": room.deliveries,
            "servable": [{"document": document, "title": title} for document, title in room.servable]}


@cases.noun.post("/<key>/deliveries", Delivered, WRITE, body=NewDelivery, status=HTTPStatus.CREATED)
def deliver(sent: Mapping[str, Any], key: str) -> Outcome:
    """Send a paper of the case to a recipient; ``legal_on`` is known at once where the law presumes the day."""
    return act(c.Dispatch(key, **sent))


@cases.noun.post("/<key>/deliveries/<delivery>/receipt", Delivered, WRITE, body=NewReceipt)
def record_receipt(sent: Mapping[str, Any], key: str, delivery: str) -> Outcome:
    """Record that a paper was received, refused or returned; the deadline that waits for it follows."""
    file = ref(sent["file"]) if sent["file"] is not None else None
    return act(c.RecordReceipt(key, delivery, sent["state"], sent["on"], sent["note"], file))


@cases.noun.post("/<key>/deliveries/<delivery>/acknowledge", Delivered, WRITE)
def acknowledge(sent: Mapping[str, Any], key: str, delivery: str) -> Outcome:
    """Say that you have received what was served on you electronically."""
    return act(c.Acknowledge(key, delivery))


@cases.noun.get("/<key>/addresses", all_of(Address), READ)
def addresses(query: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """Where and how the recipients of a case want to be served."""
    return {"items": services().papers.room(actor(), key).addresses}


@cases.noun.post("/<key>/addresses", Confirmed, WRITE, body=NewAddress, status=HTTPStatus.CREATED)
def confirm_address(sent: Mapping[str, Any], key: str) -> Outcome:
    """Confirm an address for service, and consent to electronic service or take it back."""
    return act(c.ConfirmAddress(key, **sent))
