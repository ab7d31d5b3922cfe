"""Incidents: a failure that needs a person, who may change variables and try again."""

from __future__ import annotations

from engine.domain.commands import ResolveIncident
from engine.domain.permissions import may
from engine.errors import Conflict, NotFound
from engine.services import steps, timers
from engine.services.context import Context, Outcome
from engine.services.people import access
from engine.store import schema


def resolve(context: Context, command: ResolveIncident) -> Outcome:
    """Try again what failed, after changing the case's variables if any are given."""
    if not may(context.actor, "incident.resolve"):
        raise NotFound(noun="incident", key=command.incident)
    access.require_inside(context, command.incident, "incident")
    row, number = steps.lock_case_of(context, command.incident, "incident")
    steps.require_active(row)
    table = schema.incident
    found = context.connection.execute(table.select().where(
        table.c.case_id == row.id, table.c.incident == number)).one_or_none()
    if found is None:
        raise NotFound(noun="incident", key=command.incident)
    if found.resolved_at is not None:
        raise Conflict(action="resolve", noun="incident", key=command.incident, state="resolved")
    if number >= timers.HELD:
        timers.release(context, row, found)
        return {"case_id": row.id, "state": row.state, "ended": False}
    if command.variables:
        steps.advance(context, row, lambda instance: instance.set_variables(dict(command.variables), context.now),
                      {"variables": sorted(command.variables)})
    instance = steps.advance(context, row, lambda instance: instance.resolve(number, context.now),
                             {"incident": number})
    return {"case_id": row.id, "state": row.state, "ended": instance.ended}
