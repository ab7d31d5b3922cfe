"""A ladder becomes days: reminders before, supervisors at the end, leadership after."""

from datetime import date, datetime

import pytest

from engine.clock import LOCAL_ZONE
from engine.domain.calendar import shipped_calendar
from engine.domain.deadlines import compute_deadline, parse_rules, shipped_rules
from engine.domain.escalation import Ladder, Rung, plan
from engine.domain.working_hours import WorkingHours
from engine.errors import InvalidInput

TABLE, CALENDAR = shipped_rules(), shipped_calendar()


def days(key, from_on, variables):
    found = compute_deadline(TABLE, CALENDAR, key, date.fromisoformat(from_on), variables)
    planned = plan(TABLE.ladder(found.rule), found.period.start_on, found.due_on, CALENDAR)
    return [(one.on.isoformat(), one.to) for one in planned]


def test_a_partys_month_is_reminded_and_then_escalated():
    assert days("dl.inv.answer", "2026-03-20", {}) == [  # due Monday 20 April 2026
        ("2026-04-13", "party"), ("2026-04-17", "party"), ("2026-04-17", "party"), ("2026-04-17", "assignee"),
        ("2026-04-20", "supervisor"), ("2026-04-22", "department_head"), ("2026-04-27", "leadership"),
    ]


def test_a_service_promise_escalates_at_four_fifths():
    assert days("dl.pre.first_opinion", "2026-03-02", {"kind": "invention"}) == [
        ("2026-03-13", "supervisor"), ("2026-03-16", "director"),
    ]


def test_the_monthly_report_climbs_in_working_days_over_a_holiday():
    assert days("dl.sp.monthly", "2026-09-23", {}) == [
        ("2026-10-08", "specialist"), ("2026-10-12", "mentor"), ("2026-10-14", "hr"), ("2026-10-21", "leadership"),
    ]


def test_reminders_before_the_start_are_left_out():
    ladder = Ladder("x", (Rung("party", days_before=7), Rung("party", days_before=1), Rung("supervisor", percent=100)))
    planned = plan(ladder, date(2026, 3, 16), date(2026, 3, 20), CALENDAR)
    assert [(one.index, one.on.day) for one in planned] == [(1, 19), (2, 20)]


def test_a_backward_period_still_tells_somebody_on_its_day():
    assert ("2025-09-29", "supervisor") in days("dl.adj.hearing_notice", "2025-10-13", {})


def test_people_are_told_in_working_hours():
    hours = WorkingHours.parse("08:30-12:00, 14:00-17:30", "t")
    ladder = Ladder("x", (Rung("a", percent=80), Rung("b", percent=55), Rung("c", days_before=1),
                          Rung("d", percent=100)))
    planned = plan(ladder, date(2026, 3, 2), date(2026, 3, 19), CALENDAR, hours)  # gone on 15 March 14:24, 11th 08:24
    assert [one.at.astimezone(LOCAL_ZONE).strftime("%m-%d %H:%M") for one in planned] == [
        "03-11 08:30", "03-13 14:24", "03-18 08:30", "03-20 08:30"]
    ladder = Ladder("y", (Rung("a", percent=50), Rung("b", percent=52), Rung("c", percent=60)))
    planned = plan(ladder, date(2026, 3, 2), date(2026, 3, 5), CALENDAR, hours)
    assert [one.at.astimezone(LOCAL_ZONE).strftime("%m-%d %H:%M") for one in planned] == [
        "03-03 14:00", "03-03 14:00", "03-03 08:30"]


@pytest.mark.parametrize(("moment", "opens"), [
    ("2026-03-02 10:00", "2026-03-02 10:00"), ("2026-03-02 12:30", "2026-03-02 14:00"),
    ("2026-03-02 17:30", "2026-03-03 08:30"), ("2026-03-06 18:00", "2026-03-09 08:30"),
    ("2026-02-14 09:00", "2026-02-14 09:00"), ("2026-02-15 09:00", "2026-02-24 08:30"),
    ("2025-12-31 17:30", "2026-01-04 08:30"), ("2024-02-29 00:00", "2024-02-29 08:30")])
def test_the_next_working_instant(moment, opens):
    """Breaks, nights, weekends, a make-up Saturday, Spring Festival, the turn of the year, a leap day."""
    hours = WorkingHours.parse("08:30-12:00,14:00-17:30", "t")
    found = hours.next_open(datetime.fromisoformat(moment).replace(tzinfo=LOCAL_ZONE), CALENDAR)
    assert found.astimezone(LOCAL_ZONE).strftime("%Y-%m-%d %H:%M") == opens


@pytest.mark.parametrize("text", ["", "9-17", "09:00-08:00", "09:00-12:00,11:00-13:00", "25:00-26:00"])
def test_what_are_no_working_hours(text):
    with pytest.raises(InvalidInput):
        WorkingHours.parse(text, "t")


@pytest.mark.parametrize(("rung", "said"), [
    ('{ to = "a" }', "exactly one of"), ('{ to = "a", percent = 80, days_before = 1 }', "exactly one of"),
    ('{ to = "a", percent = 0 }', "from 1 to 100"), ('{ to = "a", days_before = -1 }', "from 0 to 365"),
    ("{ percent = 80 }", "key to"), ('{ to = "a", percent = 80, sms = true }', "'sms'"),
])
def test_a_bad_ladder_is_refused_with_its_place(rung, said):
    with pytest.raises(InvalidInput) as refused:
        parse_rules(f"[ladders.x]\nrungs = [{rung}]\n[[rule]]\n", "t.toml")
    assert said in refused.value.message
    assert "t.toml" in refused.value.message
