"""A day of a year in which nothing happens is refused by its name, before anything is computed from it."""

from datetime import date, datetime
from typing import Any

import pytest

from engine.clock import LOCAL_ZONE
from engine.domain.actors import Actor
from engine.domain.administration import RequestApproval
from engine.domain.deadline_commands import ArmDeadline, InterruptDeadline, OverrideDeadline, PauseDeadline
from engine.domain.desk_commands import SetFollowUp
from engine.domain.hearing_commands import PlanHearing
from engine.errors import InvalidInput
from engine.store import schema as s
from tests.support.bpmn import assign, catch, chain, end, process, start, timer, user
from tests.support.house import ACTORS, SUPERVISOR, House

WAITING = process("p", start("s"), user("A", assign(groups="examiner")), end("e"), chain("s", "A", "e"))


@pytest.mark.parametrize("on", [date(1, 1, 1), date(1899, 12, 31), date(2200, 1, 1), date(9999, 12, 31)], ids=str)
def test_no_command_names_it(house: House, on: date) -> None:
    house.deploy(WAITING)
    case = house.start("p")
    at = datetime.combine(on, datetime.min.time(), LOCAL_ZONE)
    commands: list[tuple[Any, Actor]] = [
        (ArmDeadline(case, "dl.pre.answer", on), SUPERVISOR), (OverrideDeadline("x", on, "x", "y"), SUPERVISOR),
        (RequestApproval(OverrideDeadline("x", on, "x", "y"), "x"), SUPERVISOR),
        (PauseDeadline("x", "x", "y", on), SUPERVISOR), (InterruptDeadline("x", on, "x"), SUPERVISOR),
        (PlanHearing(case, "online", at, at), ACTORS["coordinator"]), (SetFollowUp("x", on), ACTORS["examiner"])]
    for command, who in commands:
        with pytest.raises(InvalidInput) as refused:
            house.run(command, who)
        assert refused.value.params["found"] == on.isoformat(), command
        assert str(refused.value.params["expected"]) == "a day of the years 1900 to 2199"
    assert house.rows(s.deadline) == []


@pytest.mark.parametrize(("on", "raised"), [("2026-03-02", 0), ("0001-01-01", 1), ("9999-12-31", 1)])
def test_a_deadline_of_a_diagram_that_leaves_the_years_is_an_incident(house: House, on: str, raised: int) -> None:
    late = catch("late", timer('= deadline("dl.pre.answer", date(received))', "date"))
    house.deploy(process("p", start("s"), user("A", assign(groups="examiner")), late, end("e"),
                         chain("s", "A", "late", "e")))
    case = house.start("p", {"kind": "invention"})
    house.claim(case, "A", ACTORS["examiner"])
    house.complete(case, "A", {"received": on}, ACTORS["examiner"])
    assert len(house.rows(s.incident)) == raised
