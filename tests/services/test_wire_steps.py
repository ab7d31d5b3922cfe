"""A message and the step that takes it are one transaction, which asks for nothing that it knows."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from engine.domain.commands import AddPartner
from engine.store import schema as s
from tests.services.test_wire import ADMIN, COURT, NUMBER, RESULT, WAITING, accept, kept, waiting
from tests.support.bpmn import boundary, call, catch, chain, end, message, process, start, user
from tests.support.house import House

INNER = process("inner", start("s"), catch("M", message(RESULT, "=case_no")), user("Inner"), end("e"),
                chain("s", "M", "Inner", "e"))


def outer(interrupting: bool) -> bytes:
    return process("p", start("s"), user("First"), call("C", "inner", parent=True),
                   boundary("B", "C", message(RESULT, "=case_no"), interrupting=interrupting), user("After"), end("e"),
                   end("f"), chain("s", "First", "C", "e"), chain("B", "After", "f"))


@pytest.fixture
def court(house: House) -> House:
    house.run(AddPartner(COURT, "court", may_send=(RESULT,)), ADMIN)
    return house


def test_a_message_that_its_case_waits_for_takes_few_statements(
        court: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """None of what this transaction has written itself is asked for again. On PostgreSQL it has four round trips: what
    is known of the message, the case and who takes it, what else has come for it, and the rest with the commit."""
    trips, pipeline = [], psycopg.Connection.pipeline

    def counted(connection: Any) -> Any:
        trips.append(connection)
        return pipeline(connection)

    court.deploy(WAITING)
    cases = [waiting(court, number) for number in ("TJ-1", "TJ-2")]
    accept(court, "m1", "TJ-1")  # what is read once and kept
    monkeypatch.setattr(psycopg.Connection, "pipeline", counted)
    with court.statements() as seen:
        accept(court, "m2", "TJ-2")
    assert len(trips) == (4 if court.kapok.database.dialect == "postgresql" else 0)
    asked = [statement for statement in seen if statement.startswith("SELECT")]
    assert not [statement for statement in asked if "FROM correlation" in statement or ".expires_at, " in statement]
    assert len(asked) <= 14
    assert len(seen) <= 32
    assert [court.open_tasks(case) for case in cases] == [["A"], ["A"]]
    assert kept(court, "m2").applied_at == court.clock.now()
    assert court.broken() == []


@pytest.mark.parametrize(("interrupting", "tasks"), [(True, ["After"]), (False, ["After", "Inner"])])
def test_a_message_that_two_procedures_of_a_case_wait_for(court: House, interrupting: bool, tasks: list[str]) -> None:
    """What the first one takes may end the other's wait: how that stands is asked for again."""
    court.deploy(INNER, outer(interrupting))
    case = waiting(court)
    assert len(court.rows(s.subscription, s.subscription.c.case_id == case)) == 2
    accept(court, key=NUMBER)
    assert sorted(court.open_tasks(case)) == tasks
    assert kept(court).status == "accepted"
    assert court.rows(s.correlation, s.correlation.c.pending.is_(True)) == []
    assert court.broken() == []
