"""Rooms and hearings on both databases."""

from __future__ import annotations

import threading
from contextlib import nullcontext
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from engine.domain import hearing_commands as c
from engine.domain.commands import AddUser
from engine.domain.hearings import Slot, clashes
from engine.errors import Conflict, InvalidInput, KapokError, NotAllowed, NotFound
from engine.services.hearings.planning import HearingClash, NotCleared, NoticeTooLate, NotReady, TooManyAttend
from engine.store import schema as s
from tests.support.bpmn import chain, end, process, properties, start, user
from tests.support.house import ACTORS, House

OPERATOR = ACTORS["coordinator"]
NINE = datetime(2026, 3, 16, 1, tzinfo=UTC)
"""Monday, 2026-03-16, nine o'clock in Beijing."""


def span(hours: int = 0) -> tuple[datetime, datetime]:
    return NINE + timedelta(hours=hours), NINE + timedelta(hours=hours + 2)


@pytest.fixture
def case(house: House) -> str:
    return fresh(house, "adjudication")


def fresh(house: House, procedure: str) -> str:
    house.deploy(process("p", properties(procedure=procedure), start(), user("A"), end(), chain("start", "A", "end")))
    house.run(c.KeepRoom("r1", "第一审理庭", 20, remote=True), OPERATOR)
    house.run(c.KeepRoom("r2", "第二审理庭", 12), OPERATOR)
    return house.start("p", {"title": "示例案件", "case_class": "major"})


def planned(house: House, case: str, hours: int = 0, room: str | None = "r1", mode: str = "offline",
            *people: c.Attendee) -> dict[str, Any]:
    return house.run(c.PlanHearing(case, mode, *span(hours), room, True, people), OPERATOR)


def test_a_hearing_is_planned_made_known_and_held(house: House, case: str) -> None:
    answer = planned(house, case, 0, "r1", "mixed", c.Attendee("甲公司", "requester"),
                     c.Attendee("乙公司", "respondent"))
    assert answer["notice_by"] == "2026-03-09"  # five working days before, the hearing's own day not counted
    hearing = answer["hearing"]
    house.run(c.GiveNotice(case, hearing, date(2026, 3, 2)), OPERATOR)
    house.run(c.TestLink(case, hearing, True), OPERATOR)
    with pytest.raises(NotReady):
        house.run(c.CloseHearing(case, hearing, "held", "如期进行"), OPERATOR)
    house.clock.move_to(NINE)
    house.run(c.CheckIn(case, hearing, 1, True, True), OPERATOR)
    house.run(c.CloseHearing(case, hearing, "held", "如期进行"), OPERATOR)
    assert house.rows(s.hearing)[0].state == "held" and house.broken() == []
    last = house.rows(s.history, s.history.c.kind == "hearing:held")[0].data
    assert (last["present"], last["absent"]) == (["甲公司"], ["乙公司"])


def test_a_room_and_a_person_are_in_one_place_at_a_time(house: House, case: str) -> None:
    house.run(AddUser("panel9", "示例", ("adjudicator",), "!"))
    member = c.Attendee("示例", "panel", "panel9")
    planned(house, case, 0, "r1", "offline", member)
    with pytest.raises(HearingClash):
        planned(house, case, 1, "r1")
    with pytest.raises(HearingClash):
        planned(house, case, 1, "r2", "offline", member)
    assert planned(house, case, 2, "r1", "offline", member)["hearing"]  # one begins as the other ends
    assert [row.code for row in house.rows(s.notice, s.notice.c.to == "panel9")] == ["hearing.planned"] * 2


def test_a_case_is_heard_once_at_a_time(house: House, case: str) -> None:
    hearing = planned(house, case, 0, "r1")["hearing"]
    planned(house, case, 2, "r1")
    with pytest.raises(HearingClash, match=f"case {case} "):
        planned(house, case, 1, None, "online")
    for minutes, clash in ((30, False), (90, True)):
        starts = NINE + timedelta(minutes=minutes)
        move = c.MoveHearing(case, hearing, starts, starts + timedelta(hours=1), None, "改期")
        with pytest.raises(HearingClash) if clash else nullcontext():
            house.run(move, OPERATOR)


