"""Ladders: seen ahead of time, each rung fired once, for whoever is here; and the notices that come of them."""

import json
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from engine.clock import LOCAL_ZONE
from engine.domain.actors import SYSTEM
from engine.domain.administration import AddUnit, ChangeUnit, RecordAbsence, SetUnit
from engine.domain.commands import AddPartner, AddUser, AssignUserTask, task_key
from engine.domain.deadline_commands import (
    ExtendDeadline,
    FireRung,
    PauseDeadline,
    ReadNotices,
    ResumeDeadline,
    SetContact,
)
from engine.domain.notice_texts import said
from engine.errors import InvalidInput
from engine.services.wire.catalogue import CATALOGUE
from engine.store import schema as s
from tests.support.bpmn import (
    assign,
    boundary,
    catch,
    chain,
    end,
    escalation,
    event_gateway,
    message,
    process,
    properties,
    start,
    throw,
    timer,
    user,
)
from tests.support.house import ACTORS, SUPERVISOR, House

WORK = process("p", start("s"), user("A"),
               boundary("b", "A", timer('= deadline("dl.inv.answer", date("2026-03-02"))')), end("e"), end("f"),
               chain("s", "A", "e"), chain("b", "f"))


def people(house: House, *names: str) -> None:
    for name in names:
        role = name.rstrip("0123456789")
        house.run(AddUser(name, name, (role,), "!"))


def working(house: House, assignee: str = "examiner1") -> str:
    house.deploy(WORK, actor=SYSTEM)
    case = house.start("p", {"applicant_user": "applicant1"})
    house.run(AssignUserTask(house.task(case, "A"), assignee))
    return case


def to(house: House, day: str, hour: int = 12) -> None:
    moment = datetime.combine(date.fromisoformat(day), datetime.min.time(), LOCAL_ZONE).replace(hour=hour)
    house.clock.move_to(max(moment, house.clock.now()))
    house.settle()


def rungs(house: House, *states: str) -> list[tuple[str, str, str]]:
    rows = sorted(house.rows(s.escalation_rung), key=lambda row: (row.at, row.rung))
    return [(row.at.astimezone(LOCAL_ZONE).strftime("%m-%d %H:%M"), row.to, row.state) for row in rows
            if row.rung < 100 and (not states or row.state in states)]


def notices(house: House, to: str = "") -> list[tuple[str, str]]:
    rows = sorted(house.rows(s.notice), key=lambda row: (row.created_at, row.to))
    return [(row.to, row.code) for row in rows if not to or row.to == to]


def test_the_ladder_can_be_seen_ahead_of_time(house: House) -> None:
    working(house)
    assert rungs(house) == [
        ("03-26 09:00", "party", "planned"), ("03-30 09:00", "party", "planned"), ("04-01 09:00", "party", "planned"),
        ("04-01 09:00", "assignee", "planned"), ("04-03 09:00", "supervisor", "planned"),
        ("04-07 09:00", "department_head", "planned"), ("04-10 09:00", "leadership", "planned")]


def test_every_rung_fires_once_and_tells_whom_it_names(house: House) -> None:
    people(house, "applicant1", "examiner1", "supervisor1")
    case = working(house)
    to(house, "2026-03-26")
    assert notices(house) == [("applicant1", "deadline.near")]
    to(house, "2026-04-01")
    assert notices(house, "examiner1") == [("examiner1", "deadline.near")]
    to(house, "2026-04-03")
    assert notices(house, "supervisor1") == [("supervisor1", "deadline.due")]
    to(house, "2026-04-30")
    house.settle()
    assert notices(house, "supervisor1") == [
        ("supervisor1", "deadline.due"), ("supervisor1", "deadline.late"), ("supervisor1", "deadline.late")]
    assert rungs(house, "planned") == [] and len(notices(house, "applicant1")) == 3
    assert len(house.history(case, "deadlineEscalated")) == 7 and house.broken() == []


