"""Read models: every query takes the actor first and returns only what that actor may see.

Who sees what of a case: ``engine.domain.permissions``, as conditions in ``engine.store.sights``. What one may not see
is simply not among the rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from engine.domain.actors import Actor
from engine.store import schema as s
from engine.store.sights import deadline_seen, document_seen, inside, offered, visible, whole, workable

Rows = Sequence[sa.Row[Any]]

_task, _case, _candidate, _deadline = s.user_task, s.case, s.candidate, s.deadline


def _mine(actor: Actor) -> sa.ColumnElement[bool]:
    return workable(actor, _task)


def task(connection: sa.Connection, actor: Actor, case_id: str, wait: int) -> sa.Row[Any] | None:
    """One task with its case, if the actor may open it: one's own, or one of a case that one sees the whole of."""
    done = sa.and_(_task.c.ended_by == actor.id, visible(actor))
    allowed = sa.or_(_mine(actor), done, whole(actor))
    statement = (sa.select(_task, _case.c.case_no, _case.c.title, _case.c.parties, _case.c.stage,
                           _case.c.state.label("case_state"), _case.c.definition_key, _case.c.level,
                           offered(actor, _task).label("offered"))
                 .join(_case, _case.c.id == _task.c.case_id)
                 .where(_task.c.case_id == case_id, _task.c.wait == wait, allowed))
    return connection.execute(statement).one_or_none()


def case(connection: sa.Connection, actor: Actor, key: str) -> sa.Row[Any] | None:
    """One case by id or number, if the actor may see it."""
    statement = (sa.select(_case, whole(actor).label("sees_whole"), inside(actor).label("sees_inside"))
                 .where(sa.or_(_case.c.id == key, _case.c.case_no == key), visible(actor)))
    return connection.execute(statement).one_or_none()


def seen_among(connection: sa.Connection, actor: Actor, ids: Sequence[str]) -> frozenset[str]:
    """Those of some cases that the actor may see."""
    if not ids:
        return frozenset()
    return frozenset(connection.execute(sa.select(_case.c.id).where(_case.c.id.in_(ids), visible(actor))).scalars())


def case_id(connection: sa.Connection, actor: Actor, key: str) -> str | None:
    """The id of a case by id or number, if the actor sees it as one of the house."""
    return connection.execute(sa.select(_case.c.id).where(
        sa.or_(_case.c.id == key, _case.c.case_no == key), inside(actor))).scalar_one_or_none()


def tasks_of(connection: sa.Connection, actor: Actor, case_id: str) -> Rows:
    """Open tasks of a case: of one seen as a party, those that are one's own."""
    statement = (sa.select(_task, _case.c.case_no, _case.c.title, _case.c.parties, _case.c.stage,
                           _case.c.state.label("case_state"), _case.c.definition_key,
                           offered(actor, _task).label("offered"))
                 .join(_case, _case.c.id == _task.c.case_id)
                 .where(_task.c.case_id == case_id, _task.c.state == "open", sa.or_(inside(actor), _mine(actor)))
                 .order_by(_task.c.wait))
    return connection.execute(statement).all()


def deadlines_of(connection: sa.Connection, actor: Actor, case_ids: Sequence[str], running_only: bool = False) -> Rows:
    statement = (sa.select(_deadline, _case.c.case_no, _case.c.title).join(_case, _case.c.id == _deadline.c.case_id)
                 .where(_deadline.c.case_id.in_(case_ids), deadline_seen(actor)))
    if running_only:
        statement = statement.where(_deadline.c.state.in_(("running", "paused")))
    return connection.execute(statement.order_by(_deadline.c.due_at, _deadline.c.wait)).all()


def deadline(connection: sa.Connection, actor: Actor, case_id: str, wait: int) -> sa.Row[Any] | None:
    statement = sa.select(_deadline, _case.c.case_no, _case.c.title, _case.c.level).join(
        _case, _case.c.id == _deadline.c.case_id)
    return connection.execute(statement.where(
        _deadline.c.case_id == case_id, _deadline.c.wait == wait, deadline_seen(actor))).one_or_none()


def all_deadlines(connection: sa.Connection, actor: Actor, limit: int) -> Rows:
    """Running deadlines of the cases the actor sees, the next first."""
    statement = (sa.select(_deadline, _case.c.case_no, _case.c.title).join(_case, _case.c.id == _deadline.c.case_id)
                 .where(_deadline.c.state.in_(("running", "paused")), deadline_seen(actor)))
    return connection.execute(statement.order_by(_deadline.c.due_at, _deadline.c.case_id).limit(limit)).all()


def documents_of(connection: sa.Connection, actor: Actor, case_id: str) -> Rows:
    statement = (sa.select(s.document, s.file.c.size, s.file.c.media, s.user.c.name.label("added_by_name"))
                 .outerjoin(s.file, s.file.c.sha256 == s.document.c.sha256)
                 .join(_case, _case.c.id == s.document.c.case_id)
                 .outerjoin(s.user, s.user.c.id == s.document.c.added_by)
                 .where(s.document.c.case_id == case_id, document_seen(actor)))
    return connection.execute(statement.order_by(s.document.c.added_at, s.document.c.id)).all()


