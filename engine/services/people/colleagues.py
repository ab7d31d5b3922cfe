"""The lists of people that a form offers: ``valuesKey: "colleagues_mediator"`` are the accounts with the role mediator,
``colleagues_staff`` those of whoever works on cases for the centre, in any role. ``roster_mediator`` are mediators
by their names alone, for forms that parties fill in: what an account signs in with is no business of theirs.

They come from the house and not from the case, both where the form is drawn and where it is judged again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from engine.domain import forms
from engine.domain.actors import actor_of
from engine.domain.permissions import is_staff, needs_names
from engine.store import users
from engine.store.database import Connection

STAFF = "staff"


def offered(connection: Connection, schema: Mapping[str, Any]) -> dict[str, list[dict[str, str]]]:
    """By the names under which the form asks for them: who may sign in and is meant by the list, by name."""
    asked = {name: _LIST.fullmatch(name) for name in sorted(forms.beside(schema))}
    lists = {name: (found["kind"], found["role"]) for name, found in asked.items() if found is not None}
    people = users.people(connection) if lists else []
    return {name: _options(kind, [row for row in people if _is_meant(row, role)])
            for name, (kind, role) in lists.items()}


_LIST = re.compile(r"(?P<kind>colleagues|roster)_(?P<role>[a-z_]+)")


def _options(kind: str, people: Sequence[Any]) -> list[dict[str, str]]:
    if kind == "roster":
        return [{"label": name, "value": name} for name in dict.fromkeys(row.name for row in people)]
    return [{"label": _called(row), "value": row.id} for row in people]


def _is_meant(row: Any, role: str) -> bool:
    actor = actor_of(row)
    return is_staff(actor) and needs_names(actor) if role == STAFF else actor.has(role)


def _called(row: Any) -> str:
    """The name, the unit if the account is in one, and what it signs in with: two of one name are told apart."""
    return " · ".join(dict.fromkeys(filter(None, (row.name, row.unit_name, row.id))))
