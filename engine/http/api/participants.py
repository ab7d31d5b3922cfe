"""Operations of a case about who takes part in it with an account: parties, and agents under a power of attorney."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from engine.domain.participant_commands import InviteParticipant, RemoveParticipant
from engine.domain.participants import AUTHORITIES, SIDES
from engine.http.api.access import act, actor, services
from engine.http.api.cases import READ, WRITE, Reason, noun
from engine.http.api.fields import free_text, instant, text
from engine.http.api.files import Reference, ref
from engine.http.api.pages import all_of
from engine.services.context import Outcome
from engine.services.people.participants import digest_of

_FEWEST_CHARACTERS = 8


def _require_varied(value: str) -> None:
    if value and len(set(value)) < _FEWEST_CHARACTERS:
        raise ValidationError(f"Expected at least {_FEWEST_CHARACTERS} different characters.")


class Participant(Schema):
    """``capacity`` and ``name``: of the party, ``agent``: who acts for it by ``authority`` and the power of attorney
    ``proof`` (SHA-256); ``state``: invited, lapsed, active, removed."""

    key = fields.String(required=True)
    capacity = fields.String(required=True)
    name = fields.String(required=True)
    agent = fields.String(required=True)
    authority = fields.String(required=True)
    proof = fields.String(required=True)
    user = fields.String(required=True)
    user_name = fields.String(required=True)
    state = fields.String(required=True)
    since = instant(required=True)
    expires_at = instant(required=True, allow_none=True)
    reason = fields.String(required=True)


class NewParticipant(Schema):
    """``capacity`` and ``name``: of a party that the case names. With ``user``, an account of a party or an agent, it
    takes part at once; else ``code`` is the secret you made (16 characters or more, only its digest is kept), by which
    whoever you give it to joins within 15 days, once. An ``agent`` needs its ``authority`` and ``proof``."""

    capacity = fields.String(required=True, validate=validate.OneOf(sorted(SIDES)))
    name = text(200, required=True)
    user = free_text(64)
    code = fields.String(load_default="", validate=[
        validate.Regexp(r"\A([A-Za-z0-9-]{16,64})?\Z", error="Expected 16 to 64 letters, digits or hyphens."),
        _require_varied])
    agent = free_text(200)
    authority = fields.String(load_default="", validate=validate.OneOf(("", *AUTHORITIES)))
    proof = fields.Nested(Reference, load_default=None, allow_none=True)


class ParticipantState(Schema):
    case_id = fields.String(required=True)
    participant = fields.String(required=True)
    state = fields.String(required=True)


@noun.get("/<key>/participants", all_of(Participant, applicant=fields.String(required=True)), READ)
def participants(query: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """Who takes part with an account; ``applicant``: the name of the account that began the case."""
    view = services().participants.of_case(actor(), key)
    return {"items": view.rows, "applicant": view.first}


@noun.post("/<key>/participants", ParticipantState, WRITE, body=NewParticipant, status=HTTPStatus.CREATED)
def invite(sent: Mapping[str, Any], key: str) -> Outcome:
    """Let a party, or its agent, into the case; what is open for it is offered to its account from then on."""
    code = digest_of(sent["code"]) if sent["code"] and not sent["user"] else ""
    return act(InviteParticipant(key, sent["capacity"], sent["name"], sent["user"], code, sent["agent"],
                                 sent["authority"] if sent["agent"] else "", sent["proof"] and ref(sent["proof"])))


@noun.post("/<key>/participants/<participant>/remove", ParticipantState, WRITE, body=Reason)
def exclude(sent: Mapping[str, Any], key: str, participant: str) -> Outcome:
    """Take a participant out: the account does not see the case any more, what it has handed in stays."""
    return act(RemoveParticipant(key, participant, sent["reason"]))
