"""Rows of what came on paper, entered by one person and checked by another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from engine.store.schema import manual_message as table


def insert(connection: sa.Connection, row: Mapping[str, Any]) -> None:
    connection.execute(table.insert(), row)


def lock(connection: sa.Connection, key: str) -> sa.Row[Any] | None:
    return connection.execute(sa.select(table).where(table.c.id == key).with_for_update()).one_or_none()


def get(connection: sa.Connection, key: str) -> sa.Row[Any] | None:
    return connection.execute(sa.select(table).where(table.c.id == key)).one_or_none()


def update(connection: sa.Connection, key: str, **changes: Any) -> None:
    connection.execute(table.update().where(table.c.id == key).values(**changes))


def listed(connection: sa.Connection, state: str, limit: int) -> list[sa.Row[Any]]:
    """Entries in a state, oldest first."""
    return list(connection.execute(sa.select(table).where(table.c.state == state)
                                   .order_by(table.c.entered_at, table.c.id).limit(limit)))
