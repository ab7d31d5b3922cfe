"""Rows of everything that rests: user tasks, jobs, timers, subscriptions, deadlines, incidents."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa

from engine.store import deadlines, recusals, schema
from engine.store.cases import LOCK, CaseRow
from engine.store.database import Database
from engine.store.prepared import Prepared, Question, ask

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


# --- Statements of the durable step, built once: building one anew costs more than running it. ------------------------
@cache
def _insert(table: sa.Table) -> Prepared:
    return Prepared(table.insert())


def _one(table: sa.Table) -> tuple[sa.ColumnElement[bool], ...]:
    """The row of one wait of one case."""
    return table.c.case_id == sa.bindparam("of_case"), table.c.wait == sa.bindparam("of_wait")


@cache
def _delete(table: sa.Table) -> Prepared:
    return Prepared(table.delete().where(*_one(table)))


@cache
def _find(table: sa.Table) -> Question:
    return Question(sa.select(table).where(*_one(table)))


_END_TASK = Prepared(schema.user_task.update().where(*_one(schema.user_task)))
_END_DEADLINE = Prepared(schema.deadline.update().where(*_one(schema.deadline), schema.deadline.c.ended_at.is_(None)))
_HAS_DRAFTS = sa.exists().where(schema.draft.c.case_id == schema.user_task.c.case_id,
                                schema.draft.c.wait == schema.user_task.c.wait).label("has_drafts")
_TASK = Question(
    sa.select(schema.user_task, schema.candidate.c.kind, schema.candidate.c.name.label("candidate"), _HAS_DRAFTS,
              *recusals.standing(sa.bindparam("of_case"), sa.bindparam("of_wait"), sa.bindparam("of_user")))
    .outerjoin(schema.candidate, sa.and_(schema.candidate.c.case_id == schema.user_task.c.case_id,
                                         schema.candidate.c.wait == schema.user_task.c.wait))
    .where(*_one(schema.user_task)))
_CANDIDATES = Question(sa.select(schema.candidate.c.kind, schema.candidate.c.name).where(*_one(schema.candidate)))
_PERFORMERS = Question(sa.select(schema.user_task.c.ended_by).where(
    schema.user_task.c.case_id == sa.bindparam("of_case"), schema.user_task.c.element == sa.bindparam("of_element"),
    schema.user_task.c.state == "completed"))


def insert(connection: sa.Connection, rows: Mapping[sa.Table, Rows]) -> None:
    """One statement a table, however many rows."""
    for table, values in rows.items():
        _insert(table).run(connection, values)


def delete(connection: sa.Connection, case_id: str, table: sa.Table, waits: Sequence[int]) -> None:
    _delete(table).run(connection, [{"of_case": case_id, "of_wait": wait} for wait in waits])


def end_user_tasks(connection: sa.Connection, case_id: str, waits: Sequence[int], state: str, at: datetime,
                   by: str) -> None:
    """User tasks stay as rows, because people ask for what they have done; whom they were offered to may know."""
    _END_TASK.run(connection, [{"of_case": case_id, "of_wait": wait, "state": state, "ended_at": at, "ended_by": by}
                               for wait in waits])


def end_deadlines(connection: sa.Connection, case_id: str, waits: Sequence[int], state: str, at: datetime) -> None:
    _END_DEADLINE.run(connection, [{"of_case": case_id, "of_wait": wait, "state": state, "ended_at": at}
                                   for wait in waits])


def find(connection: sa.Connection, table: sa.Table, case_id: str, wait: int) -> Any | None:
    """The row of one wait; ``table`` is any of this module's tables."""
    return next(iter(_find(table)(connection, of_case=case_id, of_wait=wait)), None)


Limits = Mapping[int, Any]
"""The deadlines of the timers that a case still has, by number."""
UserTask = tuple[Any, set[str], set[str]]
"""The row of a user task, with ``has_drafts`` and what keeps somebody away from it (``recused``, ``requested``,
``concerned``), and the groups and users that may claim it."""


def find_user_task(connection: sa.Connection, case_id: str, wait: int, user: str) -> UserTask | None:
    return _user_task(_TASK(connection, of_case=case_id, of_wait=wait, of_user=user))


def lock_user_task(connection: sa.Connection, case_id: str, wait: int,
                   user: str) -> tuple[CaseRow | None, UserTask | None, Limits]:
    """The case, locked, then its user task and its deadlines; sent together."""
    found, rows, limits = ask(
        connection, (LOCK, {"case_id": case_id}), (_TASK, {"of_case": case_id, "of_wait": wait, "of_user": user}),
        (deadlines.OF_TIMERS, {"of_case": case_id}))
    return (CaseRow(*found[0]) if found else None), _user_task(rows), {row.wait: row for row in limits}


def _user_task(rows: Sequence[Any]) -> UserTask | None:
    if not rows:
        return None
    return (rows[0], {row.candidate for row in rows if row.kind == "group"},
            {row.candidate for row in rows if row.kind == "user"})


def update(connection: sa.Connection, table: sa.Table, case_id: str, wait: int, **changes: Any) -> None:
    connection.execute(table.update().where(table.c.case_id == case_id, table.c.wait == wait).values(**changes))


TimerOf = tuple[Any | None, Any | None, Limits]
"""A timer, the deadline that it is, if it is one, and the deadlines of its case."""


def find_timer(connection: sa.Connection, case_id: str, wait: int) -> TimerOf:
    """Sent together."""
    of = {"of_case": case_id, "of_wait": wait}
    timers, found, limits = ask(connection, (_find(schema.timer), of), (_find(schema.deadline), of),
                                (deadlines.OF_TIMERS, {"of_case": case_id}))
    return next(iter(timers), None), next(iter(found), None), {row.wait: row for row in limits}


