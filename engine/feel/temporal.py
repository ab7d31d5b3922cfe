"""Dates, times, durations: their texts and their arithmetic (DMN clauses 10.3.2.3.4 to 10.3.2.3.9).

``date``, ``datetime`` and ``time`` are Python's own; a zone is ``timezone`` (an offset) or ``ZoneInfo`` (a named zone,
for which a ``time`` has no offset). A days and time duration is a ``timedelta``. What these cannot hold, years before 1
and after 9999 and fractions below the microsecond, is one of the types in ``wide``.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from engine.feel import wide
from engine.feel.wide import (
    Clock,
    Day,
    Moment,
    Span,
    WideDate,
    WideMoment,
    WideTime,
    clock_nanos,
    day_number,
    days_in_month,
    make_date,
    make_moment,
    make_span,
    make_time,
    numbered_day,
    span_nanos,
)

_DATE = r"(-?(?:[0-9]{4}|[1-9][0-9]{4,8}))-([0-9]{2})-([0-9]{2})"
_ZONE = r"([Zz]|[+-][0-9]{2}:[0-9]{2}(?::[0-9]{2})?|@[A-Za-z0-9_+/-]{1,64})?"
_TIME = r"([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,50}))?" + _ZONE
_IS_DATE = re.compile(_DATE)
_IS_TIME = re.compile(_TIME)
_IS_DATETIME = re.compile(f"{_DATE}T{_TIME}")
_YEARS_MONTHS = re.compile(r"(-)?P(?=[0-9])(?:([0-9]{1,15})Y)?(?:([0-9]{1,15})M)?")
_DAYS_TIME = re.compile(
    r"(-)?P(?=[0-9T])(?:([0-9]{1,15})D)?"
    r"(?:T(?=[0-9])(?:([0-9]{1,15})H)?(?:([0-9]{1,15})M)?(?:([0-9]{1,15})(?:\.([0-9]{0,50}))?S)?)?"
)
_MAX_MONTHS = 12 * 10**12


@dataclass(frozen=True, slots=True, order=True)
class YearsMonthsDuration:
    """A duration of whole months; may be negative."""

    months: int

    def __str__(self) -> str:
        return format_months(self)


Temporal = Day | Moment | Clock | Span | YearsMonthsDuration


@lru_cache(maxsize=1024)
def named_zone(name: str) -> tzinfo | None:
    """An IANA zone by its name, None if there is no such zone."""
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return None


def offset_zone(offset: timedelta) -> tzinfo | None:
    """A fixed offset from UTC, None beyond a day."""
    if abs(offset) > timedelta(hours=18):
        return None
    return timezone(offset)


def parse_date(text: str) -> Day | None:
    found = _IS_DATE.fullmatch(text)
    return make_date(*(int(part) for part in found.groups())) if found else None


def parse_time(text: str) -> Clock | None:
    """A time; 24:00:00 is midnight, as in XML Schema."""
    found = _IS_TIME.fullmatch(text)
    read = _reading(found.groups()) if found else None
    return make_time(read[0] % wide.DAY, read[1]) if read else None


def parse_datetime(text: str) -> Moment | None:
    """A date and time; a date alone is its first moment, without a zone; 24:00:00 is the first of the day after."""
    found = _IS_DATETIME.fullmatch(text)
    if found is None:
        day = parse_date(text)
        return make_moment(day, 0, None) if day else None
    day = make_date(*(int(part) for part in found.groups()[:3]))
    read = _reading(found.groups()[3:])
    if day is None or read is None:
        return None
    day = numbered_day(day_number(day) + 1) if read[0] == wide.DAY else day
    return make_moment(day, read[0] % wide.DAY, read[1]) if day else None


def _reading(parts: tuple[str | None, ...]) -> tuple[int, tzinfo | None] | None:
    """Nanoseconds after midnight, a whole day at most, and the zone."""
    hour, minute, second, fraction, zone = parts
    where = parse_zone(zone) if zone else None
    hours, minutes, seconds = int(hour or 0), int(minute or 0), int(second or 0)
    nanos = ((hours * 60 + minutes) * 60 + seconds) * wide.SECOND + _fraction(fraction)
    if (zone and where is None) or nanos > wide.DAY or minutes > 59 or seconds > 59:
        return None
    return nanos, where


def _fraction(digits: str | None) -> int:
    """Nanoseconds; finer digits are cut off."""
    return int((digits or "").ljust(9, "0")[:9])


def parse_zone(text: str) -> tzinfo | None:
    """``Z``, also ``z`` as in the examples of the standard, ``+08:00`` or ``@Asia/Shanghai``."""
    if text in ("Z", "z"):
        return UTC
    if text[0] == "@":
        return named_zone(text[1:])
    hours, minutes, *seconds = (int(part) for part in text[1:].split(":"))
    if minutes > 59 or sum(seconds) > 59:
        return None
    offset = timedelta(hours=hours, minutes=minutes, seconds=sum(seconds))
    return offset_zone(-offset if text[0] == "-" else offset)


def parse_duration(text: str) -> Span | YearsMonthsDuration | None:
    found = _YEARS_MONTHS.fullmatch(text)
    if found:
        sign, years, months = found.groups()
        total = int(years or 0) * 12 + int(months or 0)
        return make_months(-total if sign else total)
    found = _DAYS_TIME.fullmatch(text)
    if found is None:
        return None
    sign, days, hours, minutes, seconds, fraction = found.groups()
    whole = ((int(days or 0) * 24 + int(hours or 0)) * 60 + int(minutes or 0)) * 60 + int(seconds or 0)
    nanos = whole * wide.SECOND + _fraction(fraction)
    return make_span(-nanos if sign else nanos)


def make_months(months: int) -> YearsMonthsDuration | None:
    return YearsMonthsDuration(months) if abs(months) <= _MAX_MONTHS else None


def parse_literal(text: str) -> Temporal | None:
    """What ``@"text"`` stands for."""
    return parse_date(text) or _parse_midnight(text) or parse_time(text) or parse_duration(text)


def _parse_midnight(text: str) -> Moment | None:
    return parse_datetime(text) if "T" in text else None


# texts


def format_value(value: Temporal) -> str:
    """The FEEL text of a temporal value, as ``string()`` gives it."""
    if isinstance(value, datetime | WideMoment):
        return f"{_date_text(value)}T{_clock_text(value)}"
    if isinstance(value, date | WideDate):
        return _date_text(value)
    if isinstance(value, time | WideTime):
        return _clock_text(value)
    return format_months(value) if isinstance(value, YearsMonthsDuration) else format_days(value)


def _date_text(value: Day | Moment) -> str:
    sign = "-" if value.year < 0 else ""
    return f"{sign}{abs(value.year):04d}-{value.month:02d}-{value.day:02d}"


def _clock_text(value: Moment | Clock) -> str:
    text = f"{value.hour:02d}:{value.minute:02d}:{value.second:02d}"
    return text + _fraction_text(clock_nanos(value) % wide.SECOND) + zone_text(value)


def _fraction_text(nanos: int) -> str:
    return f".{nanos:09d}".rstrip("0") if nanos else ""


def zone_text(value: Moment | Clock) -> str:
    """``Z``, ``+08:00``, ``@Asia/Shanghai``, or nothing."""
    zone = value.tzinfo
    if zone is None:
        return ""
    if isinstance(zone, ZoneInfo) and zone.key:
        return f"@{zone.key}"
    seconds = int((offset_of(value) or timedelta()).total_seconds())
    if seconds == 0:
        return "Z"
    sign, seconds = "-" if seconds < 0 else "+", abs(seconds)
    tail = f":{seconds % 60:02d}" if seconds % 60 else ""
    return f"{sign}{seconds // 3600:02d}:{seconds // 60 % 60:02d}{tail}"


def format_months(value: YearsMonthsDuration) -> str:
    years, months = divmod(abs(value.months), 12)
    text = (f"{years}Y" if years else "") + (f"{months}M" if months else "")
    return ("-" if value.months < 0 else "") + "P" + (text or "0M")


def format_days(value: Span) -> str:
    total = span_nanos(value)
    seconds, nanos = divmod(abs(total), wide.SECOND)
    days, rest = divmod(seconds, 86_400)
    hours, rest = divmod(rest, 3600)
    minutes, rest = divmod(rest, 60)
    clock = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
    clock += f"{rest}{_fraction_text(nanos)}S" if rest or nanos else ""
    text = (f"{days}D" if days else "") + (f"T{clock}" if clock else "")
    return ("-" if total < 0 else "") + "P" + (text or "T0S")


# arithmetic


def midnight(day: Day) -> Moment:
    """The date as a date and time: its first moment in UTC (clause 10.3.2.9.4)."""
    return make_moment(day, 0, UTC)


def date_of(value: Day | Moment) -> Day:
    """The date of a date and time; a date as a plain one."""
    if isinstance(value, date):
        return date(value.year, value.month, value.day)
    return value if isinstance(value, WideDate) else _known_date(value)


def _known_date(value: WideMoment) -> Day:
    return make_date(value.year, value.month, value.day) or WideDate(value.year, value.month, value.day)


def time_of(value: Moment) -> Clock:
    return make_time(clock_nanos(value), value.tzinfo)


def combined(day: Day | Moment, clock: Clock) -> Moment:
    return make_moment(date_of(day), clock_nanos(clock), clock.tzinfo)


def offset_of(value: Moment | Clock) -> timedelta | None:
    """The offset from UTC; for a time in a named zone, which has no date to tell, the zone's standard one."""
    if value.tzinfo is None:
        return None
    if isinstance(value, datetime | WideMoment):
        return wide.offset(value)
    offset = value.tzinfo.utcoffset(None)
    if offset is not None:
        return offset
    moment = datetime(2000, 1, 1, tzinfo=value.tzinfo)
    return (moment.utcoffset() or timedelta()) - (moment.dst() or timedelta())


