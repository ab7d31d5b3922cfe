"""Operations of diagrams between cases and people: ``case.link`` and ``recusal.check``."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from engine.domain.actors import Actor
from engine.domain.commands import AddUser, ClaimUserTask, SetVariables
from engine.domain.recusal_commands import Declare, LinkCases
from engine.errors import Conflict, NotFound
from engine.services.people.recusals import Recused
from engine.store import schema as s
from tests.support.bpmn import assign, chain, end, input, output, process, properties, service, start, user
from tests.support.house import ACTORS, House, actor

BOTH = replace(actor("mediator"), roles=frozenset({"mediator", "adjudicator"}))


def work(procedure: str, group: str, *parts: Any) -> bytes:
    return process(f"p_{procedure}", properties(procedure=procedure), start("s"), user("A", assign(groups=group)),
                   *parts, user("B", assign(groups=group)), end("e"),
                   chain("s", "A", *("L" for _ in parts), "B", "e"))


LINK = service("L", "case.link", input("=prior", "other"), input("联合审理", "relation"), input("同一专利", "reason"),
               output("=linked", "linked"))
TOLD = '=[string(count(conflicts)), conflicts[1].user, conflicts[1].level, conflicts[1].ground][item != null]'
CHECK = process(
    "p_check", properties(procedure="adjudication"), start("s"),
    service("C", "recusal.check", input("=panel", "users"), input("adjudicator", "role"),
            output("=findings", "conflicts")),
    user("B", assign(groups=TOLD)), end("e"), chain("s", "C", "B", "e"))


@pytest.fixture
def linked(house: House) -> House:
    with house.kapok.database.writing() as connection:
        for who in (BOTH, actor("adjudicator")):
            connection.execute(s.user.insert(), {
                "id": who.id, "name": who.name, "password_hash": "!", "roles": sorted(who.roles), "enabled": True,
                "added_at": house.clock.now(), "failed_sign_ins": 0, "kind": "person"})
    house.deploy(("m.bpmn", work("mediation", "mediator")), ("a.bpmn", work("adjudication", "adjudicator", LINK)),
                 ("c.bpmn", CHECK))
    return house


def links(house: House) -> list[tuple[str, str, str]]:
    return [(row.case_id, row.linked_id, row.reason) for row in house.rows(s.case_link)]


def test_a_diagram_links_two_cases_and_both_say_so(linked: House) -> None:
    first = linked.start("p_mediation")
    second = linked.start("p_adjudication", {"prior": first})
    linked.complete(second, "A")
    assert links(linked) == [(second, first, "联合审理：同一专利")]
    for case, other in ((first, second), (second, first)):
        assert [row.data["other"] for row in linked.history(case, "case:linked")] == [other]
    assert linked.open_tasks(second) == ["B"] and linked.broken() == []


def test_who_mediated_may_not_adjudicate_what_a_diagram_links(linked: House) -> None:
    first = linked.start("p_mediation")
    linked.complete(first, "A", actor=BOTH)
    second = linked.start("p_adjudication", {"prior": first})
    linked.complete(second, "A")
    with pytest.raises((Recused, NotFound)):
        linked.run(ClaimUserTask(linked.task(second, "B")), BOTH)


def test_who_works_on_it_when_it_is_linked_loses_the_task(linked: House) -> None:
    first = linked.start("p_mediation")
    linked.claim(first, "A", BOTH)
    second = linked.start("p_adjudication", {"prior": first})
    linked.complete(second, "A", actor=BOTH)
    assert linked.rows(s.user_task, s.user_task.c.case_id == first)[0].assignee is None
    assert [(row.case_id, row.ground) for row in linked.rows(s.recusal)] == [(first, "earlier_role")]


def test_linking_twice_is_linking_once(linked: House) -> None:
    first = linked.start("p_mediation")
    second = linked.start("p_adjudication", {"prior": first})
    linked.complete(second, "A")
    with pytest.raises(Conflict):
        linked.run(LinkCases(second, first, "同一专利"))
    third = linked.start("p_adjudication", {"prior": second})
    linked.run(LinkCases(third, second, "同一专利"))
    linked.complete(third, "A")
    assert len(links(linked)) == 2 and linked.rows(s.incident) == []


@pytest.mark.parametrize("prior", [None, "", "ZC-2026-00001"])
def test_a_case_of_another_house_is_linked_to_nothing(linked: House, prior: str | None) -> None:
    case = linked.start("p_adjudication", {"prior": prior})
    linked.complete(case, "A")
    assert links(linked) == [] and linked.open_tasks(case) == ["B"]


def test_what_is_no_number_or_the_case_itself_is_an_incident(linked: House) -> None:
    number = linked.start("p_adjudication", {"prior": 7})
    itself = linked.start("p_adjudication")
    linked.run(SetVariables(itself, {"prior": itself}))
    for case in (number, itself):
        linked.complete(case, "A")
    assert links(linked) == []
    assert [(row.case_id, row.element) for row in linked.rows(s.incident)] == [(number, "L"), (itself, "L")]


def test_people_are_checked_before_they_work(linked: House) -> None:
    who = actor("adjudicator")
    linked.run(Declare(who.id, "shareholding", "甲公司", "一成股份"), who)
    case = linked.start("p_check", {"applicant": {"name": "甲公司"}, "panel": [who.id, "adjudicator2", who.id]})
    told = {row.name for row in linked.rows(s.candidate, s.candidate.c.case_id == case)}
    assert told == {"1", who.id, "block", "shareholding"}


def test_one_person_may_be_named_by_a_text(linked: House) -> None:
    case = linked.start("p_check", {"applicant": {"name": "甲公司"}, "panel": "adjudicator2"})
    assert {row.name for row in linked.rows(s.candidate, s.candidate.c.case_id == case)} == {"0"}


ACCEPT = process(
    "p_accept", properties(procedure="mediation"), start("s"), user("Told", assign(groups="committee")),
    service("Y", "recusal.accept", input('=["mediator1"]', "users"), output("=accepted", "accepted")),
    user("B", assign(assignee="mediator1", groups="mediator")), end("e"), chain("s", "Told", "Y", "B", "e"))


def test_whom_both_sides_accept_after_disclosure_works_on(house: House) -> None:
    mediator = actor("mediator")
    house.deploy(ACCEPT)
    house.run(AddUser(mediator.id, mediator.name, ("mediator",), "!"))
    house.run(Declare(mediator.id, "employer", "乙商行"), mediator)
    case = house.start("p_accept", {"applicant": {"name": "甲公司"}, "respondent": {"name": "乙商行"}})
    house.complete(case, "Told", actor=ACTORS["committee"])
    assert {(row.party, row.accepted, row.recorded_by) for row in house.rows(s.disclosure)} == {
        ("乙商行", True, "committee1"), ("甲公司", True, "committee1")}
    house.complete(case, "B", actor=mediator)


def test_nobody_is_accepted_by_the_own_word(house: House) -> None:
    both = Actor("mediator1", "调解员", frozenset({"mediator", "committee"}))
    house.deploy(ACCEPT)
    case = house.start("p_accept", {"applicant": {"name": "甲公司"}, "respondent": {"name": "乙商行"}})
    house.complete(case, "Told", actor=both)
    assert house.rows(s.disclosure) == [] and [row.element for row in house.rows(s.incident)] == ["Y"]
