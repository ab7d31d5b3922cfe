from datetime import UTC, datetime, timedelta

import pytest

from engine.domain import events as ev
from engine.execution import Environment
from tests.support.bpmn import boundary, catch, chain, end, process, start, sub, timer, user


def catching(text, kind=None):
    return process("p", start(), catch("t", timer(text, kind)), end(), chain("start", "t", "end"))


@pytest.mark.parametrize(("text", "kind", "due"), [
    ("PT2H", None, "2026-01-01T02:00:00+00:00"),
    ("P1M", None, "2026-02-01T00:00:00+00:00"),
    ("P1Y2M10DT2H30M", None, "2027-03-11T02:30:00+00:00"),
    ("P2W", None, "2026-01-15T00:00:00+00:00"),
    ('= duration("P3D")', "duration", "2026-01-04T00:00:00+00:00"),
    ('= duration("P2M")', "duration", "2026-03-01T00:00:00+00:00"),
    ("= wait", "duration", "2026-01-01T00:15:00+00:00"),
    ("2026-03-16T09:00:00+08:00", None, "2026-03-16T01:00:00+00:00"),
    ("2026-03-16T09:00:00", None, "2026-03-16T01:00:00+00:00"),
    ("2026-03-16", None, "2026-03-15T16:00:00+00:00"),
    ("2026-03-16T09:00:00+01:00[Europe/Berlin]", None, "2026-03-16T08:00:00+00:00"),
    ("2026-03-16T09:00:00[Europe/Berlin]", None, "2026-03-16T08:00:00+00:00"),
    ("R2/2026-03-16T09:00:00+01:00[Europe/Berlin]/P1D", None, "2026-03-16T08:00:00+00:00"),
    ('= date and time("2026-03-16T09:00:00Z")', "date", "2026-03-16T09:00:00+00:00"),
    ('= date("2026-03-16")', "date", "2026-03-15T16:00:00+00:00"),
    ('= duration("PT0.1234567S")', "duration", "2026-01-01T00:00:00.123456+00:00"),
    ('= duration("PT0.1234567S")', "cycle", "2026-01-01T00:00:00.123456+00:00"),
    ('= date and time("2026-03-16T09:00:00.123456789Z")', "date", "2026-03-16T09:00:00.123456+00:00"),
    ("R3/PT1H", None, "2026-01-01T01:00:00+00:00"),
    ("R/2026-05-01T00:00:00Z/P1M", None, "2026-05-01T00:00:00+00:00"),
])
def test_is_due_when_it_says(play, text, kind, due):
    case = play(catching(text, kind), {"wait": "PT15M"})
    armed = case.of(ev.TimerArmed)
    assert [event.due_at.isoformat() for event in armed] == [due]
    assert armed[0].element == "t"
    assert case.fire("t").ended == "completed end"


@pytest.mark.parametrize(("text", "kind"), [
    ("2026-03-16T09:00:00[Nowhere/At_all]", "date"), ("2026-03-16T09:00:00[", "date"),
    ("= missing", "duration"), ("= 5", "date"), ('= "soon"', "date"), ("P", "duration"), ("PT", "duration"),
    ("R0/PT1H", "cycle"), ("R3", "cycle"), ("R/PT0S", "cycle"), ("0 0 9 * * MON", "cycle"), ("P99999999Y", "duration"),
])
def test_what_is_no_time_is_an_incident(play, text, kind):
    case = play(catching(text, kind))
    assert case.incidents == {1: "timer"}
    assert case.waiting == []
    assert "None" not in case.of(ev.IncidentRaised)[0].message


def test_a_mended_time_is_tried_again(play):
    case = play(catching("= limit", "duration"))
    assert case.set(limit="PT1H").resolve().fire("t").ended == "completed end"


def test_a_deadline_carries_its_computation(play):
    class Due(datetime):
        computation = {"basis": "dl.x"}

    env = Environment({"deadline": lambda key: Due(2026, 2, 3, 16, tzinfo=UTC)})
    case = play(catching('= deadline("dl.x")', "date"), env=env)
    assert case.of(ev.TimerArmed)[0].deadline == {"basis": "dl.x"}
    assert case.of(ev.TimerArmed)[0].due_at == datetime(2026, 2, 3, 16, tzinfo=UTC)


def reminding(text):
    return process("p", start(), user("a"), boundary("r", "a", timer(text), interrupting=False), end(), end("e2"),
                   chain("start", "a", "end"), chain("r", "e2"))


def dues(case):
    return [event.due_at.isoformat()[:16] for event in case.of(ev.TimerArmed)]


def test_a_cycle_repeats_as_often_as_it_says(play):
    case = play(reminding("R3/PT1H")).advance(hours=9)
    assert case.trace.count("r") == 3
    assert case.waiting == ["a"]
    assert dues(case) == ["2026-01-01T01:00", "2026-01-01T02:00", "2026-01-01T03:00"]
    assert len({event.wait for event in case.of(ev.TimerArmed)}) == 3


def test_an_endless_cycle_never_stops(play):
    case = play(reminding("R/PT1H")).advance(hours=400)
    assert case.trace.count("r") == 400
    assert case.waiting == ["a", "r"]


def test_months_of_a_cycle_count_from_the_anchor_and_clamp(play):
    case = play(reminding("R4/2026-01-31T09:00:00+08:00/P1M")).advance(days=120)
    assert dues(case) == ["2026-01-31T01:00", "2026-02-28T01:00", "2026-03-31T01:00", "2026-04-30T01:00"]


def test_31_january_plus_a_month_is_28_february(play):
    case = play(catching('= date and time("2026-01-31T09:00:00+08:00") + duration("P1M")', "date"))
    assert dues(case) == ["2026-02-28T01:00"]


def test_missed_cycles_coalesce(play):
    """The machine was off for five hours and a half: one firing, and the next one is after now."""
    case = play(reminding("R10/PT1H"))
    case.now += timedelta(hours=5, minutes=30)
    case.fire("r")
    assert case.trace.count("r") == 1
    assert dues(case)[-1] == "2026-01-01T06:00"
    case.advance(hours=20)
    assert case.trace.count("r") == 1 + 5


def test_a_cycle_ends_at_its_end(play):
    case = play(reminding("R/PT1H/2026-01-01T02:30:00Z")).advance(hours=9)
    assert case.trace.count("r") == 2


def test_a_single_timer_that_does_not_interrupt_fires_once(play):
    case = play(reminding("PT1H")).advance(hours=9)
    assert case.trace.count("r") == 1


def test_timers_of_equal_time_fire_in_order_of_creation(play):
    case = play(process("p", start(), sub("s", start("s1"), user("a"), end("s2"), chain("s1", "a", "s2")), end(),
                        boundary("t1", "s", timer("PT1H"), interrupting=False),
                        boundary("t2", "s", timer("PT1H"), interrupting=False), chain("start", "s", "end"), end("e1"),
                        end("e2"), chain("t1", "e1"), chain("t2", "e2")))
    case.advance(hours=2)
    assert [element for element in case.trace if element.startswith("t")] == ["t1", "t2"]
