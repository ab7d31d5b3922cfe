"""Who has to do with a deadline: assignees, candidates, holders of roles; and whether anything still waits."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa

from engine.domain.permissions import PARTIES
from engine.store import schema as s


def assignees(connection: sa.Connection, case_id: str, instance: int) -> list[str]:
    """Who has the open tasks of an element instance, else those of the case."""
    task = s.user_task
    found = connection.execute(sa.select(task.c.assignee, task.c.instance).where(
        task.c.case_id == case_id, task.c.state == "open", task.c.assignee.is_not(None)).order_by(task.c.wait)).all()
    own = [row.assignee for row in found if row.instance == instance]
    return list(dict.fromkeys(own or [row.assignee for row in found]))


def candidates(connection: sa.Connection, case_id: str, instance: int) -> list[str]:
    """The users to whom the unclaimed tasks of a case are offered, by name or by role."""
    task, one = s.user_task, s.candidate
    offered = connection.execute(
        sa.select(one.c.kind, one.c.name, task.c.instance).join(task, sa.and_(
            task.c.case_id == one.c.case_id, task.c.wait == one.c.wait))
        .where(one.c.case_id == case_id, task.c.state == "open", task.c.assignee.is_(None))).all()
    own = [row for row in offered if row.instance == instance] or list(offered)
    named = [row.name for row in own if row.kind == "user"]
    groups = sorted({row.name for row in own if row.kind == "group"} - PARTIES)
    return list(dict.fromkeys([*named, *(with_roles(connection, groups) if groups else ())]))


def workers(connection: sa.Connection, case_id: str, instance: int, role: str) -> list[str]:
    """Who has, or has completed, tasks offered to a role: of an element instance, else of the case."""
    task, one = s.user_task, s.candidate
    found = connection.execute(
        sa.select(sa.func.coalesce(task.c.ended_by, task.c.assignee).label("who"), task.c.instance)
        .join(one, sa.and_(one.c.case_id == task.c.case_id, one.c.wait == task.c.wait))
        .where(task.c.case_id == case_id, one.c.kind == "group", one.c.name == role,
               sa.or_(task.c.state == "completed", sa.and_(task.c.state == "open", task.c.assignee.is_not(None))))
        .order_by(task.c.wait)).all()
    own = [row.who for row in found if row.instance == instance]
    return list(dict.fromkeys(own or [row.who for row in found]))


def with_roles(connection: sa.Connection, roles: Sequence[str]) -> list[str]:
    """Enabled users who carry one of these roles, by id."""
    rows = connection.execute(sa.select(s.user.c.id, s.user.c.roles).where(
        s.user.c.enabled.is_(True)).order_by(s.user.c.id))
    return [row.id for row in rows if not set(roles).isdisjoint(row.roles)]


def still_waits(connection: sa.Connection, deadline: Any) -> bool:
    """Whether a task, a job or a subscription of the deadline's element instance is open."""
    where = [(table.c.case_id == deadline.case_id, table.c.instance == deadline.instance)
             for table in (s.user_task, s.job, s.subscription)]
    asked = [sa.exists().where(*where[0], s.user_task.c.state == "open"), sa.exists().where(*where[1]),
             sa.exists().where(*where[2])]
    return bool(connection.execute(sa.select(sa.or_(*asked))).scalar_one())


def open_at(connection: sa.Connection, deadline: Any, elements: Collection[str]) -> int | None:
    """The element instance of a task that one of these elements has opened since the deadline ended."""
    task = s.user_task
    return connection.execute(sa.select(task.c.instance).where(
        task.c.case_id == deadline.case_id, task.c.process == deadline.process, task.c.element.in_(sorted(elements)),
        task.c.state == "open", task.c.created_at >= deadline.ended_at).order_by(task.c.wait).limit(1)).scalar()
