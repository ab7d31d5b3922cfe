"""The business calendar: which days people work, from the yearly notices of the State Council.

A table covers whole years. Inside it every day is decided; outside it only weekends are known to be rest days and
whatever is computed from such a day is provisional. A calendar is immutable: loading a new year makes a new one.

Three kinds of exception to the plain week: holidays (法定休假日 and the weekly rest days joined to them), shifted rest
days (移用周休息日, a weekday given free in exchange) and make-up working days (调休上班日, a weekend day worked).
"""

import hashlib
import json
import tomllib
from bisect import bisect_right
from calendar import monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from importlib import resources
from typing import Any

from engine.domain.period_texts import Text
from engine.errors import InvalidInput, Phrase

ONE_DAY = timedelta(days=1)
SATURDAY = 5
LONGEST_HOLIDAY = 31
NOT_HELD = object()


@dataclass(frozen=True)
class RestDay:
    """A day off that the plain week would not give, or that belongs to a named holiday."""

    name: Text
    shifted: bool = False


@dataclass(frozen=True)
class HolidaySpan:
    """A run of rest days of one holiday, both ends included."""

    name: Text
    first: date
    last: date


@dataclass(frozen=True)
class BusinessCalendar:
    """Rest days and make-up working days of the years it covers."""

    years: frozenset[int]
    rest: Mapping[date, RestDay]
    makeup: Mapping[date, Text]
    version: str = field(init=False, compare=False)
    _rest_weekdays: tuple[date, ...] = field(init=False, compare=False, repr=False)
    _makeup_days: tuple[date, ...] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        weekdays = tuple(sorted(day for day in self.rest if day.weekday() < SATURDAY))
        object.__setattr__(self, "version", _content_hash(self))
        object.__setattr__(self, "_rest_weekdays", weekdays)
        object.__setattr__(self, "_makeup_days", tuple(sorted(self.makeup)))

    def covers(self, day: date, until: date | None = None) -> bool:
        """Whether the table decides this day (or every day from ``day`` to ``until``)."""
        if until is None or until.year == day.year:
            return day.year in self.years
        return all(year in self.years for year in range(min(day, until).year, max(day, until).year + 1))

    def is_makeup_workday(self, day: date) -> bool:
        return day in self.makeup

    def is_shifted_rest_day(self, day: date) -> bool:
        found = self.rest.get(day)
        return found is not None and found.shifted

    def is_workday(self, day: date, makeup_counts: bool = True) -> bool:
        """Whether people work; with ``makeup_counts=False`` a make-up weekend day remains a rest day."""
        if day.weekday() >= SATURDAY:
            return makeup_counts and day in self.makeup
        return day not in self.rest

    def is_rest_day(self, day: date, makeup_counts: bool = True) -> bool:
        return not self.is_workday(day, makeup_counts)

    def holiday_name(self, day: date, language: str = "zh") -> str | None:
        found = self.rest.get(day)
        return found.name.text(language) if found else None

    def next_workday(self, day: date, makeup_counts: bool = True) -> date:
        """The first working day after ``day`` (never ``day`` itself)."""
        day += ONE_DAY
        while not self.is_workday(day, makeup_counts):
            day += ONE_DAY
        return day

    def previous_workday(self, day: date, makeup_counts: bool = True) -> date:
        """The last working day before ``day``."""
        day -= ONE_DAY
        while not self.is_workday(day, makeup_counts):
            day -= ONE_DAY
        return day

    def add_workdays(self, day: date, count: int) -> date:
        """The ``count``-th working day after ``day``, or before it when negative; 0 gives ``day`` itself."""
        for _ in range(abs(count)):
            day = self.next_workday(day) if count > 0 else self.previous_workday(day)
        return day

    def workdays_between(self, start: date, end: date) -> int:
        """Working days after ``start`` up to and including ``end``; negative when ``end`` lies before ``start``."""
        first, last = min(start, end), max(start, end)
        weeks, odd = divmod((last - first).days, 7)
        count = weeks * 5 + sum((first + timedelta(days=n)).weekday() < SATURDAY for n in range(1, odd + 1))
        count -= bisect_right(self._rest_weekdays, last) - bisect_right(self._rest_weekdays, first)
        count += bisect_right(self._makeup_days, last) - bisect_right(self._makeup_days, first)
        return count if end >= start else -count

    def holidays_between(self, start: date, end: date) -> tuple[HolidaySpan, ...]:
        """The named holidays crossed by the days from ``start`` to ``end``, both included, oldest first."""
        spans: list[HolidaySpan] = []
        for day in sorted(day for day in self.rest if start <= day <= end):
            name = self.rest[day].name
            if spans and spans[-1].name == name and spans[-1].last + ONE_DAY == day:
                spans[-1] = HolidaySpan(name, spans[-1].first, day)
            else:
                spans.append(HolidaySpan(name, day, day))
        return tuple(spans)

    def changed_span(self, other: "BusinessCalendar") -> tuple[date, date] | None:
        """The first and the last day that the two calendars know or decide differently; None when they agree.

        Only a deadline whose days reach into the span can move when one calendar takes the other's place.
        """
        days = {date(year, month, day) for year in self.years ^ other.years for month, day in ((1, 1), (12, 31))}
        days |= {day for day in self.rest.keys() | other.rest.keys() if self.rest.get(day) != other.rest.get(day)}
        days |= self.makeup.keys() ^ other.makeup.keys()
        return (min(days), max(days)) if days else None

    def merged(self, *newer: "BusinessCalendar") -> "BusinessCalendar":
        """This calendar with the years of ``newer`` ones added or put in place of its own."""
        years, rest, makeup = set(self.years), dict(self.rest), dict(self.makeup)
        for other in newer:
            years |= other.years
            rest = {d: r for d, r in rest.items() if d.year not in other.years} | dict(other.rest)
            makeup = {d: n for d, n in makeup.items() if d.year not in other.years} | dict(other.makeup)
        return BusinessCalendar(frozenset(years), rest, makeup)


