"""Papers from draft to seal, evidence, and service; on both databases."""

from __future__ import annotations

import io
import threading
import zipfile
from datetime import date, timedelta
from importlib.resources import files
from typing import Any

import docx
import pytest

from engine.domain import paper_commands as c
from engine.domain.commands import AddUser, FileRef
from engine.errors import Conflict, InvalidInput, NotAllowed, NotFound
from engine.services.papers.drafting import NotTheVersion, OwnPaper
from engine.services.papers.serving import ConsentNeeded, NotServable
from engine.store import schema as s
from tests.support.bpmn import catch, chain, end, input, message, process, service, start, user
from tests.support.house import ACTORS, SUPERVISOR, House, actor

TEMPLATE = (files("bpmn") / "pre_examination" / "documents" / "opinion_notice.docx").read_bytes()
SECOND = actor("supervisor", 2)
APPLICANT = ACTORS["applicant"]


@pytest.fixture
def case(house: House) -> str:
    house.deploy(process("p", start(), user("A"), end(), chain("start", "A", "end")),
                 ("opinion_notice.docx", TEMPLATE))
    return house.start("p", {"title": "一种装置", "applicant_user": APPLICANT.id})


def text_of(house: House, sha256: str) -> str:
    document = docx.Document(io.BytesIO(house.kapok.parts.files.read(sha256)))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


def staged(house: House, content: bytes, name: str, who: Any = SUPERVISOR) -> FileRef:
    found = house.kapok.files.stage(io.BytesIO(content), name, "", who)
    return FileRef(found.sha256, name)


def draft(house: House, case: str, **more: Any) -> str:
    return str(house.run(c.DraftPaper(case, "opinion_notice.docx", "预审审查意见通知书", **more), SUPERVISOR)["paper"])


def content_of(house: House, paper: str) -> str:
    row = house.rows(s.paper, s.paper.c.id == paper)[0]
    return str(house.rows(s.document, s.document.c.id == row.document)[0].sha256)


def approved(house: House, case: str, paper: str) -> None:
    house.run(c.ApprovePaper(case, paper, content_of(house, paper)), SECOND)


def issued(house: House, case: str) -> dict[str, Any]:
    paper = draft(house, case)
    approved(house, case, paper)
    return house.run(c.IssuePaper(case, paper), SUPERVISOR)


def test_a_paper_goes_from_draft_to_seal(house: House, case: str) -> None:
    paper = draft(house, case, series="示预字")
    assert "［编号待定］" in text_of(house, content_of(house, paper))
    word = docx.Document(io.BytesIO(house.kapok.parts.files.read(content_of(house, paper))))
    word.add_paragraph("补充一段意见。")
    out = io.BytesIO()
    word.save(out)
    house.run(c.WritePaper(case, paper, staged(house, out.getvalue(), "改.docx")), SUPERVISOR)
    approved(house, case, paper)
    answer = house.run(c.IssuePaper(case, paper), SUPERVISOR)
    said = text_of(house, answer["sha256"])
    assert answer["number"] == "示预字〔2026〕1号" and answer["number"] in said and "补充一段意见。" in said
    assert "待定］" not in said and "测试印章" in said and "2026年3月2日" in said
    states = [(row.category, row.version) for row in house.rows(s.document, s.document.c.paper == paper)]
    assert sorted(states) == [("document", 2), ("draft", 1), ("draft", 2)]
    assert house.broken() == []


def test_nobody_approves_what_they_wrote_nor_what_they_have_not_seen(house: House, case: str) -> None:
    paper = draft(house, case)
    with pytest.raises(OwnPaper):
        house.run(c.ApprovePaper(case, paper, content_of(house, paper)), SUPERVISOR)
    with pytest.raises(NotTheVersion):
        house.run(c.ApprovePaper(case, paper, "0" * 64), SECOND)
    with pytest.raises(Conflict):
        house.run(c.IssuePaper(case, paper), SUPERVISOR)
    with pytest.raises(NotAllowed):
        house.run(c.ApprovePaper(case, paper, content_of(house, paper)), APPLICANT)