def test_an_account_is_called_once(house: House, case: str) -> None:
    house.run(AddUser("panel9", "示例", ("adjudicator",), "!"))
    both = c.Attendee("甲公司", "requester", "panel9"), c.Attendee("示例", "panel", "panel9")
    with pytest.raises(InvalidInput, match="each account once"):
        planned(house, case, 0, "r1", "offline", *both)
    hearing = planned(house, case, 0, "r1", "offline", both[1])["hearing"]
    with pytest.raises(InvalidInput, match="each account once"):
        house.run(c.AddAttendee(case, hearing, both[0]), OPERATOR)


def test_of_two_who_want_one_room_at_once_one_has_it(house: House, case: str) -> None:
    others = [case, *(house.start("p", {"case_class": "major"}) for _ in range(3))]
    refused: list[KapokError] = []

    def ask(which: str) -> None:
        try:
            planned(house, which)
        except KapokError as error:
            refused.append(error)

    workers = [threading.Thread(target=ask, args=(which,)) for which in others]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(house.rows(s.hearing)) == 1 and [error.code for error in refused] == ["hearing_clash"] * 3


def test_late_notice_needs_a_waiver_where_the_law_says_so(house: House, case: str) -> None:
    hearing = planned(house, case)["hearing"]
    house.clock.move_to(NINE - timedelta(days=5))
    with pytest.raises(NoticeTooLate, match="重大专利侵权纠纷行政裁决办法"):
        house.run(c.GiveNotice(case, hearing, date(2026, 3, 10)), OPERATOR)
    assert house.run(c.GiveNotice(case, hearing, date(2026, 3, 10), "双方书面放弃"), OPERATOR)["late"]


def test_elsewhere_late_notice_is_only_a_warning(house: House) -> None:
    case = fresh(house, "invalidation")
    house.clock.move_to(NINE - timedelta(days=1))
    answer = planned(house, case)
    assert answer["notice_by"] == "2026-03-14" and answer["warnings"] == ["notice_by"]
    house.run(c.GiveNotice(case, answer["hearing"], date(2026, 3, 15)), OPERATOR)


def test_what_moves_is_to_be_made_known_and_tested_again(house: House, case: str) -> None:
    hearing = planned(house, case, 0, "r1", "online")["hearing"]
    house.run(c.GiveNotice(case, hearing, date(2026, 3, 2)), OPERATOR)
    house.run(c.TestLink(case, hearing, True), OPERATOR)
    house.run(c.MoveHearing(case, hearing, *span(24), "r1", "合议组成员生病"), OPERATOR)
    row = house.rows(s.hearing)[0]
    assert (row.noticed_on, row.link, row.notice_by) == (None, "none", date(2026, 3, 10))
    house.clock.move_to(NINE + timedelta(hours=25))
    with pytest.raises(NotReady):
        house.run(c.CloseHearing(case, hearing, "held", "x"), OPERATOR)
    house.run(c.CloseHearing(case, hearing, "adjourned", "补充证据"), OPERATOR)
    with pytest.raises(Conflict):
        house.run(c.CloseHearing(case, hearing, "cancelled", "x"), OPERATOR)


@pytest.mark.parametrize("command", [
    lambda case: c.PlanHearing(case, "telepathic", *span()),
    lambda case: c.PlanHearing(case, "offline", NINE, NINE),
    lambda case: c.PlanHearing(case, "offline", NINE - timedelta(days=60), NINE),
    lambda case: c.PlanHearing(case, "offline", datetime(9999, 12, 31, 15, tzinfo=UTC), NINE),
    lambda case: c.PlanHearing(case, "online", *span(), "r2"),
    lambda case: c.PlanHearing(case, "offline", *span(), None, True, (c.Attendee("甲", "friend"),)),
], ids=["mode", "span", "past", "end of time", "no video", "part"])
def test_what_cannot_be_planned(house: House, case: str, command: Any) -> None:
    with pytest.raises(InvalidInput):
        house.run(command(case), OPERATOR)
    assert house.rows(s.hearing) == []


