"""A diagram with its live tokens, and the same as a list for those who do not see it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from engine.definition.model import Definition, Kind, Process
from engine.services.definitions import Definitions
from engine.services.views.models import DiagramView, StageRow, StepRow
from engine.store import definitions, queries
from engine.store.database import Connection


def diagram(connection: Connection, known: Definitions, definition: Definition, case_id: str,
            history: Sequence[Any], incidents: Sequence[Any], process_id: str | None = None) -> DiagramView | None:
    """The diagram of the case's process, or of a called one."""
    process = definition.processes.get(process_id or definition.root.id, definition.root)
    row = definitions.get(connection, definition.key)
    if row is None:
        return None
    now = _tokens(connection, definition, process, case_id)
    done = dict.fromkeys(item.element for item in reversed(history)
                         if item.kind == "completed" and item.process == process.id
                         and item.element in process.elements)
    failed = tuple(dict.fromkeys(item.element for item in incidents if item.process == process.id))
    return DiagramView(
        process_id=process.id, version=row.version, xml=known.diagram(connection, definition.key, process.id), now=now,
        done=tuple(done), flows=None, incidents=failed, steps=_steps(process, history, now, failed))


def _tokens(connection: Connection, definition: Definition, process: Process, case_id: str) -> dict[str, int]:
    """Where tokens rest: each waiting element once. A boundary event's wait belongs to no token of its own, nor does
    the start of an event sub-process, which only listens."""
    instances = {(instance, _resting_at(process, element))
                 for _, instance, element, name, _ in queries.waits_of(connection, case_id)
                 if name == process.id and element in process.elements
                 and process.elements[element].attached_to is None
                 and process.elements[element].kind is not Kind.START_EVENT}
    counts = Counter(element for _, element in instances)
    waiting = {name for _, _, _, name, _ in queries.waits_of(connection, case_id)} - {process.id}
    for call in process.elements.values():
        if call.called is not None and not waiting.isdisjoint(_reached(definition, call.called.process_id)):
            counts[call.id] = max(counts[call.id], 1)
    return dict(counts)


def _reached(definition: Definition, name: str) -> set[str]:
    """A called process, and those that it calls in turn."""
    found, ahead = set[str](), [name]
    while ahead:
        here = ahead.pop()
        if here not in found and here in definition.processes:
            found.add(here)
            ahead += [item.called.process_id for item in definition.processes[here].elements.values()
                      if item.called is not None]
    return found


def _resting_at(process: Process, element: str) -> str:
    """Where the token of a wait is: events after an event gateway wait for one token, which rests at the gateway."""
    for flow in process.elements[element].incoming:
        source = process.elements[process.flows[flow].source]
        if source.kind is Kind.EVENT_BASED_GATEWAY:
            return source.id
    return element


def _steps(process: Process, history: Sequence[Any], now: dict[str, int],
           failed: tuple[str, ...]) -> tuple[StepRow, ...]:
    """Named elements that were reached, oldest first, then where the case stands now."""
    rows: list[StepRow] = []
    for item in reversed(history):
        element = process.elements.get(item.element or "")
        if item.kind == "completed" and item.process == process.id and element is not None and element.name:
            rows.append(StepRow(element.id, element.name, str(element.kind), "done", item.at, item.actor_name or ""))
    for name in now:
        element = process.elements[name]
        state = "incident" if name in failed else "now"
        rows.append(StepRow(element.id, element.name or element.id, str(element.kind), state, None, ""))
    return tuple(rows)


def stages(definition: Definition, current: str, ended: bool) -> tuple[StageRow, ...]:
    """The stage names of the process in the order of the diagram, with the present one marked."""
    text = definition.root.properties.get("stages", "")
    names = [part.strip() for part in text.split(",") if part.strip()] or list(dict.fromkeys(
        stage for element in definition.root.elements.values() if (stage := element.properties.get("stage"))))
    position = names.index(current) if current in names else -1
    return tuple(StageRow(name, "done" if ended or index < position else "now" if index == position else "ahead")
                 for index, name in enumerate(names))
