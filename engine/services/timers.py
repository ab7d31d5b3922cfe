"""Timers: a due row becomes a step. Claim, effect and deletion are one transaction; a late timer is never dropped."""

from __future__ import annotations

from engine.clock import local_date
from engine.domain.commands import FireTimer
from engine.services import steps
from engine.services.context import Context, Outcome
from engine.store import schema, waits


def fire(context: Context, command: FireTimer) -> Outcome:
    """Fire one timer, if it still waits, is due, and its case is active. Answers ``{"fired": bool}``."""
    row = steps.lock_case(context, command.case_id, active=False)
    timer = waits.find(context.connection, schema.timer, row.id, command.wait)
    if timer is None or row.state != "active" or timer.due_at > context.now:
        return {"fired": False}
    steps.advance(context, row, lambda instance: instance.fire(command.wait, context.now),
                  {"timer": command.wait, "element": timer.element, "due_at": timer.due_at.isoformat()},
                  local_date(context.now))
    return {"fired": True}
