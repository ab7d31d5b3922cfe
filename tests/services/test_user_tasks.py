"""User tasks: who may take them, and what becomes of two who want the same."""

from __future__ import annotations

import pytest

from engine.domain.actors import SYSTEM
from engine.domain.commands import (
    AssignUserTask,
    CancelCase,
    ClaimUserTask,
    CompleteUserTask,
    ReleaseUserTask,
    SaveDraft,
    SuspendCase,
    ThrowError,
)
from engine.errors import Conflict, NotAllowed, NotFound
from engine.services.cleaner import Sweep
from engine.services.user_tasks import DutySeparation, TaskClaimed, TaskOver, TaskTaken
from engine.store import schema as s
from tests.support.bpmn import assign, boundary, chain, end, error, process, properties, start, timer, user
from tests.support.house import SUPERVISOR, House, actor

EXAMINER, OTHER, QUALITY = actor("examiner"), actor("examiner", 2), actor("quality")
REVIEW = process("p", start("s"), user("A", assign(groups="examiner"), name="审查"),
                 user("B", assign(groups="examiner"), properties(notBy="A"), name="质检"), end("e"),
                 chain("s", "A", "B", "e"))


@pytest.fixture
def case(house: House) -> str:
    house.deploy(REVIEW)
    return house.start("p")


def test_a_task_is_claimed_released_and_completed(house: House, case: str) -> None:
    house.claim(case, "A", EXAMINER)
    assert house.rows(s.user_task)[0].assignee == "examiner1"
    house.run(ReleaseUserTask(house.task(case, "A")), EXAMINER)
    assert house.rows(s.user_task)[0].assignee is None
    house.claim(case, "A", OTHER)
    house.complete(case, "A", {"result": "ok"}, OTHER)
    done = house.rows(s.user_task)[0]
    assert (done.state, done.ended_by, done.ended_at) == ("completed", "examiner2", house.clock.now())
    assert house.open_tasks(case) == ["B"]


def test_a_task_of_another_role_is_as_if_it_were_not_there(house: House, case: str) -> None:
    task = house.task(case, "A")
    for command in (ClaimUserTask(task), CompleteUserTask(task), ReleaseUserTask(task), SaveDraft(task, {})):
        with pytest.raises(NotFound) as there:
            house.run(command, QUALITY)
        assert there.value.params["noun"] == "user task"
    absent = task[:-1] + "999"
    with pytest.raises(NotFound) as missing:
        house.run(ClaimUserTask(absent), QUALITY)
    assert missing.value.message.replace(absent, "…") == there.value.message.replace(task, "…")


@pytest.mark.parametrize("key", ["", "x", "x~", "~1", "nobody~1", "x~-1", "x~１", "x~99999999999999999999"])
def test_a_malformed_key_is_not_found(house: House, case: str, key: str) -> None:
    with pytest.raises(NotFound):
        house.run(CompleteUserTask(key), EXAMINER)


def test_whom_a_task_was_offered_to_learns_who_claimed_it(house: House, case: str) -> None:
    task = house.task(case, "A")
    house.claim(case, "A", EXAMINER)
    with pytest.raises(TaskClaimed) as refused:
        house.run(ClaimUserTask(task), OTHER)
    assert (refused.value.params["by"], refused.value.params["at"]) == ("examiner1", house.clock.now())
    with pytest.raises(TaskClaimed):
        house.run(CompleteUserTask(task), OTHER)
    with pytest.raises(NotFound):
        house.run(CompleteUserTask(task), QUALITY)


def test_the_second_completion_learns_who_and_when(house: House, case: str) -> None:
    task = house.task(case, "A")
    house.run(CompleteUserTask(task), EXAMINER)
    when = house.clock.now()
    house.advance(minutes=1)
    with pytest.raises(TaskTaken) as refused:
        house.run(CompleteUserTask(task), OTHER)
    assert isinstance(refused.value, Conflict)
    assert refused.value.params["by"] == "examiner1"
    assert refused.value.params["at"] == when


def test_a_draft_that_comes_too_late_is_told_who_was_quicker(house: House, case: str) -> None:
    task = house.task(case, "A")
    house.claim(case, "A", EXAMINER)
    with pytest.raises(TaskClaimed):
        house.run(SaveDraft(task, {"opinion": "一"}), OTHER)
    house.complete(case, "A", actor=EXAMINER)
    with pytest.raises(TaskTaken) as refused:
        house.run(SaveDraft(task, {"opinion": "一"}), OTHER)
    assert refused.value.params["by"] == "examiner1"


def test_a_task_that_the_case_went_on_without_says_since_when(house: House) -> None:
    house.deploy(process("q", start("s"), user("A", assign(groups="examiner")), boundary("b", "A", timer("PT1H")),
                         user("C", assign(groups="quality")), end("e"), end("f"), chain("s", "A", "e"),
                         chain("b", "C", "f")))
    case = house.start("q")
    task = house.task(case, "A")
    house.advance(hours=1)
    with pytest.raises(TaskOver) as refused:
        house.run(CompleteUserTask(task), EXAMINER)
    assert (refused.value.params["by"], refused.value.params["at"]) == ("system", house.clock.now())


