"""The organisation's tree: the centre, its departments and nodes, the bodies that host branches; who heads a unit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine.domain.administration import AddUnit, ChangeUnit, SetUnit
from engine.errors import InvalidInput, NotFound, Phrase
from engine.services import cases, trail
from engine.services.context import Context, Outcome
from engine.store import organisation as rows
from engine.store import users
from engine.store.database import Connection

KINDS = ("centre", "department", "node", "host")


def add(context: Context, command: AddUnit) -> Outcome:
    cases.require(context, "organisation.manage")
    if command.kind not in KINDS or not command.name.strip():
        raise InvalidInput(expected=Phrase("a name and one of {names}", names=', '.join(KINDS)), where="unit",
                           found=f"{command.name!r}, {command.kind!r}")
    _require_parts(context, command.parent, command.head)
    unit = context.new_id()
    rows.insert(context.connection, {"id": unit, "parent": command.parent, "kind": command.kind, "name": command.name,
                                     "head": command.head, "added_at": context.now})
    trail.record_system(context, {"unit": unit, "name": command.name, "kind": command.kind, "parent": command.parent,
                                  "head": command.head})
    return {"unit": unit}


def change(context: Context, command: ChangeUnit) -> Outcome:
    """Rename, move or give a new head. A unit does not get below itself."""
    cases.require(context, "organisation.manage")
    before = _unit(context, command.unit)
    _require_parts(context, command.parent, command.head)
    if command.parent is not None and any(unit.id == command.unit for unit in _up(context.connection, command.parent)):
        raise InvalidInput(expected="a parent that is not below the unit", found=command.parent, where="parent")
    rows.update(context.connection, command.unit, name=command.name, parent=command.parent, head=command.head)
    trail.record_system(context, {
        "unit": command.unit, "before": {"name": before.name, "parent": before.parent, "head": before.head},
        "after": {"name": command.name, "parent": command.parent, "head": command.head}})
    return {"unit": command.unit}


def set_unit(context: Context, command: SetUnit) -> Outcome:
    cases.require(context, "organisation.manage")
    row = users.lock(context.connection, command.user)
    if row is None:
        raise NotFound(noun="user", key=command.user)
    if command.unit is not None:
        _unit(context, command.unit)
    users.update(context.connection, command.user, unit=command.unit)
    trail.record_system(context, {"user": command.user, "unit": command.unit, "before": row.unit})
    return {"user": command.user, "unit": command.unit}


def superiors(connection: Connection, user_id: str) -> tuple[str, ...]:
    """The heads above somebody, the nearest first: of the own unit, of the department, of the centre. Somebody who
    heads a unit is not among the own superiors."""
    person = users.get(connection, user_id)
    if person is None or person.unit is None:
        return ()
    heads = [unit.head for unit in _up(connection, person.unit) if unit.head not in (None, user_id)]
    return tuple(dict.fromkeys(heads))


def _up(connection: Connection, unit: str) -> Iterator[Any]:
    """A unit and those above it, from the bottom up."""
    seen: set[str] = set()
    ahead: str | None = unit
    while ahead is not None and ahead not in seen:
        seen.add(ahead)
        row = rows.get(connection, ahead)
        if row is None:
            return
        yield row
        ahead = row.parent


def _unit(context: Context, unit: str) -> Any:
    row = rows.get(context.connection, unit)
    if row is None:
        raise NotFound(noun="unit", key=unit)
    return row


def _require_parts(context: Context, parent: str | None, head: str | None) -> None:
    if parent is not None:
        _unit(context, parent)
    if head is not None and users.get(context.connection, head) is None:
        raise NotFound(noun="user", key=head)
