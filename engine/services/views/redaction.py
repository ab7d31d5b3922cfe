"""What of a case's record its reader is shown: everything, its outline, or what a party may know.

Content of a closed space (``closed`` of an element names its role: a panel's deliberation) is told to that role alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from engine.definition.model import Definition
from engine.domain.actors import Actor
from engine.domain.permissions import Sight, may_open

PARTY_SEES = frozenset({"completed", "caseEnded", "case:suspended", "case:active", "deadlineArmed"})
"""Kinds of history rows that a party is told of; of their data only what follows."""
_PARTY_DATA = frozenset({"key", "due_on", "state", "name"})
_OF_THE_HOUSE = ("serviceTask", "scriptTask", "businessRuleTask", "Gateway", "subProcess", "SubProcess", "callActivity")
"""Kinds of elements whose completion is no event of the case to a party."""
_CONTENT = frozenset({"variables", "decision", "reason", "incident"})
"""Kinds whose data are what people wrote and what was decided by them."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A history row as its reader is given it."""

    seq: int
    at: Any
    kind: str
    process: str | None
    element: str | None
    instance: int | None
    type: str | None
    actor: str
    actor_name: str
    data: Mapping[str, Any] | None


def sight_of(row: Any) -> Sight:
    """How much of a case the reader of a row of ``queries.case`` sees."""
    if row.sees_whole:
        return Sight.WHOLE
    return Sight.OUTLINE if row.sees_inside else Sight.PARTY


def entries(rows: Iterable[Any], sight: Sight, actor: Actor, definition: Definition) -> list[Entry]:
    closed = _closed(definition, actor)
    shown = rows if sight is not Sight.PARTY else [row for row in rows if _is_partys(row)]
    return [_entry(row, sight, actor, closed) for row in shown]


def _is_partys(row: Any) -> bool:
    """What happened to the case, not what the house does by itself; of deadlines those that parties are told of."""
    if row.kind == "completed":
        return row.type is None or not row.type.endswith(_OF_THE_HOUSE)
    return row.kind in PARTY_SEES and (row.data or {}).get("told") is not False


def _entry(row: Any, sight: Sight, actor: Actor, closed: frozenset[tuple[str, str]]) -> Entry:
    data, who, name = row.data, row.actor, getattr(row, "actor_name", None) or row.actor
    if sight is Sight.PARTY:
        data = {key: value for key, value in (data or {}).items() if key in _PARTY_DATA}
        who, name = (who, name) if who == actor.id else ("", "")
    elif row.kind in _CONTENT and (sight is Sight.OUTLINE or closed):
        data = None
    elif (row.process, row.element) in closed:
        data, who, name = None, "", ""
    return Entry(row.seq, row.at, row.kind, row.process, row.element, row.instance, row.type, who, name, data)


def _closed(definition: Definition, actor: Actor) -> frozenset[tuple[str, str]]:
    """(process, element) of the closed spaces that the actor stands outside of."""
    return frozenset((process.id, element.id) for process in definition.processes.values()
                     for element in process.elements.values() if not may_open(actor, element.properties.get("closed")))
