"""The lists of people that a form offers: ``valuesKey: "colleagues_mediator"`` are the accounts with the role mediator.

They come from the house and not from the case, both where the form is drawn and where it is judged again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.domain import forms
from engine.store import users
from engine.store.database import Connection

_PREFIX = "colleagues_"


def offered(connection: Connection, schema: Mapping[str, Any]) -> dict[str, list[dict[str, str]]]:
    """By the names under which the form asks for them: who may sign in and has the role, by name."""
    asked = sorted(name for name in forms.beside(schema) if name.startswith(_PREFIX))
    return {name: [{"label": _called(row), "value": row.id}
                   for row in users.with_role(connection, name.removeprefix(_PREFIX))] for name in asked}


def _called(row: Any) -> str:
    return row.id if row.name == row.id else f"{row.name} · {row.id}"
