"""The trail: whole after everything, and one changed byte is named."""

from __future__ import annotations

import io

import pytest
import sqlalchemy as sa

from engine.domain.audit_chain import GENESIS, link, verify, with_national_digest
from engine.domain.commands import FileRef, ResumeCase, StartCase, SuspendCase
from engine.store import schema as s
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


def test_a_chain_cut_short_with_its_head_is_missed_by_the_anchor(house: House) -> None:
    case = lived(house)
    house.settle()
    tamper(house, f"DELETE FROM audit WHERE chain = '{case}' AND seq = 3")
    tamper(house, f"UPDATE case_instance SET audit_seq = 2, audit_head = "
                  f"(SELECT hash FROM audit WHERE chain = '{case}' AND seq = 2)")
    assert house.broken() == [{"chain": case, "seq": 3, "reason": "the entry is missing: anchor 1 has seen 3"}]


def test_a_whole_chain_that_is_gone_is_named(house: House) -> None:
    case = lived(house)
    house.settle()
    for table, column in (("audit", "chain"), ("case_instance", "id"), ("history", "case_id")):
        tamper(house, f"DELETE FROM {table} WHERE {column} = '{case}'")
    assert house.broken() == [{"chain": case, "seq": 1, "reason": "the entry is missing: anchor 1 has seen 3"}]


@pytest.mark.parametrize(("statement", "seq", "reason"), [
    ("UPDATE audit_anchor_head SET seq = seq + 1 WHERE anchor = 1 AND chain <> 'system'", 1, "root"),
    ("UPDATE audit_anchor SET root = previous WHERE seq = 1", 1, "root"),
    ("UPDATE audit_anchor SET at = '2026-03-02 01:00:01+00:00' WHERE seq = 2", 2, "content"),
    ("DELETE FROM audit_anchor WHERE seq = 1", 1, "missing")])
def test_a_changed_anchor_is_named(house: House, statement: str, seq: int, reason: str) -> None:
    case = lived(house)
    house.settle()
    house.run(ResumeCase(case), SUPERVISOR)
    house.advance(minutes=1)
    tamper(house, statement)
    named = [item for item in house.broken() if item["chain"] == "anchors"]
    assert [item["seq"] for item in named] == [seq]
    assert reason in named[0]["reason"]


def test_an_anchor_is_made_only_when_something_has_happened(house: House) -> None:
    lived(house)
    house.settle()
    house.advance(minutes=5)
    assert [(row.seq, row.heads) for row in house.rows(s.audit_anchor)] == [(1, 2)]


def test_what_people_write_is_sealed_and_not_told(house: House) -> None:
    case = lived(house)
    assert all("\"x\"" not in row.entry for row in house.audit(case))
    raw = house.kapok.database.engine.connect().exec_driver_sql("SELECT data FROM history WHERE data IS NOT NULL")
    stored = [row[0] for row in raw]
    assert stored and all(text.startswith("~") for text in stored)


def test_sm3_stands_beside_sha_256_where_it_is_configured(house: House) -> None:
    entry = {"algorithm": "sha-256", "seq": 1}
    both = with_national_digest(GENESIS, entry)
    assert verify([link(GENESIS, both)]).ok
    wrong = {**both, "sm3": "0" * 64}
    assert verify([link(GENESIS, wrong)]).first_broken_index == 0


def test_a_document_that_is_gone_is_named(house: House) -> None:
    house.deploy(process("p", start("s"), user("A"), end("e"), chain("s", "A", "e")))
    staged = house.kapok.files.stage(io.BytesIO(b"%PDF-1.7"), "a.pdf", "", SUPERVISOR)
    case = house.run(StartCase("p", files=(FileRef(staged.sha256, "a.pdf"),)), SUPERVISOR)["case_id"]
    assert house.broken() == []
    tamper(house, "DELETE FROM document")
    assert house.broken() == [{"chain": case, "seq": 1, "reason": "a document is missing"}]
