"""Rows of the filters that people keep."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from engine.store.schema import saved_filter


def insert(connection: sa.Connection, row: Mapping[str, Any]) -> None:
    connection.execute(saved_filter.insert(), row)


def of_user(connection: sa.Connection, user: str) -> list[sa.Row[Any]]:
    """One's filters in the order in which they were kept."""
    return list(connection.execute(sa.select(saved_filter).where(saved_filter.c.user == user)
                                   .order_by(saved_filter.c.id)))


def drop(connection: sa.Connection, user: str, key: str) -> bool:
    """Whether there was one."""
    where = saved_filter.c.user == user, saved_filter.c.id == key
    return bool(connection.execute(saved_filter.delete().where(*where)).rowcount)


def drop_named(connection: sa.Connection, user: str, name: str) -> None:
    connection.execute(saved_filter.delete().where(saved_filter.c.user == user, saved_filter.c.name == name))
