"""Timers: a due row becomes a step. Claim, effect and deletion are one transaction; a late timer is never dropped.

A timer that cannot be fired is held, with an incident that a person resolves to let it try again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine.clock import local_date
from engine.domain.commands import FireTimer
from engine.services import steps, trail
from engine.services.context import Context, Outcome
from engine.services.legal_time import deadlines, expiry
from engine.store import schema, waits
from engine.store.cases import CaseRow

HELD = deadlines.HELD


@dataclass(frozen=True, slots=True)
class HoldTimer:
    """Internal command: a due timer has failed again and again."""

    case_id: str
    wait: int
    reason: str


def fire(context: Context, command: FireTimer) -> Outcome:
    """Fire one timer, if it still waits, is due, and its case is active. Answers ``{"fired": bool}``.

    A deadline whose expiry a person confirms does not move its diagram by itself; it expires also while its case is
    suspended, because only those periods stop that the law lets stop.
    """
    row = steps.lock_case(context, command.case_id, active=False)
    timer, deadline, limits = context.ahead or waits.find_timer(
        context.connection, row.id, command.wait)
    if timer is None or timer.due_at > context.now or timer.held:
        return {"fired": False}
    if deadline is not None and expiry.needs_person(deadline) and row.state in ("active", "suspended"):
        expired = expiry.expire(context, row, deadline)
        if not expiry.asked_by_diagram(context, row, deadline):
            return expired
    if row.state != "active":
        return {"fired": False}
    context.limits[row.id] = limits
    steps.advance(context, row, lambda instance: instance.fire(command.wait, context.now),
                  {"timer": command.wait, "element": timer.element, "due_at": timer.due_at.isoformat()},
                  local_date(context.now))
    return {"fired": True}


def hold(context: Context, command: HoldTimer) -> Outcome:
    """Fire no more until a person has looked at it; the incident says why."""
    row = steps.lock_case(context, command.case_id, active=False)
    timer = waits.find(context.connection, schema.timer, row.id, command.wait)
    if timer is None or timer.held:
        return {"held": False}
    waits.update(context.connection, schema.timer, row.id, timer.wait, held=True)
    context.database.upsert(context.connection, schema.incident, {
        "case_id": row.id, "incident": HELD + timer.wait, "instance": timer.instance, "element": timer.element,
        "process": timer.process, "code": "timer_failed", "message": command.reason, "raised_at": context.now,
        "resolved_at": None, "resolved_by": None}, ("message", "raised_at", "resolved_at", "resolved_by"))
    trail.note(context, row, "incident", {"code": "timer_failed", "message": command.reason}, timer)
    return {"held": True}


def release(context: Context, row: CaseRow, incident: Any) -> None:
    """The cause is mended: the timer is due as before."""
    waits.update(context.connection, schema.timer, row.id, incident.incident - HELD, held=False)
    waits.resolve_incident(context.connection, row.id, incident.incident, context.now, context.actor.id)
    trail.note(context, row, "incidentResolved", {"code": incident.code}, incident)
