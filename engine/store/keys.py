"""Data keys of sealed columns, each wrapped by a master key that is not here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from engine.store.schema import data_key


def everything(connection: sa.Connection) -> Sequence[sa.Row[Any]]:
    """All data keys, the oldest first."""
    return connection.execute(sa.select(data_key).order_by(data_key.c.made_at, data_key.c.id)).all()


def add(connection: sa.Connection, row: Mapping[str, Any]) -> None:
    connection.execute(data_key.insert(), row)


def wrap_anew(connection: sa.Connection, key_id: str, master: str, wrapped: str) -> None:
    connection.execute(data_key.update().where(data_key.c.id == key_id).values(
        master=master, wrapped=wrapped, stale_since=None))


def make_stale(connection: sa.Connection, now: datetime) -> None:
    """All are to be wrapped anew."""
    connection.execute(data_key.update().values(stale_since=now))


def lock_stale(connection: sa.Connection) -> Sequence[str]:
    """The data keys that are to be wrapped anew, held to the end of the transaction."""
    return connection.execute(sa.select(data_key.c.id).where(data_key.c.stale_since.is_not(None))
                              .order_by(data_key.c.id).with_for_update()).scalars().all()