def test_where_the_diagram_asks_what_follows_its_rungs_run_until_somebody_has_said(house: House) -> None:
    people(house, "applicant1", "examiner1", "examiner2", "supervisor1")
    late = boundary("b", "A", timer('= deadline("dl.cnipa.fee.notice", date("2026-03-02"))'),
                    properties(expiry="diagram"))
    house.deploy(process("p", start("s"), user("A", assign(groups="applicant")), late, user(
        "Confirm", assign(groups="examiner")), user("B"), end("e"), end("f"), chain("s", "A", "e"),
        chain("b", "Confirm", "B", "f")), actor=SYSTEM)
    case = house.start("p", {"applicant_user": "applicant1"})
    due = house.rows(s.deadline)[0].due_on
    to(house, (due + timedelta(days=1)).isoformat())
    assert house.open_tasks(case) == ["Confirm"]
    house.claim(case, "Confirm", ACTORS["examiner"])
    to(house, (due + timedelta(days=4)).isoformat())
    told = [code for who, code in notices(house) if who in ("supervisor1", "examiner1")]
    assert {"deadline.due", "deadline.late"} <= set(told)
    assert rungs(house, "skipped") == []
    ahead = rungs(house, "planned")
    house.complete(case, "Confirm")
    to(house, (due + timedelta(days=60)).isoformat())
    assert len(ahead) == len(rungs(house, "skipped")) > 0


def test_a_restart_between_all_of_it_tells_nobody_twice(house: House) -> None:
    people(house, "applicant1", "examiner1", "supervisor1")
    case = working(house)
    wait = house.rows(s.deadline)[0].wait
    to(house, "2026-03-26")
    for _ in range(2):
        outcome = house.run(FireRung(case, wait, 0, date(2026, 4, 2)))
        assert outcome == {"fired": False}
    early = house.run(FireRung(case, wait, 4, date(2026, 4, 2)))
    assert early == {"fired": False} and len(notices(house)) == 1


def test_what_is_done_tells_nobody_any_more(house: House) -> None:
    people(house, "applicant1", "examiner1", "supervisor1")
    case = working(house)
    house.complete(case, "A")
    to(house, "2026-05-30")
    assert notices(house) == [] and rungs(house) == []


def test_superiors_come_from_the_tree_and_the_absent_are_stood_in_for(house: House) -> None:
    people(house, "applicant1", "examiner1", "examiner2", "supervisor1", "supervisor2", "supervisor3")
    centre = house.run(AddUnit("中心", "centre", None, "supervisor3"))["unit"]
    department = house.run(AddUnit("处", "department", centre, "supervisor2"))["unit"]
    house.run(SetUnit("examiner1", department))
    working(house)
    house.run(RecordAbsence("examiner1", "examiner2", date(2026, 4, 1), date(2026, 4, 2)))
    to(house, "2026-04-01")
    to(house, "2026-04-30")
    assert notices(house, "examiner1") == [] and notices(house, "examiner2") == [("examiner2", "deadline.near")]
    assert notices(house, "supervisor2") == [("supervisor2", "deadline.due")]
    assert notices(house, "supervisor3") == [("supervisor3", "deadline.late")] * 2
    assert notices(house, "supervisor1") == []
    assert house.run(ChangeUnit(department, "处", centre, None))


def test_the_ladder_follows_its_deadline(house: House) -> None:
    people(house, "applicant1", "examiner1", "supervisor1")
    case = working(house)
    key = task_key(case, house.rows(s.deadline)[0].wait)
    to(house, "2026-03-26")
    house.run(PauseDeadline(key, "中止程序"), SUPERVISOR)
    assert rungs(house, "planned") == []
    to(house, "2026-04-10")
    house.run(ResumeDeadline(key), SUPERVISOR)
    assert rungs(house, "planned")[0] == ("04-10 09:00", "party", "planned")
    house.settle()
    assert ("applicant1", "deadline.moved") in notices(house) and ("examiner1", "deadline.moved") in notices(house)


def test_a_longer_deadline_reminds_anew(house: House) -> None:
    people(house, "applicant1", "examiner1", "supervisor1")
    house.deploy(process("p", start("s"), event_gateway("G"), catch("m", message("answer", '= "1"')),
                         catch("t", timer('= deadline("dl.cnipa.oaN", date("2026-03-02"))')), end("e"), end("f"),
                         chain("s", "G", "m", "e"), chain("G", "t", "f")), actor=SYSTEM)
    case = house.start("p", {"applicant_user": "applicant1"})
    key = task_key(case, house.rows(s.deadline)[0].wait)
    to(house, "2026-05-05")
    first = len(notices(house, "applicant1"))
    house.run(ExtendDeadline(key, 2, "month"), SUPERVISOR)
    to(house, "2026-07-02")
    assert (first, len([one for one in notices(house, "applicant1") if one[1] == "deadline.near"])) == (3, 6)