def test_a_submitted_paper_is_told_to_who_may_approve_it(house: House, case: str) -> None:
    for who, role in (("supervisor1", "supervisor"), ("supervisor2", "supervisor"), ("mediator1", "committee")):
        house.run(AddUser(who, who, (role,), "!"))
    paper = draft(house, case)
    assert house.run(c.SubmitPaper(case, paper), SUPERVISOR)["state"] == "submitted"
    assert [row.to for row in house.rows(s.notice, s.notice.c.code == "paper.submitted")] == ["supervisor2"]
    with pytest.raises(Conflict):
        house.run(c.SubmitPaper(case, paper), SUPERVISOR)
    house.run(c.ReturnPaper(case, paper, "引用条款有误"), SECOND)
    house.run(c.SubmitPaper(case, paper), SUPERVISOR)
    approved(house, case, paper)
    assert house.rows(s.paper)[0].state == "approved" and house.broken() == []


def test_what_was_sent_back_or_withdrawn_takes_no_number(house: House, case: str) -> None:
    paper = draft(house, case)
    approved(house, case, paper)
    house.run(c.ReturnPaper(case, paper, "引用条款有误"), SECOND)
    with pytest.raises(Conflict):
        house.run(c.IssuePaper(case, paper), SUPERVISOR)
    house.run(c.WithdrawPaper(case, paper, "重新起草"), SUPERVISOR)
    assert issued(house, case)["number"].endswith("〔2026〕1号")
    told = [row.code for row in house.rows(s.notice, s.notice.c.to == SUPERVISOR.id)]
    assert told.count("paper.approved") == 2 and told.count("paper.returned") == 1


def test_numbers_have_no_gap_when_many_issue_at_once(house: House, case: str) -> None:
    papers = [draft(house, case) for _ in range(6)]
    for paper in papers:
        approved(house, case, paper)
    workers = [threading.Thread(target=house.run, args=(c.IssuePaper(case, paper), SUPERVISOR)) for paper in papers]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    numbers = [row.number for row in house.rows(s.document, s.document.c.number.is_not(None))]
    assert sorted(int(number.partition("〕")[2][:-1]) for number in numbers) == [1, 2, 3, 4, 5, 6]


def test_what_is_no_word_file_is_no_version(house: House, case: str) -> None:
    paper = draft(house, case)
    with pytest.raises(InvalidInput):
        house.run(c.WritePaper(case, paper, staged(house, b"%PDF-1.7 x", "a.pdf")), SUPERVISOR)
    with pytest.raises(NotFound):
        house.run(c.WritePaper(case, paper, FileRef("f" * 64, "a.docx")), SUPERVISOR)


def test_an_adjudication_in_the_centres_own_name_is_refused(house: House, case: str) -> None:
    with pytest.raises(InvalidInput):
        house.run(c.DraftPaper(case, "opinion_notice.docx", "行政裁决书"), SUPERVISOR)


def test_a_diagram_waits_until_its_paper_is_issued(house: House) -> None:
    drafts = service("D", "document.draft", input("opinion_notice.docx", "template"), input("意见通知书", "title"))
    house.deploy(process("q", start(), drafts, catch("W", message("document.issued", "= paper.id")), end(),
                               chain("start", "D", "W", "end")), ("opinion_notice.docx", TEMPLATE))
    case = house.start("q")
    paper = house.rows(s.paper)[0].id
    approved(house, case, paper)
    house.run(c.IssuePaper(case, paper), SUPERVISOR)
    house.settle()
    assert house.case(case).state == "completed"


def test_evidence_keeps_its_source_hash_and_who_saw_the_original(house: House, case: str) -> None:
    file = staged(house, b"%PDF-1.7 evidence", "买卖合同.pdf")
    key = house.run(c.AddEvidence(case, "买卖合同", "applicant", (file,)), SUPERVISOR)["documents"][0]
    house.run(c.MarkOriginalSeen(case, key), SECOND)
    row = house.rows(s.evidence)[0]
    assert (row.source, row.seen_by) == ("applicant", SECOND.id)
    with pytest.raises(Conflict):
        house.run(c.MarkOriginalSeen(case, key), SUPERVISOR)
    with pytest.raises(InvalidInput):
        house.run(c.AddEvidence(case, "x", "hearsay", (file,)), SUPERVISOR)
    assert house.broken() == []


@pytest.mark.parametrize(("mode", "at_once", "after"), [
    ("electronic", "2026-03-02", "2026-03-04"), ("post", None, "2026-03-04"), ("direct", None, "2026-03-04"),
    ("announce", "2026-04-01", "2026-04-01")])
