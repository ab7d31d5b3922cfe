"""Days out of what diagrams and case variables hold: FEEL values, instants, ISO text."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from engine.clock import local_date
from engine.domain.period_request import parse_day
from engine.errors import InvalidInput


def as_day(value: Any, where: str) -> date:
    """The legal day (Asia/Shanghai) of a FEEL date, date and time, or the text of one."""
    found = _read(value) if isinstance(value, str) else value
    if isinstance(found, datetime):
        return local_date(found) if found.tzinfo is not None else found.date()
    if isinstance(found, date):
        return found
    raise InvalidInput(expected="a date, a date and time, or the ISO text of one", found=repr(value), where=where)


def _read(text: str) -> date | None:
    """ISO text, with FEEL's ``@Asia/Shanghai`` for a named zone."""
    moment, _, zone = text.partition("@")
    try:
        if "T" not in moment:
            return parse_day(text)
        found = datetime.fromisoformat(moment)
        return found.replace(tzinfo=ZoneInfo(zone)) if zone else found
    except (ValueError, OSError, InvalidInput, ZoneInfoNotFoundError):
        return None
