"""Start events that listen: which there are, how their rows are named, and which of them a condition starts.

A start event with several definitions (BPMN 10.5.2, multiple and parallel multiple) has a row for each of them; behind
``#`` its row says which one it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from engine.definition.model import Element, EventDefinition, Kind, Process, Trigger, Value
from engine.feel import FeelError, compile_expression


def is_none(element: Element) -> bool:
    return element.kind is Kind.START_EVENT and all(item.trigger is Trigger.NONE for item in element.events)


def listening_starts(process: Process) -> list[Element]:
    """Root elements that start a case when something arrives (BPMN 2.0.2, 13.2)."""
    root = process.root()
    found = [process.elements[name] for name in root.start_events if not is_none(process.elements[name])]
    for name in root.elements:
        element = process.elements[name]
        if element.instantiate and element.kind is Kind.RECEIVE_TASK:
            found.append(element)
        elif element.instantiate and element.kind is Kind.EVENT_BASED_GATEWAY:
            found.extend(process.elements[process.flows[flow].target] for flow in element.outgoing)
    return found


def triggers(process: Process) -> Iterator[tuple[str, EventDefinition]]:
    """(key of its row, event definition) of everything that listens."""
    for element in listening_starts(process):
        for index, event in enumerate(element.events):
            yield element.id if len(element.events) == 1 else f"{element.id}#{index}", event


def split(key: str) -> tuple[str, int]:
    """The element of a row, and which of its event definitions the row is about."""
    element, _, index = key.partition("#")
    return element, int(index or 0)


def name_of(process: Process, key: str) -> str:
    """The message or signal that a row listens to; "" for other triggers."""
    return next((named(event) for each, event in triggers(process) if each == key), "")


def named(event: EventDefinition) -> str:
    return _text(event.name) if event.name is not None else ""


def _text(value: Value) -> str:
    """A name is a literal, or FEEL that needs no variables."""
    found = compile_expression(value.text).evaluate({}).value if value.feel else value.text
    return found if isinstance(found, str) else value.text


def started_by(process: Process, variables: Mapping[str, Any], functions: Mapping[str, Any], now: Any) -> str | None:
    """The first conditional start event whose condition these variables meet, by the key of its row."""
    for key, event in triggers(process):
        if event.trigger is Trigger.CONDITION and event.condition is not None:
            try:
                found = compile_expression(event.condition.text).evaluate(variables, functions=functions, now=now)
            except FeelError:
                continue
            if found.value is True:
                return key
    return None
