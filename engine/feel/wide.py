"""Dates, times and durations beyond Python's own (DMN clauses 10.3.2.3.4 to 10.3.2.3.9).

Years run from -999,999,999 to 999,999,999, with a year 0 as in XML Schema 1.1, and the finest unit is the nanosecond. A
value takes one of these forms only if Python's own type cannot hold it: each value has one form, so that ``==`` holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any

MAX_YEAR = 999_999_999
SECOND = 1_000_000_000
DAY = 86_400 * SECOND
_MICRO = 1000
_MAX_SPAN = 10**30
_CYCLE = 146_097  # days of 400 years, after which the calendar repeats, weekdays included


class _Reading:
    """A time of day, ``nanos`` nanoseconds after midnight."""

    __slots__ = ()
    nanos: int

    @property
    def hour(self) -> int:
        return self.nanos // (3600 * SECOND)

    @property
    def minute(self) -> int:
        return self.nanos // (60 * SECOND) % 60

    @property
    def second(self) -> int:
        return self.nanos // SECOND % 60


@dataclass(frozen=True, slots=True, order=True)
class WideDate:
    """A day of a year before 1 or after 9999."""

    year: int
    month: int
    day: int


@dataclass(frozen=True, slots=True)
class WideTime(_Reading):
    """A time with a fraction finer than the microsecond."""

    nanos: int
    tzinfo: tzinfo | None = None


@dataclass(frozen=True, slots=True)
class WideMoment(_Reading):
    """A date and time whose date or time is wide."""

    year: int
    month: int
    day: int
    nanos: int
    tzinfo: tzinfo | None = None


@dataclass(frozen=True, slots=True, order=True)
class WideSpan:
    """A days and time duration that is finer than the microsecond or longer than some 2.7 million years."""

    nanos: int


Day = date | WideDate
Clock = time | WideTime
Moment = datetime | WideMoment
Span = timedelta | WideSpan


# making: each gives Python's own type where that holds the value, None where there is no such value


def make_date(year: int, month: int, day: int) -> Day | None:
    try:
        return date(year, month, day)
    except (ValueError, OverflowError):
        outside = not 1 <= year <= 9999 and abs(year) <= MAX_YEAR
        exists = outside and 1 <= month <= 12 and 1 <= day <= days_in_month(year, month)
        return WideDate(year, month, day) if exists else None


def make_time(nanos: int, zone: tzinfo | None) -> Clock:
    if nanos % _MICRO:
        return WideTime(nanos, zone)
    seconds, rest = divmod(nanos, SECOND)
    return time(seconds // 3600, seconds // 60 % 60, seconds % 60, rest // _MICRO, zone)


def make_moment(day: Day, nanos: int, zone: tzinfo | None) -> Moment:
    if nanos % _MICRO or isinstance(day, WideDate):
        return WideMoment(day.year, day.month, day.day, nanos, zone)
    seconds, rest = divmod(nanos, SECOND)
    return datetime(day.year, day.month, day.day, seconds // 3600, seconds // 60 % 60, seconds % 60, rest // _MICRO,
                    zone)


def make_span(nanos: int) -> Span | None:
    if nanos % _MICRO == 0:
        try:
            return timedelta(microseconds=nanos // _MICRO)
        except OverflowError:
            pass
    return WideSpan(nanos) if abs(nanos) <= _MAX_SPAN else None


def narrowed(value: Any) -> Any:
    """The value as Python's own type, cut to the microsecond, for a host that knows no other. Itself where it is one
    already, is no temporal value, or lies outside the years that Python has."""
    if isinstance(value, WideTime):
        return make_time(value.nanos - value.nanos % _MICRO, value.tzinfo)
    if isinstance(value, WideMoment) and 1 <= value.year <= 9999:
        return make_moment(date(value.year, value.month, value.day), value.nanos - value.nanos % _MICRO, value.tzinfo)
    if isinstance(value, WideSpan):
        return make_span(value.nanos - value.nanos % _MICRO)
    return value


# reading


def span_nanos(value: Span) -> int:
    if isinstance(value, WideSpan):
        return value.nanos
    return (value.days * 86_400 + value.seconds) * SECOND + value.microseconds * _MICRO


def clock_nanos(value: Clock | Moment) -> int:
    """Nanoseconds since midnight, as the clock shows them."""
    if isinstance(value, WideTime | WideMoment):
        return value.nanos
    return ((value.hour * 60 + value.minute) * 60 + value.second) * SECOND + value.microsecond * _MICRO


def days_in_month(year: int, month: int) -> int:
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def twin(value: Day | Moment) -> date:
    """The same day in a year from 2000 to 2399, with the same weekday, week and day of year."""
    return date(2000 + value.year % 400, value.month, value.day)


def day_number(value: Day | Moment) -> int:
    """Days as ``date.toordinal`` counts them: 1 is the first day of year 1."""
    return twin(value).toordinal() + (value.year // 400 - 5) * _CYCLE


def numbered_day(number: int) -> Day | None:
    """The day with this number."""
    cycles, rest = divmod(number - 1, _CYCLE)
    found = date.fromordinal(rest + 1)
    return make_date(found.year + 400 * cycles, found.month, found.day)


def offset(value: Moment) -> timedelta | None:
    """The offset from UTC of a date and time; rules of named zones are the latest known in the far future, the first
    known in the far past."""
    if isinstance(value, datetime) or value.tzinfo is None:
        return value.utcoffset() if isinstance(value, datetime) else None
    year = value.year if 1 < value.year < 9999 else 2400 + value.year % 400 if value.year > 1 else 4
    return datetime(year, value.month, value.day if year != 4 else min(value.day, 29), value.hour, value.minute,
                    value.second, tzinfo=value.tzinfo).utcoffset()


def instant(value: Moment) -> int:
    """Nanoseconds since the start of day 0, in UTC where the value has an offset."""
    away = offset(value)
    return day_number(value) * DAY + clock_nanos(value) - (span_nanos(away) if away else 0)


def moment_at(nanos: int, zone: tzinfo | None) -> Moment | None:
    """The date and time in ``zone`` at an instant; None outside the years that there are."""
    at = nanos
    if zone is not None:
        number, rest = divmod(nanos, DAY)
        day = numbered_day(number)
        if day is None:
            return None
        year = day.year if 1 < day.year < 9999 else 2400 + day.year % 400 if day.year > 1 else 4
        there = datetime(year, day.month, day.day, tzinfo=zone) + timedelta(microseconds=rest // _MICRO)
        nanos += span_nanos(zone.fromutc(there).utcoffset() or timedelta())
    number, rest = divmod(nanos, DAY)
    local = numbered_day(number)
    made = None if local is None else make_moment(local, rest, zone)
    if isinstance(made, datetime) and zone is not None and instant(made) != at:
        return made.replace(fold=1)  # the second time that clocks put back show it
    return made
