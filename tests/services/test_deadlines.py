"""The life of deadlines: each change moves row, timer and ladder together, is refused where the law refuses it, and is
kept with its steps; expiry waits for a person."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from engine.clock import LOCAL_ZONE
from engine.domain.actors import SYSTEM
from engine.domain.commands import AnswerWait, CancelCase, ResumeCase, SuspendCase, task_key
from engine.domain.deadline_commands import (
    AcceptLate,
    ArmDeadline,
    CloseDeadline,
    ConfirmExpiry,
    ExtendDeadline,
    InterruptDeadline,
    OverrideDeadline,
    PauseDeadline,
    ProveService,
    RestoreRight,
    ResumeDeadline,
)
from engine.domain.period_texts import Step
from engine.domain.periods import due_at
from engine.domain.wait_numbers import is_by_hand
from engine.errors import Conflict, InvalidInput, NotAllowed
from engine.services.legal_time.deadlines import DeadlinePassed
from engine.services.legal_time.expiry import FORM_ID
from engine.services.people.approvals import SecondPersonNeeded
from engine.store import schema as s
from tests.support.bpmn import (
    boundary,
    catch,
    chain,
    end,
    event_gateway,
    message,
    process,
    properties,
    start,
    timer,
    user,
)
from tests.support.house import ACTORS, SUPERVISOR, House, emptied

EXAMINER, APPLICANT, ADMIN = ACTORS["examiner"], ACTORS["applicant"], ACTORS["admin"]


def waiting(key: str, more: str = "") -> bytes:
    """A case that waits for an answer until a deadline."""
    answer = catch("answer", message("answer", "= no"), properties(role="intake"))
    late = catch("late", timer(f'= deadline("{key}"{more})'))
    return process("p", start("s"), event_gateway("G"), answer, late, end("answered"), end("expired"),
                   chain("s", "G", "answer", "answered"), chain("G", "late", "expired"))


def armed(house: House, key: str, variables: dict[str, Any] | None = None, more: str = "") -> tuple[str, str]:
    """A case with that deadline running; its id and the deadline's public key."""
    house.deploy(waiting(key, more), actor=SYSTEM)
    case = house.start("p", {"no": "N-1", "kind": "invention", **(variables or {})})
    return case, task_key(case, row_of(house, case).wait)


def row_of(house: House, case: str) -> Any:
    return house.rows(s.deadline, s.deadline.c.case_id == case)[-1]


def timer_of(house: House, case: str) -> Any:
    return house.rows(s.timer, s.timer.c.case_id == case)[0]


def to(house: House, day: str, hour: int = 9) -> None:
    """Move the clock to an hour of a Beijing day, and let everything happen on the way."""
    moment = datetime.combine(date.fromisoformat(day), datetime.min.time(), LOCAL_ZONE) + timedelta(hours=hour)
    house.clock.move_to(max(moment, house.clock.now()))
    house.settle()


def moved(house: House, case: str, due_on: str) -> None:
    """Row, timer and planned ladder agree on a day."""
    row = row_of(house, case)
    assert row.due_on.isoformat() == due_on
    assert timer_of(house, case).due_at == row.due_at == due_at(row.due_on)
    planned = house.rows(s.escalation_rung, s.escalation_rung.c.case_id == case,
                         s.escalation_rung.c.state == "planned", s.escalation_rung.c.rung < 100)
    assert planned and {rung.due_on for rung in planned} == {row.due_on}


# -- moving -----------------------------------------------------------------------------------------------------------

def test_an_extension_counts_from_the_original_start(house: House) -> None:
    case, key = armed(house, "dl.cnipa.oaN", more=', date("2026-03-02")')
    moved(house, case, "2026-05-06")
    house.run(ExtendDeadline(key, 1, "month", "资料待译"), SUPERVISOR)
    moved(house, case, "2026-06-02")
    note = house.history(case, "deadline:extended")[0].data
    assert (note["before"], note["due_on"], note["reason"]) == ("2026-05-06", "2026-06-02", "资料待译")
    for language in ("zh", "en"):
        assert all(Step.from_record(step).text(language) for step in note["steps"])
    assert house.broken() == []


