"""The life of a case: suspended, resumed, cancelled, corrected; what becomes of its deadlines, jobs and incidents."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engine.domain.commands import (
    ActivateJobs,
    AnswerWait,
    CancelCase,
    CompleteJob,
    ExtendJob,
    FailJob,
    ModifyCase,
    ResolveIncident,
    ResumeCase,
    SetVariables,
    StartCase,
    SuspendCase,
    ThrowError,
    task_key,
)
from engine.errors import Conflict, NotAllowed, NotFound
from engine.services.operations import OperationCall
from engine.services.operations.registry import OPERATIONS
from engine.store import schema as s
from tests.support.bpmn import (
    boundary,
    catch,
    chain,
    end,
    error,
    flow,
    headers,
    input,
    message,
    process,
    properties,
    service,
    start,
    sub,
    timer,
    user,
    xor,
)
from tests.support.house import ACTORS, SUPERVISOR, House

WORKER, EXAMINER, APPLICANT = (ACTORS[name] for name in ("worker", "examiner", "applicant"))
WORK = process("p", start("s"), service("J", "print", headers(paper="A4"), retries="3"),
               boundary("b", "J", error("E1")), end("e"), end("f"), chain("s", "J", "e"), chain("b", "f"))
TIMED = process("p", start("s"), user("A"), boundary("b", "A", timer("PT1H")), end("e"), end("late"),
                chain("s", "A", "e"), chain("b", "late"))


# -- suspended, resumed, cancelled ------------------------------------------------------------------------------------

def test_a_suspended_case_rests_and_goes_on_where_it_was(house: House) -> None:
    house.deploy(TIMED)
    case = house.start("p")
    house.run(SuspendCase(case, "court"), SUPERVISOR)
    house.advance(hours=2)
    assert house.case(case).state == "suspended"
    assert house.rows(s.timer)[0].due_at < house.clock.now()
    house.run(ResumeCase(case, "done"), SUPERVISOR)
    house.settle()
    assert (house.case(case).state, house.case(case).ended_element) == ("completed", "late")
    assert [row.data["reason"] for row in house.history(case, "case:suspended", "case:active")] == ["court", "done"]


def test_a_cancelled_case_leaves_nothing_waiting(house: House) -> None:
    house.deploy(TIMED)
    case = house.start("p")
    house.run(CancelCase(case, "withdrawn"), SUPERVISOR)
    assert house.case(case).state == "cancelled"
    assert house.rows(s.timer) == []
    assert [row.state for row in house.rows(s.user_task)] == ["cancelled"]
    with pytest.raises(Conflict):
        house.run(CancelCase(case, "again"), SUPERVISOR)


@pytest.mark.parametrize("command", [SuspendCase, CancelCase])
def test_who_may_not_touch_a_case_does_not_learn_of_it(house: House, command: Any) -> None:
    house.deploy(TIMED)
    case = house.start("p")
    for key in (case, "nobody"):
        with pytest.raises(NotFound) as refused:
            house.run(command(key, "x"), EXAMINER)
        assert refused.value.params == {"noun": "case", "key": key}


def test_variables_are_set_and_conditions_see_them(house: House) -> None:
    house.deploy(process("p", start("s"), user("A"), xor("x", default="x-f"), end("e"), end("f"), chain("s", "A", "x"),
                         flow("x", "e", "=n > 1"), flow("x", "f")))
    case = house.start("p", {"n": 1})
    house.run(SetVariables(case, {"n": 2, "title": "甲公司 发明"}), SUPERVISOR)
    assert house.case(case).title == "甲公司 发明"
    house.complete(case, "A")
    assert house.case(case).ended_element == "e"


def test_tokens_are_moved_by_hand_with_a_reason(house: House) -> None:
    house.deploy(process("p", start("s"), user("A"), user("B"), end("e"), chain("s", "A", "B", "e")))
    case = house.start("p")
    instance = house.rows(s.user_task)[0].instance
    house.run(ModifyCase(case, ("B",), (instance,), "wrong turn"), SUPERVISOR)
    assert house.open_tasks(case) == ["B"]
    assert [row.data for row in house.history(case, "reason")] == [{"reason": "wrong turn"}]
    assert "wrong turn" not in house.audit(case)[-1].entry


def test_an_applicant_is_bound_to_the_case_and_no_form_changes_that(house: House) -> None:
    house.deploy(process("p", start("s", properties(role="applicant")), user("A"), end("e"), chain("s", "A", "e")))
    case = str(house.run(StartCase("p", {"applicant_user": "somebody"}), APPLICANT)["case_id"])
    house.complete(case, "A", {"applicant_user": "somebody"})
    assert house.case(case).applicant == "applicant1"


# -- answers of people ------------------------------------------------------------------------------------------------

def test_a_party_answers_a_wait_of_its_own_case_only(house: House) -> None:
    asked = catch("M", message("answer", "=key"), properties(role="applicant"))
    house.deploy(process("p", start("s", properties(role="applicant")), asked, end("e"), chain("s", "M", "e")))
    mine = str(house.run(StartCase("p", {"key": "1"}), APPLICANT)["case_id"])
    other = str(house.run(StartCase("p", {"key": "2"}), SUPERVISOR)["case_id"])
    waits = {row.case_id: task_key(row.case_id, row.wait) for row in house.rows(s.subscription)}
    with pytest.raises(NotFound):
        house.run(AnswerWait(waits[other]), APPLICANT)
    house.run(AnswerWait(waits[mine], {"yes": True}), APPLICANT)
    assert house.case(mine).state == "completed"


# -- timers -----------------------------------------------------------------------------------------------------------

def test_a_late_timer_fires_all_the_same(house: House) -> None:
    house.deploy(TIMED)
    case = house.start("p")
    house.advance(days=400)
    assert house.case(case).ended_element == "late"


def test_a_completed_task_takes_its_timer_along(house: House) -> None:
    house.deploy(TIMED)
    case = house.start("p")
    house.complete(case, "A")
    assert house.rows(s.timer) == []
    house.advance(hours=2)
    assert house.case(case).ended_element == "e"


def test_a_timer_start_event_starts_case_after_case(house: House) -> None:
    house.deploy(process("p", start("s", timer("R2/PT1H")), end("e"), chain("s", "e")))
    for _ in range(4):
        house.advance(hours=1)
    assert len(house.rows(s.case)) == 2


# -- deadlines --------------------------------------------------------------------------------------------------------

def deadlined(house: House) -> str:
    house.deploy(process(
        "p", start("s"), user("A"), boundary("b", "A", timer('=deadline("dl.pre.answer")', "date")),
        end("e"), end("late"), chain("s", "A", "e"), chain("b", "late"),
        sub("ev", start("w", message("withdraw", "=key"), interrupting=True), end("we"), chain("w", "we"), event=True)))
    return house.start("p", {"key": "k", "kind": "invention"})


def test_a_deadline_stands_beside_its_timer_with_its_computation(house: House) -> None:
    case = deadlined(house)
    row = house.rows(s.deadline)[0]
    assert (row.key, row.state, row.element) == ("dl.pre.answer", "running", "b")
    assert row.due_at == house.rows(s.timer)[0].due_at
    assert row.event_on.isoformat() == "2026-03-02"
    assert row.rule_version
    assert row.calendar_version
    assert row.computation
    assert house.history(case, "deadlineArmed")[0].data["key"] == "dl.pre.answer"


@pytest.mark.parametrize("what", ["met", "expired", "cancelled", "interrupted"])
def test_a_deadline_ends_as_what_happened(house: House, what: str) -> None:
    case = deadlined(house)
    if what == "met":
        house.complete(case, "A")
    elif what == "expired":
        house.advance(days=60)
    elif what == "cancelled":
        house.run(CancelCase(case, "x"), SUPERVISOR)
    else:
        house.publish("withdraw", "k")
    row = house.rows(s.deadline)[0]
    assert row.state == {"interrupted": "cancelled"}.get(what, what)
    assert row.ended_at == house.clock.now()


# -- jobs -------------------------------------------------------------------------------------------------------------

def fetch(house: House, worker: str = "w1", **more: Any) -> list[dict[str, Any]]:
    return list(house.run(ActivateJobs("print", worker, 10, **more), WORKER)["jobs"])


def test_a_job_is_fetched_once_until_its_lock_runs_out(house: House) -> None:
    house.deploy(WORK)
    case = house.start("p", {"n": 1})
    jobs = fetch(house, lock=timedelta(minutes=5))
    assert [(job["case"], job["headers"], job["variables"], job["retries"]) for job in jobs] == [
        (case, {"paper": "A4"}, {"n": 1}, 3)]
    assert fetch(house, "w2") == []
    house.run(ExtendJob(jobs[0]["key"], timedelta(minutes=10)), WORKER)
    house.clock.advance(timedelta(minutes=9))
    assert fetch(house, "w2") == []
    house.clock.advance(timedelta(minutes=1))
    assert len(fetch(house, "w2")) == 1
    house.run(CompleteJob(jobs[0]["key"], {"pages": 3}), WORKER)
    assert house.case(case).state == "completed"
    with pytest.raises((NotFound, Conflict)):
        house.run(CompleteJob(jobs[0]["key"]), WORKER)


def test_a_job_is_tried_again_after_its_back_off_and_then_becomes_an_incident(house: House) -> None:
    house.deploy(WORK)
    case = house.start("p")
    key = fetch(house)[0]["key"]
    house.run(FailJob(key, "no paper", back_off=timedelta(minutes=1)), WORKER)
    assert fetch(house) == []
    house.clock.advance(timedelta(minutes=1))
    assert fetch(house)[0]["retries"] == 2
    house.run(FailJob(key, "no paper", retries=0), WORKER)
    incident = house.rows(s.incident)[0]
    assert (incident.element, incident.code, incident.message) == ("J", "job_failed", "no paper")
    house.clock.advance(timedelta(hours=1))
    assert fetch(house) == []
    house.run(ResolveIncident(task_key(case, incident.incident), {"paper": True}), SUPERVISOR)
    assert house.rows(s.incident)[0].resolved_by == "supervisor1"
    assert fetch(house)[0]["variables"] == {"paper": True}
    with pytest.raises(Conflict):
        house.run(ResolveIncident(task_key(case, incident.incident)), SUPERVISOR)


def test_a_worker_may_throw_an_error_but_only_from_jobs(house: House) -> None:
    house.deploy(WORK, process("q", start("s"), user("A"), end("e"), chain("s", "A", "e")))
    case = house.start("p")
    other = house.start("q")
    with pytest.raises(NotFound):
        house.run(ThrowError(house.task(other, "A"), "E1"), WORKER)
    house.run(ThrowError(fetch(house)[0]["key"], "E1"), WORKER)
    assert house.case(case).ended_element == "f"


def test_only_workers_work(house: House) -> None:
    with pytest.raises(NotAllowed):
        house.run(ActivateJobs("print", "me"), EXAMINER)


def test_jobs_of_a_suspended_case_rest(house: House) -> None:
    house.deploy(WORK)
    case = house.start("p")
    house.run(SuspendCase(case, "x"), SUPERVISOR)
    assert fetch(house) == []


# -- operations -------------------------------------------------------------------------------------------------------

def test_an_operation_that_fails_leaves_an_incident_and_no_number(house: House) -> None:
    """A number is given back when what asked for it fails: the series has no gaps."""
    numbered = service("N", "case.number", input("=series", "series"), input("=kind", "kind"))
    house.deploy(process("p", start("s"), numbered, user("A"), end("e"), chain("s", "N", "A", "e")))
    first = house.start("p", {"series": "YS", "kind": "invention"})
    broken = house.start("p", {"series": "YS", "kind": "no such kind"})
    third = house.start("p", {"series": "YS", "kind": "invention"})
    assert [house.case(case).case_no for case in (first, broken, third)] == ["YS-2026-FM-000001", None,
                                                                             "YS-2026-FM-000002"]
    incident = house.rows(s.incident)[0]
    assert incident.case_id == broken
    assert [row.series for row in house.rows(s.number_series)] == ["YS-invention"]
    house.run(SetVariables(broken, {"kind": "invention"}, incident.instance), SUPERVISOR)
    house.run(ResolveIncident(task_key(broken, incident.incident)), SUPERVISOR)
    assert house.case(broken).case_no == "YS-2026-FM-000003"
    assert house.open_tasks(broken) == ["A"]


def test_a_defect_in_an_operation_is_an_incident_and_no_worker_gets_its_job(database_url: str, tmp_path: Any,
                                                                            house: House) -> None:
    def defective(call: OperationCall) -> dict[str, Any]:
        raise ZeroDivisionError("defect")

    house.close()
    broken = House(database_url, tmp_path / "other", {**OPERATIONS, "print": defective}, seed=2)
    broken.deploy(WORK)
    broken.start("p")
    assert "ZeroDivisionError" in broken.rows(s.incident)[0].message
    assert fetch(broken) == []
    broken.close()
