"""Who reads the trail, and who cannot change it: the auditor's page, and a role of its own for the service."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest
import sqlalchemy as sa

from engine.domain.actors import SHELL
from engine.domain.commands import FileRef, StartCase, SuspendCase
from engine.errors import NotFound
from engine.store import migrate, trails
from engine.store import schema as s
from engine.store.database import Database
from engine.ui.audit import detail
from tests.services.test_pdf_marks import plain
from tests.support.bpmn import chain, end, process, start, user
from tests.support.house import ACTORS, SUPERVISOR, House
from tests.support.postgres import Postgres

MODEL = process("p", start("s"), user("A"), end("e"), chain("s", "A", "e"))
DOCX = Path(__file__).parents[2] / "bpmn" / "pre_examination" / "documents"
AUDITOR = ACTORS["auditor"]


def test_the_auditor_finds_entries_by_person_action_chain_and_day(house: House) -> None:
    house.deploy(MODEL)
    case = house.start("p")
    house.run(SuspendCase(case, "x"), SUPERVISOR)
    house.settle()
    view = house.kapok.archive.trail_view

    def found(**filters: str) -> list[str]:
        return [row.action for row in view(AUDITOR, filters, 1).page.items]

    assert sorted(found()) == ["Deploy", "StartCase", "SuspendCase"]
    assert found(actor="supervisor1") == ["SuspendCase"]
    assert found(action="StartCase", since="2026-03-02", until="2026-03-02") == ["StartCase"]
    assert found(chain="system") == ["Deploy"] and sorted(found(chain=case)) == ["StartCase", "SuspendCase"]
    assert found(since="2026-03-03") == [] and found(until="2026-03-01") == []
    assert view(AUDITOR, {}, 1).anchor.seq == 1 and view(AUDITOR, {}, 1).check is None
    house.kapok.runner.audit(SHELL, "VerifyTrail", {"chains": 2, "entries": 3, "broken": 0})
    assert view(AUDITOR, {}, 1).check.broken == 0
    for role in ("supervisor", "admin", "applicant", "examiner"):
        with pytest.raises(NotFound):
            view(ACTORS[role], {}, 1)
        with pytest.raises(NotFound):
            house.kapok.archive.trail(ACTORS[role], io.BytesIO())
    assert detail(house.audit(case)[-1].entry) == "案件中止"


def test_each_view_of_a_confidential_file_and_each_refused_one_is_on_record(house: House) -> None:
    house.deploy(MODEL)
    content = next(DOCX.glob("*.docx")).read_bytes()
    staged = house.kapok.files.stage(io.BytesIO(content), "a.docx", "", SUPERVISOR)
    case = str(house.run(StartCase("p", {}, (FileRef(staged.sha256, "a.docx"),)), SUPERVISOR)["case_id"])
    for level in ("L1", "L2", "L3"):
        with house.kapok.database.writing() as connection:
            connection.execute(s.case.update().values(level=level))
        seen = house.kapok.archive.file(SUPERVISOR, staged.sha256).open().read()
        assert (seen == content) is (level != "L3")
    assert b"supervisor1" in _unzipped(seen)
    with pytest.raises(NotFound):
        house.kapok.archive.file(ACTORS["applicant"], staged.sha256)
    entries = [json.loads(row.entry)["detail"] for row in house.audit("access")]
    assert [(entry.get("case"), entry.get("level"), entry.get("refused")) for entry in entries] == [
        (case, "L2", None), (case, "L3", None), (None, None, "not_found")]
    assert house.broken() == []


def test_a_pdf_leaves_marked_and_a_page_of_a_case_is_read_on_record(house: House) -> None:
    house.deploy(MODEL)
    staged = {name: house.kapok.files.stage(io.BytesIO(content), name, "", SUPERVISOR).sha256
              for name, content in (("whole.pdf", plain()), ("odd.pdf", b"%PDF-1.7 odd"))}
    command = StartCase("p", {}, tuple(FileRef(sha256, name) for name, sha256 in staged.items()))
    case = str(house.run(command, SUPERVISOR)["case_id"])
    with house.kapok.database.writing() as connection:
        connection.execute(s.case.update().values(level="L3"))
    seen = [house.kapok.archive.file(SUPERVISOR, sha256) for sha256 in staged.values()]
    assert [(view.level, len(view.open().read()) == view.size) for view in seen] == [("L3", True)] * 2
    assert b"supervisor1 2026-03-02 09:00" in seen[0].open().read() and seen[1].open().read() == b"%PDF-1.7 odd"
    views = house.kapok.queries
    views.case(SUPERVISOR, case)
    views.task(SUPERVISOR, house.task(case, "A"))
    views.history(SUPERVISOR, case, 0, 9)
    for read in (views.case, views.task):
        with pytest.raises(NotFound):
            read(ACTORS["applicant"], case)
    said = [(row.action, json.loads(row.entry)["detail"]) for row in house.audit("access")]
    level = {"case": case, "level": "L3"}
    assert said == [
        ("ViewFile", {"sha256": staged["whole.pdf"], **level, "marked": True}),
        ("ViewFile", {"sha256": staged["odd.pdf"], **level, "marked": False}),
        ("ViewCase", level), ("ViewTask", level), ("ViewHistory", level),
        ("ViewCase", {"key": case, "refused": "not_found"}), ("ViewTask", {"key": case, "refused": "not_found"})]
    with house.kapok.database.writing() as connection:
        connection.execute(s.case.update().values(level="L1"))
    views.case(SUPERVISOR, case)
    assert len(house.audit("access")) == len(said) and house.broken() == []


def _unzipped(content: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return b"".join(archive.read(name) for name in archive.namelist() if "header" in name)


@pytest.fixture
def owner(postgres: Postgres) -> str:
    return postgres.create()


def test_a_role_of_its_own_works_and_cannot_change_evidence(postgres: Postgres, owner: str, tmp_path: Path) -> None:
    """The owner migrates; the service runs as another role, without the rights to rewrite what it has written."""
    database = Database(owner)
    migrate.upgrade(database)
    with database.writing() as connection:
        connection.exec_driver_sql("DROP ROLE IF EXISTS kapok_service")
        connection.exec_driver_sql("CREATE ROLE kapok_service LOGIN")
        for statement in trails.grants("kapok_service"):
            connection.exec_driver_sql(statement)
    with database.reading() as connection:
        assert trails.may_change_evidence(connection)
    service = sa.make_url(owner).set(username="kapok_service").render_as_string(hide_password=False)
    house = House(service, tmp_path / "house")
    house.deploy(MODEL)
    case = house.start("p")
    house.complete(case, "A")
    house.settle()
    house.advance(minutes=2)
    assert house.broken() == []
    with house.kapok.database.reading() as connection:
        assert trails.may_change_evidence(connection) == []
    for table in ("audit", "history", "audit_anchor", "audit_anchor_head", "audit_timestamp", "erasure"):
        for statement in (f"DELETE FROM {table}", f"TRUNCATE {table}", f"ALTER TABLE {table} DISABLE TRIGGER ALL",
                          f"DROP TABLE {table}"):
            with pytest.raises(sa.exc.DBAPIError, match="permission denied|must be owner"), \
                    house.kapok.database.writing() as connection:
                connection.exec_driver_sql(statement)
    house.close()
    database.close()
    postgres.drop(owner)

