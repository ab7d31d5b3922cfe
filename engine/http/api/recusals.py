"""``/recusals``: who keeps away from which case, and why; asked for at ``/cases/{key}/recusals``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, fields, validate

from engine.domain.recusal_commands import LiftRecusal
from engine.http.api import pages
from engine.http.api.access import actor, services
from engine.http.api.approvals import Requested, by_two
from engine.http.api.cases import READ, WRITE
from engine.http.api.fields import Cursor, instant, text
from engine.http.api.operations import Later, Noun
from engine.services.context import Outcome
from engine.services.views.recusals import STATES, RecusalRow

noun = Noun("recusals", "Recusals (回避): who keeps away from which case, and why.")


class Recusal(Schema):
    """``source``: rule or request; ``blocks``: what the person is kept from now (see, work, notices); ``request_case``:
    the case that decides on the request."""

    id = fields.String(required=True)
    case_id = fields.String(required=True)
    case_no = fields.String(required=True, allow_none=True)
    case_title = fields.String(required=True)
    user = fields.String(required=True)
    user_name = fields.String(required=True)
    state = fields.String(required=True)
    ground = fields.String(required=True)
    source = fields.String(required=True)
    reason = fields.String(required=True)
    blocks = fields.List(fields.String(), required=True)
    requested_by = fields.String(required=True)
    requested_at = instant(required=True)
    decided_by = fields.String(required=True, allow_none=True)
    decided_at = instant(required=True, allow_none=True)
    lifted_by = fields.String(required=True, allow_none=True)
    lifted_at = instant(required=True, allow_none=True)
    request_case = fields.String(required=True, allow_none=True)


class RecusalQuery(Schema):
    state = fields.String(load_default=None, validate=validate.OneOf(STATES))
    cursor = Cursor(str, load_default=lambda: (None,))


class Lifting(Schema):
    reason = text(500, required=True)


class Lifted(Schema):
    recusal = fields.String(required=True)
    state = fields.String(required=True)


@noun.get("", pages.list_of(Recusal), READ, query=RecusalQuery)
def search(query: Mapping[str, Any]) -> Mapping[str, Any]:
    """Recusals in the cases you supervise, newest first."""
    states = (query["state"],) if query["state"] else ()
    rows = services().recusals.listed(actor(), states, query["cursor"][0], pages.MORE)
    return pages.page(rows, lambda row: (row.id,))


@noun.get("/<key>", Recusal, READ)
def get(query: Mapping[str, Any], key: str) -> RecusalRow:
    """One recusal."""
    return services().recusals.get(actor(), key)


@noun.post("/<key>/lift", Lifted, WRITE, body=Lifting, later=Requested)
def lift(sent: Mapping[str, Any], key: str) -> Outcome | Later:
    """Ask that it be lifted; another person decides (202). Never by the one it is about."""
    row = services().recusals.get(actor(), key)
    return by_two(LiftRecusal(row.case_no or row.case_id, row.user, sent["reason"]), sent["reason"])
