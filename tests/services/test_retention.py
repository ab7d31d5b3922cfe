"""Publication, holds, erasure and destruction: the chain stays whole throughout, and a bundle says what is gone."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
import sqlalchemy as sa

from engine.domain.actors import SHELL
from engine.domain.commands import FileRef, StartCase
from engine.errors import Conflict, NotAllowed
from engine.services.proof import verifier
from engine.services.proof.retention import EraseRows, HoldCase, LiftHold
from engine.store import schema as s
from tests.support.bpmn import chain, end, process, start, user
from tests.support.house import ACTORS, SUPERVISOR, House

MODEL = process("pre_examination", start("s"), user("A"), end("e"), chain("s", "A", "e"))
PDF = b"%PDF-1.7 a draft"


def ended(house: House) -> str:
    house.deploy(MODEL)
    staged = house.kapok.files.stage(io.BytesIO(PDF), "a.pdf", "", SUPERVISOR)
    command = StartCase("pre_examination", {"title": "一种装置", "applicant": {"name": "张三"}}, (
        FileRef(staged.sha256, "a.pdf"),))
    case = str(house.run(command, SUPERVISOR)["case_id"])
    house.complete(case, "A", {"phone": "13812345678"})
    return case


def bundle(house: House, case: str, path: Path) -> str:
    with path.open("wb") as out:
        house.kapok.archive.bundle(SHELL, case, out)
    return verifier.verify(str(path))


def test_a_file_is_destroyed_when_its_time_is_over_and_the_chain_stays_whole(house: House, tmp_path: Path) -> None:
    case = ended(house)
    house.advance(days=365 * 10 - 10)
    assert house.case(case).purged_at is None
    house.advance(days=30)
    house.advance(days=2)
    row = house.case(case)
    assert (row.title, row.parties, row.execution, row.purged_at is None) == ("", "", b"", False)
    assert [item.data for item in house.history(case) if item.data] == []
    assert house.rows(s.document) == [] and house.rows(s.file) == []
    assert not [path for path in (tmp_path / "house" / "files").rglob("*") if path.is_file()]
    assert [table.name for table in s.metadata.sorted_tables if table is not s.resource and any(
        word in str(house.rows(table)) for word in ("张三", "一种装置", "13812345678", "a.pdf"))] == []
    assert house.broken() == []
    bundle(house, case, tmp_path / "b.zip")


def test_a_hold_goes_before_the_schedule_and_before_erasure(house: House) -> None:
    case = ended(house)
    house.run(HoldCase(case, "诉讼未结"), SUPERVISOR)
    house.advance(days=365 * 11)
    assert house.case(case).title == "一种装置"
    with pytest.raises(Conflict):
        house.run(EraseRows(case, (1,), "本人申请"), SUPERVISOR)
    house.run(LiftHold(case), SUPERVISOR)
    house.advance(days=1)
    assert house.case(case).title == "" and house.broken() == []


def test_one_persons_data_is_erased_and_the_rest_stays(house: House, tmp_path: Path) -> None:
    case = ended(house)
    seq = next(row.seq for row in house.history(case, "variables") if "phone" in row.data)
    house.run(EraseRows(case, (seq,), "本人申请"), SUPERVISOR)
    assert [row.seq for row in house.history(case) if row.salt is None] == [seq]
    assert "13812345678" not in str([row.data for row in house.history(case)])
    assert house.broken() == []
    bundle(house, case, tmp_path / "b.zip")


def test_what_was_not_logged_cannot_be_erased(house: House) -> None:
    case = ended(house)
    statement = sa.text(f"UPDATE history SET data = NULL, salt = NULL WHERE case_id = '{case}'")
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), house.kapok.database.writing() as connection:
        connection.execute(statement)


def test_an_application_becomes_public_on_its_day(house: House) -> None:
    house.deploy(MODEL)
    case = house.start("pre_examination", {"publication_on": "2026-03-05"})
    with house.kapok.database.writing() as connection:
        connection.execute(s.case.update().values(level="L3"))
    house.advance(days=2)
    assert house.case(case).level == "L3"
    house.advance(days=1)
    assert (house.case(case).level, house.history(case, "levelChanged")[0].data) == ("L1", {"level": "L1"})
    assert house.broken() == []


def test_only_who_keeps_files_may_hold_or_erase(house: House) -> None:
    case = ended(house)
    for command in (HoldCase(case, "x"), LiftHold(case), EraseRows(case, (1,), "x")):
        with pytest.raises(NotAllowed):
            house.run(command, ACTORS["examiner"])
