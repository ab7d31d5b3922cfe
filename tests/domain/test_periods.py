"""The project's own worked examples, each trap of period computation by name, and a second calculator."""

import csv
from dataclasses import replace
from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest

from engine.clock import local_date
from engine.domain.calendar import EMPTY_CALENDAR, shipped_calendar
from engine.domain.period_texts import TEMPLATES, Step
from engine.domain.periods import (
    Interruption,
    Length,
    Pause,
    PeriodRequest,
    Profile,
    Unit,
    compute,
    due_at,
    earlier_of,
    later_of,
    parse_request,
    report,
)
from engine.errors import InvalidInput
from tests.domain.period_reference import compare

VECTORS = list(csv.DictReader(Path(__file__).with_name("period_vectors.csv").read_text("utf-8").splitlines()))
PAUSES = {"PV29": ["2025-06-20..2025-07-25"]}
CALENDAR = shipped_calendar()


def period(profile, event, length, unit, *pauses, delivery="none", **more):
    request = parse_request(profile, event, length, unit, delivery, pauses)
    return compute(replace(request, **more), CALENDAR)


def due(*arguments, **more):
    return period(*arguments, **more).due_on.isoformat()


@pytest.mark.parametrize("row", VECTORS, ids=lambda row: row["id"])
def test_worked_example(row):
    pauses = PAUSES.get(row["id"], [])
    request = parse_request(row["profile"], row["event_date"], row["length"], row["unit"], row["delivery"], pauses)
    found = report(compute(request, CALENDAR))
    assert list(found) == ["start", "nominal", "due", "provisional", "steps"]
    expected = (row["start_date"], row["nominal_end"], row["expected_due"])
    assert (found["start"], found["nominal"], found["due"]) == expected
    assert found["provisional"] is (row["calendar_provisional"] == "yes")
    assert date.fromisoformat(found["due"]).strftime("%a") == row["due_weekday"]


@pytest.mark.parametrize("seed", [20240120, 20260301])
def test_agrees_with_the_slow_calculator(seed):
    assert compare(5_000, seed) is None


# The end of a period --------------------------------------------------------------------------------------------------


def test_month_end_is_clamped_from_the_start_not_from_a_shorter_month():
    assert due("CNIPA", "2024-12-31", 2, "month") == "2025-02-28"
    assert due("CNIPA", "2023-12-31", 2, "month") == "2024-02-29"
    assert due("NOROLL", "2025-02-28", 1, "month") == "2025-03-28"
    extended = due("CNIPA", "2024-12-31", 2, "month", extension=Length(1, Unit.MONTH))
    assert extended == "2025-03-31"


def test_year_from_leap_day():
    assert due("NOROLL", "2024-02-29", 1, "year") == "2025-02-28"
    assert due("NOROLL", "2024-02-29", 4, "year") == "2028-02-29"
    assert due("NOROLL", "2024-02-29", 1, "year", extension=Length(6, Unit.MONTH)) == "2025-08-29"


def test_makeup_sunday_after_a_holiday_is_passed_over_by_cnipa_only():
    # 2024-02-17 is the last day of Spring Festival, Sunday 18 is made up, Monday 19 is the first day both accept
    assert due("CNIPA", "2024-01-17", 1, "month") == "2024-02-19"
    assert due("CIVIL", "2024-01-17", 1, "month") == "2024-02-18"
    assert due("TM", "2024-01-17", 1, "month") == "2024-02-18"
    assert due("CIVIL", "2024-01-17", 1, "month", makeup_is_workday=False) == "2024-02-19"


def test_makeup_saturday_before_a_long_holiday_rolls_over_all_of_it():
    # Saturday 2012-09-29 was made up; 30 September to 7 October were holidays, Monday 8 October was worked
    assert due("CNIPA", "2012-08-29", 1, "month") == "2012-10-08"
    assert due("CIVIL", "2012-08-29", 1, "month") == "2012-09-29"


def test_shifted_rest_day_is_a_rest_day():
    assert due("CNIPA", "2026-01-20", 1, "month") == "2026-02-24"  # Friday 20 February is given in exchange


def test_both_readings_of_a_makeup_day_are_told():
    found = period("CIVIL", "2024-01-18", 30, "day")
    assert [one.due_on.isoformat() for one in found.alternatives] == ["2024-02-19"]
    assert "2024-02-19" in report(found)["steps"][-1]
    assert period("CNIPA", "2024-01-18", 30, "day").alternatives == ()


