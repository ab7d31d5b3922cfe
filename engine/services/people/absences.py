"""Absences: who is away, and who stands in. A stand-in sees the tasks of the absent and works on them, as 代.

A chain is not followed: who stands in may not be away on those days.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from engine.domain.actors import actor_of
from engine.domain.administration import CancelAbsence, RecordAbsence
from engine.domain.permissions import is_staff
from engine.errors import Conflict, InvalidInput, NotFound
from engine.services import cases, trail
from engine.services.context import Context, Outcome
from engine.services.people import organisation
from engine.store import absences as rows
from engine.store import users
from engine.store.database import Connection


class NoStandIn(InvalidInput):
    """Expected a colleague who is here and may work, but found {found} at {where}."""

    code = "no_stand_in"


def record(context: Context, command: RecordAbsence) -> Outcome:
    """Everybody records the own absence; those with the right also another's."""
    if command.user != context.actor.id or not is_staff(context.actor):
        cases.require(context, "absence.manage")
    if command.to_on < command.from_on or command.to_on < context.today:
        raise InvalidInput(expected="a last day that is not past and not before the first",
                           found=f"{command.from_on}…{command.to_on}", where="absence")
    if users.lock(context.connection, command.user) is None:
        raise NotFound(noun="user", key=command.user)
    _require_stand_in(context, command)
    if rows.overlapping(context.connection, command.user, command.from_on, command.to_on) is not None:
        raise Conflict(action="record", noun="absence", key=command.user, state="away on these days already")
    key = context.new_id()
    rows.insert(context.connection, {
        "id": key, "user": command.user, "stand_in": command.stand_in, "from_on": command.from_on,
        "to_on": command.to_on, "recorded_by": context.actor.id, "recorded_at": context.now})
    trail.record_system(context, {
        "absence": key, "user": command.user, "stand_in": command.stand_in, "from_on": command.from_on.isoformat(),
        "to_on": command.to_on.isoformat()})
    return {"absence": key}


def cancel(context: Context, command: CancelAbsence) -> Outcome:
    row = rows.get(context.connection, command.absence)
    if row is None or row.cancelled_at is not None:
        raise NotFound(noun="absence", key=command.absence)
    if row.user != context.actor.id:
        cases.require(context, "absence.manage")
    rows.cancel(context.connection, command.absence, context.now)
    trail.record_system(context, {"absence": command.absence, "user": row.user, "cancelled": True})
    return {"absence": command.absence}


def stand_in_of(connection: Connection, user_id: str, on: date) -> str | None:
    """Who stands in for somebody on a legal day; None when they are here."""
    row = rows.overlapping(connection, user_id, on, on)
    return str(row.stand_in) if row is not None else None


def absent_on(connection: Connection, on: date) -> frozenset[str]:
    return frozenset(row.user for row in rows.on(connection, on))


def _require_stand_in(context: Context, command: RecordAbsence) -> None:
    """A colleague of the same role or a superior, and not who says so of another: standing in opens files."""
    absent: Any = users.get(context.connection, command.user)
    row: Any = users.get(context.connection, command.stand_in)
    if row is None or not row.enabled or not is_staff(actor_of(row)) or command.stand_in == command.user:
        raise NoStandIn(found=command.stand_in, where="stand_in")
    if context.actor.id == command.stand_in:
        raise NoStandIn(found="who records it", where="stand_in")
    if set(row.roles).isdisjoint(absent.roles) and row.id not in organisation.superiors(context.connection, absent.id):
        raise NoStandIn(found=f"{command.stand_in}, who has no role in common", where="stand_in")
    if rows.overlapping(context.connection, command.stand_in, command.from_on, command.to_on) is not None:
        raise NoStandIn(found=f"{command.stand_in}, who is away then", where="stand_in")
    if any(row.stand_in == command.user and row.from_on <= command.to_on and row.to_on >= command.from_on
           for row in rows.listed(context.connection, command.from_on, command.user)):
        raise NoStandIn(found=f"{command.user}, who stands in for another then", where="user")
