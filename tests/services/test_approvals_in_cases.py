"""Two persons over what is in a case: who may not see the case neither asks, nor decides, nor reads."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from engine.domain.actors import SHELL, Actor
from engine.domain.administration import DecideApproval, RequestApproval
from engine.domain.commands import AddUser
from engine.domain.deadline_commands import OverrideDeadline
from engine.domain.desk_commands import MergeCases, SplitCase, TransferCase
from engine.domain.recusal_commands import LiftRecusal
from engine.domain.wire_commands import ReplayDeadLetter
from engine.errors import Conflict, NotFound
from engine.store import schema as s
from tests.support.bpmn import assign, boundary, chain, end, process, start, timer, user
from tests.support.house import ACTORS, SUPERVISOR, House, actor, emptied

REVIEW = process("p", start("s"), user("A", assign(groups="examiner"), name="审查"),
                 boundary("late", "A", timer('=deadline("dl.pre.answer")', "date")), end("e"), end("f"),
                 chain("s", "A", "e"), chain("late", "f"))
RECUSED, PEER, HR, COMMITTEE = actor("supervisor", 2), actor("supervisor", 3), ACTORS["hr"], ACTORS["committee"]


@pytest.fixture
def closed(database_url: str, tmp_path: Path) -> Iterator[tuple[House, str, str]]:
    """A house with a case of level L3 that one supervisor is recused of, its deadline, and a dead letter of it."""
    house = House(emptied(database_url), tmp_path / "house", two_persons=True)
    house.deploy(REVIEW, actor=SHELL)
    for who in (SUPERVISOR, RECUSED, PEER, HR, COMMITTEE):
        house.run(AddUser(who.id, who.name, tuple(who.roles), "x"), SHELL)
    case = house.start("p", {"title": "示例", "kind": "invention"}, SUPERVISOR)
    now = house.clock.now()
    with house.kapok.database.writing() as connection:
        connection.execute(s.case.update().values(level="L3", case_no="N-1"))
        connection.execute(s.recusal.insert(), {
            "id": "r1", "case_id": case, "user": RECUSED.id, "state": "recused", "ground": "own_cause",
            "source": "rule", "reason": "", "requested_by": "x", "requested_at": now, "decided_at": now})
        connection.execute(s.outbox.insert(), {
            "id": "out-1", "case_id": case, "state": "dead", "type": "t", "position": 1, "body": "{}",
            "created_at": now, "attempts": 1, "next_at": now, "partner": "court"})
    yield house, case, f"{case}~{house.rows(s.deadline)[0].wait}"
    house.close()


def about(case: str, deadline: str) -> list[tuple[Any, Actor]]:
    return [(OverrideDeadline(deadline, date(2027, 1, 4), "x", "y"), RECUSED), (SplitCase("N-1", "另案", "x"), HR),
            (ReplayDeadLetter("out-1", "x"), RECUSED), (ReplayDeadLetter("out-1", "x"), COMMITTEE),
            (TransferCase(case, None, HR.id, "x"), HR), (MergeCases("none", "N-1", "x"), RECUSED),
            (LiftRecusal(case, HR.id, "x"), RECUSED)]


def test_who_does_not_see_the_case_does_not_ask(closed: tuple[House, str, str]) -> None:
    house, case, deadline = closed
    for command, who in about(case, deadline):
        with pytest.raises(NotFound) as found:
            house.run(RequestApproval(command, "x"), who)
        assert found.value.params["key"] in {case, "N-1", deadline, "out-1"}
    assert house.rows(s.approval_request) == []


def test_nor_decides_reads_or_is_told(closed: tuple[House, str, str]) -> None:
    house, case, _ = closed
    key = house.run(RequestApproval(SplitCase("N-1", "另案", "x"), "x"), SUPERVISOR)["request"]
    people = house.kapok.people
    for blind in (RECUSED, ACTORS["security"], HR):
        assert (people.approvals(blind, None), people.waiting(blind)) == ([], 0)
        with pytest.raises(NotFound):
            house.run(DecideApproval(key, True), blind)
    assert {row.to for row in house.rows(s.notice)} == {PEER.id}
    assert [row.id for row in people.approvals(PEER, None)] == [key]
    assert [row.id for row in people.approvals(ACTORS["auditor"], None)] == [key]
    assert house.run(DecideApproval(key, True), PEER)["state"] == "approved"


def test_who_has_been_recused_since_has_asked_for_nothing(closed: tuple[House, str, str]) -> None:
    house, case, deadline = closed
    key = house.run(RequestApproval(OverrideDeadline(deadline, date(2027, 1, 4), "x", "y"), "x"), SUPERVISOR)["request"]
    with house.kapok.database.writing() as connection:
        connection.execute(s.recusal.update().values(user=SUPERVISOR.id))
    assert house.kapok.people.approvals(SUPERVISOR, None) == []
    with pytest.raises(Conflict):
        house.run(DecideApproval(key, True), PEER)