@pytest.mark.parametrize(("key", "count", "unit", "code", "article"), [
    ("dl.inv.answer", 1, "month", "extension_forbidden", "专利法实施细则75"),
    ("dl.cnipa.oaN", 3, "month", "extension_too_long", "专利法实施细则6(4)"),
    ("dl.pre.correct", 1, "workday", "extension_forbidden", "本地规则"),
])
def test_an_extension_that_the_law_forbids_names_the_article(house: House, key: str, count: int, unit: str, code: str,
                                                             article: str) -> None:
    case, deadline = armed(house, key)
    before = row_of(house, case)
    with pytest.raises(InvalidInput) as refused:
        house.run(ExtendDeadline(deadline, count, unit), SUPERVISOR)
    assert refused.value.code == code and article in refused.value.params["article"]
    assert row_of(house, case) == before


def test_one_extension_only_and_none_after_expiry(house: House) -> None:
    case, key = armed(house, "dl.cnipa.oaN", more=', date("2026-03-02")')
    house.run(ExtendDeadline(key, 1, "month"), SUPERVISOR)
    with pytest.raises(InvalidInput) as twice:
        house.run(ExtendDeadline(key, 1, "month"), SUPERVISOR)
    assert twice.value.code == "extension_twice"
    to(house, "2026-06-03")
    assert row_of(house, case).state == "expired"
    with pytest.raises(InvalidInput) as late:
        house.run(ExtendDeadline(key, 1, "month"), SUPERVISOR)
    assert late.value.code == "extension_too_late" and "专利法实施细则6(4)" in late.value.params["article"]


def test_who_may_not_extend_is_told_so(house: House) -> None:
    _, key = armed(house, "dl.cnipa.oaN")
    with pytest.raises(NotAllowed):
        house.run(ExtendDeadline(key, 1, "month"), EXAMINER)


def test_a_pause_stops_the_clock_and_resuming_gives_back_what_was_left(house: House) -> None:
    case, key = armed(house, "dl.inv.answer", more=', date("2026-03-02")')
    moved(house, case, "2026-04-02")
    to(house, "2026-03-04")
    house.run(PauseDeadline(key, "中止程序", "中止通知书"), SUPERVISOR)
    assert (row_of(house, case).state, timer_of(house, case).held) == ("paused", True)
    to(house, "2026-05-20")
    assert row_of(house, case).state == "paused" and house.case(case).state == "active"
    house.run(ResumeDeadline(key, "恢复通知书"), SUPERVISOR)
    moved(house, case, "2026-06-18")  # 29 days were left on 4 March
    assert house.history(case, "deadline:resumed")[0].data["to_on"] == "2026-05-20"
    to(house, "2026-06-18", 23)
    assert row_of(house, case).state == "running"
    to(house, "2026-06-19", 0)
    assert row_of(house, case).state == "expired"


def test_a_pause_that_is_over_is_recorded_afterwards(house: House) -> None:
    case, key = armed(house, "dl.med.term", {"source": "委派"}, ', date("2026-03-02")')
    to(house, "2026-03-20")
    house.run(PauseDeadline(key, "司法鉴定", "鉴定委托书", date(2026, 3, 4), date(2026, 3, 14)), SUPERVISOR)
    moved(house, case, "2026-04-13")  # 1 April + 10 days is a Saturday


@pytest.mark.parametrize(("key", "command", "code"), [
    ("dl.inv.fee", {"reason": "中止"}, "pause_forbidden"),
    ("dl.inv.answer", {"reason": "中止", "from_on": date(2026, 3, 2), "to_on": date(2026, 3, 1)}, "pause_backwards"),
])
def test_a_pause_the_law_does_not_know_names_the_article(house: House, key: str, command: dict[str, Any],
                                                         code: str) -> None:
    _, deadline = armed(house, key)
    with pytest.raises(InvalidInput) as refused:
        house.run(PauseDeadline(deadline, **command), SUPERVISOR)
    assert refused.value.code == code and refused.value.params["article"]


@pytest.mark.parametrize("command", [
    {"reason": " "}, {"reason": "中止", "from_on": date(2026, 3, 1)}, {"reason": "中止", "from_on": date(2026, 3, 3)},
    {"reason": "中止", "from_on": date(2026, 3, 2), "to_on": date(2026, 3, 9)},
])
def test_a_pause_that_makes_no_sense_is_refused(house: House, command: dict[str, Any]) -> None:
    _, deadline = armed(house, "dl.inv.answer", more=', date("2026-03-02")')
    with pytest.raises(InvalidInput):
        house.run(PauseDeadline(deadline, **command), SUPERVISOR)