def add_months(day: date, months: int) -> date:
    """The corresponding day so many months later (or earlier); where there is none, the last day of that month.

    专利法实施细则5, 民法典202, 商标法实施条例12. Raises ``OverflowError`` beyond the years that dates can hold.
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not date.min.year <= year <= date.max.year:
        raise OverflowError(f"year {year} is out of range")
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _content_hash(calendar: BusinessCalendar) -> str:
    content = {
        "years": sorted(calendar.years),
        "rest": [[d.isoformat(), r.name.zh, r.name.en, r.shifted] for d, r in sorted(calendar.rest.items())],
        "makeup": [[d.isoformat(), name.zh, name.en] for d, name in sorted(calendar.makeup.items())],
    }
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()


EMPTY_CALENDAR = BusinessCalendar(frozenset(), {}, {})
"""Weekends only; everything computed from it is provisional."""


def shipped_calendar() -> BusinessCalendar:
    """The calendar that comes with the product (``bpmn/calendars/*.toml``)."""
    return _shipped()


@cache
def _shipped() -> BusinessCalendar:
    folder = resources.files("bpmn").joinpath("calendars")
    files = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".toml")), key=lambda entry: entry.name)
    return EMPTY_CALENDAR.merged(*(parse_calendar(entry.read_text("utf-8"), entry.name) for entry in files))


def parse_calendar(text: str, source: str) -> BusinessCalendar:
    """Read one year's table (TOML; see ``bpmn/calendars/``).

    ``source`` is the file's name, for messages. Raises ``InvalidInput`` saying file, key and what was expected.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidInput(expected="a TOML calendar table", found=str(error), where=source) from error
    return read_calendar(table, source)


def read_calendar(table: Mapping[str, Any], source: str) -> BusinessCalendar:
    """One year out of a table that has been read from its file."""
    _refuse_unknown(table, {"year", "country", "source", "holidays"}, source)
    year = table.get("year")
    if type(year) is not int or not date.min.year <= year <= date.max.year:
        raise _unexpected("a year such as 2027", table.get("year", NOT_HELD), source, "year")
    holidays = table.get("holidays", NOT_HELD)
    if not isinstance(holidays, list) or not holidays:
        raise _unexpected("at least one [[holidays]] block", holidays, source, "holidays")
    rest: dict[date, RestDay] = {}
    makeup: dict[date, Text] = {}
    for index, block in enumerate(holidays):
        _read_block(_Block(block, year, f"{source}: holidays[{index}]"), rest, makeup)
    for day in sorted(rest.keys() & makeup.keys()):
        raise InvalidInput(expected="a day that is either rest or make-up work", found=day.isoformat(), where=source)
    return BusinessCalendar(frozenset({year}), rest, makeup)


@dataclass(frozen=True)
class _Block:
    """One [[holidays]] block on its way in; every reading names its place when it fails."""

    content: Any
    year: int
    where: str

    def name(self) -> Text:
        name = self.content.get("name")
        if not isinstance(name, dict) or not all(isinstance(name.get(key), str) and name[key] for key in ("zh", "en")):
            raise _unexpected('{ zh = "…", en = "…" }', self.content.get("name", NOT_HELD), self.where, "name")
        return Text(name["zh"], name["en"])

    def day(self, value: Any, key: str) -> date:
        if type(value) is not date:
            raise _unexpected(Phrase("a day such as {year}-10-01", year=self.year), value, self.where, key)
        if value.year != self.year:
            raise _unexpected(Phrase("a day of the year {year}", year=self.year), value, self.where, key)
        return value

    def days(self, key: str) -> list[date]:
        values = self.content.get(key, [])
        if not isinstance(values, list):
            raise _unexpected("a list of days", values, self.where, key)
        return [self.day(value, f"{key}[{index}]") for index, value in enumerate(values)]

    def span(self) -> list[date]:
        if "first" not in self.content and "last" not in self.content:
            return []
        first = self.day(self.content.get("first", NOT_HELD), "first")
        last = self.day(self.content.get("last", NOT_HELD), "last")
        if not 0 <= (last - first).days < LONGEST_HOLIDAY:
            expected = Phrase("a last day on or after {first} and within {most} days", first=first,
                              most=LONGEST_HOLIDAY)
            raise _unexpected(expected, last, self.where, "last")
        return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _read_block(block: _Block, rest: dict[date, RestDay], makeup: dict[date, Text]) -> None:
    if not isinstance(block.content, dict):
        raise _unexpected("a [[holidays]] block", block.content, block.where, "")
    _refuse_unknown(block.content, {"name", "first", "last", "shifted", "makeup"}, block.where)
    name, span, shifted = block.name(), block.span(), block.days("shifted")
    for day in shifted:
        if day not in span or day.weekday() >= SATURDAY:
            raise _unexpected("weekdays between first and last", day, block.where, "shifted")
    for day in span:
        if day in rest:
            raise _unexpected("days that no other block gives", day, block.where, "first..last")
        rest[day] = RestDay(name, day in shifted)
    for day in block.days("makeup"):
        if day.weekday() < SATURDAY:
            raise _unexpected("Saturdays and Sundays", day, block.where, "makeup")
        makeup[day] = name


def _refuse_unknown(table: Mapping[str, Any], known: Iterable[str], where: str) -> None:
    for key in sorted(set(table) - set(known)):
        raise InvalidInput(expected=Phrase("one of the keys {names}", names=', '.join(sorted(known))),
                           found=repr(key), where=where)


def _unexpected(expected: str, found: Any, where: str, key: str) -> InvalidInput:
    shown = "nothing" if found is NOT_HELD else str(found)
    place = Phrase("{place}, key {key}", place=where, key=key) if key else where
    return InvalidInput(expected=expected, found=shown, where=place)