def test_each_way_of_service_has_its_legal_day(house: House, case: str, mode: str, at_once: str | None,
                                               after: str) -> None:
    house.run(AddUser(APPLICANT.id, "甲公司", ("applicant",), "!"))
    document = issued(house, case)["document"]
    house.run(c.ConfirmAddress(case, "甲公司", True, "示例路1号", "", "", APPLICANT.id), SUPERVISOR)
    sent = house.run(c.Dispatch(case, document, "甲公司", mode), SUPERVISOR)
    assert sent["legal_on"] == at_once
    house.clock.advance(timedelta(days=3))
    got = house.run(c.RecordReceipt(case, sent["delivery"], "received", date(2026, 3, 4)), SUPERVISOR)
    assert got["legal_on"] == after
    assert house.rows(s.document_service)[0].party == APPLICANT.id
    with pytest.raises(Conflict):
        house.run(c.RecordReceipt(case, sent["delivery"], "returned", date(2026, 3, 5)), SUPERVISOR)


def test_service_needs_consent_an_open_paper_and_a_day_that_was(house: House, case: str) -> None:
    document = issued(house, case)["document"]
    with pytest.raises(ConsentNeeded):
        house.run(c.Dispatch(case, document, "甲公司", "electronic"), SUPERVISOR)
    with pytest.raises(InvalidInput):
        house.run(c.Dispatch(case, document, "甲公司", "post", date(2026, 3, 3)), SUPERVISOR)
    with pytest.raises(InvalidInput, match="a day from 2026-03-02 on"):  # it was issued then
        house.run(c.Dispatch(case, document, "甲公司", "post", date(2026, 3, 1)), SUPERVISOR)
    with pytest.raises(InvalidInput):
        house.run(c.Dispatch(case, document, "甲公司", "pigeon"), SUPERVISOR)
    inner = house.rows(s.document, s.document.c.category == "draft")[0].id
    with pytest.raises(NotServable):
        house.run(c.Dispatch(case, inner, "甲公司", "post"), SUPERVISOR)
    sent = house.run(c.Dispatch(case, document, "甲公司", "post"), SUPERVISOR)
    with pytest.raises(InvalidInput):
        house.run(c.RecordReceipt(case, sent["delivery"], "received", date(2026, 3, 1)), SUPERVISOR)


def test_a_stranger_finds_nothing(house: House, case: str) -> None:
    paper = draft(house, case)
    other = ACTORS["mediator"]
    with pytest.raises(NotFound):
        house.run(c.WithdrawPaper(case, paper, "x"), other)
    with pytest.raises(NotFound):
        house.run(c.DraftPaper(case, "opinion_notice.docx", "通知书"), other)


def test_who_looks_at_the_papers_of_a_confidential_case_is_on_record(house: House, case: str) -> None:
    paper = draft(house, case)
    house.kapok.papers.room(SUPERVISOR, case)
    house.kapok.papers.paper(SUPERVISOR, case, paper)
    house.kapok.hearings.of_case(SUPERVISOR, case)
    with pytest.raises(NotFound):
        house.kapok.papers.room(ACTORS["mediator"], case)
    seen = [(row.actor, row.action) for row in house.rows(s.audit, s.audit.c.chain == "access")]
    assert seen == [(SUPERVISOR.id, "ViewPapers"), (SUPERVISOR.id, "ViewPaper"), (SUPERVISOR.id, "ViewHearings"),
                    (ACTORS["mediator"].id, "ViewPapers")]


def test_a_broken_word_file_is_no_version(house: House, case: str) -> None:
    paper = draft(house, case)
    whole = house.kapok.parts.files.read(content_of(house, paper))
    broken = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(whole)) as old, zipfile.ZipFile(broken, "w") as new:
        for name in old.namelist():
            new.writestr(name, b"<w:document" if name == "word/document.xml" else old.read(name))
    with pytest.raises(InvalidInput):
        house.run(c.WritePaper(case, paper, staged(house, broken.getvalue(), "坏.docx")), SUPERVISOR)


def test_papers_and_cases_are_counted_apart(house: House, case: str) -> None:
    paper = draft(house, case, series="YS-invention")
    approved(house, case, paper)
    assert house.run(c.IssuePaper(case, paper), SUPERVISOR)["number"] == "YS-invention〔2026〕1号"
    assert [row.series for row in house.rows(s.number_series)] == ["文:YS-invention"]
    with pytest.raises(InvalidInput):
        draft(house, case, series="字" * 41)
