"""When timer start events fall due: the timers of processes that no case runs yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from engine.definition.model import EventDefinition
from engine.errors import InvalidInput
from engine.execution import timers
from engine.execution.kernel import Fault
from engine.execution.state import Cycle
from engine.feel import compile_expression


@dataclass(frozen=True, slots=True)
class Armed:
    """``due_at``: when a start event falls due; ``cycle``: how it goes on, as text to keep, None when it does not."""

    due_at: datetime
    cycle: str | None


def first(event: EventDefinition, now: datetime, functions: Mapping[str, Any]) -> Armed:
    """When a timer start event first falls due. Raises ``InvalidInput`` for a value that is no timer."""
    source = event.timer
    if source is None:
        raise InvalidInput(expected="a timer value", found="none", where=f"line {event.line}")
    value = source.text if not source.feel else compile_expression(source.text, functions).evaluate(
        {}, functions=functions, now=now).value
    try:
        if event.timer_kind == "cycle":
            due, cycle = timers.cycle(value, now)
            return Armed(due, _keep(cycle))
        if event.timer_kind == "duration":
            return Armed(timers.later(now, timers.period(value)), None)
        return Armed(timers.instant(value), None)
    except Fault as fault:
        raise InvalidInput(fault.message, expected="a timer", found=str(value), where=f"line {event.line}") from fault


def following(cycle: str | None, now: datetime) -> Armed | None:
    """The next occurrence after ``now``; None when the cycle is over or never was one."""
    if cycle is None:
        return None
    found = timers.following(msgspec.json.decode(cycle, type=Cycle), now)
    return Armed(found[0], _keep(found[1])) if found is not None else None


def _keep(cycle: Cycle) -> str:
    return msgspec.json.encode(cycle).decode()
