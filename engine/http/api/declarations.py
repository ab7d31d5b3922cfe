"""``/declarations``: relatives, interests and other relations that people have declared; seen by few."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from marshmallow import Schema, fields, validate

from engine.domain.recusal import DECLARED
from engine.domain.recusal_commands import Declare, WithdrawDeclaration
from engine.http.api import pages
from engine.http.api.access import act, actor, services
from engine.http.api.cases import READ, WRITE
from engine.http.api.fields import Cursor, free_text, instant, text
from engine.http.api.operations import Noun
from engine.services.context import Outcome

noun = Noun("declarations", "Declarations of relatives and interests, by which recusals are found.")


class Declaration(Schema):
    """``subject``: a name, a body, or the number of a case; ``ended_on``: until when the relation lasted."""

    id = fields.String(required=True)
    user = fields.String(required=True)
    user_name = fields.String(required=True)
    kind = fields.String(required=True)
    subject = fields.String(required=True)
    detail = fields.String(required=True)
    ended_on = fields.Date(required=True, allow_none=True)
    declared_by = fields.String(required=True)
    declared_at = instant(required=True)
    withdrawn_at = instant(required=True, allow_none=True)


class DeclarationQuery(Schema):
    """``user``: whose; your own when it is left out."""

    user = text(load_default=None)
    cursor = Cursor(str, load_default=lambda: (None,))


class NewDeclaration(Schema):
    """``user``: of whom, by right; your own when it is left out."""

    user = text(load_default=None)
    kind = fields.String(required=True, validate=validate.OneOf(DECLARED))
    subject = text(required=True)
    detail = free_text()
    ended_on = fields.Date(load_default=None)


class Declared(Schema):
    declaration = fields.String(required=True)


@noun.get("", pages.list_of(Declaration), READ, query=DeclarationQuery)
def search(query: Mapping[str, Any]) -> Mapping[str, Any]:
    """Your own declarations, or by right another's; withdrawn ones too, newest first."""
    rows = services().recusals.declarations(actor(), query["user"], query["cursor"][0], pages.MORE)
    return pages.page(rows, lambda row: (row.id,))


@noun.post("", Declared, WRITE, body=NewDeclaration, status=HTTPStatus.CREATED, missing=True)
def declare(sent: Mapping[str, Any]) -> Outcome:
    """Declare a relation. Work already begun is looked at again at once."""
    return act(Declare(sent["user"] or actor().id, sent["kind"], sent["subject"], sent["detail"], sent["ended_on"]))


@noun.post("/<key>/withdraw", Declared, WRITE)
def withdraw(sent: Mapping[str, Any], key: str) -> Outcome:
    """Take back a declaration; a recusal that it has led to stays."""
    return act(WithdrawDeclaration(key))
