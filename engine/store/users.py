"""Rows of people and their tokens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from engine.store.schema import api_token, user


def get(connection: sa.Connection, user_id: str) -> sa.Row[Any] | None:
    return connection.execute(sa.select(user).where(user.c.id == user_id)).one_or_none()


def insert(connection: sa.Connection, row: Mapping[str, Any]) -> None:
    connection.execute(user.insert(), row)


def update(connection: sa.Connection, user_id: str, **changes: Any) -> None:
    connection.execute(user.update().where(user.c.id == user_id).values(**changes))


def all_users(connection: sa.Connection) -> list[sa.Row[Any]]:
    return list(connection.execute(sa.select(user).order_by(user.c.added_at, user.c.id)))


def insert_token(connection: sa.Connection, row: Mapping[str, Any]) -> None:
    connection.execute(api_token.insert(), row)


def token_with_hash(connection: sa.Connection, digest: str) -> sa.Row[Any] | None:
    return connection.execute(sa.select(api_token).where(api_token.c.hash == digest)).one_or_none()
