"""Filters of the inbox that one keeps under a name, for oneself or for all who have a role of one's own."""

from __future__ import annotations

from engine.domain.desk_commands import DropFilter, SaveFilter
from engine.domain.permissions import PARTIES
from engine.errors import InvalidInput, NotFound, Phrase
from engine.services.context import Context, Outcome
from engine.store import saved_filters as rows

NAMES = frozenset({"view", "lamp", "q", "group", "process", "free", "follow", "urgent"})
LONGEST_NAME, LONGEST_VALUE, MOST = 64, 200, 30


def save(context: Context, command: SaveFilter) -> Outcome:
    name = command.name.strip()
    if not name or len(name) > LONGEST_NAME:
        raise InvalidInput(expected=Phrase("a name of 1 to {most} characters", most=LONGEST_NAME), found=name[:80],
                           where="name")
    kept = {key: value[:LONGEST_VALUE] for key, value in command.filters.items() if value}
    if not kept.keys() <= NAMES:
        raise InvalidInput(expected=Phrase("some of {names}", names=', '.join(sorted(NAMES))), where="filters",
                           found=", ".join(sorted(kept.keys() - NAMES)))
    if command.role is not None and command.role not in context.actor.roles - PARTIES:
        raise InvalidInput(expected="a role of one's own", found=command.role, where="role")
    others = [row for row in rows.of_user(context.connection, context.actor.id) if row.name != name]
    if len(others) >= MOST:
        raise InvalidInput(expected=Phrase("at most {most} filters", most=MOST),
                           found=str(len(others) + 1), where="filters")
    rows.drop_named(context.connection, context.actor.id, name)
    key = context.new_id()
    rows.insert(context.connection, {"id": key, "user": context.actor.id, "name": name, "filters": kept,
                                     "saved_at": context.now, "role": command.role})
    return {"filter": key}


def drop(context: Context, command: DropFilter) -> Outcome:
    """Only one's own filters are there to be dropped."""
    if not rows.drop(context.connection, context.actor.id, command.filter):
        raise NotFound(noun="filter", key=command.filter)
    return {"filter": command.filter}