def order_key(value: Any) -> Any:
    """What values of one kind are ordered by: of a time or a date and time whether it has an offset, then the instant,
    or the mere reading without one."""
    if isinstance(value, datetime | WideMoment):
        return (value.tzinfo is not None, wide.instant(value))
    if isinstance(value, date | WideDate):
        return (value.year, value.month, value.day)
    if isinstance(value, time | WideTime):
        away = offset_of(value)
        return (away is not None, clock_nanos(value) - (span_nanos(away) if away else 0))
    return span_nanos(value)


def add_months(value: Any, months: int) -> Any:
    """A date or date and time some months later; the day is cut to the month's end. None outside the years."""
    year, month = divmod(value.year * 12 + value.month - 1 + months, 12)
    day = make_date(year, month + 1, min(value.day, days_in_month(year, month + 1)))
    if day is None or isinstance(value, WideDate) or not isinstance(value, datetime | WideMoment):
        return day
    return make_moment(day, clock_nanos(value), value.tzinfo)


def add_time(value: Any, nanos: int) -> Any:
    """A date, date and time or time some nanoseconds later. None outside the years."""
    if isinstance(value, datetime | WideMoment):
        return wide.moment_at(wide.instant(value) + nanos, value.tzinfo)
    if isinstance(value, date | WideDate):
        return numbered_day(day_number(value) + nanos // wide.DAY)
    return make_time((clock_nanos(value) + nanos) % wide.DAY, value.tzinfo)


def between(start: Moment, end: Moment) -> Span | None:
    """The time from ``start`` to ``end``; None if only one of them has an offset."""
    if (start.tzinfo is None) != (end.tzinfo is None):
        return None
    return make_span(wide.instant(end) - wide.instant(start))


def months_between(start: Day | Moment, end: Day | Moment) -> int:
    """Whole months from ``start`` to ``end``, negative if ``end`` is earlier."""
    months = (end.year - start.year) * 12 + end.month - start.month
    if months > 0 and end.day < start.day:
        return months - 1
    if months < 0 and end.day > start.day:
        return months + 1
    return months
