"""What a dot reaches: context entries, and the fixed properties of temporal values and ranges (DMN table 65)."""

from collections.abc import Callable, Mapping
from typing import Any

from engine.feel.runtime import Run
from engine.feel.temporal import YearsMonthsDuration, offset_of, zone_text
from engine.feel.values import Value, kind
from engine.feel.wide import SECOND, span_nanos, twin


def _seconds(value: Any) -> int:
    """Whole seconds of a duration, with its sign."""
    total = span_nanos(value)
    return -(-total // SECOND) if total < 0 else total // SECOND


def _part(value: Any, unit: int, cycle: int | None) -> int:
    """So many units of a duration, within the next larger unit; negative in a negative duration."""
    seconds = _seconds(value)
    count = abs(seconds) // unit
    count = count % cycle if cycle else count
    return -count if seconds < 0 else count


def _years(value: YearsMonthsDuration) -> int:
    return -(-value.months // 12) if value.months < 0 else value.months // 12


def _months(value: YearsMonthsDuration) -> int:
    return -(-value.months % 12) if value.months < 0 else value.months % 12


_DATE: Mapping[str, Callable[[Any], Value]] = {
    "year": lambda value: value.year,
    "month": lambda value: value.month,
    "day": lambda value: value.day,
    "weekday": lambda value: twin(value).isoweekday(),
}
_TIME: Mapping[str, Callable[[Any], Value]] = {
    "hour": lambda value: value.hour,
    "minute": lambda value: value.minute,
    "second": lambda value: value.second,
    "time offset": offset_of,
    "timezone": lambda value: zone_text(value).removeprefix("@") or None,
}
PROPERTIES: Mapping[str, Mapping[str, Callable[[Any], Value]]] = {
    "date": _DATE,
    "date and time": {**_DATE, **_TIME},
    "time": _TIME,
    "days and time duration": {
        "days": lambda value: _part(value, 86_400, None),
        "hours": lambda value: _part(value, 3600, 24),
        "minutes": lambda value: _part(value, 60, 60),
        "seconds": lambda value: _part(value, 1, 60),
    },
    "years and months duration": {"years": _years, "months": _months},
    "range": {
        "start": lambda value: value.start,
        "end": lambda value: value.end,
        "start included": lambda value: value.start_included,
        "end included": lambda value: value.end_included,
    },
}
PROPERTY_NAMES = ("time offset", "start included", "end included")


def path(run: Run, value: Value, name: str, at: int) -> Value:
    """``value.name``; over a list it is the list of its elements' entries."""
    if isinstance(value, list):
        run.check_list(len(value))
        return [path(run, item, name, at) if item is not None else None for item in value]
    if isinstance(value, dict) and name in value:
        return value[name]
    found = PROPERTIES.get(kind(value), {}).get(name)
    if found is not None:
        return found(value)
    if value is None:
        return None
    return run.warn(at, "entry.unknown", kind=kind(value), name=name)


