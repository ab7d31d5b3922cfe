"""What stands around a deadline on its page: holidays crossed, pauses, the ladder ahead, other days of service; and a
person's deadlines as a calendar feed (RFC 5545)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from icalendar import Calendar, Event

from engine.clock import Clock, local_date
from engine.domain.actors import Actor
from engine.domain.calendar import BusinessCalendar, HolidaySpan
from engine.domain.commands import split_key
from engine.domain.deadline_terms import Terms, compute_terms
from engine.errors import InvalidInput, NotFound
from engine.services.context import Parts
from engine.services.deadlines import terms_of
from engine.services.notices import feed_hash
from engine.services.users import actor_of
from engine.services.views.deadlines import deadline_row
from engine.store import deadlines as rows
from engine.store import notices, queries, users
from engine.store.database import Connection, Database

MOST = 1_000


@dataclass(frozen=True, slots=True)
class RungRow:
    """A rung of the ladder: when, whom, and whether it has fired; ``told`` once it has."""

    at: datetime
    to: str
    state: str
    told: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """``stopped``: what holds the clock now; ``if_served``: (day of the event, due day) of other days."""

    holidays: tuple[HolidaySpan, ...]
    pauses: tuple[Mapping[str, Any], ...]
    stopped: Mapping[str, Any] | None
    late: Mapping[str, Any] | None
    ladder: tuple[RungRow, ...]
    if_served: tuple[tuple[date, date], ...]


class DeadlinePages:
    """Wired by ``house``; ``language`` as for ``Views``."""

    def __init__(self, database: Database, clock: Clock, parts: Parts, language: Callable[[], str]) -> None:
        self._database = database
        self._clock = clock
        self._parts = parts
        self._language = language

    def explain(self, actor: Actor, key: str) -> Explanation:
        parts = split_key(key)
        with self._database.reading() as connection:
            row = queries.deadline(connection, actor, *parts) if parts is not None else None
            if row is None:
                raise NotFound(noun="deadline", key=key)
            calendar = self._parts.almanac.calendar(connection)
            return Explanation(
                calendar.holidays_between(min(row.start_on, row.due_on), max(row.start_on, row.due_on)),
                tuple(row.terms.get("pauses", ())), row.terms.get("stopped") if row.state == "paused" else None,
                row.terms.get("late"),
                tuple(RungRow(rung.at, rung.to, rung.state, tuple(rung.told or ()))
                      for rung in rows.rungs_of(connection, row.case_id, row.wait)),
                self._if_served(connection, calendar, row))

    def _if_served(self, connection: Connection, calendar: BusinessCalendar, row: Any) -> tuple[tuple[date, date], ...]:
        """The due day had the event been a day earlier or later, and if it were tomorrow."""
        if row.state not in rows.OPEN:
            return ()
        terms = terms_of(row)
        table = self._parts.almanac.frozen(connection, self._parts.almanac.rules(connection), terms.rules or {})
        tomorrow = local_date(self._clock.now()) + timedelta(days=1)
        days = dict.fromkeys((row.event_on - timedelta(days=1), row.event_on + timedelta(days=1), tomorrow))
        found = []
        for day in days:
            plain = Terms(terms.key, day, terms.delivery, terms.rules, terms.variables)
            try:
                found.append((day, compute_terms(plain, table, calendar).due_on))
            except InvalidInput:  # a day before the rule, or one that it cannot count from
                continue
        return tuple(found)

    def feed(self, secret: str) -> bytes | None:
        """The open deadlines of whoever's secret address this is, as iCalendar; None when it is nobody's."""
        with self._database.reading() as connection:
            owner = notices.contact_of_feed(connection, feed_hash(secret))
            account = users.get(connection, owner) if owner is not None else None
            if account is None or not account.enabled:
                return None
            calendar = self._parts.almanac.calendar(connection)
            found = queries.all_deadlines(connection, actor_of(account), MOST)
        today = local_date(self._clock.now())
        shown = [deadline_row(row, today, calendar, self._language()) for row in found]
        return self._written([replace(row, steps=()) for row in shown])

    def _written(self, found: list[Any]) -> bytes:
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
            event.add("description", "\n".join(filter(None, (row.case_title, row.consequence, row.basis))))
            event.add("status", "TENTATIVE" if row.provisional or row.state == "paused" else "CONFIRMED")
            event.add("transp", "TRANSPARENT")
            calendar.add_component(event)
        return bytes(calendar.to_ical())
