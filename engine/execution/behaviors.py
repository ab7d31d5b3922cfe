"""What a multi-instance activity throws as its instances complete: behavior None, One and Complex (BPMN 13.3.7).

An event carries the attributes of the activity at that moment, and is caught on its boundary or further outwards. Other
tokens rest first, as with every signal; until all is thrown, the loop neither goes on nor ends.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.definition.model import Trigger
from engine.domain.events import EscalationThrown, MessageThrown, SignalThrown
from engine.execution import data, events, throws
from engine.execution.kernel import Kernel
from engine.execution.program import Event, MultiPlan
from engine.execution.state import Node, Op

Thrown = list[Any]
"""What is thrown, as it is kept: trigger, name or code, correlation key."""


def due(kernel: Kernel, plan: MultiPlan, seen: data.View, first: bool) -> list[Thrown]:
    """What the completion of an instance throws. Raises ``Fault`` before anything is changed."""
    if plan.only_first and not first:
        return []
    return [_prepared(kernel, event, seen) for event, condition in plan.throws
            if condition is None or data.holds(kernel, condition, seen)]


def _prepared(kernel: Kernel, event: Event, seen: data.View) -> Thrown:
    if event.name is None:
        return [str(event.trigger), event.code or "", ""]
    name = data.text(kernel, event.name, seen, "the name", f"{event.trigger}_name")
    key = data.text(kernel, event.key, seen, "the correlation key") if event.key is not None else ""
    return [str(event.trigger), name, key]


def behave(kernel: Kernel, body: Node, thrown: list[Thrown], attributes: dict[str, Any], done: bool) -> Op | None:
    """Op: throws one event after another, then the loop goes on if it is still there."""
    if not thrown:
        loop = body.more().loop
        if loop is not None:
            loop.throwing -= 1
        return "went_on", body.id, done
    trigger, name, key = thrown[0]
    then: Op = ("behave", body.id, thrown[1:], attributes, done)
    return _THROWS[trigger](kernel, body, (name, key), attributes, then)


def _message(kernel: Kernel, body: Node, what: tuple[str, str], attributes: dict[str, Any], then: Op) -> Op | None:
    info = kernel.info(body)
    kernel.events.append(MessageThrown(body.id, info.id, info.process, *what, dict(attributes)))
    return then


def _signal(kernel: Kernel, body: Node, what: tuple[str, str], attributes: dict[str, Any], then: Op) -> Op | None:
    info = kernel.info(body)
    kernel.events.append(SignalThrown(body.id, info.id, info.process, what[0], dict(attributes)))
    events.deliver(kernel, what[0], attributes, then)
    return None


def _escalation(kernel: Kernel, body: Node, what: tuple[str, str], attributes: dict[str, Any], then: Op) -> Op | None:
    info = kernel.info(body)
    place = len(kernel.events)
    caught = throws.catch(kernel, body, Trigger.ESCALATION, what[0], attributes)
    kernel.events.insert(place, EscalationThrown(body.id, info.id, info.process, what[0], caught))
    return then


def _error(kernel: Kernel, body: Node, what: tuple[str, str], attributes: dict[str, Any], then: Op) -> Op | None:
    return throws.raise_error(kernel, body, what[0], attributes)


Throw = Callable[[Kernel, Node, tuple[str, str], dict[str, Any], Op], Op | None]

_THROWS: dict[str, Throw] = {
    Trigger.MESSAGE: _message, Trigger.SIGNAL: _signal, Trigger.ESCALATION: _escalation, Trigger.ERROR: _error,
}
