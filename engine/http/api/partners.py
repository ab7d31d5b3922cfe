"""``/partners``: outside bodies; their keys are never shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, fields

from engine.http.api import pages
from engine.http.api.access import actor, reading
from engine.http.api.fields import Cursor, instant
from engine.http.api.operations import Noun
from engine.store import listings

noun = Noun("partners", "Outside bodies that send and get signed messages.")


class Partner(Schema):
    code = fields.String(required=True)
    kind = fields.String(required=True)
    name = fields.String(required=True)
    endpoint = fields.String(required=True, allow_none=True)
    may_send = fields.List(fields.String(), required=True)
    enabled = fields.Boolean(required=True)
    added_at = instant(required=True)


class PartnerQuery(Schema):
    cursor = Cursor(str, load_default=lambda: (None,))


@noun.get("", pages.list_of(Partner), "admin", query=PartnerQuery)
def search(query: Mapping[str, Any]) -> Mapping[str, Any]:
    """Partners, for those who may see them."""
    with reading() as connection:
        rows = listings.partners(connection, actor(), query["cursor"][0], pages.MORE)
    return pages.page(rows, lambda row: (row.code,))
