"""When a timer is due: ISO 8601 texts and FEEL values, single and repeating.

A date without a zone is Beijing time. Months are counted from the first occurrence, not from the last, and clamp to the
end of the month: 31 January + P1M is 28 February, the one after is 31 March.

Missed occurrences of a cycle (the machine was off) coalesce: the timer fires once, what passed is used up, and the next
one is the first that is due after now.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

from engine.clock import LOCAL_ZONE
from engine.execution.kernel import Fault
from engine.execution.state import Cycle
from engine.feel import YearsMonthsDuration, narrowed
from engine.feel.temporal import named_zone

_DURATION = re.compile(r"(?P<sign>[+-])?P(?!$)(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<weeks>\d+)W)?"
                       r"(?:(?P<days>\d+)D)?"
                       r"(?:T(?=\d)(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:[.,]\d+)?)S)?)?")
_REPEAT = re.compile(r"R(?P<times>-?\d*)")
_ZONED = re.compile(r"([^\[\]]+)(?:\[([^\[\]]+)\])?")
_PARTS = re.compile(r"/(?![^\[]*\])")
"""Between the parts of a cycle; a zone's name has a slash of its own."""
_MOST = 10_000_000
"""Occurrences looked over to find the next one of a cycle; more is a mistake in the diagram."""

Period = tuple[int, timedelta]
"""Months and the rest."""


def _fault(expected: str, found: Any) -> Fault:
    return Fault("timer", f"Expected {expected}, but found {'null' if found is None else repr(found)}")


def instant(value: Any) -> datetime:
    """An aware instant in UTC from a text or a FEEL value. Raises ``Fault``."""
    expected = "a date and time such as 2026-03-16T09:00:00+08:00"
    if isinstance(value, str):
        value = _written(value, expected)
    value = narrowed(value)
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime.combine(value, time())
    if not isinstance(value, datetime):
        raise _fault(expected, value)
    plain = datetime.combine(value.date(), value.time(), value.tzinfo or LOCAL_ZONE)
    return plain.astimezone(UTC)


def _written(value: str, expected: str) -> datetime:
    """ISO 8601, with or without the name of a zone behind it; an offset comes before the name."""
    found = _ZONED.fullmatch(value.strip())
    zone = named_zone(found[2]) if found is not None and found[2] else None
    try:
        if found is None or found[2] and zone is None:
            raise ValueError(value)
        read = datetime.fromisoformat(found[1])
    except ValueError:
        raise _fault(expected, value) from None
    return read if read.tzinfo is not None else read.replace(tzinfo=zone)


def period(value: Any) -> Period:
    """A duration from a text or a FEEL value. Raises ``Fault``."""
    value = narrowed(value)
    if isinstance(value, timedelta):
        return 0, value
    if isinstance(value, YearsMonthsDuration):
        return value.months, timedelta()
    if isinstance(value, str):
        return _duration(value)
    raise _fault("a duration such as P3D or PT2H", value)


@lru_cache(maxsize=1024)
def _duration(value: str) -> Period:
    """Diagrams tell the same few durations again and again."""
    found = _DURATION.fullmatch(value.strip())
    if found is None or found.group().endswith("T"):
        raise _fault("a duration such as P3D or PT2H", value)
    part = {name: float(text.replace(",", ".")) for name, text in found.groupdict().items() if text and name != "sign"}
    sign = -1 if found["sign"] == "-" else 1
    months = int(part.pop("years", 0)) * 12 + int(part.pop("months", 0))
    try:
        return sign * months, sign * timedelta(**part)
    except OverflowError:
        raise _fault("a duration of less than 2,700,000 years", value) from None


def later(anchor: datetime, step: Period, times: int = 1) -> datetime:
    """``anchor + times * step``, months counted in Beijing time and clamped to the end of the month."""
    months, rest = step
    try:
        moved = _months_later(anchor.astimezone(LOCAL_ZONE), months * times).astimezone(UTC) if months else anchor
        return moved + rest * times
    except (OverflowError, ValueError):
        raise _fault("an instant before the year 10000", f"{anchor.isoformat()} + {times} times") from None


def _months_later(start: datetime, months: int) -> datetime:
    index = start.year * 12 + start.month - 1 + months
    year, month = divmod(index, 12)
    return start.replace(year=year, month=month + 1, day=min(start.day, monthrange(year, month + 1)[1]))


def cycle(value: Any, now: datetime) -> tuple[datetime, Cycle]:
    """The first occurrence of ``R[n]/[start/]period[/end]`` and what follows it. Raises ``Fault``."""
    expected = "a cycle such as R3/PT1H or R/2026-01-01T00:00:00Z/P1M"
    if not isinstance(value, str):
        return cycle(f"R/{_iso(narrowed(value))}", now)
    head, *parts = _PARTS.split(value.strip())
    found = _REPEAT.fullmatch(head)
    if found is None or not 1 <= len(parts) <= 3:
        raise _fault(expected, value)
    times = int(found["times"]) if found["times"] not in ("", "-") else -1
    if times == 0:
        raise _fault("a cycle that repeats at least once", value)
    start = None if parts[0].lstrip("+-").startswith("P") else instant(parts.pop(0))
    if not parts:
        raise _fault(expected, value)
    step = period(parts[0])
    until = instant(parts[1]) if len(parts) > 1 else None
    if later(now, step) <= now:
        raise _fault("a cycle with a period above zero", value)
    armed = Cycle(start or now, parts[0], 0 if start else 1, None if times < 0 else times - 1, until)
    return later(armed.anchor, step, armed.n), armed


def _iso(value: Any) -> str:
    if isinstance(value, YearsMonthsDuration):
        return str(value)
    if isinstance(value, timedelta):
        return f"PT{value.total_seconds():f}S"
    raise _fault("a cycle such as R3/PT1H", value)


def following(armed: Cycle, now: datetime) -> tuple[datetime, Cycle] | None:
    """The next occurrence after ``now`` (what was missed is used up), None when the cycle is over."""
    step = period(armed.period)
    n = armed.n + _skipped(armed, step, now)
    left = None if armed.left is None else armed.left - (n - armed.n)
    due = later(armed.anchor, step, n)
    if (left is not None and left < 0) or (armed.until is not None and due > armed.until):
        return None
    return due, Cycle(armed.anchor, armed.period, n, left, armed.until)


def _skipped(armed: Cycle, step: Period, now: datetime) -> int:
    """How many occurrences further the first one after ``now`` is, at least 1. A binary search: time only grows."""
    low, high = 1, 1
    while later(armed.anchor, step, armed.n + high) <= now:
        low, high = high + 1, high * 2
        if high > _MOST:
            raise _fault("a period that is not that short", armed.period)
    while low < high:
        middle = (low + high) // 2
        if later(armed.anchor, step, armed.n + middle) <= now:
            low = middle + 1
        else:
            high = middle
    return low
