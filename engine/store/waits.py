"""Rows of everything that rests: user tasks, jobs, timers, subscriptions, deadlines, incidents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from engine.store import schema

TABLES = {
    "userTask": schema.user_task,
    "job": schema.job,
    "timer": schema.timer,
    "message": schema.subscription,
    "signal": schema.subscription,
    "condition": schema.subscription,
}
"""Which table holds which kind of wait."""

Rows = list[dict[str, Any]]


def insert(connection: sa.Connection, rows: Mapping[sa.Table, Rows]) -> None:
    """One statement a table, however many rows."""
    for table, values in rows.items():
        if values:
            connection.execute(table.insert(), values)


def delete(connection: sa.Connection, case_id: str, table: sa.Table, waits: Sequence[int]) -> None:
    connection.execute(table.delete().where(table.c.case_id == case_id, table.c.wait.in_(waits)))


def end_user_tasks(connection: sa.Connection, case_id: str, waits: Sequence[int], state: str, at: datetime,
                   by: str) -> None:
    """User tasks stay as rows, because people ask for what they have done; their candidates and drafts go."""
    table = schema.user_task
    connection.execute(table.update().where(table.c.case_id == case_id, table.c.wait.in_(waits))
                       .values(state=state, ended_at=at, ended_by=by))


def end_deadlines(connection: sa.Connection, case_id: str, waits: Sequence[int], state: str, at: datetime) -> None:
    table = schema.deadline
    connection.execute(table.update().where(table.c.case_id == case_id, table.c.wait.in_(waits),
                                            table.c.state.in_(("running", "paused")))
                       .values(state=state, ended_at=at))


def find(connection: sa.Connection, table: sa.Table, case_id: str, wait: int) -> sa.Row[Any] | None:
    """The row of one wait; ``table`` is any of this module's tables."""
    return connection.execute(sa.select(table).where(table.c.case_id == case_id, table.c.wait == wait)).one_or_none()


def update(connection: sa.Connection, table: sa.Table, case_id: str, wait: int, **changes: Any) -> None:
    connection.execute(table.update().where(table.c.case_id == case_id, table.c.wait == wait).values(**changes))


def candidates(connection: sa.Connection, case_id: str, wait: int) -> tuple[set[str], set[str]]:
    """(groups, users) that may claim a user task."""
    table = schema.candidate
    rows = connection.execute(sa.select(table.c.kind, table.c.name)
                              .where(table.c.case_id == case_id, table.c.wait == wait)).all()
    return {row.name for row in rows if row.kind == "group"}, {row.name for row in rows if row.kind == "user"}


def performers(connection: sa.Connection, case_id: str, element: str) -> set[str]:
    """Who has completed user tasks of this element in this case; for duty separation."""
    table = schema.user_task
    rows = connection.execute(sa.select(table.c.ended_by).where(
        table.c.case_id == case_id, table.c.element == element, table.c.state == "completed"))
    return {row.ended_by for row in rows}


def due_timers(connection: sa.Connection, now: datetime, limit: int) -> list[tuple[str, int]]:
    """Due timers of cases that are not suspended, in due order, then in creation order."""
    table, case = schema.timer, schema.case
    statement = (sa.select(table.c.case_id, table.c.wait).join(case, case.c.id == table.c.case_id)
                 .where(table.c.due_at <= now, case.c.state == "active")
                 .order_by(table.c.due_at, table.c.case_id, table.c.wait).limit(limit))
    return [(row.case_id, row.wait) for row in connection.execute(statement)]


def next_timer_at(connection: sa.Connection) -> datetime | None:
    """When the earliest timer of an active case falls due."""
    table, case = schema.timer, schema.case
    statement = (sa.select(table.c.due_at).join(case, case.c.id == table.c.case_id).where(case.c.state == "active")
                 .order_by(table.c.due_at).limit(1))
    return connection.execute(statement).scalar_one_or_none()
