"""Lists: ``{"items": […], "next": cursor or null}``, 50 rows at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from marshmallow import Schema, fields

from engine.http.api.fields import Cursor, cursor
from engine.services.views.models import Page

SIZE = 50
MORE = SIZE + 1
"""How many rows a list reads: one more than it shows, to know whether there is a next page."""


class Numbered(Schema):
    """Query of a list in an order that changes; it is paged by number."""

    cursor = Cursor(int, load_default=lambda: (1,))


def list_of(item: type[Schema]) -> type[Schema]:
    """The schema of a page."""
    return Schema.from_dict({"items": fields.List(fields.Nested(item), required=True),
                             "next": fields.String(allow_none=True, required=True)}, name=f"{item.__name__}List")


def all_of(item: type[Schema], name: str = "", **more: fields.Field[Any]) -> type[Schema]:
    """The schema of a list that is short enough to be given whole, with what comes along."""
    return Schema.from_dict({"items": fields.List(fields.Nested(item), required=True), **more},
                            name=name or f"All{item.__name__}")


def page(rows: Sequence[Any], key: Callable[[Any], tuple[Any, ...]]) -> dict[str, Any]:
    """A page of up to ``MORE`` rows in the order of their keys."""
    return {"items": rows[:SIZE], "next": cursor(*key(rows[SIZE - 1])) if len(rows) > SIZE else None}


def numbered(found: Page) -> dict[str, Any]:
    return {"items": found.items, "next": cursor(found.page + 1) if found.page < found.pages else None}


def number(query: Mapping[str, Any]) -> int:
    """The page asked for, from 1."""
    return max(1, int(query["cursor"][0]))
