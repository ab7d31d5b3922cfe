"""Rows of the files that messages refer to, or came with on paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from engine.store.schema import inbound_file as table


def insert(connection: sa.Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        connection.execute(table.insert(), [dict(row) for row in rows])


def of(connection: sa.Connection, partner: str, message_id: str) -> list[sa.Row[Any]]:
    """The files of one message, in order."""
    return list(connection.execute(sa.select(table).where(
        table.c.partner == partner, table.c.message_id == message_id).order_by(table.c.position)))


def fetched(connection: sa.Connection, partner: str, message_id: str) -> list[sa.Row[Any]]:
    """Those that are here and in no case yet."""
    return [row for row in of(connection, partner, message_id) if row.state == "fetched"]


def lock(connection: sa.Connection, partner: str, message_id: str, position: int) -> sa.Row[Any] | None:
    return connection.execute(sa.select(table).where(
        table.c.partner == partner, table.c.message_id == message_id,
        table.c.position == position).with_for_update()).one_or_none()


def update(connection: sa.Connection, row: Any, **changes: Any) -> None:
    connection.execute(table.update().where(
        table.c.partner == row.partner, table.c.message_id == row.message_id,
        table.c.position == row.position).values(**changes))


def due(connection: sa.Connection, now: datetime, limit: int) -> list[sa.Row[Any]]:
    """What is to be fetched now, earliest first."""
    return list(connection.execute(sa.select(table).where(table.c.state == "pending", table.c.next_at <= now)
                                   .order_by(table.c.next_at, table.c.message_id, table.c.position).limit(limit)))