def file(connection: sa.Connection, actor: Actor, sha256: str) -> Any:
    """A file, if it is in a case the actor sees, or the actor has handed it in; None otherwise."""
    in_case = (sa.select(s.document.c.name, s.file.c.media, s.file.c.size, s.document.c.case_id)
               .join(s.file, s.file.c.sha256 == s.document.c.sha256).join(_case, _case.c.id == s.document.c.case_id)
               .where(s.document.c.sha256 == sha256, document_seen(actor)).limit(1))
    staged = (sa.select(s.file.c.sha256.label("name"), s.file.c.media, s.file.c.size, sa.literal("").label("case_id"))
              .join(s.staging, s.staging.c.sha256 == s.file.c.sha256)
              .where(s.file.c.sha256 == sha256, s.staging.c.actor == actor.id))
    return connection.execute(in_case).one_or_none() or connection.execute(staged).one_or_none()


def history_of(connection: sa.Connection, case_id: str, limit: int | None = None) -> Rows:
    """History with names, newest first."""
    statement = (sa.select(s.history, s.user.c.name.label("actor_name"))
                 .outerjoin(s.user, s.user.c.id == s.history.c.actor)
                 .where(s.history.c.case_id == case_id).order_by(s.history.c.seq.desc()))
    return connection.execute(statement if limit is None else statement.limit(limit)).all()


def incidents_of(connection: sa.Connection, case_id: str) -> Rows:
    return connection.execute(sa.select(s.incident).where(
        s.incident.c.case_id == case_id, s.incident.c.resolved_at.is_(None)).order_by(s.incident.c.incident)).all()


def messages_of(connection: sa.Connection, case_id: str) -> tuple[Rows, Rows]:
    """(sent, received) messages of a case with the partner's name, oldest first."""
    sent = (sa.select(s.outbox, s.partner.c.name.label("partner_name"))
            .outerjoin(s.partner, s.partner.c.code == s.outbox.c.partner)
            .where(s.outbox.c.case_id == case_id).order_by(s.outbox.c.created_at, s.outbox.c.id))
    received = (sa.select(s.inbound, s.partner.c.name.label("partner_name"))
                .outerjoin(s.partner, s.partner.c.code == s.inbound.c.partner)
                .where(s.inbound.c.case_id == case_id).order_by(s.inbound.c.received_at))
    return connection.execute(sent).all(), connection.execute(received).all()


def waits_of(connection: sa.Connection, case_id: str) -> list[tuple[int, int, str, str, str]]:
    """(wait, instance, element, process, kind) of everything that rests in a case."""
    found: list[tuple[int, int, str, str, str]] = []
    for table, kind in ((s.user_task, "userTask"), (s.job, "job"), (s.timer, "timer"), (s.subscription, None)):
        columns: list[sa.ColumnElement[Any]] = [table.c.wait, table.c.instance, table.c.element, table.c.process]
        columns.append(table.c.kind if kind is None else sa.literal(kind))
        statement = sa.select(*columns).where(table.c.case_id == case_id)
        if table is s.user_task:
            statement = statement.where(table.c.state == "open")
        found.extend((row[0], row[1], row[2], row[3], row[4]) for row in connection.execute(statement))
    return sorted(found)


def subscriptions_of(connection: sa.Connection, case_id: str) -> Rows:
    """Open message subscriptions of a case."""
    return connection.execute(sa.select(s.subscription).where(
        s.subscription.c.case_id == case_id, s.subscription.c.kind == "message").order_by(s.subscription.c.wait)).all()


def draft(connection: sa.Connection, actor: Actor, case_id: str, wait: int) -> sa.Row[Any] | None:
    return connection.execute(sa.select(s.draft).where(
        s.draft.c.case_id == case_id, s.draft.c.wait == wait, s.draft.c.actor == actor.id)).one_or_none()


def user_names(connection: sa.Connection, ids: Sequence[str]) -> dict[str, str]:
    if not ids:
        return {}
    rows = connection.execute(sa.select(s.user.c.id, s.user.c.name).where(s.user.c.id.in_(ids)))
    return {row.id: row.name for row in rows}


def execution_of(connection: sa.Connection, case_id: str) -> bytes:
    """The execution state of a case that the caller already found visible."""
    return bytes(connection.execute(sa.select(_case.c.execution).where(_case.c.id == case_id)).scalar_one())


def groups_of(connection: sa.Connection, case_id: str, wait: int) -> list[str]:
    """Candidate groups of a task, by name."""
    return list(connection.execute(sa.select(_candidate.c.name).where(
        _candidate.c.case_id == case_id, _candidate.c.wait == wait, _candidate.c.kind == "group")
        .order_by(_candidate.c.name)).scalars())