def test_noroll_never_moves_and_never_asks_the_calendar():
    found = period("NOROLL", "2030-05-01", 10, "year")
    assert (found.due_on, found.provisional) == (date(2040, 5, 1), False)


def test_trademark_validity_ends_the_day_before():
    assert due("TM", "2015-03-01", 10, "year", end_minus_one=True) == "2025-02-28"
    assert due("TM", "2016-02-29", 10, "year", end_minus_one=True) == "2026-02-28"  # no corresponding day: month's end
    assert due("TM", "2015-10-02", 10, "year", end_minus_one=True) == "2025-10-01"  # a holiday, not moved


@pytest.mark.parametrize(("event", "length", "expected"), [
    ("2024-09-29", 5, "2024-10-11"), ("2024-09-28", 1, "2024-09-29"), ("2025-10-03", 1, "2025-10-09"),
])
def test_working_days_from_a_rest_day(event, length, expected):
    assert due("WORKDAY", event, length, "workday") == expected


def test_working_days_under_a_rolling_profile():
    assert due("CNIPA", "2024-10-11", 1, "workday") == "2024-10-14"  # the make-up Saturday is counted, then rolled
    assert due("CIVIL", "2024-10-11", 1, "workday") == "2024-10-12"


def test_backward_periods_warn_of_a_rest_day():
    found = period("DAY_BACK", "2025-10-09", 2, "day")
    assert (found.due_on, found.steps[-1].code) == (date(2025, 10, 7), "back.rest_day")
    assert due("DAY_BACK", "2025-03-31", 1, "month") == "2025-02-28"
    assert due("WORKDAY_BACK", "2025-10-12", 1, "workday") == "2025-10-11"


@pytest.mark.parametrize(("arguments", "provisional"), [
    (("CNIPA", "2026-11-30", 1, "month"), False), (("CNIPA", "2026-12-01", 1, "month"), True),
    (("WORKDAY", "2026-12-30", 1, "workday"), False), (("WORKDAY", "2026-12-31", 1, "workday"), True),
    (("WORKDAY_BACK", "2027-01-01", 1, "workday"), False), (("WORKDAY_BACK", "2027-01-03", 3, "workday"), True),
    (("CIVIL", "2003-12-02", 30, "day"), False), (("CIVIL", "2003-12-01", 30, "day"), True),
    (("DAY_BACK", "2027-01-02", 2, "day"), False),
])
def test_provisional_exactly_when_a_day_outside_the_table_was_asked_for(arguments, provisional):
    found = period(*arguments)
    assert found.provisional is provisional
    assert (found.steps[-1].code == "provisional") is provisional


def test_without_any_table_only_weekends_rest():
    found = compute(parse_request("CNIPA", "2025-09-01", 1, "month"), EMPTY_CALENDAR)
    assert (found.due_on, found.provisional) == (date(2025, 10, 1), True)


# Delivery -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("rule", "event", "start"), [
    ("cnipa.electronic", "2024-01-19", "2024-02-03"), ("cnipa.electronic", "2024-01-20", "2024-01-20"),
    ("cnipa.post", "2025-01-10", "2025-01-25"), ("cnipa.announce", "2025-01-31", "2025-02-28"),
    ("cnipa.hand", "2025-01-10", "2025-01-10"), ("court.announce", "2025-01-10", "2025-02-09"),
    ("court.electronic", "2025-01-11", "2025-01-11"), ("court.post", "2025-01-11", "2025-01-11"),
    ("court.leave", "2025-01-11", "2025-01-11"), ("tm.electronic", "2025-09-12", "2025-09-27"),
    ("tm.post", "2025-09-12", "2025-09-27"), ("center.electronic", "2025-10-01", "2025-10-01"),
    ("party.filing.post", "2025-10-01", "2025-10-01"), ("party.filing.electronic", "2025-10-01", "2025-10-01"),
    ("none", "2025-10-01", "2025-10-01"),
])
def test_delivery(rule, event, start):
    assert period("NOROLL", event, 1, "day", delivery=rule).start_on.isoformat() == start


def test_a_proven_day_replaces_a_presumed_one_only():
    found = period("CNIPA", "2025-01-10", 1, "month", delivery="cnipa.post", proven_on=date(2025, 2, 3))
    assert (found.start_on, found.steps[0].code) == (date(2025, 2, 3), "delivery.proven")
    with pytest.raises(InvalidInput, match="presumes none"):
        period("CNIPA", "2025-01-10", 1, "month", delivery="cnipa.announce", proven_on=date(2025, 2, 3))
    with pytest.raises(InvalidInput, match="not before the dispatch"):
        period("CNIPA", "2025-01-10", 1, "month", delivery="cnipa.post", proven_on=date(2025, 1, 9))


