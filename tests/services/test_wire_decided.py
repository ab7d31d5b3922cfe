"""What a person has decided about a message is the end of it: no case takes it behind their back. What is behind the
newest event, who may answer for whom, and receipts that come after the answer. On both databases."""

from __future__ import annotations

import pytest

from engine.domain.commands import AddPartner, ResumeCase, SuspendCase
from tests.services.test_wire import (
    ADMIN,
    COURT,
    RESULT,
    SUBMIT,
    WAITING,
    accept,
    decide,
    kept,
    waiting,
)
from tests.support.house import SUPERVISOR, House


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
