"""The desk: lists in the order of due dates, tasks handed on and put off, notes that tell people, filters, and cases
that two persons put together, take apart or give away."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date

import pytest

from engine.domain.actors import Actor
from engine.domain.administration import AddUnit, DecideApproval, RequestApproval
from engine.domain.commands import AddUser, AssignUserTask, ClaimUserTask, FileRef, ReleaseUserTask
from engine.domain.desk_commands import (
    Comment,
    DelegateUserTask,
    DropFilter,
    MergeCases,
    SaveFilter,
    SetFollowUp,
    SetPriority,
    SplitCase,
    TransferCase,
)
from engine.domain.paper_commands import AddEvidence, MarkOriginalSeen
from engine.domain.recusal_commands import LinkCases
from engine.errors import Conflict, InvalidInput, NotAllowed, NotFound
from engine.services.desk.handling import CannotTakeOver
from engine.services.people.approvals import OwnRequest, SecondPersonNeeded
from engine.store import schema as s
from tests.support.bpmn import assign, boundary, chain, end, process, properties, start, timer, user
from tests.support.house import ACTORS, SUPERVISOR, House, actor

EXAMINER, OTHER, QUALITY, INTAKE = actor("examiner"), actor("examiner", 2), actor("quality"), actor("intake")
REVIEW = process("p", start("s"), user("A", assign(groups="examiner"), name="审查"),
                 boundary("late", "A", timer('=deadline("dl.pre.answer")', "date")),
                 user("B", assign(groups="quality"), properties(notBy="A"), name="质检"), end("e"), end("f"),
                 chain("s", "A", "B", "e"), chain("late", "f"))
PLAIN = process("q", start("s"), user("A", assign(groups="examiner"), name="整理"), end("e"), chain("s", "A", "e"))


@pytest.fixture
def desk(house: House) -> House:
    house.deploy(REVIEW, PLAIN)
    for who in (EXAMINER, OTHER, QUALITY, INTAKE, SUPERVISOR, ACTORS["designer"]):
        house.run(AddUser(who.id, f"某{who.id}", tuple(who.roles), "x"))
    return house


def inbox(house: House, who: Actor, **filters: str) -> list[tuple[str, str]]:
    page = house.kapok.queries.inbox(who, filters, 1)
    return [(item.case_title, item.name) for item in page.items]


def begin(house: House, title: str, process_id: str = "p") -> str:
    return house.start(process_id, {"title": title, "kind": "invention", "respondent": {"name": "乙商行"}}, SUPERVISOR)


# --- lists ------------------------------------------------------------------------------------------------------------
def test_the_next_due_comes_first_and_what_has_no_date_last(desk: House) -> None:
    begin(desk, "无期限", "q")
    begin(desk, "先到")
    desk.advance(days=3)
    begin(desk, "后到")
    assert inbox(desk, EXAMINER) == [("先到", "审查"), ("后到", "审查"), ("无期限", "整理")]
    page = desk.kapok.queries.inbox(EXAMINER, {}, 1)
    assert (page.counts["mine"], page.counts["done"], page.counts["none"]) == (3, 0, 1)
    assert desk.kapok.queries.inbox(SUPERVISOR, {}, 1).counts["all"] == 3
    assert inbox(desk, EXAMINER, lamp="none") == [("无期限", "整理")]


def test_the_list_follows_whatever_happens_to_a_task(desk: House) -> None:
    case = begin(desk, "甲")
    assert [len(inbox(desk, who)) for who in (EXAMINER, OTHER, QUALITY)] == [1, 1, 0]
    desk.claim(case, "A", EXAMINER)
    assert [len(inbox(desk, who)) for who in (EXAMINER, OTHER)] == [1, 0]
    assert inbox(desk, EXAMINER, free="1") == []
    desk.run(ReleaseUserTask(desk.task(case, "A")), EXAMINER)
    assert inbox(desk, OTHER, free="1") == [("甲", "审查")]
    desk.complete(case, "A", {}, OTHER)
    assert [len(inbox(desk, who)) for who in (EXAMINER, OTHER, QUALITY)] == [0, 0, 1]
    assert inbox(desk, OTHER, view="done") == [("甲", "审查")]
    desk.complete(case, "B", {}, QUALITY)
    assert desk.rows(s.worklist) == []


def test_a_list_is_narrowed_by_group_process_and_what_the_case_is_called(desk: House) -> None:
    begin(desk, "散热装置")
    begin(desk, "密封圈", "q")
    assert inbox(desk, EXAMINER, process="q") == [("密封圈", "整理")]
    assert inbox(desk, EXAMINER, q="散热") == [("散热装置", "审查")]
    assert inbox(desk, EXAMINER, group="quality") == []
    assert sorted(inbox(desk, SUPERVISOR, view="all")) == [("密封圈", "整理"), ("散热装置", "审查")]
    assert inbox(desk, SUPERVISOR, view="all", group="examiner", q="乙商行 密封") == [("密封圈", "整理")]
    assert inbox(desk, QUALITY, view="all") == []


def test_the_first_page_takes_as_many_statements_as_ever(desk: House) -> None:
    counts = []
    for number in range(6):
        begin(desk, f"甲{number}")
        with desk.statements() as seen:
            desk.kapok.queries.inbox(EXAMINER, {}, 1)
        counts.append(len(seen))
    assert counts[0] == counts[-1] <= 10


def test_no_page_asks_once_for_each_row(desk: House) -> None:
    """Statements of a page are as many for one row as for many (no N+1)."""
    case, queries = begin(desk, "甲0"), desk.kapok.queries
    pages = {"inbox": lambda: queries.inbox(SUPERVISOR, {"view": "all"}, 1),
             "cases": lambda: queries.cases(SUPERVISOR, "甲公司", 1), "case": lambda: queries.case(SUPERVISOR, case),
             "task": lambda: queries.task(SUPERVISOR, desk.task(case, "A"))}

    def counted() -> dict[str, int]:
        found = {}
        for name, page in pages.items():
            with desk.statements() as seen:
                page()
            found[name] = len(seen)
        return found

    counted()  # what is read once and kept
    desk.run(LinkCases(case, begin(desk, "甲"), "同一专利"), SUPERVISOR)
    first = counted()
    for number in range(1, 5):
        other = begin(desk, f"甲{number}")
        desk.run(LinkCases(case, other, "同一专利"), SUPERVISOR)
        desk.run(Comment(case, f"第{number}条"), EXAMINER)
    assert {name: count - first[name] for name, count in counted().items()} == dict.fromkeys(pages, 0)
    assert max(first.values()) <= 40


# --- search -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("typed", [
    "ZL 2023 1 0123456.7", "cn202310123456.7", "2023101234567", "（2026）粤73知民初１号", "(2026)粤73知民初1号",
    "ys-2026-fm-000001", "YS-2026-FM-000001", "乙商行", "热装", "散热装置 乙商行"])
def test_a_case_is_found_by_its_numbers_and_names_however_they_are_written(desk: House, typed: str) -> None:
    case = desk.start("p", {
        "title": "散热装置", "respondent": {"name": "乙商行"}, "patent_no": "ZL202310123456.7", "kind": "invention",
        "external_case_no": "（2026）粤73知民初1号", "case_no": "YS-2026-FM-000001"}, SUPERVISOR)
    begin(desk, "别的", "q") if "乙商行" not in typed else None
    found = desk.kapok.queries.cases(SUPERVISOR, typed, 1)
    assert [row.id for row in found.items] == [case]
    assert desk.kapok.queries.cases(ACTORS["mediator"], typed, 1).total == 0


@pytest.mark.parametrize("typed", ["散", "%", "_", "散热器件", "ZL 2023 1 0123456.8", "'; --", "\\"])
def test_what_is_not_there_is_not_found(desk: House, typed: str) -> None:
    begin(desk, "散热装置")
    assert desk.kapok.queries.cases(SUPERVISOR, typed, 1).total == 0


def test_a_search_is_narrowed_by_where_a_case_stands(desk: House) -> None:
    case = begin(desk, "甲")
    begin(desk, "乙", "q")
    search = desk.kapok.queries.cases
    assert [row.id for row in search(SUPERVISOR, "", 1, {"process": "p"}).items] == [case]
    assert search(SUPERVISOR, "", 1, {"state": "completed"}).total == 0
    assert search(SUPERVISOR, "", 1, {"overdue": "1"}).total == 0
    desk.clock.advance(date(2028, 1, 1) - date(2026, 1, 1))
    assert [row.id for row in search(SUPERVISOR, "", 1, {"overdue": "1"}).items] == [case]


# --- tasks ------------------------------------------------------------------------------------------------------------
def test_a_task_is_handed_to_a_colleague_who_is_told(desk: House) -> None:
    case = begin(desk, "甲")
    key = desk.task(case, "A")
    with pytest.raises(NotAllowed):
        desk.run(DelegateUserTask(key, OTHER.id), EXAMINER)
    desk.run(ClaimUserTask(key), EXAMINER)
    for nobody in (QUALITY.id, EXAMINER.id, "nobody", "designer1"):
        with pytest.raises(CannotTakeOver):
            desk.run(DelegateUserTask(key, nobody), EXAMINER)
    desk.run(DelegateUserTask(key, OTHER.id, "出差"), EXAMINER)
    assert (len(inbox(desk, EXAMINER)), len(inbox(desk, OTHER))) == (0, 1)
    assert [row.code for row in desk.rows(s.notice)] == ["task.delegated"]
    assert desk.history(case, "task:delegated")[0].data == {"assignee": OTHER.id, "reason": "出差"}


def test_a_task_is_put_off_and_put_first(desk: House) -> None:
    case = begin(desk, "甲")
    key = desk.task(case, "A")
    desk.run(SetFollowUp(key, date(2026, 3, 4)), EXAMINER)
    assert inbox(desk, EXAMINER, follow="1") == []
    desk.advance(days=2)
    assert inbox(desk, EXAMINER, follow="1") == [("甲", "审查")]
    with pytest.raises(NotAllowed):
        desk.run(SetPriority(key, 80), EXAMINER)
    for wrong in (-1, 101):
        with pytest.raises(InvalidInput):
            desk.run(SetPriority(key, wrong), SUPERVISOR)
    desk.run(SetPriority(key, 80), SUPERVISOR)
    assert inbox(desk, EXAMINER, urgent="1") == [("甲", "审查")]
    desk.run(SetFollowUp(key), EXAMINER)
    assert inbox(desk, EXAMINER, follow="1") == []


def test_who_is_given_a_task_is_found_at_once(desk: House) -> None:
    case = begin(desk, "甲")
    desk.run(AssignUserTask(desk.task(case, "A"), OTHER.id, "专业对口"), SUPERVISOR)
    assert (inbox(desk, EXAMINER), inbox(desk, OTHER)) == ([], [("甲", "审查")])


def test_a_right_reaches_no_task_of_a_case_that_one_does_not_see(desk: House) -> None:
    key = desk.task(begin(desk, "甲"), "A")
    for command in (SetPriority(key, 80), SetFollowUp(key, date(2026, 3, 4))):
        with pytest.raises(NotFound):
            desk.run(command, ACTORS["committee"])
        desk.run(command, SUPERVISOR)


# --- notes and filters ------------------------------------------------------------------------------------------------
def test_who_is_mentioned_is_told_unless_the_case_is_not_there_for_them(desk: House) -> None:
    case = begin(desk, "甲")
    told = desk.run(Comment(case, f"请 @{OTHER.id} 看一下，@某{QUALITY.id} @谁都不是", desk.task(case, "A")), EXAMINER)
    assert (told["mentioned"], told["unseen"]) == ([OTHER.id], [f"某{QUALITY.id}", "谁都不是"])
    assert [(row.to, row.code) for row in desk.rows(s.notice)] == [(OTHER.id, "comment.mentioned")]
    view = desk.kapok.queries.case(OTHER, case)
    assert [(note.author_name, note.element) for note in view.comments] == [(f"某{EXAMINER.id}", "A")]
    assert view.people == (("respondent", "乙商行"),)
    for who in (QUALITY, replace(actor("applicant"), id="x")):
        with pytest.raises(NotFound):
            desk.run(Comment(case, "看看"), who)
    for text in ("", " ", "字" * 2001):
        with pytest.raises(InvalidInput):
            desk.run(Comment(case, text), EXAMINER)
    for key in ("other~1", f"{case}~{'9' * 30}", f"{case}~²", case):
        with pytest.raises(NotFound):
            desk.run(Comment(case, "看看", key), EXAMINER)


def test_a_filter_is_one_s_own(desk: House) -> None:
    first = desk.run(SaveFilter("急件", {"lamp": "late", "view": "mine", "q": ""}), EXAMINER)["filter"]
    again = desk.run(SaveFilter("急件", {"lamp": "soon"}), EXAMINER)["filter"]
    assert first != again
    kept, = desk.kapok.queries.filters(EXAMINER)
    assert (kept.name, dict(kept.filters)) == ("急件", {"lamp": "soon"})
    assert desk.kapok.queries.filters(OTHER) == ()
    with pytest.raises(NotFound):
        desk.run(DropFilter(again), OTHER)
    desk.run(DropFilter(again), EXAMINER)
    assert desk.kapok.queries.filters(EXAMINER) == ()
    for name, filters in (("", {}), ("x" * 65, {}), ("x", {"sql": "1"})):
        with pytest.raises(InvalidInput):
            desk.run(SaveFilter(name, filters), EXAMINER)


def test_a_filter_is_shared_with_a_group_of_one_s_own(desk: House) -> None:
    desk.run(SaveFilter("急件", {"lamp": "soon"}, "examiner"), EXAMINER)
    shared, = desk.kapok.queries.filters(OTHER)
    assert (shared.name, shared.role, shared.by_name) == ("急件", "examiner", "某examiner1")
    assert desk.kapok.queries.filters(EXAMINER)[0].by_name == ""
    assert desk.kapok.queries.filters(QUALITY) == ()
    with pytest.raises(NotFound):
        desk.run(DropFilter(shared.key), OTHER)
    for role in ("quality", "nobody", ""):
        with pytest.raises(InvalidInput):
            desk.run(SaveFilter("别组", {"lamp": "soon"}, role), EXAMINER)


# --- put together, taken apart, given away ----------------------------------------------------------------------------
def test_a_merged_case_ends_and_goes_on_in_the_other(desk: House) -> None:
    gone, kept, another = begin(desk, "甲"), begin(desk, "乙"), begin(desk, "丙", "q")
    for into, error in ((another, Conflict), (gone, InvalidInput), ("nowhere", NotFound)):
        with pytest.raises(error):
            desk.run(MergeCases(gone, into, "同一专利"), SUPERVISOR)
    with pytest.raises(InvalidInput):
        desk.run(MergeCases(gone, kept, " "), SUPERVISOR)
    desk.run(MergeCases(gone, kept, "同一专利"), SUPERVISOR)
    assert (desk.case(gone).state, desk.case(kept).state) == ("cancelled", "active")
    assert desk.kapok.queries.case(SUPERVISOR, kept).links[0].reason == "同一专利"
    assert [len(desk.history(case, kind)) for case, kind in ((gone, "case:merged"), (kept, "case:merged_in"))] == [1, 1]
    assert desk.broken() == []


def test_a_part_of_a_case_becomes_a_case_of_its_own(desk: House) -> None:
    case = begin(desk, "甲")
    part = desk.run(SplitCase(case, "甲的第二项", "两项请求"), SUPERVISOR)["case_id"]
    assert (desk.case(part).title, desk.case(part).unit, desk.open_tasks(part)) == ("甲的第二项", None, ["A"])
    assert desk.kapok.queries.case(SUPERVISOR, part).links[0].reason == "两项请求"
    assert desk.broken() == []


def test_a_transferred_case_is_the_other_unit_s(desk: House) -> None:
    unit = desk.run(AddUnit("东莞分中心", "node", None, SUPERVISOR.id))["unit"]
    case = begin(desk, "甲")
    desk.claim(case, "A", EXAMINER)
    with pytest.raises(NotFound):
        desk.run(TransferCase(case, "nowhere", None, "管辖"), SUPERVISOR)
    desk.run(TransferCase(case, unit, None, "管辖"), SUPERVISOR)
    assert (desk.case(case).unit, desk.rows(s.user_task)[0].assignee) == (unit, None)
    assert {row.to for row in desk.rows(s.notice)} == {EXAMINER.id, SUPERVISOR.id}


def test_a_transfer_leaves_a_party_its_task(desk: House) -> None:
    named = user("A", assign(assignee="=applicant_user", groups="applicant"))
    desk.deploy(process("r", start("s"), named, end("e"), chain("s", "A", "e")))
    case = desk.start("r", {"applicant_user": "applicant1"}, SUPERVISOR)
    desk.run(TransferCase(case, None, None, "管辖"), SUPERVISOR)
    assert desk.rows(s.user_task)[0].assignee == "applicant1"


def filed(desk: House, case: str, name: str) -> str:
    staged = desk.kapok.files.stage(io.BytesIO(f"%PDF-1.7 {name}".encode()), f"{name}.pdf", "", SUPERVISOR)
    command = AddEvidence(case, name, "other", (FileRef(staged.sha256, f"{name}.pdf"),))
    return str(desk.run(command, SUPERVISOR)["documents"][0])


def test_evidence_goes_along_and_drafts_stay(desk: House) -> None:
    case = begin(desk, "甲")
    draft, seen = filed(desk, case, "合同"), filed(desk, case, "公证书")
    desk.run(MarkOriginalSeen(case, seen), SUPERVISOR)
    with desk.kapok.database.writing() as connection:
        connection.execute(s.document.update().where(s.document.c.id == draft).values(category="draft"))
    part = desk.run(SplitCase(case, "甲的第二项", "两项请求"), SUPERVISOR)["case_id"]
    copied, = desk.rows(s.document, s.document.c.case_id == part)
    known, = desk.rows(s.evidence, s.evidence.c.case_id == part)
    assert (copied.title, known.document, known.seen_by) == ("公证书", copied.id, SUPERVISOR.id)


@pytest.mark.parametrize(("gone", "kept", "after"), [
    (("L3", date(2027, 1, 1)), ("L2", None), ("L3", date(2027, 1, 1))),
    (("L3", date(2027, 1, 1)), ("L3", date(2026, 9, 1)), ("L3", date(2027, 1, 1))),
    (("L3", None), ("L3", date(2026, 9, 1)), ("L3", None)), (("L1", None), ("L2", None), ("L2", None))])
def test_what_was_secret_stays_secret_where_it_goes_on(desk: House, gone, kept, after) -> None:
    ids = begin(desk, "甲"), begin(desk, "乙")
    with desk.kapok.database.writing() as connection:
        for case, (level, day) in zip(ids, (gone, kept), strict=True):
            connection.execute(s.case.update().where(s.case.c.id == case).values(level=level, publication_on=day))
    desk.run(MergeCases(*ids, "同一专利"), SUPERVISOR)
    assert (desk.case(ids[1]).level, desk.case(ids[1]).publication_on) == after


@pytest.mark.parametrize("make", [
    lambda one, two: MergeCases(one, two, "同一专利"), lambda one, two: SplitCase(one, "第二项", "两项"),
    lambda one, two: TransferCase(one, None, None, "管辖")], ids=["merge", "split", "transfer"])
def test_no_one_rearranges_cases_alone(desk: House, make) -> None:
    object.__setattr__(desk.kapok.parts, "two_persons", True)
    command = make(begin(desk, "甲"), begin(desk, "乙"))
    with pytest.raises(SecondPersonNeeded):
        desk.run(command, SUPERVISOR)
    asked = desk.run(RequestApproval(command, "核"), SUPERVISOR)["request"]
    with pytest.raises(OwnRequest):
        desk.run(DecideApproval(asked, True, ""), SUPERVISOR)
    desk.run(AddUser("supervisor2", "另一位", ("supervisor",), "x"))
    assert desk.run(DecideApproval(asked, True, "同意"), actor("supervisor", 2))["state"] == "approved"
