"""Rows of deadlines, of the timers that arm them, of ladders and suspensions."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from engine.domain.wait_numbers import BY_HAND, EXPIRY
from engine.store import schema as s
from engine.store.prepared import Question, ask

OPEN = ("running", "paused")
_deadline, _rung = s.deadline, s.escalation_rung


def of_waits(connection: sa.Connection, case_id: str, waits: Collection[int]) -> list[Any]:
    """Those of these waits that are deadlines: wait, key, state, instance."""
    answers = ask(connection, *((_OF_WAIT, {"of_case": case_id, "of_wait": wait}) for wait in sorted(waits)))
    return [row for rows in answers for row in rows]


_OF_WAIT = Question(sa.select(_deadline.c.wait, _deadline.c.key, _deadline.c.state, _deadline.c.instance).where(
    _deadline.c.case_id == sa.bindparam("of_case"), _deadline.c.wait == sa.bindparam("of_wait")))


OF_TIMERS = Question(sa.select(_deadline.c.wait, _deadline.c.key, _deadline.c.state, _deadline.c.instance).join(
    s.timer, sa.and_(s.timer.c.case_id == _deadline.c.case_id, s.timer.c.wait == _deadline.c.wait)).where(
        _deadline.c.case_id == sa.bindparam("of_case")))
"""The deadlines whose timers a case still has, as ``of_waits`` gives them; sent along with other questions."""


def of_case(connection: sa.Connection, case_id: str, *states: str) -> list[sa.Row[Any]]:
    return list(connection.execute(sa.select(_deadline).where(
        _deadline.c.case_id == case_id, _deadline.c.state.in_(states)).order_by(_deadline.c.wait)))


def unsettled(connection: sa.Connection, case_id: str, instance: int | None = None) -> list[Any]:
    """Expired deadlines of a case, or of one element instance, whose timer still waits for a person."""
    if instance is None:
        return UNSETTLED(connection, of_case=case_id)
    return _UNSETTLED_AT(connection, of_case=case_id, of_instance=instance)


_UNSETTLED_STATEMENT = sa.select(_deadline).join(
    s.timer, sa.and_(s.timer.c.case_id == _deadline.c.case_id, s.timer.c.wait == _deadline.c.wait)).where(
        _deadline.c.case_id == sa.bindparam("of_case"), _deadline.c.state == "expired").order_by(_deadline.c.wait)
UNSETTLED = Question(_UNSETTLED_STATEMENT)
"""``unsettled`` of a case; sent along with other questions."""
_UNSETTLED_AT = Question(_UNSETTLED_STATEMENT.where(_deadline.c.instance == sa.bindparam("of_instance")))


def next_by_hand(connection: sa.Connection, case_id: str) -> int:
    last = connection.execute(sa.select(sa.func.max(_deadline.c.wait)).where(
        _deadline.c.case_id == case_id, _deadline.c.wait >= BY_HAND)).scalar_one()
    return int(last or BY_HAND) + 1


def insert(connection: sa.Connection, deadline: Mapping[str, Any], timer: Mapping[str, Any]) -> None:
    connection.execute(_deadline.insert(), deadline)
    connection.execute(s.timer.insert(), timer)


def update(connection: sa.Connection, case_id: str, wait: int, **changes: Any) -> None:
    connection.execute(_deadline.update().where(
        _deadline.c.case_id == case_id, _deadline.c.wait == wait).values(**changes))


def set_timer(connection: sa.Connection, case_id: str, wait: int, **changes: Any) -> None:
    connection.execute(s.timer.update().where(s.timer.c.case_id == case_id, s.timer.c.wait == wait).values(**changes))


def move_tasks(connection: sa.Connection, case_id: str, before: datetime, due_at: datetime) -> None:
    """Open tasks whose own date is that of a deadline go with it."""
    task = s.user_task
    connection.execute(task.update().where(task.c.case_id == case_id, task.c.state == "open", task.c.due_at == before)
                       .values(due_at=due_at))


def has_timer(connection: sa.Connection, case_id: str, wait: int) -> bool:
    return connection.execute(sa.select(s.timer.c.wait).where(
        s.timer.c.case_id == case_id, s.timer.c.wait == wait)).first() is not None


def delete_timer(connection: sa.Connection, case_id: str, wait: int) -> None:
    connection.execute(s.timer.delete().where(s.timer.c.case_id == case_id, s.timer.c.wait == wait))


def has_incident(connection: sa.Connection, case_id: str, number: int) -> bool:
    table = s.incident
    return connection.execute(sa.select(table.c.incident).where(
        table.c.case_id == case_id, table.c.incident == number, table.c.resolved_at.is_(None))).first() is not None


def close_expiry_tasks(connection: sa.Connection, case_id: str, deadlines: Collection[int], at: datetime,
                       by: str) -> None:
    """What nobody needs to confirm any more."""
    task = s.user_task
    connection.execute(task.update().where(
        task.c.case_id == case_id, task.c.wait.in_([EXPIRY + wait for wait in deadlines]), task.c.state == "open")
        .values(state="cancelled", ended_at=at, ended_by=by))


# --- ladders --------------------------------------------------------------------------------------------------------
def replan(connection: sa.Connection, case_id: str, wait: int, rows: Sequence[Mapping[str, Any]]) -> None:
    """Put the rungs still ahead in place of those planned before; what has fired stays."""
    unplan(connection, case_id, [wait])
    if rows:
        connection.execute(_rung.insert(), list(rows))


def unplan(connection: sa.Connection, case_id: str, waits: Collection[int]) -> None:
    connection.execute(_rung.delete().where(
        _rung.c.case_id == case_id, _rung.c.wait.in_(sorted(waits)), _rung.c.state == "planned"))


def rungs_of(connection: sa.Connection, case_id: str, wait: int) -> list[sa.Row[Any]]:
    return list(connection.execute(sa.select(_rung).where(
        _rung.c.case_id == case_id, _rung.c.wait == wait).order_by(_rung.c.at, _rung.c.rung)))


def rung(connection: sa.Connection, case_id: str, wait: int, number: int, due_on: date) -> sa.Row[Any] | None:
    return connection.execute(sa.select(_rung).where(
        _rung.c.case_id == case_id, _rung.c.wait == wait, _rung.c.rung == number,
        _rung.c.due_on == due_on)).one_or_none()


def end_rung(connection: sa.Connection, row: Any, state: str, at: datetime, told: Sequence[str]) -> None:
    connection.execute(_rung.update().where(
        _rung.c.case_id == row.case_id, _rung.c.wait == row.wait, _rung.c.rung == row.rung,
        _rung.c.due_on == row.due_on).values(state=state, fired_at=at, told=list(told)))


def due_rungs(connection: sa.Connection, now: datetime, limit: int) -> list[tuple[str, int, int, date]]:
    """Due rungs of cases that are not over, earliest first."""
    statement = (sa.select(_rung.c.case_id, _rung.c.wait, _rung.c.rung, _rung.c.due_on)
                 .where(_rung.c.state == "planned", _rung.c.at <= now)
                 .order_by(_rung.c.at, _rung.c.case_id, _rung.c.wait, _rung.c.rung).limit(limit))
    return [(row.case_id, row.wait, row.rung, row.due_on) for row in connection.execute(statement)]


# --- suspensions ----------------------------------------------------------------------------------------------------
def add_suspension(connection: sa.Connection, row: Mapping[str, Any]) -> None:
    connection.execute(s.suspension.insert(), row)


def suspension(connection: sa.Connection, case_id: str) -> sa.Row[Any] | None:
    """The suspension that a case is in."""
    return connection.execute(sa.select(s.suspension).where(
        s.suspension.c.case_id == case_id, s.suspension.c.ended_on.is_(None))
        .order_by(s.suspension.c.seq.desc()).limit(1)).one_or_none()


def update_suspension(connection: sa.Connection, case_id: str, seq: int, **changes: Any) -> None:
    connection.execute(s.suspension.update().where(
        s.suspension.c.case_id == case_id, s.suspension.c.seq == seq).values(**changes))


def due_suspensions(connection: sa.Connection, on: date, limit: int) -> list[tuple[str, int]]:
    """Suspensions whose last day has come, and of which nobody has been told."""
    table = s.suspension
    return [(row.case_id, row.seq) for row in connection.execute(
        sa.select(table.c.case_id, table.c.seq).where(
            table.c.ended_on.is_(None), table.c.until_on <= on, table.c.told_at.is_(None)).limit(limit))]
