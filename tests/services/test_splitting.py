"""A part of a case with what was chosen for it: papers, parties, tasks; and what two persons are told of it, of a
merger and of a transfer; on both databases."""

from __future__ import annotations

import io

import pytest

from engine.domain.administration import AddUnit, RequestApproval
from engine.domain.commands import AddUser, FileRef
from engine.domain.desk_commands import MergeCases, SplitCase, TransferCase
from engine.domain.paper_commands import AddEvidence
from engine.errors import NotFound
from engine.services.desk.splitting import CannotGoOver, PeriodRuns
from engine.store import schema as s
from tests.support.bpmn import assign, boundary, chain, end, flow, parallel, process, start, timer, user
from tests.support.house import SUPERVISOR, House, actor

EXAMINER = actor("examiner")
BOTH = process("b", start("s"), parallel("fork"), user("A", assign(groups="examiner"), name="整理"),
               user("B", assign(groups="examiner"), name="核对"), user("C", assign(groups="examiner"), name="答复"),
               boundary("late", "C", timer('=deadline("dl.pre.answer")', "date")), end("a"), end("x"), end("c"),
               end("f"), chain("s", "fork"), flow("fork", "A"), flow("fork", "B"), flow("fork", "C"), chain("A", "a"),
               chain("B", "x"), chain("C", "c"), chain("late", "f"))
ONE = process("o", start("s"), user("A", assign(groups="examiner"), name="整理"), end("e"), chain("s", "A", "e"))
PEOPLE = {"kind": "invention", "applicant": {"name": "甲公司"}, "applicant_user": "applicant1",
          "respondent": [{"name": "乙商行"}, {"name": "丙厂"}]}


@pytest.fixture
def desk(house: House) -> House:
    house.deploy(BOTH, ONE)
    for who in (EXAMINER, SUPERVISOR):
        house.run(AddUser(who.id, f"某{who.id}", tuple(who.roles), "x"))
    return house


def begin(house: House, process_id: str = "b") -> str:
    return house.start(process_id, {"title": "两项发明", **PEOPLE}, SUPERVISOR)


def filed(house: House, case: str, name: str) -> str:
    staged = house.kapok.files.stage(io.BytesIO(f"%PDF-1.7 {name}".encode()), f"{name}.pdf", "", SUPERVISOR)
    return str(house.run(AddEvidence(case, name, "other", (FileRef(staged.sha256, f"{name}.pdf"),)),
                         SUPERVISOR)["documents"][0])


def test_a_part_gets_what_was_chosen_and_the_rest_stays(desk: House) -> None:
    case = begin(desk)
    filed(desk, case, "合同")
    wanted = filed(desk, case, "公证书")
    desk.claim(case, "B", EXAMINER)
    told = desk.run(SplitCase(case, "第二项", "单一性", (wanted,), ("丙厂",), (desk.task(case, "B"),)), SUPERVISOR)
    part = told["case_id"]
    assert (told["documents"], told["tasks"], told["parties"]) == (["公证书"], ["核对"], ["丙厂"])
    assert [row.title for row in desk.rows(s.document, s.document.c.case_id == part)] == ["公证书"]
    assert (desk.open_tasks(part), sorted(desk.open_tasks(case))) == (["B"], ["A", "C"])
    moved, = desk.rows(s.user_task, (s.user_task.c.case_id == part) & (s.user_task.c.state == "open"))
    assert moved.assignee == EXAMINER.id
    assert desk.case(part).applicant is None and desk.case(case).applicant == "applicant1"
    views = desk.kapok.queries
    assert [[link.reason for link in views.case(SUPERVISOR, key).links] for key in (case, part)] == [["单一性"]] * 2
    assert desk.broken() == []


def test_a_period_does_not_begin_anew_elsewhere(desk: House) -> None:
    case = begin(desk)
    with pytest.raises(PeriodRuns):
        desk.run(SplitCase(case, "第二项", "单一性", tasks=(desk.task(case, "C"),)), SUPERVISOR)
    assert sorted(desk.open_tasks(case)) == ["A", "B", "C"] and len(desk.rows(s.case)) == 1


def test_something_stays(desk: House) -> None:
    case = begin(desk, "o")
    with pytest.raises(CannotGoOver):
        desk.run(SplitCase(case, "第二项", "单一性", tasks=(desk.task(case, "A"),)), SUPERVISOR)
    assert desk.open_tasks(case) == ["A"] and len(desk.rows(s.case)) == 1


def test_a_task_of_another_case_does_not_go_over(desk: House) -> None:
    case, other = begin(desk), begin(desk)
    with pytest.raises(NotFound):
        desk.run(SplitCase(case, "第二项", "单一性", tasks=(desk.task(other, "A"),)), SUPERVISOR)


def test_the_second_person_is_told_what_will_happen(desk: House) -> None:
    object.__setattr__(desk.kapok.parts, "two_persons", True)
    unit = desk.run(AddUnit("东莞分中心", "node", None, None))["unit"]
    case, kept = begin(desk), begin(desk)
    filed(desk, case, "合同")
    desk.claim(case, "A", EXAMINER)

    def preview(command: object) -> dict[str, object]:
        asked = desk.run(RequestApproval(command, "核"), SUPERVISOR)["request"]  # type: ignore[arg-type]
        return dict(desk.rows(s.approval_request, s.approval_request.c.id == asked)[0].summary["preview"])

    assert preview(SplitCase(case, "第二项", "单一性"))["documents"] == ["合同"]
    merged = preview(MergeCases(case, kept, "同一事项"))
    assert (merged["documents"], sorted(merged["tasks"])) == (["合同"], ["整理", "核对", "答复"])  # type: ignore[call-overload]
    given = preview(TransferCase(case, unit, EXAMINER.id, "管辖"))
    assert (given["before"], given["after"], given["tasks"]) == (
        {"unit": "", "owner": ""}, {"unit": "东莞分中心", "owner": f"某{EXAMINER.id}"}, ["整理"])
    assert sorted(desk.open_tasks(case)) == ["A", "B", "C"]
