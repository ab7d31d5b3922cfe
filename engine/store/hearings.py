"""Rows of rooms, hearings and those who are called to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from engine.domain.actors import Actor
from engine.domain.hearings import Slot
from engine.store import schema as s
from engine.store import sights
from engine.store.database import Database

Rows = Sequence[Any]
_hearing, _attendee, _room = s.hearing, s.hearing_attendee, s.hearing_room


def keep_room(database: Database, connection: sa.Connection, row: Mapping[str, Any]) -> None:
    database.upsert(connection, _room, row, ("name", "seats", "remote", "enabled"))


def rooms(connection: sa.Connection) -> Rows:
    return connection.execute(sa.select(_room).order_by(_room.c.name)).all()


def room(connection: sa.Connection, key: str) -> sa.Row[Any] | None:
    return connection.execute(sa.select(_room).where(_room.c.id == key)).one_or_none()


def insert(connection: sa.Connection, row: Mapping[str, Any]) -> None:
    connection.execute(_hearing.insert(), row)


def update(connection: sa.Connection, case_id: str, key: str, **changes: Any) -> None:
    connection.execute(_hearing.update().where(_hearing.c.case_id == case_id, _hearing.c.id == key).values(**changes))


def get(connection: sa.Connection, case_id: str, key: str) -> sa.Row[Any] | None:
    return connection.execute(sa.select(_hearing).where(
        _hearing.c.case_id == case_id, _hearing.c.id == key)).one_or_none()


def attendees(connection: sa.Connection, hearings: Sequence[str]) -> Rows:
    """Of several hearings, in the order in which they were called."""
    return connection.execute(sa.select(_attendee).where(_attendee.c.hearing.in_(hearings))
                              .order_by(_attendee.c.hearing, _attendee.c.number)).all()


def add_attendee(connection: sa.Connection, row: Mapping[str, Any]) -> None:
    connection.execute(_attendee.insert(), row)


def change_attendee(connection: sa.Connection, case_id: str, hearing: str, number: int, **changes: Any) -> None:
    connection.execute(_attendee.update().where(
        _attendee.c.case_id == case_id, _attendee.c.hearing == hearing, _attendee.c.number == number).values(**changes))


def forget_tries(connection: sa.Connection, case_id: str, hearing: str) -> None:
    """Whoever has tried the equipment tries it again."""
    connection.execute(_attendee.update().where(
        _attendee.c.case_id == case_id, _attendee.c.hearing == hearing).values(link="none"))


def remove_attendee(connection: sa.Connection, case_id: str, hearing: str, number: int) -> None:
    connection.execute(_attendee.delete().where(
        _attendee.c.case_id == case_id, _attendee.c.hearing == hearing, _attendee.c.number == number))


def slots(connection: sa.Connection, starts_at: datetime, ends_at: datetime) -> list[Slot]:
    """All planned hearings that share a moment with this span, whoever may see them."""
    found = connection.execute(sa.select(_hearing).where(
        _hearing.c.state == "planned", _hearing.c.starts_at < ends_at, _hearing.c.ends_at > starts_at)).all()
    people: dict[str, set[str]] = {}
    for row in attendees(connection, [item.id for item in found]):
        if row.user is not None:
            people.setdefault(row.hearing, set()).add(row.user)
    return [Slot(row.id, row.starts_at, row.ends_at, row.room, frozenset(people.get(row.id, ())), row.case_id)
            for row in found]


def between(connection: sa.Connection, starts_at: datetime, ends_at: datetime) -> Rows:
    """(room, starts_at, ends_at, state, id) of all hearings of some days: what is taken, without saying by whom."""
    return connection.execute(sa.select(
        _hearing.c.id, _hearing.c.room, _hearing.c.starts_at, _hearing.c.ends_at, _hearing.c.state).where(
        _hearing.c.starts_at < ends_at, _hearing.c.ends_at > starts_at).order_by(_hearing.c.starts_at)).all()


def seen(connection: sa.Connection, actor: Actor, case_id: str | None = None, starts_at: datetime | None = None,
         ends_at: datetime | None = None) -> Rows:
    """Hearings of the cases that the actor sees, and those that the actor is called to, by time."""
    called = sa.exists().where(_attendee.c.hearing == _hearing.c.id, _attendee.c.user == actor.id).correlate(_hearing)
    statement = (sa.select(_hearing, s.case.c.case_no, s.case.c.title, s.case.c.procedure,
                           _room.c.name.label("room_name"))
                 .join(s.case, s.case.c.id == _hearing.c.case_id)
                 .outerjoin(_room, _room.c.id == _hearing.c.room)
                 .where(sa.or_(sights.visible(actor), sa.and_(called, sights.not_recused(actor)))))
    if case_id is not None:
        statement = statement.where(_hearing.c.case_id == case_id)
    if starts_at is not None and ends_at is not None:
        statement = statement.where(_hearing.c.starts_at < ends_at, _hearing.c.ends_at > starts_at)
    return connection.execute(statement.order_by(_hearing.c.starts_at, _hearing.c.id)).all()
