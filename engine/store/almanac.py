"""Rows of what deadlines are computed from: archived rule versions, approved changes, loaded years."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from engine.domain.deadline_rules import RuleVersion
from engine.store import schema as s
from engine.store.database import Database

_STAND = sa.select(
    sa.select(sa.func.coalesce(sa.func.max(s.rule_change.c.seq), 0)).scalar_subquery(),
    sa.select(sa.func.coalesce(sa.func.max(s.calendar_year.c.seq), 0)).scalar_subquery())


def stand(connection: sa.Connection) -> tuple[int, int]:
    """(last change of a rule, last year loaded): what was read before holds while these do."""
    row = connection.execute(_STAND).one()
    return row[0], row[1]


def changes(connection: sa.Connection) -> list[sa.Row[Any]]:
    return list(connection.execute(sa.select(s.rule_change).order_by(s.rule_change.c.seq)))


def years(connection: sa.Connection) -> list[sa.Row[Any]]:
    """Loaded years, oldest loading first."""
    return list(connection.execute(sa.select(s.calendar_year).order_by(s.calendar_year.c.seq)))


def version(connection: sa.Connection, digest: str) -> sa.Row[Any] | None:
    return connection.execute(sa.select(s.rule_version).where(s.rule_version.c.digest == digest)).one_or_none()


def archived(connection: sa.Connection) -> set[str]:
    return set(connection.execute(sa.select(s.rule_version.c.digest)).scalars())


def archive(database: Database, connection: sa.Connection, versions: Iterable[RuleVersion], now: datetime) -> None:
    """Keep rule versions for good; one that is kept already stays as it is."""
    database.insert_missing(connection, s.rule_version, [
        {"digest": rule.version, "key": rule.key, "content": dict(rule.content), "added_at": now} for rule in versions])


def add_change(connection: sa.Connection, row: Mapping[str, Any]) -> int:
    """The next change; its number is its place in the order."""
    seq = stand(connection)[0] + 1
    connection.execute(s.rule_change.insert(), {**row, "seq": seq})
    return seq


def add_year(connection: sa.Connection, row: Mapping[str, Any]) -> int:
    seq = stand(connection)[1] + 1
    connection.execute(s.calendar_year.insert(), {**row, "seq": seq})
    return seq
