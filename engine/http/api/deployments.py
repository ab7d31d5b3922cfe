"""``/deployments``: diagrams, decisions, forms and letters published as new versions."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from marshmallow import Schema, fields, validate

from engine.definition.wording import kept_said
from engine.domain.administration import RequestApproval
from engine.domain.commands import Deploy, Resource
from engine.http.api import pages
from engine.http.api.access import act, actor, idempotency_key, reading, services
from engine.http.api.answers import Finding
from engine.http.api.approvals import Requested
from engine.http.api.fields import Content, Cursor, instant, text
from engine.http.api.operations import Files, Later, Noun
from engine.http.errors import language
from engine.services.context import Outcome
from engine.store import listings
from engine.workbench.publishing import publish

SCOPE = "deployments"
_MOST_FILES = 500

noun = Noun("deployments", "Publishing of process definitions.")


class NewResource(Schema):
    """``content``: base64."""

    name = text(required=True)
    content = Content(required=True, metadata={"type": "string", "contentEncoding": "base64"})


class NewDeployment(Files):
    resources = fields.List(fields.Nested(NewResource), required=True, validate=validate.Length(1, _MOST_FILES))


class Difference(Schema):
    """After ``moves`` of a random ``path``, what each engine says ``about`` the case."""

    definition = fields.String(required=True)
    path = fields.Integer(required=True)
    moves = fields.List(fields.String(), required=True)
    about = fields.String(required=True)
    kapok = fields.String(required=True)
    spiffworkflow = fields.String(required=True)


class Published(Schema):
    """``definitions``: keys of new versions; ``unchanged``: of those that are as they were; ``findings``: warnings;
    ``differences``: where the second engine plays a new version otherwise."""

    deployment = fields.String(required=True, allow_none=True)
    definitions = fields.List(fields.String(), required=True)
    unchanged = fields.List(fields.String(), required=True)
    findings = fields.List(fields.Nested(Finding), required=True)
    differences = fields.List(fields.Nested(Difference), required=True)


class Deployment(Schema):
    id = fields.String(required=True)
    deployed_at = instant(required=True)
    deployed_by = fields.String(required=True)
    content_sha256 = fields.String(required=True)
    definitions = fields.List(fields.String(), required=True)


class DeploymentQuery(Schema):
    cursor = Cursor(str, load_default=lambda: (None,))


@noun.post("", Published, SCOPE, body=NewDeployment, status=HTTPStatus.CREATED, later=Requested)
def deploy(sent: Mapping[str, Any]) -> Outcome | Later:
    """Check and publish files; what is wrong with them is told by element (422, ``findings``). Where publishing needs
    two persons, the answer is a request for the second one (202)."""
    command = Deploy(tuple(Resource(item["name"], item["content"]) for item in sent["resources"]))
    if services().runner.parts.two_persons:
        return Later(act(RequestApproval(command)))
    outcome = publish(services(), command, actor(), idempotency_key())
    return {**outcome, "findings": [{**item, "message": kept_said(item, language())} for item in outcome["findings"]]}


@noun.get("", pages.list_of(Deployment), SCOPE, query=DeploymentQuery)
def search(query: Mapping[str, Any]) -> Mapping[str, Any]:
    """What was published, newest first."""
    with reading() as connection:
        rows = listings.deployments(connection, actor(), query["cursor"][0], pages.MORE)
        keys = listings.definitions_of(connection, [row.id for row in rows])
    found = [{"id": row.id, "deployed_at": row.deployed_at, "deployed_by": row.deployed_by,
              "content_sha256": row.content_hash,
              "definitions": [key for deployment, key in keys if deployment == row.id]} for row in rows]
    return pages.page(found, lambda row: (row["id"],))