def test_at_most_four_a_side_attend(house: House, case: str) -> None:
    four = [c.Attendee(f"代理人{number}", "requester") for number in range(4)]
    hearing = planned(house, case, 0, "r1", "offline", *four)["hearing"]
    with pytest.raises(TooManyAttend):
        house.run(c.AddAttendee(case, hearing, c.Attendee("代理人5", "requester")), OPERATOR)
    house.run(c.RemoveAttendee(case, hearing, 2), OPERATOR)
    house.run(c.AddAttendee(case, hearing, c.Attendee("代理人5", "requester")), OPERATOR)


def test_strangers_plan_nothing(house: House, case: str) -> None:
    with pytest.raises(NotAllowed):
        house.run(c.PlanHearing(case, "offline", *span()), ACTORS["applicant"])
    with pytest.raises(NotFound):
        house.run(c.PlanHearing(case, "offline", *span()), ACTORS["mediator"])
    with pytest.raises(NotAllowed):
        house.run(c.KeepRoom("r3", "x", 1), ACTORS["examiner"])


def test_clashes_name_what_and_where() -> None:
    mine = Slot("h1", *span(), "r1", frozenset({"a", "b"}))
    others = [Slot("h2", *span(1), "r1", frozenset({"b"})), Slot("h3", *span(2), "r1", frozenset({"a"}))]
    found = clashes(mine, [mine, *others])
    assert [(clash.what, clash.name, clash.hearing) for clash in found] == [("room", "r1", "h2"), ("person", "b", "h2")]


def test_a_notice_tells_of_the_hearing_as_it_is_planned_now(house: House, case: str) -> None:
    hearing = planned(house, case)["hearing"]
    with pytest.raises(InvalidInput):
        house.run(c.GiveNotice(case, hearing, date(2020, 1, 1)), OPERATOR)
    house.clock.advance(timedelta(days=1))
    house.run(c.MoveHearing(case, hearing, *span(24), "r1", "改期"), OPERATOR)
    with pytest.raises(InvalidInput):
        house.run(c.GiveNotice(case, hearing, date(2026, 3, 2)), OPERATOR)


def test_who_is_there_and_who_was_removed_is_on_record(house: House, case: str) -> None:
    hearing = planned(house, case, 0, "r1", "offline", c.Attendee("甲公司", "requester"))["hearing"]
    house.run(c.CheckIn(case, hearing, 1, True, True), OPERATOR)
    house.run(c.RemoveAttendee(case, hearing, 1), OPERATOR)
    with pytest.raises(NotFound):
        house.run(c.CheckIn(case, hearing, 1, True), OPERATOR)
    told = {row.kind: row.data["name"] for row in house.rows(s.history) if row.kind.startswith("hearing:") and
            "name" in row.data}
    assert told == {"hearing:checked_in": "甲公司", "hearing:uncalled": "甲公司"}


def test_nobody_is_on_a_panel_without_clearance(house: House, case: str) -> None:
    house.run(AddUser("mediator9", "示例", ("mediator",), "!"))
    with house.kapok.database.writing() as connection:
        connection.execute(s.case.update().values(level="L3"))
    with pytest.raises(NotCleared):
        house.run(c.PlanHearing(case, "offline", *span(), None, True, (c.Attendee("示例", "panel", "mediator9"),)))


def test_a_party_reads_nothing_written_for_the_house(house: House) -> None:
    party = ACTORS["applicant"]
    house.deploy(process("q", properties(procedure="adjudication"), start(), user("A"), end(),
                         chain("start", "A", "end")))
    case = house.start("q", {"title": "绝密", "applicant_user": party.id, "case_class": "major"})
    hearing = house.run(c.PlanHearing(case, "offline", *span()))["hearing"]
    house.run(c.CloseHearing(case, hearing, "cancelled", "内部意见"))
    assert [row.note for row in house.kapok.hearings.of_case(party, case).hearings] == [""]
    assert "绝密" not in house.kapok.hearings.calendar(party, case, hearing).decode()


