"""Rows of who takes part in a case with an account of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from engine.store import schema as s

_seat = s.participant


def insert(connection: sa.Connection, row: Mapping[str, Any]) -> None:
    connection.execute(_seat.insert(), row)


def update(connection: sa.Connection, case_id: str, key: str, **changes: Any) -> None:
    connection.execute(_seat.update().where(_seat.c.case_id == case_id, _seat.c.id == key).values(**changes))


def get(connection: sa.Connection, case_id: str, key: str) -> sa.Row[Any] | None:
    return connection.execute(sa.select(_seat).where(_seat.c.case_id == case_id, _seat.c.id == key)).one_or_none()


def by_code(connection: sa.Connection, code: str) -> sa.Row[Any] | None:
    return connection.execute(sa.select(_seat).where(_seat.c.code == code, _seat.c.state == "invited")).one_or_none()


def active(connection: sa.Connection, case_id: str) -> list[sa.Row[Any]]:
    """Those who have taken their seat, in the order in which they were invited."""
    return list(connection.execute(sa.select(_seat).where(_seat.c.case_id == case_id, _seat.c.state == "active")
                                   .order_by(_seat.c.invited_at, _seat.c.id)))


def of_case(connection: sa.Connection, case_id: str) -> list[sa.Row[Any]]:
    """All, those removed too, with the names of their accounts."""
    return list(connection.execute(
        sa.select(_seat, s.user.c.name.label("user_name"), s.document.c.sha256.label("proof_sha256"))
        .outerjoin(s.user, s.user.c.id == _seat.c.user)
        .outerjoin(s.document, sa.and_(s.document.c.case_id == _seat.c.case_id, s.document.c.id == _seat.c.proof))
        .where(_seat.c.case_id == case_id).order_by(_seat.c.invited_at, _seat.c.id)))


def addressed(connection: sa.Connection, case_id: str) -> list[sa.Row[Any]]:
    """(id, addressees) of the issued papers of a case that name whom they are for."""
    table = s.document
    return list(connection.execute(sa.select(table.c.id, table.c.addressees).where(
        table.c.case_id == case_id, table.c.category == "document", table.c.internal.is_(False),
        table.c.addressees != "").order_by(table.c.added_at, table.c.id)))


def free_tasks(connection: sa.Connection, case_id: str) -> list[sa.Row[Any]]:
    """Open user tasks that nobody has, for offering them to who has come."""
    table = s.user_task
    return list(connection.execute(sa.select(table).where(
        table.c.case_id == case_id, table.c.state == "open", table.c.assignee.is_(None))))


def offer(connection: sa.Connection, case_id: str, wait: int, users: list[str]) -> None:
    """Let some accounts, too, take up a task."""
    table = s.candidate
    known = set(connection.execute(sa.select(table.c.name).where(
        table.c.case_id == case_id, table.c.wait == wait, table.c.kind == "user")).scalars())
    rows = [{"case_id": case_id, "wait": wait, "kind": "user", "name": name} for name in users if name not in known]
    if rows:
        connection.execute(table.insert(), rows)


def no_longer_offer(connection: sa.Connection, case_id: str, user: str) -> None:
    table = s.candidate
    connection.execute(table.delete().where(table.c.case_id == case_id, table.c.kind == "user", table.c.name == user))
