"""Operations of a case about people: linked cases, requests for recusal, answers to disclosures, papers served."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from marshmallow import Schema, fields, validate

from engine.domain.recusal import DECLARED
from engine.domain.recusal_commands import LinkCases, RecordDisclosure, RequestRecusal, ServeDocument
from engine.http.api.access import act, actor, services
from engine.http.api.cases import READ, WRITE, noun
from engine.http.api.fields import free_text, instant, text
from engine.services.context import Outcome


class LinkedCase(Schema):
    id = fields.String(required=True)
    case_no = fields.String(required=True, allow_none=True)
    procedure = fields.String(required=True)
    reason = fields.String(required=True)


class LinkedCases(Schema):
    items = fields.List(fields.Nested(LinkedCase), required=True)


class NewLink(Schema):
    """``other``: id or number of the case on the same matter."""

    other = text(required=True)
    reason = text(required=True)


class Linked(Schema):
    case_id = fields.String(required=True)
    linked = fields.String(required=True)


class Disclosure(Schema):
    """What one party answered to what somebody has disclosed."""

    user = fields.String(required=True)
    party = fields.String(required=True)
    accepted = fields.Boolean(required=True)
    evidence = fields.String(required=True)
    recorded_by = fields.String(required=True)
    recorded_at = instant(required=True)


class Disclosures(Schema):
    items = fields.List(fields.Nested(Disclosure), required=True)


class NewDisclosure(Schema):
    """``party``: its name in the case."""

    user = text(required=True)
    party = text(required=True)
    accepted = fields.Boolean(required=True, truthy={True}, falsy={False})
    evidence = free_text(255)


class Disclosed(Schema):
    case_id = fields.String(required=True)
    user = fields.String(required=True)
    accepted = fields.Boolean(required=True)


class DocumentService(Schema):
    document = fields.String(required=True)
    title = fields.String(required=True)
    party = fields.String(required=True)
    served_on = fields.Date(required=True)
    served_by = fields.String(required=True)


class DocumentServices(Schema):
    items = fields.List(fields.Nested(DocumentService), required=True)


class NewService(Schema):
    """``party``: the account it is served on; ``on``: the day of service, today when it is left out."""

    document = text(required=True)
    party = text(required=True)
    on = fields.Date(load_default=None)


class Served(Schema):
    case_id = fields.String(required=True)
    document = fields.String(required=True)
    served_on = fields.String(required=True, metadata={"format": "date"})


class NewRecusal(Schema):
    user = text(required=True)
    ground = fields.String(required=True, validate=validate.OneOf(DECLARED))
    reason = text(2000, required=True)


class RecusalAsked(Schema):
    """``case_id``: of the case that decides on the request within three days."""

    recusal = fields.String(required=True)
    case_id = fields.String(required=True)
    state = fields.String(required=True)


@noun.get("/<key>/links", LinkedCases, READ)
def links(query: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """Cases on the same matter that you see from inside."""
    return {"items": services().recusals.links(actor(), key)}


@noun.post("/<key>/links", Linked, WRITE, body=NewLink, status=HTTPStatus.CREATED)
def link(sent: Mapping[str, Any], key: str) -> Outcome:
    """Say that two cases are about the same matter; who works on both is looked at again."""
    return act(LinkCases(key, sent["other"], sent["reason"]))


@noun.get("/<key>/disclosures", Disclosures, READ)
def disclosures(query: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """What parties have answered to disclosures."""
    return {"items": services().recusals.disclosures(actor(), key)}


@noun.post("/<key>/disclosures", Disclosed, WRITE, body=NewDisclosure, status=HTTPStatus.CREATED)
def disclose(sent: Mapping[str, Any], key: str) -> Outcome:
    """Record what a party answered; only all of them together let a disclosed person work."""
    return act(RecordDisclosure(key, sent["user"], sent["party"], sent["accepted"], sent["evidence"]))


@noun.get("/<key>/services", DocumentServices, READ)
def served(query: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """Papers that were served, on whom and when."""
    return {"items": services().recusals.served(actor(), key)}


@noun.post("/<key>/services", Served, WRITE, body=NewService, status=HTTPStatus.CREATED)
def serve(sent: Mapping[str, Any], key: str) -> Outcome:
    """Serve a paper of the case on a party's account, which sees it from now on."""
    return act(ServeDocument(key, sent["document"], sent["party"], sent["on"]))


@noun.post("/<key>/recusals", RecusalAsked, WRITE, body=NewRecusal, status=HTTPStatus.CREATED)
def ask_recusal(sent: Mapping[str, Any], key: str) -> Outcome:
    """Ask that somebody who works on the case be recused; their work on it stands still until it is decided."""
    return act(RequestRecusal(key, sent["user"], sent["ground"], sent["reason"]))
