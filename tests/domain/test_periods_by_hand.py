"""Periods reckoned by hand with a wall calendar, and the laws that every period keeps whatever its numbers."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.calendar import shipped_calendar
from engine.domain.periods import Length, Pause, Unit, compute, parse_request

CALENDAR = shipped_calendar()
EXTENDED = {"extension": Length(1, Unit.MONTH)}
LAST_DAY = {"end_minus_one": True}


def period(profile, event, count, unit, delivery="none", pauses=(), **more):
    return compute(replace(parse_request(profile, event, count, unit, delivery, pauses), **more), CALENDAR)


# Profile, event, length, delivery; the start if it is not the event; the end, and the due day where rest days move it

BY_HAND = """
    month ends and leap years
CNIPA 2024-01-31 1 month none                 | 2024-02-29
CNIPA 2023-01-31 1 month none                 | 2023-02-28
CNIPA 2024-02-29 12 month none                | 2025-02-28
CNIPA 2024-02-28 1 month none                 | 2024-03-28
CNIPA 2024-08-31 6 month none                 | 2025-02-28
CNIPA 2025-03-31 1 month none                 | 2025-04-30
CNIPA 2025-04-30 1 month none                 | 2025-05-30
    the turn of the year; 4 January 2026 is a Sunday that is worked
CNIPA 2024-12-01 1 month none                 | 2025-01-01 2025-01-02
CNIPA 2025-12-01 1 month none                 | 2026-01-01 2026-01-05
CIVIL 2025-12-01 1 month none                 | 2026-01-01 2026-01-04
TM 2025-12-01 1 month none                    | 2026-01-01 2026-01-04
CNIPA 2003-12-31 1 day none                   | 2004-01-01 2004-01-02
    Spring Festival 2026: 15 to 23 February are free, the Saturdays 14 and 28 are worked
CNIPA 2026-01-14 1 month none                 | 2026-02-14 2026-02-24
CIVIL 2026-01-14 1 month none                 | 2026-02-14
CNIPA 2026-01-28 1 month none                 | 2026-02-28 2026-03-02
CIVIL 2026-01-28 1 month none                 | 2026-02-28
CIVIL 2026-01-20 30 day none                  | 2026-02-19 2026-02-24
    National Day 2025: 1 to 8 October are free, 28 September and 11 October are worked
CIVIL 2025-09-03 30 day none                  | 2025-10-03 2025-10-09
CNIPA 2025-08-28 1 month none                 | 2025-09-28 2025-09-29
CIVIL 2025-08-28 1 month none                 | 2025-09-28
CNIPA 2025-09-11 1 month none                 | 2025-10-11 2025-10-13
WORKDAY 2025-09-26 5 workday none             | 2025-10-10
WORKDAY 2025-12-31 3 workday none             | 2026-01-06
    backwards
WORKDAY_BACK 2026-01-05 2 workday none        | 2025-12-31
DAY_BACK 2024-03-31 1 month none              | 2024-02-29
DAY_BACK 2025-10-13 3 day none                | 2025-10-10
    no rest day moves these
NOROLL 2016-10-01 10 year none                | 2026-10-01
    from the day of receipt, by the way of delivery
