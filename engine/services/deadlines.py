"""Deadlines of cases: rows beside the timers they arm, with the computation they came from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from engine.domain import events as ev
from engine.domain.deadlines import feel_functions
from engine.services.context import Context


def functions(context: Context, variables: Callable[[], Mapping[str, Any]]) -> dict[str, Any]:
    """The host functions of diagrams: ``deadline``, ``working days between``, … for a step of one case."""
    parts = context.parts
    return dict(feel_functions(parts.rules, parts.calendar, variables, context.legal_day))


def row_of(event: ev.TimerArmed, now: datetime) -> dict[str, Any]:
    """The row of a deadline that a timer was armed with."""
    computation = event.deadline
    period = computation.period
    return {
        "key": computation.key, "state": "running", "element": event.element, "event_on": computation.from_on,
        "start_on": period.start_on, "nominal_on": period.nominal_on, "due_on": computation.due_on,
        "due_at": event.due_at, "provisional": period.provisional, "rule_version": computation.rule_version,
        "calendar_version": computation.calendar_version, "computation": computation.as_record(), "armed_at": now,
    }


def state_after(reason: str, ended: ev.CaseEnded | None, interrupted: bool) -> str:
    """What became of a deadline whose timer closed: it fired: expired; what it limited was interrupted, or the case
    cancelled: cancelled; no longer waited for: met."""
    if reason == "triggered":
        return "expired"
    return "cancelled" if interrupted or ended is not None and ended.state == "cancelled" else "met"
