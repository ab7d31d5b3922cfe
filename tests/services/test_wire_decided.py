"""What a person has decided about a message is the end of it: no case takes it behind their back. What is behind the
newest event, who may answer for whom, and receipts that come after the answer. On both databases."""

from __future__ import annotations

import pytest

from engine.domain.actors import SHELL
from engine.domain.commands import AddPartner, AddUser, ResumeCase, SuspendCase
from engine.domain.wire_commands import DecideInbound
from engine.store import schema as s
from tests.services.test_wire import (
    ADMIN,
    COURT,
    NUMBER,
    RESULT,
    SUBMIT,
    WAITING,
    accept,
    decide,
    kept,
    sent,
    waiting,
)
from tests.support.bpmn import catch, chain, end, message, process, start, user
from tests.support.house import SUPERVISOR, House

OTHER = "court.other"


@pytest.fixture
def court(house: House) -> House:
    house.deploy(WAITING)
    house.run(AddPartner(COURT, "court", may_send=(RESULT, "court.filing.result", "receipt"), may_see=(SUBMIT,)), ADMIN)
    return house


@pytest.mark.parametrize("decision", ["reject", "note"])
def test_what_was_decided_is_not_taken_by_a_case_that_appears_later(court: House, decision: str) -> None:
    accept(court)
    decide(court, decision, reason="伪造")
    case = waiting(court)
    assert (court.open_tasks(case), kept(court).applied_at) == ([], None)
    accept(court, "m2")
    assert court.open_tasks(case) == ["A"]


@pytest.mark.parametrize("decision", ["reject", "note"])
def test_what_was_decided_is_not_taken_by_the_suspended_case_it_was_bound_to(court: House, decision: str) -> None:
    case = waiting(court)
    court.run(SuspendCase(case, "中止"), SUPERVISOR)
    accept(court)
    court.advance(days=4)
    assert (kept(court).status, kept(court).reason) == ("conflict", "not_taken")
    decide(court, decision, reason="伪造")
    court.run(ResumeCase(case, "恢复"), SUPERVISOR)
    assert (court.open_tasks(case), kept(court).applied_at) == ([], None)
    accept(court, "m2")
    assert court.open_tasks(case) == ["A"]
    assert court.broken() == []


def test_the_wait_of_a_rejected_message_takes_the_next_one(court: House) -> None:
    case = waiting(court)
    court.run(SuspendCase(case, "中止"), SUPERVISOR)
    accept(court)
    court.advance(days=4)
    accept(court, "m2")
    decide(court, "reject", reason="伪造")
    court.run(ResumeCase(case, "恢复"), SUPERVISOR)
    assert (court.open_tasks(case), kept(court).applied_at, kept(court, "m2").case_id) == (["A"], None, case)


@pytest.mark.parametrize("key", ["ref", "case_no", "entrust_no"])
def test_who_was_not_asked_answers_for_nobody_whatever_key_the_case_waits_under(house: House, key: str) -> None:
    house.deploy(process("p", start("s"), catch("M", message(RESULT, f"={key}")), user("A"), end("e"),
                         chain("s", "M", "A", "e")))
    for partner in (COURT, "court.other"):
        house.run(AddPartner(partner, "court", may_send=(RESULT,), may_see=(SUBMIT,)), ADMIN)
    case = house.start("p", {key: NUMBER})
    sent(house, case)
    assert accept(house, partner="court.other")["status"] == "conflict"
    assert (kept(house).reason, kept(house).case_id, house.open_tasks(case)) == ("other_partner", case, [])
    assert accept(house, "m2")["status"] == "accepted"
    assert house.open_tasks(case) == ["A"]


@pytest.fixture
def asking(court: House) -> str:
    """A case that has not asked yet; another court may send this kind of message too."""
    court.run(AddPartner(OTHER, "court", may_send=(RESULT,), may_see=(SUBMIT,)), ADMIN)
    court.run(AddUser("sup", "Sup", ("supervisor",), "!"), SHELL)
    return court.start("p", {"case_no": NUMBER})


