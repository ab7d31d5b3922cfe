"""Dates, times, durations: their texts and their arithmetic (DMN clauses 10.3.2.3.4 to 10.3.2.3.9).

``date``, ``datetime`` and ``time`` are Python's own; a zone is ``timezone`` (an offset) or ``ZoneInfo`` (a named zone,
for which a ``time`` has no offset). A days and time duration is a ``timedelta``, so the finest unit is the microsecond
and years run from 1 to 9999.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

_DATE = r"(-?(?:[0-9]{4}|[1-9][0-9]{4,8}))-([0-9]{2})-([0-9]{2})"
_ZONE = r"(Z|[+-][0-9]{2}:[0-9]{2}(?::[0-9]{2})?|@[A-Za-z0-9_+/-]{1,64})?"
_TIME = r"([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,50}))?" + _ZONE
_IS_DATE = re.compile(_DATE)
_IS_TIME = re.compile(_TIME)
_IS_DATETIME = re.compile(f"{_DATE}T{_TIME}")
_YEARS_MONTHS = re.compile(r"(-)?P(?=[0-9])(?:([0-9]{1,15})Y)?(?:([0-9]{1,15})M)?")
_DAYS_TIME = re.compile(
    r"(-)?P(?=[0-9T])(?:([0-9]{1,15})D)?"
    r"(?:T(?=[0-9])(?:([0-9]{1,15})H)?(?:([0-9]{1,15})M)?(?:([0-9]{1,15})(?:\.([0-9]{1,50}))?S)?)?"
)
_MAX_MONTHS = 12 * 10**12


@dataclass(frozen=True, slots=True, order=True)
class YearsMonthsDuration:
    """A duration of whole months; may be negative."""

    months: int

    def __str__(self) -> str:
        return format_months(self)


Temporal = date | datetime | time | timedelta | YearsMonthsDuration


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


def parse_date(text: str) -> date | None:
    found = _IS_DATE.fullmatch(text)
    return make_date(*(int(part) for part in found.groups())) if found else None


def make_date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except (ValueError, OverflowError):
        return None


def parse_time(text: str) -> time | None:
    found = _IS_TIME.fullmatch(text)
    return _time(found.groups()) if found else None


def parse_datetime(text: str) -> datetime | None:
    """A date and time; a date alone is its first moment, without a zone."""
    found = _IS_DATETIME.fullmatch(text)
    if found is None:
        day = parse_date(text)
        return datetime(day.year, day.month, day.day) if day else None
    day = make_date(*(int(part) for part in found.groups()[:3]))
    clock = _time(found.groups()[3:])
    return datetime.combine(day, clock) if day and clock else None


def _time(parts: tuple[str | None, ...]) -> time | None:
    hour, minute, second, fraction, zone = parts
    where = parse_zone(zone) if zone else None
    if zone and where is None:
        return None
    try:
        micro = int((fraction or "").ljust(6, "0")[:6])
        return time(int(hour or 0), int(minute or 0), int(second or 0), micro, where)
    except ValueError:
        return None


def parse_zone(text: str) -> tzinfo | None:
    """``Z``, ``+08:00`` or ``@Asia/Shanghai``."""
    if text == "Z":
        return UTC
    if text[0] == "@":
        return named_zone(text[1:])
    hours, minutes, *seconds = (int(part) for part in text[1:].split(":"))
    if minutes > 59 or sum(seconds) > 59:
        return None
    offset = timedelta(hours=hours, minutes=minutes, seconds=sum(seconds))
    return offset_zone(-offset if text[0] == "-" else offset)


def parse_duration(text: str) -> timedelta | YearsMonthsDuration | None:
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
    micro = whole * 1_000_000 + int((fraction or "").ljust(6, "0")[:6])
    return make_microseconds(-micro if sign else micro)


def make_months(months: int) -> YearsMonthsDuration | None:
    return YearsMonthsDuration(months) if abs(months) <= _MAX_MONTHS else None


def make_microseconds(micro: int) -> timedelta | None:
    try:
        return timedelta(microseconds=micro)
    except OverflowError:
        return None


def parse_literal(text: str) -> Temporal | None:
    """What ``@"text"`` stands for."""
    return parse_date(text) or _parse_midnight(text) or parse_time(text) or parse_duration(text)


def _parse_midnight(text: str) -> datetime | None:
    return parse_datetime(text) if "T" in text else None


# texts


def format_value(value: Temporal) -> str:
    """The FEEL text of a temporal value, as ``string()`` gives it."""
    if isinstance(value, datetime):
        return f"{_date_text(value)}T{_clock_text(value)}"
    if isinstance(value, date):
        return _date_text(value)
    if isinstance(value, time):
        return _clock_text(value)
    return format_months(value) if isinstance(value, YearsMonthsDuration) else format_days(value)


def _date_text(value: date) -> str:
    return f"{value.year:04d}-{value.month:02d}-{value.day:02d}"


def _clock_text(value: datetime | time) -> str:
    text = f"{value.hour:02d}:{value.minute:02d}:{value.second:02d}"
    if value.microsecond:
        text += f".{value.microsecond:06d}".rstrip("0")
    return text + zone_text(value)


def zone_text(value: datetime | time) -> str:
    """``Z``, ``+08:00``, ``@Asia/Shanghai``, or nothing."""
    zone = value.tzinfo
    if zone is None:
        return ""
    if isinstance(zone, ZoneInfo) and zone.key:
        return f"@{zone.key}"
    seconds = int((value.utcoffset() or timedelta()).total_seconds())
    if seconds == 0:
        return "Z"
    sign, seconds = "-" if seconds < 0 else "+", abs(seconds)
    tail = f":{seconds % 60:02d}" if seconds % 60 else ""
    return f"{sign}{seconds // 3600:02d}:{seconds // 60 % 60:02d}{tail}"


def format_months(value: YearsMonthsDuration) -> str:
    years, months = divmod(abs(value.months), 12)
    text = (f"{years}Y" if years else "") + (f"{months}M" if months else "")
    return ("-" if value.months < 0 else "") + "P" + (text or "0M")


def microseconds(value: timedelta) -> int:
    return (value.days * 86_400 + value.seconds) * 1_000_000 + value.microseconds


def format_days(value: timedelta) -> str:
    total = microseconds(value)
    seconds, micro = divmod(abs(total), 1_000_000)
    days, rest = divmod(seconds, 86_400)
    hours, rest = divmod(rest, 3600)
    minutes, rest = divmod(rest, 60)
    fraction = f".{micro:06d}".rstrip("0") if micro else ""
    clock = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
    clock += f"{rest}{fraction}S" if rest or micro else ""
    text = (f"{days}D" if days else "") + (f"T{clock}" if clock else "")
    return ("-" if total < 0 else "") + "P" + (text or "T0S")


# arithmetic


def midnight(day: date) -> datetime:
    """The date as a date and time: its first moment in UTC (clause 10.3.2.9.4)."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def plain(value: datetime) -> datetime:
    """The moment without what a subclass of the host adds: its methods could not make another of its kind."""
    if type(value) is datetime:
        return value
    return datetime.combine(date(value.year, value.month, value.day), datetime.timetz(value))


