"""The trail: whole after everything, and one changed byte is named."""

from __future__ import annotations

import sqlalchemy as sa

from engine.domain.commands import SuspendCase
from tests.support.bpmn import chain, end, process, start, user
from tests.support.house import SUPERVISOR, House


def tamper(house: House, statement: str) -> None:
    """Change a row as somebody could who may take the guards away."""
    database = house.kapok.database
    with database.writing() as connection:
        if database.dialect == "postgresql":
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
            connection.execute(sa.text(statement))
            return
        guards = list(connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"))
        for name, _ in guards:
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        connection.execute(sa.text(statement))
        for _, sql in guards:
            connection.exec_driver_sql(sql)


def lived(house: House) -> str:
    house.deploy(process("p", start("s"), user("A"), user("B"), end("e"), chain("s", "A", "B", "e")))
    case = house.start("p", {"n": 1})
    house.complete(case, "A", {"ok": True})
    house.run(SuspendCase(case, "x"), SUPERVISOR)
    return case


def test_the_trail_of_a_life_is_whole(house: House) -> None:
    case = lived(house)
    assert house.broken() == []
    assert [row.action for row in house.audit(case)] == ["StartCase", "CompleteUserTask", "SuspendCase"]
    assert [row.action for row in house.audit()] == ["Deploy"]


def test_one_changed_byte_is_named(house: House) -> None:
    case = lived(house)
    tamper(house, f"UPDATE audit SET entry = replace(entry, 'system', 'sysTem') WHERE chain = '{case}' AND seq = 2")
    assert [(item["chain"], item["seq"]) for item in house.broken()] == [(case, 2)]


def test_an_entry_cut_off_at_the_end_is_missed(house: House) -> None:
    case = lived(house)
    tamper(house, f"DELETE FROM audit WHERE chain = '{case}' AND seq = 3")
    assert [item["chain"] for item in house.broken()] == [case]


def test_changed_history_does_not_fit_its_entry(house: House) -> None:
    case = lived(house)
    tamper(house, f"UPDATE history SET element = 'X' WHERE case_id = '{case}' AND seq = 2")
    assert [(item["chain"], item["seq"]) for item in house.broken()] == [(case, 1)]


def test_a_changed_state_does_not_fit_its_entry(house: House) -> None:
    case = lived(house)
    empty = "X'7B7D'" if house.kapok.database.dialect == "sqlite" else "decode('7B7D', 'hex')"
    tamper(house, f"UPDATE case_instance SET execution = {empty}")
    assert [(item["chain"], item["seq"]) for item in house.broken()] == [(case, 3)]
