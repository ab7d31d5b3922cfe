"""When rooms are free: what is planned takes them, in working hours alone; on both databases."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from engine.clock import LOCAL_ZONE
from engine.domain import hearing_commands as c
from engine.services.views.free_rooms import Span, free_rooms, gaps
from tests.support.bpmn import chain, end, process, start, user
from tests.support.house import House

MONDAY = date(2026, 3, 16)


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, 16, hour, minute, tzinfo=LOCAL_ZONE)


def free(house: House, on: date = MONDAY, hours: int = 1, remote: bool = False) -> dict[str, list[tuple[str, str]]]:
    found = free_rooms(house.kapok.database, house.kapok.parts, on, timedelta(hours=hours), remote)
    return {room.key: [tuple(f"{end.astimezone(LOCAL_ZONE):%H:%M}" for end in span) for span in room.spans]
            for room in found}


def test_what_is_planned_takes_a_room_and_what_is_off_gives_it_back(house: House) -> None:
    house.deploy(process("p", start(), user("A"), end(), chain("start", "A", "end")))
    house.run(c.KeepRoom("r1", "第一审理庭", 20, remote=True))
    house.run(c.KeepRoom("r2", "第二审理庭", 12))
    house.run(c.KeepRoom("r3", "旧审理庭", 12, enabled=False))
    case = house.start("p", {})
    hearing = house.run(c.PlanHearing(case, "offline", at(10), at(12), "r1"))["hearing"]
    whole = free(house)["r2"]
    assert free(house) == {"r1": [(whole[0][0], "10:00"), ("12:00", whole[-1][1])], "r2": whole}
    assert free(house, hours=3) == {"r1": [("12:00", whole[-1][1])], "r2": whole}
    assert free(house, remote=True).keys() == {"r1"}
    assert free(house, MONDAY - timedelta(days=1)) == {}
    house.run(c.CloseHearing(case, hearing, "cancelled", "撤回"))
    assert free(house)["r1"] == whole


@pytest.mark.parametrize(("taken", "left"), [
    ([], [(9, 17)]), ([(9, 17)], []), ([(8, 18)], []), ([(7, 9)], [(9, 17)]), ([(17, 18)], [(9, 17)]),
    ([(10, 11), (10, 12), (15, 16)], [(9, 10), (12, 15), (16, 17)])])
def test_gaps(taken: list[tuple[int, int]], left: list[tuple[int, int]]) -> None:
    found = gaps([Span(at(9), at(17))], [Span(at(begin), at(end)) for begin, end in taken], timedelta(minutes=30))
    assert found == [(at(begin), at(end)) for begin, end in left]
