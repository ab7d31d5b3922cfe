"""Hearings as people see them: a week or a day of all rooms, the hearings of a case, and one as a calendar entry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from icalendar import Calendar, Event

from engine.clock import LOCAL_ZONE, Clock, local_date
from engine.domain.actors import Actor
from engine.domain.hearings import MODES, PANELS, PARTS, REMOTE
from engine.domain.permissions import may
from engine.errors import NotFound
from engine.services.views.hearing_grid import Cell, lines_of
from engine.services.views.witness import Witness, note
from engine.store import cases, queries, recusals
from engine.store import hearings as rows
from engine.store.database import Connection, Database

A_YEAR = timedelta(days=366)
SATURDAY = 5


@dataclass(frozen=True, slots=True)
class AttendeeRow:
    """``recused``: must keep away from the case; ``present``: None until the hearing; ``link``: the own test."""

    number: int
    name: str
    part: str
    user: str
    present: bool | None
    identified: bool
    recused: bool
    link: str


@dataclass(frozen=True, slots=True)
class HearingRow:
    """``late``: made known too late, or not at all with its last day over; ``panel``: how many are to sit;
    ``sequence``: how often it was changed since it was planned; ``acts``: it can be changed by the actor; ``tries``:
    who reads is called to it by video, and to try the own equipment before."""

    key: str
    case_id: str
    case_no: str | None
    case_title: str
    mode: str
    room: str
    room_key: str
    starts_at: datetime
    ends_at: datetime
    public: bool
    state: str
    notice_by: date | None
    noticed_on: date | None
    late: bool
    waiver: str
    link: str
    link_note: str
    note: str
    people: Sequence[AttendeeRow]
    panel: int | None
    sequence: int
    began_at: datetime | None
    ended_at: datetime | None
    acts: bool
    tries: bool

    def seated(self) -> int:
        return sum(person.part == "panel" for person in self.people)


@dataclass(frozen=True, slots=True)
class RoomRow:
    key: str
    name: str
    seats: int
    remote: bool
    enabled: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """One slot of a room on a day; ``hearing`` is None for one that the reader may not see."""

    starts_at: datetime
    ends_at: datetime
    hearing: HearingRow | None


@dataclass(frozen=True, slots=True)
class Week:
    """``rooms``: each with one list of entries a day; the last, without a room, holds hearings elsewhere."""

    first: date
    days: Sequence[date]
    rooms: Sequence[tuple[RoomRow | None, Sequence[Sequence[Entry]]]]
    manage: bool


@dataclass(frozen=True, slots=True)
class Day:
    """``rooms``: the columns; ``lines``: half an hour each, with the cells that begin in it, one a room."""

    on: date
    rooms: Sequence[RoomRow | None]
    lines: Sequence[tuple[time, Sequence[Cell[Entry]]]]
    manage: bool


@dataclass(frozen=True, slots=True)
class CaseHearings:
    case_id: str
    case_no: str | None
    title: str
    level: str
    hearings: Sequence[HearingRow]
    rooms: Sequence[RoomRow]
    parties: Sequence[tuple[str, str]]
    plans: bool
    modes: Sequence[str] = MODES
    parts: Sequence[str] = PARTS
    panels: Sequence[int] = PANELS


class HearingPages:
    """Wired by ``house``."""

    def __init__(self, database: Database, clock: Clock, witness: Witness) -> None:
        self._database = database
        self._clock = clock
        self._witness = witness

    def week(self, actor: Actor, first: date | None = None) -> Week:
        """From the Monday of a day. What is taken is shown to all; by which case, to those who see it."""
        day = first or local_date(self._clock.now())
        monday = day - timedelta(days=day.weekday())
        rooms = self._taken(actor, monday, 7)
        days = [on for on in (monday + timedelta(days=count) for count in range(7)) if on.weekday() < SATURDAY
                or any(_on(entries, on) for _, entries in rooms)]
        return Week(monday, days, [(room, [_on(entries, on) for on in days]) for room, entries in rooms],
                    may(actor, "hearing.room"))

    def day(self, actor: Actor, on: date) -> Day:
        """One day, hour by hour."""
        rooms = [(room, _on(entries, on)) for room, entries in self._taken(actor, on, 1)]
        return Day(on, [room for room, _ in rooms], lines_of(on, [entries for _, entries in rooms]),
                   may(actor, "hearing.room"))

    def _taken(self, actor: Actor, first: date, days: int) -> list[tuple[RoomRow | None, list[Entry]]]:
        """Every room that is in use, and what takes it in some days; last what is elsewhere."""
        starts, ends = _begin(first), _begin(first + timedelta(days=days))
        with self._database.reading() as connection:
            mine = {row.key: row for row in _told(connection, actor, rows.seen(
                connection, actor, starts_at=starts, ends_at=ends), local_date(self._clock.now()))}
            taken = [row for row in rows.between(connection, starts, ends) if row.state == "planned" or row.id in mine]
            rooms: list[RoomRow | None] = [*map(_room, rows.rooms(connection)), None]
        shown = [room for room in rooms if room is None or room.enabled or any(row.room == room.key for row in taken)]
        return [(room, [Entry(row.starts_at, row.ends_at, mine.get(row.id)) for row in taken
                        if (row.room == room.key if room is not None else row.room is None and row.id in mine)])
                for room in shown]

    def ahead(self, actor: Actor) -> list[HearingRow]:
        """What a party is to come to, in its own cases and wherever it is called."""
        now = self._clock.now()
        with self._database.reading() as connection:
            found = rows.seen(connection, actor, starts_at=now, ends_at=now + A_YEAR)
            told = _told(connection, actor, found, local_date(now))
        return [_for_parties(row) for row in told if row.state == "planned"]

    def of_case(self, actor: Actor, key: str) -> CaseHearings:
        """Raises ``NotFound`` for a case that the actor does not see."""
        with self._database.reading() as connection:
            case = queries.case(connection, actor, key)
            view = (self._of_case(connection, actor, case) if case is not None
                    else self._called_to(connection, actor, key))
        if case is not None or view is None:
            note(self._witness, actor, "ViewHearings", key, case)
        if view is None:
            raise NotFound(noun="case", key=key)
        return view

    def _of_case(self, connection: Connection, actor: Actor, case: Any) -> CaseHearings:
        plans = may(actor, "hearing.plan") and bool(case.sees_inside)
        found = _told(connection, actor, rows.seen(connection, actor, case_id=case.id), local_date(self._clock.now()),
                      plans)
        if not case.sees_inside:
            found = [_for_parties(row) for row in found]
        return CaseHearings(
            case.id, case.case_no, case.title, case.level, found,
            [room for room in map(_room, rows.rooms(connection)) if room.enabled],
            recusals.parties_of(connection, case.id) if plans else [], plans)

    def _called_to(self, connection: Connection, actor: Actor, key: str) -> CaseHearings | None:
        """For somebody who is called to a case without seeing it: when and where, and nothing of the case."""
        case_id = cases.id_of(connection, key)
        found = rows.seen(connection, actor, case_id=case_id) if case_id is not None else ()
        if not found:
            return None
        told = [_for_parties(row) for row in _told(connection, actor, found, local_date(self._clock.now()))]
        return CaseHearings(found[0].case_id, found[0].case_no, "", "", told, (), (), False)

    def calendar(self, actor: Actor, key: str, hearing: str) -> bytes:
        """One hearing as iCalendar (RFC 5545)."""
        found = next((row for row in self.of_case(actor, key).hearings if row.key == hearing), None)
        if found is None:
            raise NotFound(noun="hearing", key=hearing)
        return written([found], self._clock.now())


def _for_parties(row: HearingRow) -> HearingRow:
    """When and where, and who is called; nothing that was written for the house."""
    people = [replace(person, recused=False, user="") for person in row.people]
    return replace(row, note="", waiver="", link_note="", people=people)


def called(connection: Connection, actor: Actor, now: datetime) -> list[HearingRow]:
    """What somebody is called to from now on, and what of it is off: a calendar strikes out what it is told of."""
    found = rows.seen(connection, actor, starts_at=now, ends_at=now + A_YEAR)
    return [row for row in _told(connection, actor, found, local_date(now))
            if any(person.user == actor.id for person in row.people)]


def _told(connection: Connection, actor: Actor, found: Any, today: date, plans: bool = False) -> list[HearingRow]:
    called: dict[str, list[Any]] = {}
    for person in rows.attendees(connection, [row.id for row in found]):
        called.setdefault(person.hearing, []).append(person)
    away = recusals.recused_from(connection, {row.case_id for row in found}) if found else frozenset()
    return [HearingRow(
        row.id, row.case_id, row.case_no, row.title or "", row.mode, row.room_name or "", row.room or "",
        row.starts_at, row.ends_at, row.public, row.state, row.notice_by, row.noticed_on,
        row.notice_by is not None and (row.noticed_on or today) > row.notice_by, row.waiver, row.link,
        row.link_note, row.note,
        [AttendeeRow(person.number, person.name, person.part, person.user or "", person.present, person.identified,
                     (row.case_id, person.user) in away, person.link) for person in called.get(row.id, [])],
        row.panel, row.sequence, row.began_at, row.ended_at, plans and row.state == "planned",
        row.state == "planned" and row.mode in REMOTE
        and any(person.user == actor.id for person in called.get(row.id, []))) for row in found]


def written(found: Sequence[HearingRow], now: datetime) -> bytes:
    calendar = Calendar()
    calendar.add("prodid", "-//Kapok//Hearings//ZH")
    calendar.add("version", "2.0")
    for row in found:
        calendar.add_component(event_of(row, now))
    return bytes(calendar.to_ical())


def event_of(row: HearingRow, now: datetime) -> Event:
    event = Event()
    event.add("uid", f"{row.key}@kapok")
    event.add("dtstamp", now)
    event.add("dtstart", row.starts_at)
    event.add("dtend", row.ends_at)
    event.add("summary", row.case_no or "开庭")  # a feed is read by other people's servers: no title leaves in it
    event.add("location", row.room)
    event.add("sequence", row.sequence)
    event.add("status", "CONFIRMED" if row.state in ("planned", "held") else "CANCELLED")
    return event


def _room(row: Any) -> RoomRow:
    return RoomRow(row.id, row.name, row.seats, row.remote, row.enabled)


def _on(entries: Sequence[Entry], on: date) -> list[Entry]:
    return [entry for entry in entries if local_date(entry.starts_at) == on]


def _begin(on: date) -> datetime:
    return datetime.combine(on, time(), LOCAL_ZONE)