def test_who_did_one_may_not_do_the_other(house: House, case: str) -> None:
    house.complete(case, "A", actor=EXAMINER)
    with pytest.raises(DutySeparation) as refused:
        house.complete(case, "B", actor=EXAMINER)
    assert refused.value.params == {"by": "examiner1", "name": "质检", "other": "审查"}
    with pytest.raises(DutySeparation):
        house.claim(case, "B", EXAMINER)
    with pytest.raises(DutySeparation):
        house.run(AssignUserTask(house.task(case, "B"), "examiner1"), SUPERVISOR)
    house.complete(case, "B", actor=OTHER)
    assert house.case(case).state == "completed"


def test_a_supervisor_assigns_and_others_may_not(house: House, case: str) -> None:
    task = house.task(case, "A")
    with pytest.raises(NotAllowed):
        house.run(AssignUserTask(task, "examiner2"), EXAMINER)
    house.run(AssignUserTask(task, "examiner2", "leave"), SUPERVISOR)
    assert house.rows(s.user_task)[0].assignee == "examiner2"
    note = house.history(case, "task:assigned")[0]
    assert (note.actor, note.element, note.data) == ("supervisor1", "A", {"assignee": "examiner2", "reason": "leave"})


def test_a_draft_is_kept_for_each_person_and_goes_with_the_task(house: House, case: str) -> None:
    task = house.task(case, "A")
    house.run(SaveDraft(task, {"opinion": "一"}), EXAMINER)
    house.run(SaveDraft(task, {"opinion": "二"}), EXAMINER)
    house.run(SaveDraft(task, {"opinion": "三"}), OTHER)
    assert [(row.actor, row.form_values) for row in house.rows(s.draft)] == [
        ("examiner1", {"opinion": "二"}), ("examiner2", {"opinion": "三"})]
    house.complete(case, "A", actor=EXAMINER)
    assert [row.actor for row in house.rows(s.draft)] == ["examiner2"]  # who was overtaken has the text for a while
    house.run(Sweep(), SYSTEM)
    assert len(house.rows(s.draft)) == 1
    house.advance(days=31)
    house.run(Sweep(), SYSTEM)
    assert house.rows(s.draft) == []


def test_a_task_with_one_assignee_cannot_be_released(house: House) -> None:
    house.deploy(process("q", start("s"), user("A", assign(assignee="examiner1")), end("e"), chain("s", "A", "e")))
    case = house.start("q")
    with pytest.raises(Conflict):
        house.run(ReleaseUserTask(house.task(case, "A")), EXAMINER)


def test_an_error_from_a_task_takes_its_boundary(house: House) -> None:
    house.deploy(process("q", start("s"), user("A", assign(groups="examiner")), boundary("b", "A", error("E1")),
                         end("e"), end("f"), chain("s", "A", "e"), chain("b", "f")))
    case = house.start("q")
    with pytest.raises(NotFound):
        house.run(ThrowError(house.task(case, "A"), "E1"), QUALITY)
    house.run(ThrowError(house.task(case, "A"), "E1", {"why": "x"}), EXAMINER)
    assert house.case(case).state == "completed"
    assert house.case(case).ended_element == "f"


def test_a_task_of_a_suspended_or_cancelled_case_cannot_be_completed(house: House, case: str) -> None:
    task = house.task(case, "A")
    house.run(SuspendCase(case, "x"), SUPERVISOR)
    with pytest.raises(Conflict) as suspended:
        house.run(CompleteUserTask(task), EXAMINER)
    house.run(CancelCase(case, "x"), SUPERVISOR)
    with pytest.raises(Conflict) as cancelled:
        house.run(CompleteUserTask(task), EXAMINER)
    assert (suspended.value.params["state"], cancelled.value.params["state"]) == ("suspended", "cancelled")
    assert {error.value.params["by"] for error in (suspended, cancelled)} == {"supervisor1"}


def test_a_partys_task_is_open_to_nobody_else(house):
    """Released, it would be offered to every applicant there is; so it is not released, and others do not see it."""
    house.deploy(process("own", start(), user("fix", assign(assignee="= applicant_user", groups="applicant")), end(),
                         chain("start", "fix", "end")))
    case = house.start("own", {"applicant_user": "applicant1"})
    key = house.task(case, "fix")
    with pytest.raises(Conflict):
        house.run(ReleaseUserTask(key), actor("applicant"))
    for command in (ClaimUserTask(key), CompleteUserTask(key), ReleaseUserTask(key)):
        with pytest.raises(NotFound) as refused:
            house.run(command, actor("applicant", 2))
        assert refused.value.params["noun"] == "user task"
    with pytest.raises(NotFound) as unknown:
        house.run(ClaimUserTask("0" * 36 + "~1"), actor("applicant", 2))
    assert unknown.value.params["noun"] == "user task"
