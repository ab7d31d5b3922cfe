"""What a prepared statement writes is what Core writes."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from engine.store import schema
from engine.store.database import Database
from engine.store.prepared import TOGETHER, Prepared

NOW = datetime(2026, 3, 2, 1, 2, 3, 4, tzinfo=UTC)
HISTORY = schema.history


def row(seq: int, case_id: str = "c", data: Any = None) -> dict[str, Any]:
    return {"case_id": case_id, "seq": seq, "at": NOW, "kind": "variables", "element": None, "instance": None,
            "process": "木棉", "type": None, "actor": "a", "data": data}


def rows(connection: sa.Connection, case_id: str) -> list[tuple[Any, ...]]:
    statement = sa.select(HISTORY).where(HISTORY.c.case_id == case_id).order_by(HISTORY.c.seq)
    return [tuple(found)[1:] for found in connection.execute(statement)]


@pytest.mark.parametrize("count", [1, 3, TOGETHER, 2 * TOGETHER + 1])
def test_rows_are_those_that_core_writes(database: Database, count: int) -> None:
    data = {"b": [1, Decimal("1.50")], "a": "50 % 甲公司"}
    with database.writing() as connection:
        Prepared(HISTORY.insert()).run(connection, [row(seq, "ours", data) for seq in range(count)])
        connection.execute(HISTORY.insert(), [row(seq, "core", data) for seq in range(count)])
        assert rows(connection, "ours") == rows(connection, "core") != []
        raw = sa.text("SELECT data, at FROM history ORDER BY case_id")
        assert len(set(connection.execute(raw))) == 1


def test_values_fixed_in_the_statement_are_bound_too(database: Database) -> None:
    with database.writing() as connection:
        Prepared(schema.draft.insert()).run(connection, [
            {"case_id": case_id, "wait": 1, "actor": "a", "form_values": {}, "saved_at": NOW} for case_id in "xy"])
        change = Prepared(schema.draft.update().where(schema.draft.c.case_id == sa.bindparam("of"),
                                                      schema.draft.c.actor == "a"))
        change.run(connection, [{"of": "x", "form_values": {"n": 1}}])
        found = {one.case_id: one.form_values for one in connection.execute(sa.select(schema.draft))}
    assert found == {"x": {"n": 1}, "y": {}}


def test_nothing_to_write_sends_nothing(database: Database) -> None:
    with database.writing() as connection:
        Prepared(HISTORY.insert()).run(connection, [])
        assert rows(connection, "c") == []


def test_errors_are_those_of_core(database: Database) -> None:
    statement = Prepared(HISTORY.insert())
    with pytest.raises(IntegrityError), database.engine.begin() as connection:
        statement.run(connection, [row(1), row(1)])
    with pytest.raises(KeyError), database.engine.begin() as connection:
        statement.run(connection, [row(1), {"case_id": "c"}])
