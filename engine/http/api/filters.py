"""``/filters``: filters of the inbox that one keeps under a name."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from marshmallow import Schema, fields

from engine.domain.desk_commands import DropFilter, SaveFilter
from engine.http.api.access import act, actor, services
from engine.http.api.fields import text
from engine.http.api.operations import Noun
from engine.http.api.pages import all_of
from engine.http.api.user_tasks import TASKS
from engine.services.context import Outcome

noun = Noun("filters", "Filters of your inbox.")


class Filter(Schema):
    """``filters``: what the inbox is asked for, as on its page. ``role``: whoever has it is shown the filter too;
    ``by_name``: the colleague who shares it, empty for your own."""

    key = fields.String(required=True)
    name = fields.String(required=True)
    filters = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    role = fields.String(required=True, allow_none=True)
    by_name = fields.String(required=True)


class NewFilter(Schema):
    name = text(64, required=True)
    filters = fields.Dict(keys=text(64), values=text(200), required=True)
    role = text(64)


class FilterKey(Schema):
    filter = fields.String(required=True)


@noun.get("", all_of(Filter), TASKS)
def search(query: Mapping[str, Any]) -> Mapping[str, Any]:
    """Your filters, and those that colleagues share with a role of yours."""
    return {"items": services().queries.filters(actor())}


@noun.post("", FilterKey, TASKS, body=NewFilter, status=HTTPStatus.CREATED)
def save(sent: Mapping[str, Any]) -> Outcome:
    """Keep a filter, in place of one of the same name."""
    return act(SaveFilter(sent["name"], sent["filters"], sent.get("role")))


@noun.post("/<key>/drop", FilterKey, TASKS)
def drop(sent: Mapping[str, Any], key: str) -> Outcome:
    """Forget one of your filters."""
    return act(DropFilter(key))
