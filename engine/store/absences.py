"""Rows of absences: who is away on which days, and who stands in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from engine.store.schema import absence


def insert(connection: sa.Connection, row: Mapping[str, Any]) -> None:
    connection.execute(absence.insert(), row)


def get(connection: sa.Connection, key: str) -> sa.Row[Any] | None:
    return connection.execute(sa.select(absence).where(absence.c.id == key)).one_or_none()


def cancel(connection: sa.Connection, key: str, now: datetime) -> None:
    connection.execute(absence.update().where(absence.c.id == key).values(cancelled_at=now))


def overlapping(connection: sa.Connection, user: str, from_on: date, to_on: date) -> sa.Row[Any] | None:
    """The first absence of somebody that has a day between two."""
    return connection.execute(sa.select(absence).where(
        absence.c.user == user, absence.c.cancelled_at.is_(None), absence.c.from_on <= to_on,
        absence.c.to_on >= from_on).order_by(absence.c.from_on).limit(1)).one_or_none()


def on(connection: sa.Connection, day: date) -> list[sa.Row[Any]]:
    """Who is away on a day."""
    return list(connection.execute(sa.select(absence).where(_covers(day)).order_by(absence.c.user)))


def absent_for(connection: sa.Connection, stand_in: str, day: date) -> list[str]:
    """For whom somebody stands in on a day."""
    statement = sa.select(absence.c.user).where(absence.c.stand_in == stand_in, _covers(day))
    return list(connection.execute(statement.order_by(absence.c.user)).scalars())


def listed(connection: sa.Connection, since: date, user: str | None = None) -> list[sa.Row[Any]]:
    """Absences that are not over on a day, of everybody or of one, by their first day."""
    where = [absence.c.to_on >= since, absence.c.cancelled_at.is_(None)]
    if user is not None:
        where.append(sa.or_(absence.c.user == user, absence.c.stand_in == user))
    return list(connection.execute(sa.select(absence).where(*where).order_by(absence.c.from_on, absence.c.id)))


def _covers(day: date) -> sa.ColumnElement[bool]:
    return sa.and_(absence.c.cancelled_at.is_(None), absence.c.from_on <= day, absence.c.to_on >= day)