def test_resuming_before_the_pause_is_refused(house: House) -> None:
    _, key = armed(house, "dl.inv.answer")
    to(house, "2026-03-05")
    house.run(PauseDeadline(key, "中止"), SUPERVISOR)
    with pytest.raises(InvalidInput) as refused:
        house.run(ResumeDeadline(key, on=date(2026, 3, 4)), SUPERVISOR)
    assert refused.value.code == "pause_backwards"


def test_limitation_runs_anew_from_an_act_and_nothing_else_does(house: House) -> None:
    case, key = armed(house, "dl.limitation", more=', date("2023-06-01")')
    house.run(InterruptDeadline(key, date(2026, 3, 2), "请求调解"), SUPERVISOR)
    moved(house, case, "2029-03-02")
    with pytest.raises(InvalidInput) as late:
        house.run(InterruptDeadline(key, date(2029, 3, 3), "起诉"), SUPERVISOR)
    assert late.value.code == "period_over"
    _, other = armed(house, "dl.inv.answer")
    with pytest.raises(InvalidInput) as refused:
        house.run(InterruptDeadline(other, date(2026, 3, 2), "请求"), SUPERVISOR)
    assert refused.value.code == "interruption_forbidden"


def test_service_proven_on_another_day_moves_the_deadline(house: House) -> None:
    house.deploy(process("p", start("s"), user("A"), end("e"), chain("s", "A", "e")), actor=SYSTEM)
    case = house.start("p")
    answer = house.run(ArmDeadline(case, "dl.cnipa.oaN", date(2026, 1, 10), "cnipa.post"), SUPERVISOR)
    assert answer["due_on"] == "2026-03-25"
    house.run(ProveService(answer["deadline"], date(2026, 2, 10), "邮政回执"), SUPERVISOR)
    moved(house, case, "2026-04-10")


def test_a_day_by_hand_needs_two_persons(database_url: str, tmp_path: Path) -> None:
    house = House(emptied(database_url), tmp_path / "house", two_persons=True)
    case, key = armed(house, "dl.inv.answer", more=', date("2026-03-02")')
    command = OverrideDeadline(key, date(2026, 4, 10), "法院裁定", "裁定书")
    with pytest.raises(SecondPersonNeeded):
        house.run(command, SUPERVISOR)
    house.run(command)
    moved(house, case, "2026-04-10")
    assert "法院裁定" in str(row_of(house, case).computation["steps"])
    house.close()


# -- expiry -----------------------------------------------------------------------------------------------------------

def expired(house: House) -> tuple[str, str]:
    case, key = armed(house, "dl.inv.answer", more=', date("2026-03-02")')
    to(house, "2026-04-03", 0)
    return case, key


def test_expiry_asks_a_person_to_confirm(house: House) -> None:
    case, _ = expired(house)
    assert row_of(house, case).state == "expired" and house.case(case).state == "active"
    task = house.rows(s.user_task, s.user_task.c.case_id == case)[0]
    assert task.name.startswith("期限届满，请确认后果") and task.form_id == FORM_ID
    house.advance(days=1)
    assert len(house.rows(s.user_task)) == 1
    house.complete(case, "late", {"decision": "confirm"}, SUPERVISOR)
    assert (house.case(case).state, house.case(case).ended_element) == ("completed", "expired")
    assert row_of(house, case).state == "expired" and house.rows(s.timer) == []
    assert house.broken() == []


def test_an_internal_expiry_goes_on_by_itself(house: House) -> None:
    case, _ = armed(house, "dl.med.invite", more=', date("2026-03-02")')
    to(house, "2026-03-05", 23)
    assert house.case(case).state == "active"
    to(house, "2026-03-06", 0)
    assert house.case(case).ended_element == "expired" and house.rows(s.user_task) == []


@pytest.mark.parametrize("suspended", [False, True])
def test_where_the_diagram_asks_nobody_is_asked_twice(house: House, suspended: bool) -> None:
    """A case that is suspended expires all the same; its diagram asks when it is resumed."""
    house.deploy(process(
        "p", start("s"), user("A"), user("confirm"), end("e"), end("f"), boundary(
            "late", "A", timer('= deadline("dl.cnipa.fee.notice", date("2026-03-02"))'), properties(expiry="diagram")),
        chain("s", "A", "e"), chain("late", "confirm", "f")), actor=SYSTEM)
    case = house.start("p")
    if suspended:
        house.run(SuspendCase(case, "权属纠纷"), SUPERVISOR)
    to(house, "2026-04-03", 0)
    assert row_of(house, case).state == "expired"
    assert house.history(case, "deadline:expired")[0].data["key"] == "dl.cnipa.fee.notice"
    if suspended:
        assert house.open_tasks(case) == ["A"]
        house.run(ResumeCase(case), SUPERVISOR)
        house.advance(minutes=1)
    assert house.open_tasks(case) == ["confirm"] and house.rows(s.timer) == []
    assert [row.kind for row in house.history(case, "deadline:expired")] == ["deadline:expired"]
    house.complete(case, "confirm")
    assert house.case(case).ended_element == "f" and house.broken() == []