def test_two_texts_on_handing_over_give_both_dates():
    found = period("CNIPA", "2025-01-10", 1, "month", delivery="cnipa.hand")
    assert (found.due_on, found.alternatives[0].due_on) == (date(2025, 2, 10), date(2025, 2, 25))


def test_a_start_on_a_rest_day_is_told_and_stays():
    found = period("CNIPA", "2025-01-31", 1, "month")
    assert found.start_on == date(2025, 1, 31)
    assert "start.rest_day" in [step.code for step in found.steps]


# What stops a clock ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("pauses", "expected"), [
    (["2025-06-20..2025-07-25"], "2025-08-14"),
    (["2025-06-20..2025-07-01", "2025-06-25..2025-07-25"], "2025-08-14"),  # overlapping
    (["2025-07-01..2025-07-25", "2025-06-20..2025-07-01"], "2025-08-14"),  # touching, not in order
    (["2025-06-20..2025-06-25", "2025-07-12..2025-07-14"], "2025-07-17"),  # the second falls into the longer period
    (["2025-07-10..2025-07-21"], "2025-07-21"),  # stopped on the last day: that day is left
    (["2025-07-11..2025-07-21"], "2025-07-10"),  # over before
    (["2025-05-01..2025-06-10"], "2025-07-10"),  # over before the start
    (["2025-06-10..2025-06-20"], "2025-07-21"),  # the start day itself: 20 June takes its place, 20 July is Sunday
    (["2025-06-01..2025-06-20"], "2025-07-21"),  # the clock stood still before the start
    (["2025-06-20..2025-06-20"], "2025-07-10"),  # empty
])
def test_pause_of_days(pauses, expected):
    assert due("CIVIL", "2025-06-10", 30, "day", *pauses) == expected


def test_pause_of_months_shifts_by_calendar_days_and_is_rolled_anew():
    found = period("CNIPA", "2025-06-10", 2, "month", "2025-07-01..2025-07-06")
    assert (found.nominal_on, found.due_on) == (date(2025, 8, 15), date(2025, 8, 15))
    assert due("CNIPA", "2024-12-31", 2, "month", "2025-01-10..2025-01-12") == "2025-03-03"


def test_pause_of_working_days_skips_those_in_it():
    assert due("WORKDAY", "2025-09-19", 15, "workday", "2025-09-25..2025-09-29") == "2025-10-21"
    assert due("WORKDAY", "2025-09-19", 15, "workday", "2025-10-01..2025-10-09") == "2025-10-16"


def test_pause_between_nominal_end_and_due_day_keeps_the_rest_of_the_correction():
    # 2025-08-10 is Sunday, due Monday 11; stopped on 11, resumed on Wednesday 20
    assert due("CNIPA", "2025-06-10", 2, "month", "2025-08-11..2025-08-20") == "2025-08-20"


def test_extension_is_counted_from_the_original_start():
    assert due("CNIPA", "2025-06-10", 2, "month") == "2025-08-11"
    assert due("CNIPA", "2025-06-10", 2, "month", extension=Length(1, Unit.MONTH)) == "2025-09-10"
    assert due("CIVIL", "2025-06-10", 15, "day", extension=Length(10, Unit.DAY)) == "2025-07-07"
    assert due("NOROLL", "2025-06-10", 30, "day", extension=Length(1, Unit.MONTH)) == "2025-08-10"


def test_interruption_starts_the_whole_period_anew():
    demand = Interruption(date(2025, 5, 20), "请求调解", ended_on=date(2025, 7, 1))
    found = period("CIVIL", "2023-01-10", 3, "year", interruptions=(demand,))
    assert (found.start_on, found.due_on) == (date(2025, 7, 1), date(2028, 7, 3))
    late = Interruption(date(2026, 5, 20), "催告")
    found = period("CIVIL", "2023-01-10", 3, "year", interruptions=(late,))
    assert found.due_on == date(2026, 1, 12)
    assert "interrupted.late" in [step.code for step in found.steps]
    twice = (Interruption(date(2025, 5, 20)), Interruption(date(2026, 6, 1)))
    assert due("CIVIL", "2023-01-10", 3, "year", interruptions=twice) == "2029-06-01"


def test_the_earlier_of_two_limits_binds():
    inner, outer = period("CNIPA", "2026-03-02", 2, "month"), period("CNIPA", "2024-04-10", 2, "year")
    assert earlier_of(inner, outer).due_on == earlier_of(outer, inner).due_on == date(2026, 4, 10)
    assert later_of(inner, outer).due_on == date(2026, 5, 6)
    assert earlier_of(inner, outer).steps[-1].code == "earlier"


