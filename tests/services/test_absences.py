"""Who is away, who stands in: what the stand-in sees, does, and leaves in the trail; on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from engine.domain.actors import SHELL, Actor
from engine.domain.administration import AddUnit, CancelAbsence, RecordAbsence, SetUnit
from engine.domain.commands import AddUser, AssignUserTask
from engine.errors import Conflict, InvalidInput, NotAllowed, NotFound
from engine.services.people.absences import NoStandIn, absent_on, stand_in_of
from engine.store import assignments
from engine.store import schema as s
from tests.support import bpmn
from tests.support.house import ACTORS, SUPERVISOR, House, actor, hashed

ONE, TWO, QUALITY = actor("examiner", 1), actor("examiner", 2), actor("quality", 1)
MONDAY = date(2026, 3, 2)
WEEK = (MONDAY, MONDAY + timedelta(days=4))
ERRAND = bpmn.process("errand", bpmn.start(), bpmn.user("look", bpmn.assign(groups="examiner")), bpmn.end(),
                      bpmn.chain("start", "look", "end"))
PASSWORD = "a long enough secret"
_HASHED = hashed(PASSWORD)


@pytest.fixture
def staffed(house: House) -> House:
    for who in (ONE, TWO, QUALITY, SUPERVISOR):
        house.run(AddUser(who.id, who.name, tuple(who.roles), _HASHED), SHELL)
    house.deploy(ERRAND)
    return house


def away(house: House, by: Actor = ONE, **changes: object) -> str:
    return str(house.run(replace(RecordAbsence(ONE.id, TWO.id, *WEEK), **changes), by)["absence"])


def _loaded(house: House, who: Actor) -> Actor:
    """The actor as a session has it: with those for whom somebody stands in today."""
    return house.kapok.identity.sign_in(who.id, PASSWORD).actor


def test_a_stand_in_sees_and_does_the_tasks_of_the_absent_and_the_trail_says_for_whom(staffed: House) -> None:
    case = staffed.start("errand")
    staffed.run(AssignUserTask(staffed.task(case, "look"), ONE.id), SUPERVISOR)
    queries = staffed.kapok.queries
    with pytest.raises(NotFound):
        queries.case(_loaded(staffed, QUALITY), case)
    assert queries.inbox(_loaded(staffed, TWO), {}, 1).total == 0
    away(staffed)
    two = _loaded(staffed, TWO)
    assert two.stands_for == {ONE.id}
    shown = queries.inbox(two, {}, 1).items[0]
    assert (shown.mine, shown.may_work, shown.assignee) == (True, True, ONE.id)
    assert queries.case(two, case).id == case
    staffed.complete(case, "look", actor=two)
    assert staffed.rows(s.user_task)[0].ended_by == TWO.id
    assert '"on_behalf_of":"examiner1"' in staffed.audit(case)[-1].entry
    told = [(row.code, row.params["for_name"]) for row in queries.case(two, case).history if "for_name" in row.params]
    assert told == [("task:stood_in", ONE.name)]
    assert staffed.broken() == []


def test_it_begins_and_ends_by_itself(staffed: House) -> None:
    away(staffed, from_on=MONDAY + timedelta(days=1), to_on=MONDAY + timedelta(days=1))
    found = []
    for _ in range(3):
        found.append(sorted(_loaded(staffed, TWO).stands_for))
        staffed.clock.advance(timedelta(days=1))
    assert found == [[], [ONE.id], []]


def test_stand_in_of_and_absent_on(staffed: House) -> None:
    key = away(staffed)

    def asked(on: date) -> tuple[str | None, frozenset[str]]:
        with staffed.kapok.database.reading() as connection:
            return stand_in_of(connection, ONE.id, on), absent_on(connection, on)

    assert [asked(on) for on in (MONDAY, WEEK[1], WEEK[1] + timedelta(days=1))] == [
        (TWO.id, {ONE.id}), (TWO.id, {ONE.id}), (None, frozenset())]
    staffed.run(CancelAbsence(key), ONE)
    assert asked(MONDAY) == (None, frozenset())
    with pytest.raises(NotFound):
        staffed.run(CancelAbsence(key), ONE)


def test_who_is_away_is_not_given_new_cases(staffed: House) -> None:
    away(staffed)
    with staffed.kapok.database.reading() as connection:
        assert assignments.least_busy(connection, "examiner", absent_on(connection, MONDAY)) == TWO.id


@pytest.mark.parametrize("changes", [
    {"stand_in": ONE.id}, {"stand_in": "nobody"}, {"stand_in": QUALITY.id},
    {"from_on": WEEK[1], "to_on": MONDAY},
    {"from_on": MONDAY - timedelta(days=9), "to_on": MONDAY - timedelta(days=3)}])
def test_what_makes_no_sense_is_refused(staffed: House, changes: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        away(staffed, **changes)
    assert staffed.rows(s.absence) == []


def test_a_superior_may_stand_in_without_a_role_in_common(staffed: House) -> None:
    unit = staffed.run(AddUnit("预审部", "department", head=QUALITY.id), ACTORS["admin"])["unit"]
    staffed.run(SetUnit(ONE.id, unit), ACTORS["admin"])
    away(staffed, stand_in=QUALITY.id)
    assert _loaded(staffed, QUALITY).stands_for == {ONE.id}


def test_who_records_it_for_another_does_not_stand_in(staffed: House) -> None:
    with pytest.raises(NotAllowed):
        away(staffed, by=TWO)
    with pytest.raises(NoStandIn):
        away(staffed, by=replace(SUPERVISOR, id=TWO.id))
    away(staffed, by=SUPERVISOR)


def test_nobody_stands_in_while_away_and_no_chain_arises(staffed: House) -> None:
    away(staffed)
    with pytest.raises(NoStandIn):
        staffed.run(RecordAbsence(TWO.id, ONE.id, *WEEK), TWO)
    with pytest.raises(Conflict):
        away(staffed)


def test_parties_record_no_absence(staffed: House) -> None:
    with pytest.raises(NotAllowed):
        away(staffed, by=replace(ACTORS["applicant"], id=ONE.id))