def test_what_comes_late_is_kept_until_an_officer_accepts_it(house: House) -> None:
    case, key = expired(house)
    house.publish("answer", "N-1", {"text": "late"})
    house.settle()
    assert house.case(case).state == "active"
    wait = house.rows(s.subscription)[0].wait
    with pytest.raises(DeadlinePassed):
        house.run(AnswerWait(task_key(case, wait)), ACTORS["intake"])
    with pytest.raises(InvalidInput):
        house.run(AcceptLate(key, ""), SUPERVISOR)
    house.run(AcceptLate(key, "台风停运，证明属实", "停运证明"), SUPERVISOR)
    assert (house.case(case).state, house.case(case).ended_element) == ("completed", "answered")
    row = row_of(house, case)
    assert (row.state, row.terms["late"]["by"]) == ("expired", SUPERVISOR.id)
    assert [task.state for task in house.rows(s.user_task)] == ["completed"]
    assert house.history(case, "deadline:late_accepted")[0].data["reason"] == "台风停运，证明属实"


def test_what_is_refused_is_not_offered_either(house: House) -> None:
    house.deploy(process("p", start("s", properties(role="applicant")), event_gateway("G"), catch(
        "answer", message("answer", "= no"), properties(role="applicant", action="答复")),
        catch("late", timer('= deadline("dl.cnipa.oaN", date("2025-12-01"))')), end("e"), end("f"),
        chain("s", "G", "answer", "e"), chain("G", "late", "f")), actor=SYSTEM)
    case = house.start("p", {"no": "N-1"}, APPLICANT)
    views = house.kapok.queries
    assert "答复" in {action.name for action in views.case(APPLICANT, case).actions}
    house.settle()
    shown = views.case(APPLICANT, case)
    assert "答复" not in {action.name for action in shown.actions}
    assert [item.deadline.rule for item in shown.passed] == ["dl.cnipa.oaN"] and "细则6" in shown.passed[0].restore
    assert views.case(SUPERVISOR, case).passed == ()
    house.run(AcceptLate(task_key(case, row_of(house, case).wait), "台风停运"), SUPERVISOR)
    again = views.case(APPLICANT, case)
    assert "答复" in {action.name for action in again.actions} and again.passed == ()


def test_what_came_in_time_meets_the_deadline(house: House) -> None:
    case, _ = armed(house, "dl.inv.answer")
    house.publish("answer", "N-1")
    house.settle()
    assert row_of(house, case).state == "met" and house.rows(s.escalation_rung) == []


def test_a_party_cannot_complete_its_task_after_expiry(house: House) -> None:
    house.deploy(process("p", start("s"), user("A", properties(role="applicant")),
                         boundary("b", "A", timer('= deadline("dl.inv.answer", date("2026-03-02"))')), end("e"),
                         end("f"), chain("s", "A", "e"), chain("b", "f")), actor=SYSTEM)
    case = house.start("p")
    key = house.task(case, "A")
    with house.kapok.database.writing() as connection:
        connection.execute(s.user_task.update().values(assignee=APPLICANT.id))
    to(house, "2026-04-03")
    with pytest.raises(DeadlinePassed):
        house.complete(case, "A", actor=APPLICANT)
    house.run(ConfirmExpiry(task_key(case, row_of(house, case).wait)), SUPERVISOR)
    assert house.case(case).ended_element == "f" and key


def test_restoration_opens_a_period_of_its_own(house: House) -> None:
    case, key = armed(house, "dl.cnipa.oaN", more=', date("2025-12-01")')
    assert row_of(house, case).due_on == date(2026, 2, 2)
    house.settle()
    answer = house.run(RestoreRight(key, "due_cause", date(2026, 3, 10), "病假"), SUPERVISOR)
    assert answer["due_on"] == "2026-05-11"
    assert row_of(house, case).key == "dl.cnipa.restore"
    _, other = armed(house, "dl.inv.answer", more=', date("2025-12-01")')
    house.settle()
    with pytest.raises(InvalidInput) as refused:
        house.run(RestoreRight(other, "due_cause", date(2026, 3, 10)), SUPERVISOR)
    assert refused.value.code == "restoration_forbidden"


