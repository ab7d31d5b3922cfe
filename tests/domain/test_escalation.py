"""A ladder becomes days: reminders before, supervisors at the end, leadership after."""

from datetime import date

import pytest

from engine.domain.calendar import shipped_calendar
from engine.domain.deadlines import compute_deadline, parse_rules, shipped_rules
from engine.domain.escalation import Ladder, Rung, plan
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
