"""Rows of signed-in browsers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from engine.store.schema import user, user_session

_session = user_session


def insert(connection: sa.Connection, row: Mapping[str, Any]) -> None:
    connection.execute(_session.insert(), row)


def with_hash(connection: sa.Connection, digest: str) -> tuple[sa.Row[Any], sa.Row[Any]] | None:
    """A session that has not been ended, and its account."""
    found = connection.execute(sa.select(_session).where(
        _session.c.hash == digest, _session.c.ended_at.is_(None))).one_or_none()
    owner = connection.execute(sa.select(user).where(user.c.id == found.user)).one_or_none() if found else None
    return (found, owner) if found is not None and owner is not None else None


def update(connection: sa.Connection, key: str, **changes: Any) -> None:
    connection.execute(_session.update().where(_session.c.id == key).values(**changes))


def open_of(connection: sa.Connection, user_id: str, seen_since: datetime) -> list[sa.Row[Any]]:
    """Running sessions of an account, the last used first."""
    where = sa.and_(_session.c.user == user_id, _session.c.ended_at.is_(None), _session.c.seen_at > seen_since,
                    _session.c.stage == "full")
    return list(connection.execute(sa.select(_session).where(where).order_by(_session.c.seen_at.desc())))


def end(connection: sa.Connection, user_id: str, now: datetime, only: str | None = None,
        keep: str | None = None) -> int:
    """End one session of an account, or all but one; how many there were."""
    where = [_session.c.user == user_id, _session.c.ended_at.is_(None)]
    if only is not None:
        where.append(_session.c.id == only)
    if keep is not None:
        where.append(_session.c.id != keep)
    return int(connection.execute(_session.update().where(*where).values(ended_at=now)).rowcount)