def test_who_is_called_finds_when_and_where_without_seeing_the_case(house: House, case: str) -> None:
    witness = ACTORS["mediator"]
    house.run(AddUser(witness.id, "示例", ("mediator",), "!"))
    planned(house, case, 0, "r1", "offline", c.Attendee("示例", "witness", witness.id))
    view = house.kapok.hearings.of_case(witness, case)
    assert (len(view.hearings), view.title, view.plans) == (1, "", False)
    with pytest.raises(NotFound):
        house.kapok.hearings.of_case(ACTORS["committee"], case)


def test_the_panel_is_as_large_as_the_case_says(house: House, case: str) -> None:
    one = c.Attendee("示例", "panel")
    with pytest.raises(InvalidInput):
        house.run(c.PlanHearing(case, "offline", *span(), "r1", True, (), 2), OPERATOR)
    hearing = house.run(c.PlanHearing(case, "offline", *span(), "r1", True, (one, one), 3), OPERATOR)["hearing"]
    house.run(c.GiveNotice(case, hearing, date(2026, 3, 2)), OPERATOR)
    house.clock.move_to(NINE + timedelta(hours=1))
    with pytest.raises(NotReady, match="a panel of 3, which has 2"):
        house.run(c.CloseHearing(case, hearing, "held", "如期进行"), OPERATOR)
    house.run(c.AddAttendee(case, hearing, one), OPERATOR)
    with pytest.raises(InvalidInput):
        house.run(c.CloseHearing(case, hearing, "held", "x", NINE, NINE + timedelta(hours=2)), OPERATOR)
    house.run(c.CloseHearing(case, hearing, "held", "x", NINE, NINE + timedelta(minutes=50)), OPERATOR)
    row = house.rows(s.hearing)[0]
    assert (row.began_at, row.ended_at, row.sequence) == (NINE, NINE + timedelta(minutes=50), 1)


def test_who_is_called_tries_the_own_link_and_no_one_else(house: House, case: str) -> None:
    party = ACTORS["applicant"]
    house.run(AddUser(party.id, "甲公司", ("applicant",), "!"))
    hearing = planned(house, case, 0, "r1", "online", c.Attendee("", "requester", party.id))["hearing"]
    house.run(c.TryLink(case, hearing, True), party)
    assert [(row.name, row.link) for row in house.rows(s.hearing_attendee)] == [("甲公司", "passed")]
    with pytest.raises(NotFound):
        house.run(c.TryLink(case, hearing, True), OPERATOR)
    house.run(c.MoveHearing(case, hearing, *span(24), "r1", "改期"), OPERATOR)
    assert [row.link for row in house.rows(s.hearing_attendee)] == ["none"]
    assert [row.sequence for row in house.rows(s.hearing)] == [1]


def test_a_day_stands_in_lines_of_half_an_hour(house: House, case: str) -> None:
    planned(house, case, 0, "r1")
    planned(house, case, 2, "r1")
    day = house.kapok.hearings.day(OPERATOR, date(2026, 3, 16))
    begins = {at.strftime("%H:%M"): [cell.lines for cell in cells if cell.entries] for at, cells in day.lines}
    assert {at: found for at, found in begins.items() if found} == {"09:00": [4], "11:00": [4]}
    assert {len(cells) for at, cells in day.lines if at.strftime("%H:%M") in ("08:30", "18:00")} == {3}


def test_a_week_asks_for_recusals_once(house: House, case: str) -> None:
    others = [house.start("p", {"case_class": "major"}) for _ in range(3)]
    for number, which in enumerate((case, *others)):
        planned(house, which, 2 * number, "r1")
    with house.statements() as statements:
        house.kapok.hearings.week(OPERATOR, date(2026, 3, 16))
    assert sum(text.startswith("SELECT recusal") for text in statements) == 1
