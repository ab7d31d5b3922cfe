"""How the databases read the lists of the desk: in the order wanted, and no further than the list is long."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from engine.domain.actors import Actor
from engine.store import schema as s
from engine.store import worklist
from engine.store.worklist import MOST, Wanted
from tests.support.bpmn import assign, chain, end, process, start, user
from tests.support.house import SUPERVISOR, House, actor

PLAIN = process("q", start("s"), user("A", assign(groups="examiner"), name="整理"), end("e"), chain("s", "A", "e"))
CASES = 3 * MOST


@pytest.fixture
def full(house: House) -> House:
    """A case, and copies of it with their places in the list of all tasks and in that of a group."""
    house.deploy(PLAIN)
    case = house.case(house.start("q", {"title": "甲"}, SUPERVISOR))._mapping
    places = [dict(row._mapping) for row in house.rows(s.worklist)]
    with house.kapok.database.engine.begin() as connection:
        keys = [f"copy-{number:05}" for number in range(CASES)]
        connection.execute(s.case.insert(), [{**case, "id": key, "case_no": None} for key in keys])
        connection.execute(s.worklist.insert(), [{**place, "case_id": key} for key in keys for place in places])
        connection.exec_driver_sql("ANALYZE")
    return house


@pytest.mark.parametrize(("who", "view"), [(SUPERVISOR, "all"), (actor("examiner"), "mine")])
def test_a_list_is_read_in_its_order_and_no_further(full: House, who: Actor, view: str) -> None:
    with full.kapok.database.reading() as connection:
        assert len(worklist.tasks(connection, who, Wanted(view), full.clock.now())) == MOST
        plan = _plan(connection, worklist.statement(who, Wanted(view)))
    assert "ix_worklist_kind_name_due_at" in plan
    for whole in ("Seq Scan on worklist", "Seq Scan on case_instance", "Hash Join", "SCAN worklist", "SCAN case_inst"):
        assert whole not in plan, plan


def _plan(connection: sa.Connection, statement: sa.Select[tuple[object, ...]]) -> str:
    explain = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN"
    text = str(statement.compile(connection, compile_kwargs={"literal_binds": True}))
    return "\n".join(str(row[-1]) for row in connection.exec_driver_sql(f"{explain} {text}"))
