"""Lists that programs page through, as the API shows them. Like ``queries``, each takes the actor and answers only with
what that actor may see; a page begins after (or, newest first, before) the last key of the page before it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from engine.domain.actors import Actor
from engine.domain.permissions import may
from engine.store import schema as s
from engine.store.sights import inside

Rows = Sequence[Any]


def deployments(connection: sa.Connection, actor: Actor, before: str | None, limit: int) -> Rows:
    """Deployments, newest first; ids are in the order of time."""
    if not may(actor, "definition.see"):
        return ()
    statement = sa.select(s.deployment).order_by(s.deployment.c.id.desc()).limit(limit)
    if before is not None:
        statement = statement.where(s.deployment.c.id < before)
    return connection.execute(statement).all()


def definitions_of(connection: sa.Connection, deployment_ids: Sequence[str]) -> Rows:
    """(deployment id, key) of what was published by deployments."""
    table = s.process_definition
    return connection.execute(sa.select(table.c.deployment_id, table.c.key).where(
        table.c.deployment_id.in_(deployment_ids)).order_by(table.c.key)).all()


def process_definitions(connection: sa.Connection, actor: Actor, process_id: str | None, after: str | None,
                        limit: int) -> Rows:
    """Published versions by key, of one process or of all."""
    if not may(actor, "definition.see"):
        return ()
    table = s.process_definition
    statement = sa.select(table).order_by(table.c.key).limit(limit)
    if process_id is not None:
        statement = statement.where(table.c.process_id == process_id)
    if after is not None:
        statement = statement.where(table.c.key > after)
    return connection.execute(statement).all()


def process_definition(connection: sa.Connection, actor: Actor, key: str) -> sa.Row[Any] | None:
    """One version by its key."""
    if not may(actor, "definition.see"):
        return None
    table = s.process_definition
    return connection.execute(sa.select(table).where(table.c.key == key)).one_or_none()


def history(connection: sa.Connection, case_id: str, after: int, limit: int,
            kinds: Collection[str] | None = None) -> Rows:
    """The history of a case that the caller already found visible, oldest first; of some kinds or of all."""
    statement = sa.select(s.history).where(s.history.c.case_id == case_id, s.history.c.seq > after)
    if kinds is not None:
        statement = statement.where(s.history.c.kind.in_(sorted(kinds)))
    return connection.execute(statement.order_by(s.history.c.seq).limit(limit)).all()


def incidents(connection: sa.Connection, actor: Actor, case: str | None, after: tuple[str, int] | None,
              limit: int) -> Rows:
    """Open incidents, by case, of all cases or of the one with this id or number."""
    if not may(actor, "incident.see"):
        return ()
    table = s.incident
    statement = (sa.select(table, s.case.c.case_no).join(s.case, s.case.c.id == table.c.case_id)
                 .where(table.c.resolved_at.is_(None), inside(actor))
                 .order_by(table.c.case_id, table.c.incident).limit(limit))
    if case is not None:
        statement = statement.where(sa.or_(s.case.c.id == case, s.case.c.case_no == case))
    if after is not None:
        statement = statement.where(sa.tuple_(table.c.case_id, table.c.incident) > sa.tuple_(*after))
    return connection.execute(statement).all()


def partners(connection: sa.Connection, actor: Actor, after: str | None, limit: int) -> Rows:
    """Outside bodies by code, without their keys."""
    if not may(actor, "partner.see"):
        return ()
    table = s.partner
    statement = sa.select(table.c.code, table.c.kind, table.c.name, table.c.endpoint, table.c.may_send, table.c.enabled,
                          table.c.added_at).order_by(table.c.code).limit(limit)
    if after is not None:
        statement = statement.where(table.c.code > after)
    return connection.execute(statement).all()


def job_waits(connection: sa.Connection, job_type: str, now: datetime) -> bool:
    """Whether a job of a type could be activated now."""
    table = s.job
    statement = (sa.select(table.c.wait).join(s.case, s.case.c.id == table.c.case_id)
                 .where(table.c.type == job_type, table.c.available_at <= now, table.c.retries > 0,
                        s.case.c.state == "active").limit(1))
    return connection.execute(statement).first() is not None