def test_a_role_means_those_of_the_case(house: House) -> None:
    """Whom the diagram names, else who has worked in it in that role, else everybody who carries it."""
    people(house, "specialist1", "specialist2", "mentor1", "mentor2", "hr1", "leadership1")
    late = boundary("b", "A", timer('= deadline("dl.sp.monthly", date("2026-03-02"))'),
                    properties(**{"tell.mentor": "=posting.mentor"}), interrupting=False)
    house.deploy(process("p", start("s"), user("A", assign(groups="specialist")), late, end("e"), end("f"),
                         chain("s", "A", "e"), chain("b", "f")), actor=SYSTEM)
    case = house.start("p", {"posting": {"mentor": "mentor2"}})
    house.claim(case, "A", ACTORS["specialist"])
    to(house, "2026-04-30")
    told = {row.to: row.told for row in house.rows(s.escalation_rung)}
    assert told["specialist"] == ["specialist1"] and told["mentor"] == ["mentor2"] and told["hr"] == ["hr1"]


@pytest.mark.parametrize(("level", "sees", "sent"), [
    ("L2", ("deadline.notice",), 7), ("L1", ("deadline.notice",), 7), ("L3", ("deadline.notice",), 0),
    ("L2", None, 0), ("L2", ("receipt",), 0)])
def test_a_partner_that_asks_for_it_is_told_by_webhook(house: House, level: str, sees: tuple[str, ...] | None,
                                                       sent: int) -> None:
    house.run(AddPartner("desk", "court", "示例值班台", may_see=sees), SYSTEM)
    house.deploy(WORK, actor=SYSTEM)
    case = house.start("p", {"case_no": "WX-2026-00012"})
    with house.kapok.database.writing() as connection:
        connection.execute(s.case.update().values(level=level))
    to(house, "2026-04-30")
    letters = [json.loads(row.body) for row in house.rows(s.outbox, s.outbox.c.case_id == case)]
    assert len(letters) == sent
    for letter in letters:
        assert CATALOGUE.validate_envelope(letter) == [] and CATALOGUE.validate_message(letter) == []
    assert {letter["payload"]["event"] for letter in letters} == ({"near", "due", "late"} if sent else set())


def test_an_escalation_event_tells_supervision(house: House) -> None:
    people(house, "supervisor1", "quality1")
    house.deploy(process("p", start("s"), throw("T", escalation("supervisor")), throw("U", escalation("quality")),
                         throw("V", escalation("L2")), user("A"), end("e"), chain("s", "T", "U", "V", "A", "e")),
                 actor=SYSTEM)
    house.start("p")
    house.settle()
    assert sorted(notices(house)) == [("quality1", "case.escalated"), ("supervisor1", "case.escalated"),
                                      ("supervisor1", "case.escalated")]


def test_notices_are_read_by_whom_they_are_for(house: House) -> None:
    people(house, "applicant1", "examiner1", "supervisor1")
    working(house)
    to(house, "2026-04-03")
    assert house.run(ReadNotices(), ACTORS["examiner"]) == {"read": 1}
    assert house.run(ReadNotices(), ACTORS["examiner"]) == {"read": 0}
    other = next(row.id for row in house.rows(s.notice) if row.to == "supervisor1")
    assert house.run(ReadNotices((other,)), ACTORS["examiner"]) == {"read": 0}


def test_a_notice_says_the_same_in_both_languages(house: House) -> None:
    people(house, "applicant1", "examiner1", "supervisor1")
    working(house)
    to(house, "2026-04-03")
    row: Any = next(row for row in house.rows(s.notice) if row.code == "deadline.due")
    assert said(row.code, row.params, "zh").startswith("期限届满：专利权人答复（2026年4月2日）")
    assert "2 Apr 2026" in said(row.code, row.params, "en") and said("unknown", {}, "en") == "unknown"


@pytest.mark.parametrize("address", ["nobody", "a@b", "a b@example.org", "a@example.org\nBcc: x@y.z", "@example.org"])
def test_what_is_no_address_is_refused(house: House, address: str) -> None:
    with pytest.raises(InvalidInput):
        house.run(SetContact(address), ACTORS["examiner"])
