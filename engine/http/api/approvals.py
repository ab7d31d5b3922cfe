"""``/approvals``: what one person has asked for and another has to allow before it happens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, fields, validate

from engine.domain.administration import DecideApproval, RequestApproval, WithdrawApproval
from engine.domain.approvals import STATES
from engine.domain.commands import Command
from engine.http.api import pages
from engine.http.api.access import act, actor, decide, services
from engine.http.api.fields import Cursor, free_text, instant
from engine.http.api.operations import Later, Noun
from engine.services.context import Outcome
from engine.services.views.people import ApprovalRow

SCOPES = ("admin", "deployments")

noun = Noun("approvals", "Requests that wait for a second person.")


class Requested(Schema):
    """A request, before or after its decision; ``outcome``: what the command answered."""

    request = fields.String(required=True)
    kind = fields.String(required=True)
    state = fields.String(required=True)
    expires_at = fields.String(metadata={"format": "date-time"})
    outcome = fields.Dict(allow_none=True)


def by_two(command: Command, reason: str = "") -> Outcome | Later:
    """Run a command; where two persons are needed, ask the second one for it instead (202)."""
    if services().runner.parts.two_persons:
        return Later(act(RequestApproval(command, reason)))
    return act(command)


class Approval(Schema):
    """``summary``: the command without its secrets, and what it would do (``preview``)."""

    id = fields.String(required=True)
    kind = fields.String(required=True)
    command = fields.String(required=True)
    summary = fields.Dict(required=True)
    reason = fields.String(required=True)
    state = fields.String(required=True)
    requested_by = fields.String(required=True)
    requested_at = instant(required=True)
    expires_at = instant(required=True)
    decided_by = fields.String(required=True, allow_none=True)
    decided_at = instant(required=True, allow_none=True)
    decision_reason = fields.String(required=True, allow_none=True)
    may_decide = fields.Boolean(required=True)


class ApprovalQuery(Schema):
    state = fields.String(load_default=None, validate=validate.OneOf(STATES))
    cursor = Cursor(str, load_default=lambda: (None,))


class Decision(Schema):
    reason = free_text()


@noun.get("", pages.list_of(Approval), *SCOPES, query=ApprovalQuery)
def search(query: Mapping[str, Any]) -> Mapping[str, Any]:
    """Requests you have made or may decide, newest first."""
    rows = services().people.approvals(actor(), query["state"], query["cursor"][0], pages.MORE)
    return pages.page(rows, lambda row: (row.id,))


@noun.get("/<key>", Approval, *SCOPES)
def get(query: Mapping[str, Any], key: str) -> ApprovalRow:
    """One request."""
    return services().people.approval(actor(), key)


@noun.post("/<key>/approve", Requested, *SCOPES, body=Decision)
def approve(sent: Mapping[str, Any], key: str) -> Outcome:
    """Allow it: the command is carried out in the same transaction. Never by who asked for it. What is published is
    played by the second engine; ``outcome`` then has its ``differences``."""
    return _parsed(decide(DecideApproval(key, True, sent["reason"])))


@noun.post("/<key>/reject", Requested, *SCOPES, body=Decision)
def reject(sent: Mapping[str, Any], key: str) -> Outcome:
    """Refuse it."""
    return _parsed(decide(DecideApproval(key, False, sent["reason"])))


@noun.post("/<key>/withdraw", Requested, *SCOPES)
def withdraw(sent: Mapping[str, Any], key: str) -> Outcome:
    """Take back what you have asked for."""
    return _parsed(act(WithdrawApproval(key)))


def _parsed(outcome: Outcome) -> Outcome:
    return {name: value for name, value in outcome.items() if value is not None}