def look_ahead(connection: sa.Connection, cases: Sequence[str]) -> Callable[[str, int], TimerOf]:
    """``find_timer`` of locked cases, all asked for at once."""
    timer, deadline = schema.timer, schema.deadline
    timers = {(row.case_id, row.wait): row for row in connection.execute(
        sa.select(timer).where(timer.c.case_id.in_(cases)))}
    limits: dict[str, dict[int, Any]] = {}
    for row in connection.execute(sa.select(deadline).join(timer, sa.and_(
            timer.c.case_id == deadline.c.case_id, timer.c.wait == deadline.c.wait)).where(
                deadline.c.case_id.in_(cases))):
        limits.setdefault(row.case_id, {})[row.wait] = row
    return lambda case_id, wait: (timers.get((case_id, wait)), limits.get(case_id, {}).get(wait),
                                  limits.get(case_id, {}))


def candidates(connection: sa.Connection, case_id: str, wait: int) -> tuple[set[str], set[str]]:
    """(groups, users) that may claim a user task."""
    rows = _CANDIDATES(connection, of_case=case_id, of_wait=wait)
    return {row.name for row in rows if row.kind == "group"}, {row.name for row in rows if row.kind == "user"}


def performers(connection: sa.Connection, case_id: str, element: str) -> set[str]:
    """Who has completed user tasks of this element in this case; for duty separation."""
    return {row.ended_by for row in _PERFORMERS(connection, of_case=case_id, of_element=element)}


def due_timers(connection: sa.Connection, now: datetime, limit: int) -> list[tuple[str, int]]:
    """Due timers that may fire, in due order, then in creation order."""
    table, case = schema.timer, schema.case
    statement = (sa.select(table.c.case_id, table.c.wait).join(case, case.c.id == table.c.case_id)
                 .where(table.c.due_at <= now, _may_fire(), table.c.held.is_(False))
                 .order_by(table.c.due_at, table.c.case_id, table.c.wait).limit(limit))
    return [(row.case_id, row.wait) for row in connection.execute(statement)]


def claim_timers(database: Database, connection: sa.Connection, now: datetime,
                 limit: int) -> list[tuple[datetime, CaseRow, int]]:
    """(due at, case, wait) of due timers, earliest first, their cases locked where rows can be.

    Nobody is waited for, so the order of these locks is nobody's concern. Whether a timer is still there must be asked
    again: it may have gone while its case was another's.
    """
    table, case = schema.timer, schema.case
    statement = (sa.select(table.c.due_at, table.c.wait, case).join(case, case.c.id == table.c.case_id)
                 .where(table.c.due_at <= now, _may_fire(), table.c.held.is_(False))
                 .order_by(table.c.due_at).limit(limit))
    rows = connection.execute(database.skip_locked(statement, case)).all()
    cases = {row.id: CaseRow(*row[2:]) for row in rows}
    found = [(row.due_at, cases[row.id], row.wait) for row in rows]
    return sorted(found, key=lambda each: (each[0], each[1].id, each[2]))


def next_timer_at(connection: sa.Connection) -> datetime | None:
    """When the earliest timer that may fire falls due."""
    table, case = schema.timer, schema.case
    statement = (sa.select(table.c.due_at).join(case, case.c.id == table.c.case_id)
                 .where(_may_fire(), table.c.held.is_(False)).order_by(table.c.due_at).limit(1))
    return connection.execute(statement).scalar_one_or_none()


def _may_fire() -> sa.ColumnElement[bool]:
    """Of active cases all; of suspended ones the periods that run on by law, which expire into a person's task."""
    timer, case, deadline = schema.timer, schema.case, schema.deadline
    by_law = sa.exists().where(deadline.c.case_id == timer.c.case_id, deadline.c.wait == timer.c.wait,
                               deadline.c.state == "running", deadline.c.internal.is_(False)).correlate(timer)
    return sa.or_(case.c.state == "active", sa.and_(case.c.state == "suspended", by_law))


def resolve_incident(connection: sa.Connection, case_id: str, number: int, at: datetime, by: str) -> None:
    table = schema.incident
    connection.execute(table.update().where(table.c.case_id == case_id, table.c.incident == number)
                       .values(resolved_at=at, resolved_by=by))


def available_jobs(database: Database, connection: sa.Connection, job_type: str, now: datetime,
                   limit: int) -> list[sa.Row[Any]]:
    """Jobs of a type that no worker holds, of active cases, the longest waiting first; locked where rows can be."""
    table, case = schema.job, schema.case
    statement = (sa.select(table).join(case, case.c.id == table.c.case_id)
                 .where(table.c.type == job_type, table.c.available_at <= now, table.c.retries > 0,
                        case.c.state == "active")
                 .order_by(table.c.available_at, table.c.case_id, table.c.wait).limit(limit))
    return list(connection.execute(database.skip_locked(statement)))


def delete_drafts(connection: sa.Connection, case_id: str, wait: int, actor: str) -> None:
    """What one has sent is no draft any more; what others have typed they keep for a while (``store.cleaner``)."""
    connection.execute(_DELETE_DRAFT, {"case": case_id, "task": wait, "who": actor})


_DELETE_DRAFT = schema.draft.delete().where(
    schema.draft.c.case_id == sa.bindparam("case"), schema.draft.c.wait == sa.bindparam("task"),
    schema.draft.c.actor == sa.bindparam("who"))
