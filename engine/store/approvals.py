"""Rows of requests that wait for a second person, and of what was opened to somebody for a time."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from engine.store.schema import access_grant, approval_request, case

_request = approval_request
_SHOWN = [column for column in _request.c if column.name != "payload"]


def insert(connection: sa.Connection, row: Mapping[str, Any]) -> None:
    connection.execute(_request.insert(), row)


def lock(connection: sa.Connection, key: str) -> sa.Row[Any] | None:
    """One request with its payload, held to the end of the transaction."""
    return connection.execute(sa.select(_request).where(_request.c.id == key).with_for_update()).one_or_none()


def update(connection: sa.Connection, key: str, **changes: Any) -> None:
    connection.execute(_request.update().where(_request.c.id == key).values(**changes))


def seen_by(actor_id: str, kinds: Collection[str], everything: bool,
            inside: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """The condition under which somebody sees a request: the own ones, those of kinds one decides, or all of them, as
    far as one sees the cases they are about; ``inside``: on a case row, that one does."""
    mine = sa.or_(_request.c.requested_by == actor_id, _request.c.kind.in_(sorted(kinds)))
    return sa.and_(sa.true() if everything else mine,
                   *(sa.or_(column.is_(None), sa.exists().where(case.c.id == column, inside).correlate(_request))
                     for column in (_request.c.case_id, _request.c.other_case_id)))


def listed(connection: sa.Connection, seen: sa.ColumnElement[bool], state: str | None, before: str | None,
           limit: int) -> list[sa.Row[Any]]:
    """Requests without their payloads, newest first."""
    statement = sa.select(*_SHOWN).where(seen)
    if state:
        statement = statement.where(_request.c.state == state)
    if before:
        statement = statement.where(_request.c.id < before)
    return list(connection.execute(statement.order_by(_request.c.id.desc()).limit(limit)))


def find(connection: sa.Connection, seen: sa.ColumnElement[bool], key: str) -> sa.Row[Any] | None:
    return connection.execute(sa.select(*_SHOWN).where(_request.c.id == key, seen)).one_or_none()


def count_pending(connection: sa.Connection, seen: sa.ColumnElement[bool], but_of: str) -> int:
    """How many wait for somebody other than the one who asked."""
    where = sa.and_(_request.c.state == "pending", _request.c.requested_by != but_of, seen)
    return int(connection.execute(sa.select(sa.func.count()).select_from(_request).where(where)).scalar_one())


def overdue(connection: sa.Connection, now: datetime, limit: int) -> list[sa.Row[Any]]:
    statement = sa.select(_request.c.id, _request.c.kind, _request.c.requested_by).where(
        _request.c.state == "pending", _request.c.expires_at <= now)
    return list(connection.execute(statement.order_by(_request.c.id).limit(limit).with_for_update()))


def insert_grant(connection: sa.Connection, row: Mapping[str, Any]) -> None:
    connection.execute(access_grant.insert(), row)


def grants_of(connection: sa.Connection, holder: str, kind: str, now: datetime) -> list[sa.Row[Any]]:
    """What is open to somebody at an instant."""
    table = access_grant
    return list(connection.execute(sa.select(table).where(
        table.c.holder == holder, table.c.kind == kind, table.c.granted_at <= now, table.c.expires_at > now,
        table.c.revoked_at.is_(None))
        .order_by(table.c.id)))


def lock_grant(connection: sa.Connection, key: str) -> sa.Row[Any] | None:
    return connection.execute(sa.select(access_grant).where(access_grant.c.id == key).with_for_update()).one_or_none()


def revoke_grant(connection: sa.Connection, key: str, at: datetime, by: str, reason: str) -> None:
    connection.execute(access_grant.update().where(access_grant.c.id == key).values(
        revoked_at=at, revoked_by=by, revoke_reason=reason))


def grants(connection: sa.Connection, holder: str | None, before: str | None, limit: int) -> list[sa.Row[Any]]:
    """What was opened to one person, or to anybody, newest first."""
    statement = sa.select(access_grant).order_by(access_grant.c.id.desc()).limit(limit)
    if holder is not None:
        statement = statement.where(access_grant.c.holder == holder)
    if before is not None:
        statement = statement.where(access_grant.c.id < before)
    return list(connection.execute(statement))


def askers(connection: sa.Connection, grants: Collection[str], decided: Collection[datetime]) -> dict[str, str]:
    """Who asked for grants, by their ids; ``decided``: the instants at which they were made."""
    rows = connection.execute(sa.select(_request.c.requested_by, _request.c.outcome).where(
        _request.c.kind == "access", _request.c.state == "approved", _request.c.decided_at.in_(list(decided))))
    found = {str((row.outcome or {}).get("grant")): str(row.requested_by) for row in rows}
    return {key: found[key] for key in grants if key in found}