def ask(court: House, case: str) -> None:
    sent(court, case)
    court.complete(case, "First")


def test_what_came_before_the_request_from_one_who_was_not_asked_is_not_taken(court: House, asking: str) -> None:
    assert accept(court, partner=OTHER)["status"] == "accepted"
    ask(court, asking)
    assert court.open_tasks(asking) == []
    found = kept(court)
    assert (found.status, found.reason, found.case_id, found.applied_at) == ("conflict", "other_partner", asking, None)
    assert [(row.id, row.why) for row in court.kapok.handoffs.board(SUPERVISOR).came] == [("m1", "other_partner")]
    assert [row.code for row in court.rows(s.notice)] == ["wire.conflict"]
    accept(court, "m2")
    assert (court.open_tasks(asking), kept(court, "m2").case_id) == (["A"], asking)


def test_what_came_before_the_request_from_the_one_who_is_asked_is_taken(court: House, asking: str) -> None:
    accept(court, partner=OTHER)
    court.advance(hours=1)
    accept(court, "m2")
    ask(court, asking)
    assert (court.open_tasks(asking), kept(court, "m2").case_id) == (["A"], asking)
    assert kept(court).status == "conflict"


def test_a_person_may_give_the_case_what_came_from_one_who_was_not_asked(court: House, asking: str) -> None:
    accept(court, partner=OTHER)
    ask(court, asking)
    court.run(DecideInbound(OTHER, "m1", "match"), SUPERVISOR)
    assert (court.open_tasks(asking), kept(court).status) == (["A"], "accepted")
    assert court.broken() == []


def test_a_receipt_after_the_answer_changes_nothing(court: House) -> None:
    case = waiting(court)
    sent(court, case)
    accept(court)
    before = court.rows(s.outbox)[0]
    assert (before.business, before.answered_by) == ("valid", "m1")
    accept(court, "r1", "out-1", type="receipt",
           payload={"of_msg_id": "out-1", "status": "rejected", "reason_code": "schema"})
    assert court.rows(s.outbox)[0] == before
    assert len(court.history(case, "message:refused")) == 1


def test_behind_what_a_person_turned_away_nothing_is_late(court: House) -> None:
    case = waiting(court)
    accept(court, "m9", type="court.filing.result", payload={}, event_seq=99)
    decide(court, "reject", id="m9", reason="号码错误")
    accept(court, event_seq=1)
    assert (court.open_tasks(case), kept(court).late) == (["A"], False)


def test_what_waits_for_an_older_event_does_not_make_it_late(house: House) -> None:
    house.deploy(process("p", start("s"), catch("M0", message("court.filing.result", "=case_no")),
                         catch("M", message(RESULT, "=case_no")), user("A"), end("e"),
                         chain("s", "M0", "M", "A", "e")))
    house.run(AddPartner(COURT, "court", may_send=(RESULT, "court.filing.result"), may_see=(SUBMIT,)), ADMIN)
    case = house.start("p", {"case_no": NUMBER})
    accept(house, "m2", event_seq=2)
    accept(house, "m1", type="court.filing.result", payload={}, event_seq=1)
    assert (house.open_tasks(case), kept(house, "m1").late) == (["A"], False)


def test_what_is_late_is_told_and_shown_until_somebody_has_decided(court: House) -> None:
    court.run(AddUser("sup", "Sup", ("supervisor",), "!"), SHELL)
    case = waiting(court)
    accept(court, "m2", event_seq=2)
    accept(court, event_seq=1)
    board = court.kapok.handoffs.board(SUPERVISOR)
    assert [(row.id, row.why, row.case_id) for row in board.came] == [("m1", "late", case)]
    assert [flow.conflict for flow in board.flows] == [1]
    assert [row.code for row in court.rows(s.notice)] == ["wire.conflict"]
    decide(court, "note")
    assert court.kapok.handoffs.board(SUPERVISOR).came == []
