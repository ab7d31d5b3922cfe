"""Days and instants that a command may name: those of a year in which something could happen. A year that somebody
mistyped, or typed to do harm, is refused before anything is computed from it."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from datetime import date, datetime
from typing import Any

from engine.errors import InvalidInput, Phrase

FIRST_YEAR, LAST_YEAR = 1900, 2199


def require_days(command: Any) -> None:
    """Raises ``InvalidInput`` for a day or an instant of another year, in a command or in one that it carries."""
    for part in fields(command) if is_dataclass(command) else ():
        value = getattr(command, part.name)
        if isinstance(value, date):
            _require_day(value, part.name)
        else:
            require_days(value)


def is_plausible(day: date) -> bool:
    return FIRST_YEAR <= day.year <= LAST_YEAR


def _require_day(value: date, where: str) -> None:
    if not is_plausible(value):
        day = value.date() if isinstance(value, datetime) else value
        raise InvalidInput(expected=Phrase("a day of the years {first} to {last}", first=FIRST_YEAR, last=LAST_YEAR),
                           found=day.isoformat(), where=where)
