"""Who has a seat in a case, and what of a diagram is theirs.

A user task names in its property ``party`` whom of the parties it is offered to beside its groups, and with
``authority`` "special" that an agent needs a special power of attorney for it. Whoever comes later is offered what is
open then.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from engine.definition.model import Definition, Element
from engine.domain.actors import Actor, ActorKind
from engine.domain.events import Event, UserTaskOpened
from engine.domain.participants import SPECIAL, Seat
from engine.domain.permissions import PARTIES
from engine.errors import Conflict
from engine.execution import Instance
from engine.feel import FeelError, FeelLimitExceeded, compile_expression
from engine.services.context import Context
from engine.store import participants as rows
from engine.store import recusals as parties
from engine.store.cases import CaseRow
from engine.store.database import Connection


def seats(connection: Connection, row: Any) -> list[Seat]:
    """Who has a seat in a case, the one who began it first."""
    first = []
    if row.applicant is not None:
        names = [name for capacity, name in parties.parties_of(connection, row.id) if capacity == "applicant"]
        first = [Seat(row.applicant, "applicant", name) for name in names or [""]]
    return first + [_seat(one) for one in rows.active(connection, row.id)]


def _seat(one: Any) -> Seat:
    return Seat(one.user, one.capacity, one.name, one.authority, one.agent)


def in_capacity(connection: Connection, row: Any, wanted: Sequence[str]) -> list[str]:
    """The accounts that have a seat in some capacities, each once."""
    first = [row.applicant] if row.applicant is not None and "applicant" in wanted else []
    others = [one.user for one in rows.active(connection, row.id) if one.capacity in wanted] if wanted else []
    return list(dict.fromkeys([*first, *others]))


def capacities(connection: Connection, row: Any, actor: Actor) -> frozenset[tuple[str, bool]]:
    """(capacity, may settle) of the actor's seats in a case."""
    first = {("applicant", True)} if actor.kind is ActorKind.PERSON and row.applicant == actor.id else set()
    if PARTIES.isdisjoint(actor.roles):
        return frozenset(first)
    found = [_seat(one) for one in rows.active(connection, row.id)]
    return frozenset(first | {(seat.capacity, seat.may_settle) for seat in found if seat.user == actor.id})


def answers(element: Element | None, actor: Actor, held: Iterable[tuple[str, bool]]) -> bool:
    """Whether what an element waits for may be answered by the actor: its property ``role`` names a role of the actor,
    or the capacity of a seat (``applicant`` is always that)."""
    if element is None:
        return False
    wanted = {part.strip() for part in element.properties.get("role", "").split(",")}
    settles = element.properties.get("authority") == SPECIAL
    seated = {capacity for capacity, may_settle in held if may_settle or not settles}
    return actor.has(*(wanted - {"applicant"})) or not wanted.isdisjoint(seated)


# --- tasks ------------------------------------------------------------------------------------------------------------
def offer(context: Context, row: CaseRow, definition: Definition, instance: Instance, events: Sequence[Event]) -> None:
    """Tasks that a step has opened, to the parties that they name."""
    for event in events:
        if isinstance(event, UserTaskOpened) and event.wait in instance.waits:
            _offer(context, row, definition, instance, event)


def offer_open(context: Context, row: CaseRow) -> None:
    """Tasks that were opened before somebody came."""
    definition = context.parts.definitions.get(context.connection, row.definition_key)
    instance = Instance.load(definition, row.execution)
    for task in rows.free_tasks(context.connection, row.id):
        if task.wait in instance.waits:
            _offer(context, row, definition, instance, task)


def _offer(context: Context, row: CaseRow, definition: Definition, instance: Instance, task: Any) -> None:
    element = definition.processes[task.process].elements.get(task.element)
    text = element.properties.get("party", "") if element is not None else ""
    if element is None or not text:
        return
    wanted = _named(context, instance, task.instance, text)
    settles = element.properties.get("authority") == SPECIAL
    rows.offer(context.connection, row.id, task.wait, list(dict.fromkeys(
        seat.user for seat in seats(context.connection, row)
        if (seat.may_settle or not settles) and any(seat.matches(one) for one in wanted))))


def _named(context: Context, instance: Instance, at: int, text: str) -> list[str]:
    """Capacities, or what FEEL over what the task sees gives: a capacity, a party's name, or a list of these."""
    if not text.startswith("="):
        return [part.strip() for part in text.split(",") if part.strip()]
    try:
        found = compile_expression(text.removeprefix("=")).evaluate(instance.variables_of(at), now=context.now).value
    except (Conflict, FeelError, FeelLimitExceeded):  # an expression that says nothing offers it to no party
        return []
    return [one for one in (found if isinstance(found, list) else [found]) if isinstance(one, str) and one]
