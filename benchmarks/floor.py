"""The floor under a durable step: the rows that the service wrote, written again by bare SQLAlchemy Core.

Same tables (with their indexes and guards), same columns, same values, one transaction and one commit for each step; no
reading, no locking, no thinking. Statements are built once, as a careful program would.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from engine.store import schema
from engine.store.database import Database

Row = dict[str, Any]

_CASE = schema.case.update().where(schema.case.c.id == sa.bindparam("key"))
_ENDED = schema.user_task.update().where(
    schema.user_task.c.case_id == sa.bindparam("key"), schema.user_task.c.wait == sa.bindparam("number")
).values(state=sa.bindparam("state"), ended_at=sa.bindparam("ended_at"), ended_by=sa.bindparam("ended_by"))
_TIMER_GONE = schema.timer.delete().where(
    schema.timer.c.case_id == sa.bindparam("key"), schema.timer.c.wait == sa.bindparam("number"))
_WAITS = {"user_task": schema.user_task, "candidate": schema.candidate, "timer": schema.timer}
_INSERTS = {name: table.insert() for name, table in _WAITS.items()}
_HISTORY, _AUDIT = schema.history.insert(), schema.audit.insert()
_NEW_CASE = schema.case.insert()


@dataclass(frozen=True)
class Written:
    """What one step left in the database."""

    case: Row
    ended: Row | None
    timers_gone: tuple[int, ...]
    opened: Mapping[str, list[Row]]
    history: list[Row]
    audit: list[Row]


class Snapshots:
    """Reads what a step wrote, from outside, after its commit. Not timed."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._history: dict[str, int] = {}
        self._audit: dict[str, int] = {}
        self._waits: dict[str, dict[str, set[int]]] = {}

    def take(self, case_id: str, completed: int | None) -> Written:
        """``completed``: the wait of the user task that the step completed, None for the first step of a case."""
        with self._database.reading() as connection:
            case = self._rows(connection, schema.case, schema.case.c.id == case_id)[0]
            opened: dict[str, list[Row]] = {}
            gone: tuple[int, ...] = ()
            before = self._waits.setdefault(case_id, {name: set() for name in _WAITS})
            for name, table in _WAITS.items():
                rows = self._rows(connection, table, table.c.case_id == case_id,
                                  table.c.wait > max(before[name], default=0))
                opened[name] = rows
                if name == "timer":
                    alive = {row.wait for row in connection.execute(sa.select(table.c.wait).where(
                        table.c.case_id == case_id))}
                    gone = tuple(sorted(before[name] - alive))
                    before[name] = alive
                elif rows:
                    before[name] = {row["wait"] for row in rows}
            task = schema.user_task
            ended = (self._rows(connection, task, task.c.case_id == case_id, task.c.wait == completed)[0]
                     if completed is not None else None)
            table = schema.history
            history = self._rows(connection, table, table.c.case_id == case_id,
                                 table.c.seq > self._history.get(case_id, 0))
            table = schema.audit
            audit = self._rows(connection, table, table.c.chain == case_id, table.c.seq > self._audit.get(case_id, 0))
        self._history[case_id], self._audit[case_id] = case["history_seq"], case["audit_seq"]
        return Written(case, ended, gone, opened, history, audit)

    def _rows(self, connection: sa.Connection, table: sa.Table, *where: sa.ColumnElement[bool]) -> list[Row]:
        return [dict(row) for row in connection.execute(
            sa.select(table).where(*where).order_by(*table.primary_key.columns)).mappings()]


def begin(database: Database, written: Written) -> None:
    """The first step of a case: its row is new. Not timed."""
    with database.engine.begin() as connection:
        connection.execute(_NEW_CASE, written.case)
        _append(connection, written)


def repeat(database: Database, written: Written) -> None:
    """One step again, bare."""
    with database.engine.begin() as connection:
        key = written.case["id"]
        ended = written.ended
        if ended is not None:
            connection.execute(_ENDED, {"key": key, "number": ended["wait"], "state": ended["state"],
                                        "ended_at": ended["ended_at"], "ended_by": ended["ended_by"]})
        for number in written.timers_gone:
            connection.execute(_TIMER_GONE, {"key": key, "number": number})
        _append(connection, written)
        connection.execute(_CASE, {"key": key, **written.case})


def _append(connection: sa.Connection, written: Written) -> None:
    for name, rows in written.opened.items():
        if rows:
            connection.execute(_INSERTS[name], rows)
    if written.history:
        connection.execute(_HISTORY, written.history)
    if written.audit:
        connection.execute(_AUDIT, written.audit)