CNIPA 2024-01-10 2 month cnipa.electronic     2024-01-25 | 2024-03-25
CNIPA 2024-01-20 2 month cnipa.electronic     | 2024-03-20
CNIPA 2024-12-30 1 month cnipa.post           2025-01-14 | 2025-02-14
CNIPA 2025-01-31 1 month cnipa.announce       2025-02-28 | 2025-03-28
CIVIL 2025-12-31 15 day court.announce        2026-01-30 | 2026-02-14
TM 2025-12-20 15 day tm.post                  2026-01-04 | 2026-01-19
"""


def cases():
    for line in BY_HAND.strip("\n").splitlines():
        if not line.startswith(" "):
            told, expected = line.split("|")
            profile, event, count, unit, delivery, *start = told.split()
            nominal, *due = expected.split()
            found = (start or [event])[0], nominal, (due or [nominal])[0]
            yield pytest.param(profile, event, count, unit, delivery, found, id=" ".join(told.split()))


@pytest.mark.parametrize(("profile", "event", "count", "unit", "delivery", "expected"), list(cases()))
def test_by_hand(profile, event, count, unit, delivery, expected):
    found = period(profile, event, count, unit, delivery)
    assert (str(found.start_on), str(found.nominal_on), str(found.due_on)) == expected
    assert not found.provisional


def test_extended_paused_and_registered_by_hand():
    assert str(period("CNIPA", "2024-12-31", 2, "month", **EXTENDED).due_on) == "2025-03-31"
    assert str(period("TM", "2016-02-29", 10, "year", **LAST_DAY).due_on) == "2026-02-28"
    # 10 days run, 35 do not, 20 more
    assert str(period("CIVIL", "2025-06-10", 30, "day", pauses=["2025-06-20..2025-07-25"]).due_on) == "2025-08-14"
    # 11 February, then 25 to 27 and the Saturday 28, which is worked
    assert str(period("WORKDAY", "2026-02-10", 5, "workday", pauses=["2026-02-12..2026-02-25"]).due_on) == "2026-02-28"


def test_a_year_without_a_published_calendar_knows_weekends_only_and_says_so():
    found = period("CNIPA", "2026-12-31", 2, "month")
    assert (str(found.nominal_on), str(found.due_on), found.provisional) == ("2027-02-28", "2027-03-01", True)


# Laws -----------------------------------------------------------------------------------------------------------------

DAYS = st.dates(date(2004, 1, 1), date(2026, 12, 31))
ROLLED = st.sampled_from(["CNIPA", "CIVIL", "TM"])
LENGTHS = st.tuples(st.integers(1, 60), st.sampled_from(["day", "month"]))


@given(ROLLED, DAYS, LENGTHS)
def test_never_due_on_a_rest_day_nor_before_its_end(profile, event, length):
    found = period(profile, event.isoformat(), *length)
    assert CALENDAR.is_workday(found.due_on, makeup_counts=profile != "CNIPA")
    passed = (found.nominal_on + timedelta(days=n) for n in range((found.due_on - found.nominal_on).days))
    assert not any(CALENDAR.is_workday(day, makeup_counts=profile != "CNIPA") for day in passed)


@given(st.sampled_from(["CNIPA", "CIVIL", "TM", "NOROLL", "DAY_BACK"]), DAYS, st.integers(0, 40), LENGTHS)
def test_who_starts_later_is_not_due_earlier(profile, event, later, length):
    first, second = (period(profile, day.isoformat(), *length) for day in (event, event + timedelta(days=later)))
    assert first.due_on <= second.due_on


@given(DAYS, st.integers(1, 60))
def test_workdays_are_counted_out_and_back(event, count):
    due = period("WORKDAY", event.isoformat(), count, "workday").due_on
    assert CALENDAR.is_workday(due)
    assert sum(CALENDAR.is_workday(event + timedelta(days=n)) for n in range(1, (due - event).days + 1)) == count
    back = period("WORKDAY_BACK", due.isoformat(), count, "workday").due_on
    assert back == event if CALENDAR.is_workday(event) else back < event


@given(DAYS, st.integers(20, 60), st.integers(1, 19), st.integers(2, 50), st.data())
def test_a_pause_moves_a_period_of_days_by_its_own_and_may_be_told_in_pieces(event, count, after, lasting, data):
    begins = event + timedelta(days=after)
    ends, split = begins + timedelta(days=lasting), begins + timedelta(days=data.draw(st.integers(1, lasting - 1)))
    whole = period("NOROLL", event.isoformat(), count, "day", pauses=[f"{begins}..{ends}"])
    assert whole.nominal_on == event + timedelta(days=count + lasting)
    pieces = tuple(data.draw(st.permutations([Pause(begins, split), Pause(split, ends)])))
    request = replace(parse_request("NOROLL", event.isoformat(), count, "day", "none", ()), pauses=pieces)
    assert compute(request, CALENDAR).nominal_on == whole.nominal_on


@given(DAYS, st.integers(1, 30), st.integers(1, 30), st.sampled_from(["day", "month", "year"]))
def test_an_extended_period_is_one_longer_period(event, count, added, unit):
    extended = period("CNIPA", event.isoformat(), count, unit, extension=Length(added, Unit(unit)))
    assert extended.due_on == period("CNIPA", event.isoformat(), count + added, unit).due_on


@given(DAYS, st.integers(1, 120))
def test_a_month_ends_on_its_own_day_or_the_last_of_a_shorter_month(event, count):
    found = period("NOROLL", event.isoformat(), count, "month").nominal_on
    assert (found.year * 12 + found.month) - (event.year * 12 + event.month) == count
    assert found.day == event.day or (found.day < event.day and (found + timedelta(days=1)).day == 1)
