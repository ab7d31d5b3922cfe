"""Who is free: accounts of a role by their open tasks."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from engine.store.schema import user, user_task


def least_busy(connection: sa.Connection, role: str, excluded: Collection[str | None]) -> str | None:
    """The enabled account of a role with the fewest open tasks; ties go to the account added first."""
    load = (sa.select(sa.func.count()).where(user_task.c.assignee == user.c.id, user_task.c.state == "open")
            .correlate(user).scalar_subquery())
    rows = connection.execute(sa.select(user.c.id, user.c.roles).where(user.c.enabled.is_(True))
                              .order_by(load, user.c.added_at, user.c.id))
    return next((row.id for row in rows if role in row.roles and row.id not in excluded), None)
