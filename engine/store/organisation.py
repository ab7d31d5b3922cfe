"""Rows of the organisation's tree."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from engine.store.schema import org_unit


def get(connection: sa.Connection, unit: str) -> sa.Row[Any] | None:
    return connection.execute(sa.select(org_unit).where(org_unit.c.id == unit)).one_or_none()


def all_units(connection: sa.Connection) -> list[sa.Row[Any]]:
    return list(connection.execute(sa.select(org_unit).order_by(org_unit.c.added_at, org_unit.c.id)))


def insert(connection: sa.Connection, row: Mapping[str, Any]) -> None:
    connection.execute(org_unit.insert(), row)


def update(connection: sa.Connection, unit: str, **changes: Any) -> None:
    connection.execute(org_unit.update().where(org_unit.c.id == unit).values(**changes))


def below(connection: sa.Connection, unit: str) -> frozenset[str]:
    """A unit and all below it."""
    found, ahead, rows = {unit}, {unit}, all_units(connection)
    while ahead:
        ahead = {row.id for row in rows if row.parent in ahead} - found
        found |= ahead
    return frozenset(found)