def instant(value: datetime) -> datetime:
    """The same moment in UTC; a value without a zone stays as it is."""
    value = plain(value)
    return value if value.tzinfo is None else value.astimezone(UTC)


def offset_of(value: datetime | time) -> timedelta | None:
    """The offset from UTC; for a time in a named zone, which has no date to tell, the zone's standard one."""
    offset = value.utcoffset()
    if offset is not None or value.tzinfo is None:
        return offset
    moment = datetime(2000, 1, 1, tzinfo=value.tzinfo)
    return (moment.utcoffset() or timedelta()) - (moment.dst() or timedelta())


def clock_microseconds(value: time) -> tuple[bool, int]:
    """Whether the time has an offset, and microseconds since midnight (in UTC if it has)."""
    micro = ((value.hour * 60 + value.minute) * 60 + value.second) * 1_000_000 + value.microsecond
    offset = offset_of(value)
    return (False, micro) if offset is None else (True, micro - microseconds(offset))


def add_months(day: Any, months: int) -> Any:
    """A date or date and time some months later; the day is cut to the month's end. None outside years 1 to 9999."""
    if isinstance(day, datetime):
        day = plain(day)
    years, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not 1 <= years <= 9999:
        return None
    return day.replace(year=years, month=month + 1, day=min(day.day, days_in_month(years, month + 1)))


def days_in_month(year: int, month: int) -> int:
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def add_time(moment: Any, span: timedelta) -> Any:
    """A date, date and time or time plus a days and time duration. None outside years 1 to 9999."""
    try:
        if isinstance(moment, datetime):
            moment = plain(moment)
            if moment.tzinfo is None:
                return moment + span
            return (moment.astimezone(UTC) + span).astimezone(moment.tzinfo)
        if isinstance(moment, date):
            shifted = datetime(moment.year, moment.month, moment.day) + span
            return shifted.date()
    except OverflowError:
        return None
    micro = clock_microseconds(moment.replace(tzinfo=None))[1] + microseconds(span)
    return (datetime(2000, 1, 1) + timedelta(microseconds=micro % 86_400_000_000)).time().replace(tzinfo=moment.tzinfo)


def months_between(start: date, end: date) -> int:
    """Whole months from ``start`` to ``end``, negative if ``end`` is earlier."""
    months = (end.year - start.year) * 12 + end.month - start.month
    if months > 0 and end.day < start.day:
        return months - 1
    if months < 0 and end.day > start.day:
        return months + 1
    return months