# -- by hand ----------------------------------------------------------------------------------------------------------

def by_hand(house: House) -> tuple[str, str]:
    house.deploy(process("p", start("s"), user("A"), end("e"), chain("s", "A", "e")), actor=SYSTEM)
    case = house.start("p", {"kind": "design"})
    return case, house.run(ArmDeadline(case, "dl.pre.answer", date(2026, 3, 2), reason="补登"), SUPERVISOR)["deadline"]


def test_a_deadline_armed_by_hand_expires_into_a_task_and_is_confirmed(house: House) -> None:
    case, _ = by_hand(house)
    row = row_of(house, case)
    assert is_by_hand(row.wait) and row.due_on == date(2026, 3, 9)
    to(house, "2026-03-10", 0)
    assert row_of(house, case).state == "expired"
    house.complete(case, "", {"decision": "confirm"}, SUPERVISOR)
    assert house.rows(s.timer) == [] and house.open_tasks(case) == ["A"]


def test_a_deadline_armed_by_hand_is_met_by_hand_and_ends_with_its_case(house: House) -> None:
    case, key = by_hand(house)
    house.run(CloseDeadline(key, "met", "已答复"), SUPERVISOR)
    assert row_of(house, case).state == "met" and house.rows(s.timer) == []
    with pytest.raises(Conflict):
        house.run(CloseDeadline(key, "met"), SUPERVISOR)
    house.run(ArmDeadline(case, "dl.pre.answer", date(2026, 3, 2)), SUPERVISOR)
    house.run(CancelCase(case, "withdrawn"), SUPERVISOR)
    assert row_of(house, case).state == "cancelled" and house.rows(s.timer) == []
    assert house.rows(s.escalation_rung, s.escalation_rung.c.state == "planned") == []


def test_a_new_deadline_takes_the_place_of_an_old_one(house: House) -> None:
    case, key = by_hand(house)
    house.run(ArmDeadline(case, "dl.pre.answer", date(2026, 3, 4), replaces=key), SUPERVISOR)
    states = [row.state for row in house.rows(s.deadline, s.deadline.c.case_id == case)]
    assert states == ["superseded", "running"] and len(house.rows(s.timer)) == 1


# -- the whole case suspended -----------------------------------------------------------------------------------------

def test_suspending_a_case_stops_what_the_law_lets_stop_and_nothing_else(house: House) -> None:
    case, _ = armed(house, "dl.inv.answer", more=', date("2026-03-02")')
    fee = house.run(ArmDeadline(case, "dl.inv.fee", date(2026, 3, 2)), SUPERVISOR)["deadline"]
    to(house, "2026-03-04")
    house.run(SuspendCase(case, "权属纠纷", "细则103", "受理通知书", until_on=date(2026, 5, 1)), SUPERVISOR)
    states = {row.key: row.state for row in house.rows(s.deadline, s.deadline.c.case_id == case)}
    assert states == {"dl.inv.answer": "paused", "dl.inv.fee": "running"}
    to(house, "2026-04-03")
    states = {row.key: row.state for row in house.rows(s.deadline, s.deadline.c.case_id == case)}
    assert states == {"dl.inv.answer": "paused", "dl.inv.fee": "expired"}
    with pytest.raises(Conflict):
        house.run(ConfirmExpiry(fee), SUPERVISOR)
    to(house, "2026-05-20")
    assert house.history(case, "suspensionOver")
    house.run(ResumeCase(case, "和解"), SUPERVISOR)
    answer = next(row for row in house.rows(s.deadline, s.deadline.c.case_id == case) if row.key == "dl.inv.answer")
    assert (answer.state, answer.due_on) == ("running", date(2026, 6, 18))
    house.run(ConfirmExpiry(fee), SUPERVISOR)
    assert house.broken() == []


def test_a_suspension_that_ends_before_it_begins_is_refused(house: House) -> None:
    case, _ = armed(house, "dl.inv.answer")
    for wrong in ({"from_on": date(2026, 3, 3)}, {"until_on": date(2026, 3, 1)}):
        with pytest.raises(InvalidInput):
            house.run(SuspendCase(case, "court", **wrong), SUPERVISOR)
    assert house.case(case).state == "active"
