"""``/incidents``: what could not go on and waits for a person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, fields

from engine.domain.commands import ResolveIncident, task_key
from engine.http.api import pages
from engine.http.api.access import act, actor, reading
from engine.http.api.fields import Cursor, instant, text, variables
from engine.http.api.operations import Noun
from engine.services.context import Outcome
from engine.store import listings

noun = Noun("incidents", "Incidents: failures that need a person.")


class Incident(Schema):
    key = fields.Function(lambda row: task_key(row.case_id, row.incident), metadata={"type": "string"}, required=True)
    case_id = fields.String(required=True)
    case_no = fields.String(required=True, allow_none=True)
    process = fields.String(required=True)
    element = fields.String(required=True)
    instance = fields.Integer(required=True)
    code = fields.String(required=True)
    message = fields.String(required=True)
    raised_at = instant(required=True)


class IncidentQuery(Schema):
    cursor = Cursor(str, int, load_default=None)
    case = text(load_default=None)


class Resolution(Schema):
    """``variables``: set in the case before it is tried again."""

    variables = variables()


class Resolved(Schema):
    case_id = fields.String(required=True)
    state = fields.String(required=True)
    ended = fields.Boolean(required=True)


@noun.get("", pages.list_of(Incident), "cases:read", query=IncidentQuery)
def search(query: Mapping[str, Any]) -> Mapping[str, Any]:
    """Open incidents you may see, of all cases or of one."""
    with reading() as connection:
        rows = listings.incidents(connection, actor(), query["case"], query["cursor"], pages.MORE)
    return pages.page(rows, lambda row: (row.case_id, row.incident))


@noun.post("/<key>/resolve", Resolved, "cases:write", body=Resolution)
def resolve(sent: Mapping[str, Any], key: str) -> Outcome:
    """Try again what failed."""
    return act(ResolveIncident(key, sent["variables"]))
