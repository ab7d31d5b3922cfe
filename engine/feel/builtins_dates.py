"""Built-ins of dates, times and durations (DMN clauses 10.3.4.1, 10.3.4.8 and 10.3.4.11)."""

from datetime import timedelta, tzinfo
from typing import Any

from engine.feel import numbers, temporal, wide
from engine.feel.diagnosis import Failure
from engine.feel.numbers import Number
from engine.feel.registry import builtin
from engine.feel.runtime import Run
from engine.feel.values import Value, kind
from engine.feel.wide import Clock, Day, Moment

CONVERSION, CALENDAR, CLOCK = "10.3.4.1", "10.3.4.8", "10.3.4.11"
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


def _valid(function: str, value: Value, found: str) -> Value:
    if value is None:
        raise Failure("value.invalid", function=function, found=f'"{found[:60]}"')
    return value


def _whole(function: str, *parts: Number) -> list[int]:
    if not all(numbers.whole(part) and numbers.magnitude(part) < 10**9 for part in parts):
        raise Failure("value.invalid", function=function, found=", ".join(numbers.to_text(part) for part in parts))
    return [int(part) for part in parts]


@builtin("date(from: string)", CONVERSION)
def date_from_text(run: Run, text: str) -> Value:
    return _valid("date", temporal.parse_date(text), text)


@builtin("date(from: day)", CONVERSION)
def date_of(run: Run, value: Day | Moment) -> Value:
    return temporal.date_of(value)


@builtin("date(year: number, month: number, day: number)", CONVERSION)
def date_from_parts(run: Run, year: Number, month: Number, day: Number) -> Value:
    return _valid("date", wide.make_date(*_whole("date", year, month, day)), f"{year}-{month}-{day}")


@builtin("date and time(from: string)", CONVERSION)
def moment_from_text(run: Run, text: str) -> Value:
    return _valid("date and time", temporal.parse_datetime(text), text)


@builtin("date and time(date: day, time: time)", CONVERSION)
def moment_from_date_and_time(run: Run, day: Day | Moment, clock: Clock) -> Value:
    return temporal.combined(day, clock)


@builtin("date and time(from: day)", CONVERSION)
def moment_of(run: Run, value: Any) -> Value:
    return temporal.midnight(value) if kind(value) == "date" else value


@builtin(
    "date and time(year: number, month: number, day: number, hour: number, minute: number, second: number, "
    "offset?: any)",
    CONVERSION,
)
def moment_from_parts(
    run: Run, year: Number, month: Number, day: Number, hour: Number, minute: Number, second: Number, zone: Value = None
) -> Value:
    whole = date_from_parts(run, year, month, day)
    return temporal.combined(whole, time_from_parts(run, hour, minute, second, zone))


@builtin("time(from: string)", CONVERSION)
def time_from_text(run: Run, text: str) -> Value:
    return _valid("time", temporal.parse_time(text), text)


@builtin("time(from: time)", CONVERSION)
def time_itself(run: Run, value: Clock) -> Value:
    return value


@builtin("time(from: day)", CONVERSION)
def time_of(run: Run, value: Day | Moment) -> Value:
    """The time of a date and time; of a date it is midnight in UTC."""
    return temporal.time_of(moment_of(run, value))


@builtin("time(hour: number, minute: number, second: number, offset?: any)", CONVERSION)
def time_from_parts(run: Run, hour: Number, minute: Number, second: Number, offset: Value = None) -> Value:
    hours, minutes = _whole("time", hour, minute)
    if not (0 <= hours <= 23 and 0 <= minutes <= 59 and 0 <= second < 60):
        raise Failure("value.invalid", function="time", found=f"{hour}:{minute}:{second}")
    nanos = int(numbers.wide(second) * wide.SECOND)
    return wide.make_time((hours * 60 + minutes) * 60 * wide.SECOND + nanos, _zone(offset))


def _zone(offset: Any) -> tzinfo | None:
    if offset is None:
        return None
    found: tzinfo | None = None
    if isinstance(offset, timedelta):
        found = temporal.offset_zone(offset)
    elif isinstance(offset, str):
        found = temporal.named_zone(offset)
    _valid("time", found, str(offset))
    return found


@builtin("duration(from: string)", CONVERSION)
def duration(run: Run, text: str) -> Value:
    return _valid("duration", temporal.parse_duration(text), text)


@builtin("duration(from: duration)", CONVERSION)
def duration_itself(run: Run, value: Value) -> Value:
    return value


@builtin("years and months duration(from: day, to: day)", CONVERSION)
def years_and_months_duration(run: Run, start: Day | Moment, end: Day | Moment) -> Value:
    return temporal.make_months(temporal.months_between(start, end))


@builtin("day of year(date: day)", CALENDAR)
def day_of_year(run: Run, day: Day | Moment) -> Value:
    return wide.twin(day).timetuple().tm_yday


@builtin("day of week(date: day)", CALENDAR)
def day_of_week(run: Run, day: Day | Moment) -> Value:
    return WEEKDAYS[wide.twin(day).weekday()]


@builtin("month of year(date: day)", CALENDAR)
def month_of_year(run: Run, day: Day | Moment) -> Value:
    return MONTHS[day.month - 1]


@builtin("week of year(date: day)", CALENDAR)
def week_of_year(run: Run, day: Day | Moment) -> Value:
    """The ISO 8601 week."""
    return wide.twin(day).isocalendar().week


@builtin("last day of month(date: day)", "Camunda")
def last_day_of_month(run: Run, day: Day | Moment) -> Value:
    return wide.make_date(day.year, day.month, wide.days_in_month(day.year, day.month))


@builtin("now()", CLOCK)
def now(run: Run) -> Value:
    if run.host.now is None:
        raise Failure("now.absent")
    return run.host.now


@builtin("today()", CLOCK)
def today(run: Run) -> Value:
    return temporal.date_of(now(run))
