"""``/process-definitions``: published versions and their diagrams."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, fields

from engine.errors import NotFound
from engine.http.api import pages
from engine.http.api.access import actor, reading, services
from engine.http.api.fields import Cursor, instant, text
from engine.http.api.operations import Noun
from engine.store import listings

SCOPES = ("deployments", "cases:read")
_ENCODING = re.compile(rb"""<\?xml[^>]{0,200}encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")

noun = Noun("process-definitions", "Published versions of processes.")


class ProcessDefinition(Schema):
    """``key`` names one immutable version; ``startable``: it has a none start event."""

    key = fields.String(required=True)
    process_id = fields.String(required=True)
    version = fields.Integer(required=True)
    name = fields.String(required=True)
    deployment = fields.String(attribute="deployment_id", required=True)
    resource = fields.String(attribute="resource_name", required=True)
    content_sha256 = fields.String(attribute="content_hash", required=True)
    startable = fields.Boolean(required=True)
    deployed_at = instant(required=True)


class ProcessDefinitionWithDiagram(Schema):
    definition = fields.Nested(ProcessDefinition, required=True)
    bpmn = fields.String(required=True, metadata={"contentMediaType": "application/xml"})


class DefinitionQuery(Schema):
    cursor = Cursor(str, load_default=lambda: (None,))
    process_id = text(load_default=None)


@noun.get("", pages.list_of(ProcessDefinition), *SCOPES, query=DefinitionQuery)
def search(query: Mapping[str, Any]) -> Mapping[str, Any]:
    """Published versions by key, of all processes or of one."""
    with reading() as connection:
        rows = listings.process_definitions(connection, actor(), query["process_id"], query["cursor"][0], pages.MORE)
    return pages.page(rows, lambda row: (row.key,))


@noun.get("/<key>", ProcessDefinitionWithDiagram, *SCOPES)
def get(_: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """One version with its diagram."""
    with reading() as connection:
        row = listings.process_definition(connection, actor(), key)
        if row is None:
            raise NotFound(noun="process definition", key=key)
        xml = services().parts.definitions.diagram(connection, row.key, row.process_id)
    return {"definition": row, "bpmn": _text(xml)}


def _text(xml: bytes) -> str:
    """The text of a diagram in the encoding that it says it has (XML 1.0, 4.3.3)."""
    declared = _ENCODING.match(xml)
    try:
        return xml.decode(declared[1].decode() if declared else "utf-8-sig")
    except (LookupError, UnicodeDecodeError):
        return xml.decode("utf-16" if xml[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8", "replace")
