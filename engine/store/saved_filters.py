"""Rows of the filters that people keep."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa

from engine.store.schema import saved_filter
from engine.store.schema import user as account


def insert(connection: sa.Connection, row: Mapping[str, Any]) -> None:
    connection.execute(saved_filter.insert(), row)


def of_user(connection: sa.Connection, user: str) -> list[sa.Row[Any]]:
    """One's filters in the order in which they were kept."""
    return list(connection.execute(sa.select(saved_filter).where(saved_filter.c.user == user)
                                   .order_by(saved_filter.c.id)))


def shared_with(connection: sa.Connection, user: str, roles: Collection[str], limit: int) -> list[sa.Row[Any]]:
    """What colleagues share with a role of one's own, and who does."""
    if not roles:
        return []
    statement = (sa.select(saved_filter, account.c.name.label("by_name"))
                 .join(account, account.c.id == saved_filter.c.user)
                 .where(saved_filter.c.role.in_(sorted(roles)), saved_filter.c.user != user, account.c.enabled)
                 .order_by(saved_filter.c.role, saved_filter.c.id).limit(limit))
    return list(connection.execute(statement))


def drop(connection: sa.Connection, user: str, key: str) -> bool:
    """Whether there was one."""
    where = saved_filter.c.user == user, saved_filter.c.id == key
    return bool(connection.execute(saved_filter.delete().where(*where)).rowcount)


def drop_named(connection: sa.Connection, user: str, name: str) -> None:
    connection.execute(saved_filter.delete().where(saved_filter.c.user == user, saved_filter.c.name == name))
