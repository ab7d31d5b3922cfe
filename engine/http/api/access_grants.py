"""``/access-grants``: what was opened to one person for a time by two others: a break of the glass, a bulk export."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from marshmallow import Schema, fields, validate

from engine.domain.administration import GrantAccess, RequestApproval, RevokeGrant
from engine.http.api import pages
from engine.http.api.access import act, actor, services
from engine.http.api.approvals import Requested
from engine.http.api.fields import Cursor, Duration, instant, text
from engine.http.api.operations import Noun
from engine.services.context import Outcome
from engine.services.people.approvals import GRANTED, LONGEST_GRANT

noun = Noun("access-grants", "What two persons have opened to a third for a time (break-glass, bulk export).")


class Grant(Schema):
    """``open``: now; ``told``: the auditors who were told of a break of the glass; ``revoked_at``: closed
    before its time."""

    id = fields.String(required=True)
    kind = fields.String(required=True)
    holder = fields.String(required=True)
    scope = fields.String(required=True)
    reason = fields.String(required=True)
    asked_by = fields.String(required=True, allow_none=True)
    granted_by = fields.String(required=True)
    granted_at = instant(required=True)
    expires_at = instant(required=True)
    open = fields.Boolean(required=True)
    told = fields.List(fields.String(), required=True)
    revoked_at = instant(required=True, allow_none=True)


class GrantQuery(Schema):
    cursor = Cursor(str, load_default=lambda: (None,))


class NewGrant(Schema):
    """``scope``: the case's number, or ``audit`` for the export of the audit trail; ``holder``: yourself by default."""

    kind = fields.String(required=True, validate=validate.OneOf(GRANTED))
    holder = text(load_default=None)
    scope = text(required=True)
    reason = text(500, required=True)
    lasts = Duration(LONGEST_GRANT, load_default=timedelta(hours=4))


class Revocation(Schema):
    reason = text(500, required=True)


class Revoked(Schema):
    grant = fields.String(required=True)
    revoked_at = fields.String(required=True)


@noun.get("", pages.list_of(Grant), "admin", query=GrantQuery)
def search(query: Mapping[str, Any]) -> Mapping[str, Any]:
    """Grants, newest first: all for security and auditors, else those to you."""
    rows = services().recusals.grants(actor(), query["cursor"][0], pages.MORE)
    return pages.page(rows, lambda row: (row.id,))


@noun.post("", Requested, "admin", body=NewGrant, status=HTTPStatus.ACCEPTED, missing=True)
def ask(sent: Mapping[str, Any]) -> Outcome:
    """Ask for a grant; it is made when another person allows it."""
    command = GrantAccess(sent["kind"], sent["holder"] or actor().id, sent["scope"], sent["reason"], sent["lasts"])
    return act(RequestApproval(command, sent["reason"]))


@noun.post("/<key>/revoke", Revoked, "admin", body=Revocation)
def revoke(sent: Mapping[str, Any], key: str) -> Outcome:
    """Close a grant before its time: for security, and for who has it."""
    return act(RevokeGrant(key, sent["reason"]))
