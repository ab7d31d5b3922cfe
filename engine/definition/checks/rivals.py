"""Events that wait for the same at the same place, where what comes is for one of them (BPMN 10.5.6, 13.5)."""

from __future__ import annotations

from collections.abc import Iterator

from engine.definition.checks.subject import Subject
from engine.definition.model import Element, Kind, Trigger

Wanted = tuple[str, str, str]
"""A trigger, the name or code, and the correlation key."""
ONCE = frozenset({Trigger.MESSAGE, Trigger.ERROR, Trigger.ESCALATION, Trigger.COMPENSATION})
"""A signal, a time and a condition are for all who wait."""


def check(subject: Subject) -> None:
    for place, catchers in _places(subject):
        first: dict[Wanted, Element] = {}
        for event in catchers:
            for wanted in () if event.parallel_multiple else _wanted(event):
                other = first.setdefault(wanted, event)
                if other is not event:
                    subject.add("caught-twice", event, place=place, trigger=wanted[0], name=wanted[1], rival=other.id)


def _places(subject: Subject) -> Iterator[tuple[str, list[Element]]]:
    """Activities with boundary events, scopes with event sub-processes, the process with start events, event-based
    gateways."""
    process = subject.process
    for host, events in process.boundaries.items():
        yield host, [process.elements[name] for name in events]
    for scope in process.scopes.values():
        yield scope.id, [process.elements[start] for handler in scope.event_sub_processes
                         for start in process.scopes[handler].start_events]
    yield process.id, [process.elements[name] for name in process.root().start_events]
    for gateway in subject.of(Kind.EVENT_BASED_GATEWAY):
        yield gateway.id, list(subject.targets(gateway))


def _wanted(event: Element) -> Iterator[Wanted]:
    for item in event.events:
        if item.trigger in ONCE:
            name = item.code or "" if item.name is None else item.name.text
            yield str(item.trigger), name, item.key.text if item.key is not None else ""
