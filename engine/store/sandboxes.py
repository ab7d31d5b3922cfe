"""What a throw-away SQLite store holds, in the order in which it was written: a sandbox tells its story by it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from engine.store import schema as s

_WRITTEN = sa.text("rowid")


def open_cases(connection: sa.Connection) -> list[sa.Row[Any]]:
    """(id, execution) of the cases that have not ended, oldest first."""
    return list(connection.execute(sa.select(s.case.c.id, s.case.c.execution).where(
        s.case.c.state.in_(("active", "suspended"))).order_by(s.case.c.started_at, _WRITTEN)))


def next_start_at(connection: sa.Connection) -> datetime | None:
    """When the next timer start event falls due."""
    return connection.execute(sa.select(sa.func.min(s.start_subscription.c.due_at))).scalar_one_or_none()


def definition_keys(connection: sa.Connection) -> list[str]:
    return list(connection.execute(sa.select(s.process_definition.c.key).order_by(_WRITTEN)).scalars())


def history(connection: sa.Connection) -> list[sa.Row[Any]]:
    """History of all cases."""
    return list(connection.execute(sa.select(s.history).order_by(_WRITTEN)))


def incidents(connection: sa.Connection) -> list[sa.Row[Any]]:
    """Incidents that nobody has resolved."""
    return list(connection.execute(sa.select(s.incident).where(s.incident.c.resolved_at.is_(None)).order_by(_WRITTEN)))


def case(connection: sa.Connection, case_id: str) -> Mapping[str, Any]:
    return dict(connection.execute(sa.select(s.case).where(s.case.c.id == case_id)).one()._mapping)