# Instants and texts ---------------------------------------------------------------------------------------------------


def test_the_last_day_ends_at_midnight_in_shanghai():
    assert due_at(date(2026, 3, 16)) == datetime(2026, 3, 16, 16, tzinfo=UTC)
    assert due_at(date(2025, 12, 31)) == datetime(2025, 12, 31, 16, tzinfo=UTC)
    assert local_date(due_at(date(2026, 3, 16))) == date(2026, 3, 17)
    assert due_at(date(2026, 3, 16), time(17, 30)) == datetime(2026, 3, 16, 9, 30, tzinfo=UTC)


def test_steps_read_in_both_languages_and_survive_storage():
    found = period("CNIPA", "2025-01-10", 1, "month", delivery="cnipa.post")
    assert report(found)["steps"][0] == "2025-01-10（周五）发文＋15日＝推定送达2025-01-25（周六）（专利法实施细则4(4)）"
    assert "deemed received on 2025-01-25 (Sat)" in report(found, "en")["steps"][0]
    again = [Step.from_record(step.as_record()) for step in found.steps]
    assert tuple(again) == found.steps


def test_words_of_users_cannot_break_a_step():
    pause = Pause(date(2025, 6, 20), date(2025, 7, 25), "{0} {reason} %s")
    found = period("CIVIL", "2025-06-10", 30, "day", pauses=(pause,))
    assert any("{0} {reason} %s" in line for line in report(found)["steps"])


def test_every_step_has_words_in_both_languages():
    assert all(text.zh and text.en and text.zh != text.en for text in TEMPLATES.values())


# Bad input ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("words", "said"), [
    (("LUNAR", "2025-01-10", "1", "month"), "CNIPA, CIVIL"), (("CNIPA", "2025-01-10", "1", "week"), "day, month, year"),
    (("CNIPA", "2025-02-30", "1", "month"), "event"), (("CNIPA", "20250110", "1", "month"), "YYYY-MM-DD"),
    (("CNIPA", "2025-01-10", "0", "month"), "from 1"), (("CNIPA", "2025-01-10", "-1", "month"), "at least 1"),
    (("CNIPA", "2025-01-10", "1.5", "month"), "length"), (("CNIPA", "2025-01-10", "９", "month"), "length"),
    (("CNIPA", "2025-01-10", "99999999999", "day"), "length"), (("WORKDAY", "2025-01-10", "5", "day"), "WORKDAY"),
    (("DAY_BACK", "2025-01-10", "5", "workday"), "DAY_BACK"), (("CNIPA", "9990-01-10", "20", "year"), "9999"),
    (("NOROLL", "9990-01-10", "73000", "day"), "9999"), (("DAY_BACK", "0001-01-10", "1", "year"), "9999"),
    (("CNIPA", "2025-01-10", "1", "month", "pigeon"), "cnipa.post"),
    (("CIVIL", "2025-01-10", "1", "month", "none", ["2025-02-01..2025-01-15"]), "2025-02-01"),
    (("CIVIL", "2025-01-10", "1", "month", "none", ["2025-02-01"]), "FROM..TO"),
    (("CIVIL", "2025-01-10", "1", "month", "none", ["2025-02-01..soon"]), "pause TO"),
    (("DAY_BACK", "2025-01-10", "1", "day", "none", ["2025-01-01..2025-01-05"]), "backward"),
])
def test_bad_words_are_refused_saying_what_was_expected(words, said):
    with pytest.raises(InvalidInput) as refused:
        compute(parse_request(*words), CALENDAR)
    assert said in refused.value.message


def test_senseless_requests_are_refused():
    start, month = date(2025, 1, 10), Length(1, Unit.MONTH)
    with pytest.raises(InvalidInput, match="interruption on or after"):
        period("CIVIL", "2025-01-10", 1, "month", interruptions=(Interruption(date(2025, 1, 9)),))
    with pytest.raises(InvalidInput, match="not before 2025-01-10"):
        Interruption(start, ended_on=date(2025, 1, 9))
    with pytest.raises(InvalidInput, match="working days exactly when"):
        PeriodRequest(start, month, Profile.CIVIL, extension=Length(1, Unit.WORKDAY))
    with pytest.raises(InvalidInput, match="profile TM"):
        PeriodRequest(start, month, Profile.CIVIL, end_minus_one=True)
