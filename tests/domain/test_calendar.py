"""The shipped calendar is the official one, day by day, and a bad table is refused with its place."""

from datetime import date, timedelta

import chinese_calendar
import pytest

from engine.domain.calendar import EMPTY_CALENDAR, add_months, parse_calendar, shipped_calendar
from engine.errors import InvalidInput

FIRST, LAST = date(2004, 1, 1), date(2026, 12, 31)
DAYS = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
CALENDAR = shipped_calendar()


def test_every_day_agrees_with_chinesecalendar():
    for day in DAYS:
        assert CALENDAR.is_workday(day) is chinese_calendar.is_workday(day), day
        assert CALENDAR.is_rest_day(day) is chinese_calendar.is_holiday(day), day
        assert CALENDAR.is_shifted_rest_day(day) is chinese_calendar.is_in_lieu(day), day
        assert CALENDAR.is_makeup_workday(day) is (chinese_calendar.is_workday(day) and day.weekday() >= 5), day
        named = chinese_calendar.get_holiday_detail(day)[1] if chinese_calendar.is_holiday(day) else None
        assert (CALENDAR.holiday_name(day, "en") is None) is (named is None), day


def test_covers_exactly_the_published_years():
    assert CALENDAR.covers(FIRST, LAST)
    assert not CALENDAR.covers(FIRST - timedelta(days=1))
    assert not CALENDAR.covers(LAST + timedelta(days=1))
    assert not CALENDAR.covers(LAST, LAST + timedelta(days=1))
    assert not CALENDAR.covers(LAST + timedelta(days=1), LAST)


def test_outside_the_table_only_weekends_rest():
    assert EMPTY_CALENDAR.is_workday(date(2027, 10, 1))
    assert not EMPTY_CALENDAR.is_workday(date(2027, 10, 2))


def test_next_and_previous_workday():
    assert CALENDAR.next_workday(date(2024, 2, 9)) == date(2024, 2, 18)
    assert CALENDAR.next_workday(date(2024, 2, 9), makeup_counts=False) == date(2024, 2, 19)
    assert CALENDAR.previous_workday(date(2025, 10, 9)) == date(2025, 9, 30)
    assert CALENDAR.add_workdays(date(2025, 10, 13), -5) == date(2025, 9, 29)
    assert CALENDAR.add_workdays(date(2025, 10, 4), 0) == date(2025, 10, 4)


def test_workdays_between_counts_like_a_person():
    for start, length in ((date(2024, 1, 20), 40), (date(2025, 9, 19), 27), (date(2003, 12, 20), 30)):
        end = start + timedelta(days=length)
        slow = sum(CALENDAR.is_workday(start + timedelta(days=n)) for n in range(1, length + 1))
        assert CALENDAR.workdays_between(start, end) == slow
        assert CALENDAR.workdays_between(end, start) == -slow
    assert CALENDAR.workdays_between(FIRST, FIRST) == 0


def test_holidays_crossed_are_named_once():
    spans = CALENDAR.holidays_between(date(2025, 9, 28), date(2025, 10, 20))
    assert [(span.name.zh, span.first.day, span.last.day) for span in spans] == [
        ("国庆节", 1, 5), ("中秋节", 6, 6), ("国庆节", 7, 8),
    ]
    assert CALENDAR.holiday_name(date(2026, 2, 17)) == "春节"
    assert CALENDAR.holiday_name(date(2026, 3, 17)) is None


@pytest.mark.parametrize(("start", "months", "end"), [
    (date(2022, 12, 31), 2, date(2023, 2, 28)),
    (date(2023, 12, 31), 2, date(2024, 2, 29)),
    (date(2024, 2, 29), 12, date(2025, 2, 28)),
    (date(2024, 2, 29), 48, date(2028, 2, 29)),
    (date(2025, 3, 31), -1, date(2025, 2, 28)),
    (date(2025, 1, 15), -13, date(2023, 12, 15)),
])
def test_corresponding_day(start, months, end):
    assert add_months(start, months) == end


NEW_YEAR = """
year = 2027
country = "CN"
[[holidays]]
name = { zh = "元旦", en = "New Year's Day" }
first = 2027-01-01
last = 2027-01-03
makeup = [2027-01-09]
"""


def test_a_new_year_extends_the_calendar_and_changes_its_version():
    longer = CALENDAR.merged(parse_calendar(NEW_YEAR, "cn-2027.toml"))
    assert longer.covers(date(2027, 1, 1)) and longer.covers(FIRST)
    assert not longer.is_workday(date(2027, 1, 1)) and longer.is_makeup_workday(date(2027, 1, 9))
    assert longer.version != CALENDAR.version
    assert CALENDAR.merged().version == CALENDAR.version == shipped_calendar().version


def test_where_two_calendars_differ():
    longer = CALENDAR.merged(parse_calendar(NEW_YEAR, "cn-2027.toml"))
    moved = CALENDAR.merged(parse_calendar(NEW_YEAR.replace("[2027-01-09]", "[2027-01-16]"), "cn-2027.toml"))
    assert CALENDAR.changed_span(longer) == longer.changed_span(CALENDAR) == (date(2027, 1, 1), date(2027, 12, 31))
    assert longer.changed_span(moved) == (date(2027, 1, 9), date(2027, 1, 16))
    assert CALENDAR.changed_span(CALENDAR) is None


def test_a_corrected_year_replaces_the_old_one():
    first = parse_calendar(NEW_YEAR, "a.toml")
    corrected = parse_calendar(NEW_YEAR.replace("makeup = [2027-01-09]", ""), "b.toml")
    assert not first.merged(corrected).makeup


@pytest.mark.parametrize(("old", "new", "said"), [
    ("year = 2027", "", ("key year", "2027", "nothing")),
    ("year = 2027", 'year = "2027"', ("key year",)),
    ("last = 2027-01-03", "last = 2026-12-31", ("holidays[0]", "key last", "year 2027")),
    ("last = 2027-01-03", "", ("holidays[0]", "key last", "nothing")),
    ("first = 2027-01-01", "first = 2027-01-04", ("key last", "on or after 2027-01-04")),
    ("makeup = [2027-01-09]", "makeup = [2027-01-08]", ("key makeup", "Saturdays", "2027-01-08")),
    ("makeup = [2027-01-09]", 'makeup = ["2027-01-09"]', ("makeup[0]", "a day such as")),
    ("makeup = [2027-01-09]", "makeup = [2027-01-02]", ("either rest or make-up", "2027-01-02")),
    ("makeup = [2027-01-09]", "makeup = 5", ("key makeup", "a list of days")),
    ("makeup = [2027-01-09]", "shifted = [2027-01-03]", ("key shifted", "weekdays between")),
    ("makeup = [2027-01-09]", "markup = [2027-01-09]", ("'markup'", "makeup")),
    ('zh = "元旦", ', "", ("key name",)),
    ("[[holidays]]", "[holidays]", ("key holidays", "[[holidays]]")),
    ('country = "CN"', "country = ", ("bad.toml", "TOML")),
])
def test_a_bad_table_is_refused_with_its_place(old, new, said):
    with pytest.raises(InvalidInput) as refused:
        parse_calendar(NEW_YEAR.replace(old, new), "bad.toml")
    assert "bad.toml" in refused.value.message
    for words in said:
        assert words in refused.value.message
