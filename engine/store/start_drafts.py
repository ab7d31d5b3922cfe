"""Rows of start forms that people have begun to fill in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from engine.store.database import Database
from engine.store.schema import start_draft


def save(database: Database, connection: sa.Connection, row: Mapping[str, Any]) -> None:
    """One a person and process."""
    database.upsert(connection, start_draft, row, ("form_values", "saved_at"))


def get(connection: sa.Connection, user: str, process_id: str) -> sa.Row[Any] | None:
    return connection.execute(sa.select(start_draft).where(*_one(user, process_id))).one_or_none()


def of_user(connection: sa.Connection, user: str) -> dict[str, datetime]:
    """Process → when one's draft of its start form was last kept; what is in it stays unread."""
    rows = connection.execute(sa.select(start_draft.c.process_id, start_draft.c.saved_at)
                              .where(start_draft.c.user == user))
    return {row.process_id: row.saved_at for row in rows}


def drop(connection: sa.Connection, user: str, process_id: str) -> bool:
    """Whether there was one."""
    return bool(connection.execute(start_draft.delete().where(*_one(user, process_id))).rowcount)


def _one(user: str, process_id: str) -> tuple[sa.ColumnElement[bool], ...]:
    return start_draft.c.user == user, start_draft.c.process_id == process_id
