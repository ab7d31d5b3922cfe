"""What stands around a deadline on its page: holidays crossed, pauses, the ladder ahead, other days of service; and a
person's deadlines as a calendar feed (RFC 5545)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from icalendar import Calendar, Event

from engine.clock import Clock, local_date
from engine.domain.actors import Actor, actor_of
from engine.domain.calendar import BusinessCalendar, HolidaySpan
from engine.domain.commands import split_key
from engine.domain.deadline_terms import Terms, compute_terms
from engine.domain.deadlines import DeadlineComputation
from engine.domain.period_texts import Step
from engine.errors import InvalidInput, NotFound
from engine.services.context import Parts
from engine.services.legal_time.deadlines import terms_of
from engine.services.legal_time.notices import feed_hash
from engine.services.views import hearings
from engine.services.views.deadline_offers import Offers, offers
from engine.services.views.deadlines import deadline_row
from engine.services.views.models import DeadlineRow, Page
from engine.services.views.witness import Witness, note
from engine.store import deadline_lists, notices, queries, users
from engine.store import deadlines as rows
from engine.store.database import Connection, Database

MOST = 1_000
PAGE = 50
LONGEST_STRIP = 130
"""Days of a period that are drawn one by one; of a longer one only the holidays are named."""
MOST_A_DAY = 4
FILTERS: Mapping[str, Callable[[DeadlineRow], bool]] = {
    "all": lambda row: True,
    "overdue": lambda row: row.state == "expired" or _within(row, -1),
    "three": lambda row: _within(row, 3) and not _within(row, -1),
    "seven": lambda row: _within(row, 7) and not _within(row, -1),
    "paused": lambda row: row.state == "paused",
    "provisional": lambda row: row.provisional and row.state != "expired",
}


def _within(row: DeadlineRow, workdays: int) -> bool:
    return row.workdays_left is not None and row.workdays_left <= workdays


@dataclass(frozen=True, slots=True)
class RungRow:
    """A rung of the ladder: when, whom, and whether it has fired; ``told`` once it has."""

    at: datetime
    to: str
    state: str
    told: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DayCell:
    """A day of a calendar: ``kind`` rest, makeup or work; ``marks``: start, nominal, due, paused, today, outside;
    ``more``: deadlines beyond those named."""

    on: date
    kind: str
    holiday: str
    marks: frozenset[str]
    deadlines: tuple[DeadlineRow, ...] = ()
    more: int = 0


@dataclass(frozen=True, slots=True)
class MonthView:
    """Whole weeks from Monday; ``total``: the deadlines of the month itself."""

    first: date
    before: date
    after: date
    weeks: tuple[tuple[DayCell, ...], ...]
    total: int


@dataclass(frozen=True, slots=True)
class Explanation:
    """``stopped``: what holds the clock now; ``if_served``: (day of the event, due day) of other days; ``lines``: each
    step with its article; ``strip``: the days from start to end, none for a long period."""

    holidays: tuple[HolidaySpan, ...]
    pauses: tuple[Mapping[str, Any], ...]
    stopped: Mapping[str, Any] | None
    late: Mapping[str, Any] | None
    ladder: tuple[RungRow, ...]
    if_served: tuple[tuple[date, date], ...]
    lines: tuple[tuple[str, str], ...] = ()
    strip: tuple[DayCell, ...] = ()
    offers: Offers = field(default_factory=Offers)
    level: str = ""


def _days_of(pause: Mapping[str, Any]) -> Mapping[str, Any]:
    """A pause with its ``first`` and ``last`` day that do not count; one without an end has no last."""
    to_on = pause.get("to_on")
    last = date.fromisoformat(to_on) - timedelta(days=1) if to_on else None
    return {**pause, "first": date.fromisoformat(pause["from_on"]), "last": last}


class DeadlinePages:
    """Wired by ``house``; ``language`` as for ``Views``."""

    def __init__(self, database: Database, clock: Clock, parts: Parts, language: Callable[[], str],
                 witness: Witness) -> None:
        self._database = database
        self._clock = clock
        self._parts = parts
        self._language = language
        self._witness = witness

    def explain(self, actor: Actor, key: str) -> Explanation:
        parts = split_key(key)
        with self._database.reading() as connection:
            row = queries.deadline(connection, actor, *parts) if parts is not None else None
            note(self._witness, actor, "ViewDeadline", key, row)
            if row is None:
                raise NotFound(noun="deadline", key=key)
            calendar = self._parts.almanac.calendar(connection)
            first, last = min(row.start_on, row.due_on), max(row.start_on, row.due_on)
            unsettled = row.state == "expired" and "late" not in row.terms and bool(
                rows.has_timer(connection, row.case_id, row.wait))
            rule = self._computed(connection, calendar, terms_of(row)).rule
            return Explanation(
                calendar.holidays_between(first, last), tuple(map(_days_of, row.terms.get("pauses", ()))),
                _days_of(row.terms["stopped"]) if row.state == "paused" and "stopped" in row.terms else None,
                row.terms.get("late"),
                tuple(RungRow(rung.at, rung.to, rung.state, tuple(rung.told or ()))
                      for rung in rows.rungs_of(connection, row.case_id, row.wait)),
                self._if_served(connection, calendar, row),
                tuple(self._line(record) for record in row.computation.get("steps", ())),
                self._strip(calendar, row, first, last), offers(actor, row, rule, unsettled, self._language()),
                row.level or "")

    def _line(self, record: Mapping[str, Any]) -> tuple[str, str]:
        step = Step.from_record(record)
        return step.spoken(self._language()), step.article

    def _strip(self, calendar: BusinessCalendar, row: Any, first: date, last: date) -> tuple[DayCell, ...]:
        if (last - first).days > LONGEST_STRIP:
            return ()
        pauses = [(one["from_on"], one["to_on"]) for one in row.terms.get("pauses", ())]
        days = (first + timedelta(days=number) for number in range((last - first).days + 1))
        named = {"start": row.start_on, "nominal": row.nominal_on, "due": row.due_on}
        return tuple(self._cell(calendar, on, {
            *(mark for mark, day in named.items() if day == on),
            *("paused" for begin, end in pauses if begin <= on.isoformat() < end)}) for on in days)

    def _cell(self, calendar: BusinessCalendar, on: date, marks: set[str],
              found: Sequence[DeadlineRow] = ()) -> DayCell:
        kind = "makeup" if calendar.is_makeup_workday(on) else "rest" if calendar.is_rest_day(on) else "work"
        if on == local_date(self._clock.now()):
            marks = marks | {"today"}
        return DayCell(on, kind, calendar.holiday_name(on, self._language()) or "", frozenset(marks),
                       tuple(found[:MOST_A_DAY]), max(0, len(found) - MOST_A_DAY))

    def _computed(self, connection: Connection, calendar: BusinessCalendar, terms: Terms) -> DeadlineComputation:
        """Under the rule versions that the deadline froze."""
        table = self._parts.almanac.frozen(connection, self._parts.almanac.rules(connection), terms.rules or {})
        return compute_terms(terms, table, calendar)

    def _if_served(self, connection: Connection, calendar: BusinessCalendar, row: Any) -> tuple[tuple[date, date], ...]:
        """The due day had the event been a day earlier or later, and if it were tomorrow."""
        if row.state not in rows.OPEN:
            return ()
        terms = terms_of(row)
        tomorrow = local_date(self._clock.now()) + timedelta(days=1)
        days = dict.fromkeys((row.event_on - timedelta(days=1), row.event_on + timedelta(days=1), tomorrow))
        found = []
        for day in days:
            plain = Terms(terms.key, day, terms.delivery, terms.rules, terms.variables)
            try:
                found.append((day, self._computed(connection, calendar, plain).due_on))
            except InvalidInput:  # a day before the rule, or one that it cannot count from
                continue
        return tuple(found)

    # --- lists ------------------------------------------------------------------------------------------------------
    def listed(self, actor: Actor, wanted: str, page: int) -> Page:
        """Open and unsettled deadlines of the actor's cases, the next first, by one of ``FILTERS``; counts of all."""
        with self._database.reading() as connection:
            found = self._shown(connection, deadline_lists.at_risk(connection, actor, MOST))
        counts = Counter(name for row in found for name, fits in FILTERS.items() if fits(row))
        chosen = [row for row in found if FILTERS[wanted](row)]
        pages = max(1, -(-len(chosen) // PAGE))
        page = min(page, pages)
        return Page(chosen[(page - 1) * PAGE:page * PAGE], len(chosen), page, pages, dict(counts))

    def month(self, actor: Actor, first: date) -> MonthView:
        """A month from its first day on, in whole weeks."""
        after = (first + timedelta(days=31)).replace(day=1)
        begin = first - timedelta(days=first.weekday())
        count = -(-(after - begin).days // 7) * 7
        with self._database.reading() as connection:
            calendar = self._parts.almanac.calendar(connection)
            found = self._shown(connection, deadline_lists.due_between(
                connection, actor, begin, begin + timedelta(days=count - 1), MOST))
        by_day: dict[date, list[DeadlineRow]] = {}
        for row in found:
            by_day.setdefault(row.due_on, []).append(row)
        days = [begin + timedelta(days=number) for number in range(count)]
        cells = [self._cell(calendar, on, set() if first <= on < after else {"outside"}, by_day.get(on, ()))
                 for on in days]
        total = sum(first <= row.due_on < after for row in found)
        return MonthView(first, (first - timedelta(days=1)).replace(day=1), after,
                         tuple(tuple(cells[at:at + 7]) for at in range(0, count, 7)), total)

    def _shown(self, connection: Connection, found: Sequence[Any]) -> list[DeadlineRow]:
        today, calendar = local_date(self._clock.now()), self._parts.almanac.calendar(connection)
        return [deadline_row(row, today, calendar, self._language()) for row in found]

    # --- the feed ---------------------------------------------------------------------------------------------------
    def feed(self, secret: str) -> bytes | None:
        """The open deadlines of whoever's secret address this is, and the hearings they are called to, as iCalendar;
        None when it is nobody's. By number: titles of cases are not for the servers of calendars."""
        with self._database.reading() as connection:
            owner = notices.contact_of_feed(connection, feed_hash(secret))
            account = users.get(connection, owner) if owner is not None else None
            if account is None or not account.enabled:
                return None
            found = self._shown(connection, queries.all_deadlines(connection, actor_of(account), MOST))
            called = hearings.called(connection, actor_of(account), self._clock.now())
        return self._written(found, called)

    def _written(self, found: list[Any], called: list[hearings.HearingRow]) -> bytes:
        calendar = Calendar()
        calendar.add("prodid", "-//Kapok//Deadlines//ZH")
        calendar.add("version", "2.0")
        for row in found:
            event = Event()
            event.add("uid", f"{row.key}@kapok")
            event.add("dtstamp", self._clock.now())
            event.add("dtstart", row.due_on)
            event.add("dtend", row.due_on + timedelta(days=1))
            event.add("summary", " ".join(filter(None, (row.case_no, row.name))))
            event.add("description", "\n".join(filter(None, (row.consequence, row.basis))))
            event.add("status", "TENTATIVE" if row.provisional or row.state == "paused" else "CONFIRMED")
            event.add("transp", "TRANSPARENT")
            calendar.add_component(event)
        for hearing in called:
            calendar.add_component(hearings.event_of(hearing, self._clock.now()))
        return bytes(calendar.to_ical())
