"""Hearings as people see them: a week of all rooms, the hearings of a case, and one as a calendar entry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from icalendar import Calendar, Event

from engine.clock import LOCAL_ZONE, Clock, local_date
from engine.domain.actors import Actor
from engine.domain.hearings import MODES, PARTS
from engine.domain.permissions import may
from engine.errors import NotFound
from engine.services.views.witness import Witness, note
from engine.store import cases, queries, recusals
from engine.store import hearings as rows
from engine.store.database import Connection, Database


@dataclass(frozen=True, slots=True)
class AttendeeRow:
    """``recused``: must keep away from the case; ``present``: None until the hearing."""

    number: int
    name: str
    part: str
    user: str
    present: bool | None
    identified: bool
    recused: bool


@dataclass(frozen=True, slots=True)
class HearingRow:
    """``late``: made known too late, or not at all with its last day over; ``acts``: it can be changed by the actor."""

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
    acts: bool


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
        starts, ends = _begin(monday), _begin(monday + timedelta(days=7))
        days = [monday + timedelta(days=count) for count in range(7)]
        with self._database.reading() as connection:
            mine = {row.key: row for row in _told(connection, rows.seen(
                connection, actor, starts_at=starts, ends_at=ends), local_date(self._clock.now()))}
            taken = [row for row in rows.between(connection, starts, ends) if row.state == "planned" or row.id in mine]
            rooms: list[RoomRow | None] = [*map(_room, rows.rooms(connection)), None]
        shown = [room for room in rooms if room is None or room.enabled
                 or any(row.room == room.key for row in taken)]
        return Week(monday, days, [(room, [[
            Entry(row.starts_at, row.ends_at, mine.get(row.id)) for row in taken
            if row.room == (room.key if room is not None else None) and local_date(row.starts_at) == on
            and (room is not None or row.id in mine)] for on in days]) for room in shown], may(actor, "hearing.room"))

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
        found = _told(connection, rows.seen(connection, actor, case_id=case.id), local_date(self._clock.now()), plans)
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
        told = [_for_parties(row) for row in _told(connection, found, local_date(self._clock.now()))]
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
    """What somebody is called to from now on."""
    found = rows.seen(connection, actor, starts_at=now, ends_at=now + timedelta(days=366))
    return [row for row in _told(connection, found, local_date(now)) if row.state == "planned"
            and any(person.user == actor.id for person in row.people)]


def _told(connection: Connection, found: Any, today: date, plans: bool = False) -> list[HearingRow]:
    called: dict[str, list[Any]] = {}
    for person in rows.attendees(connection, [row.id for row in found]):
        called.setdefault(person.hearing, []).append(person)
    away = {case: recusals.recused_in(connection, case) for case in {row.case_id for row in found}}
    return [HearingRow(
        row.id, row.case_id, row.case_no, row.title or "", row.mode, row.room_name or "", row.room or "",
        row.starts_at, row.ends_at, row.public, row.state, row.notice_by, row.noticed_on,
        row.notice_by is not None and (row.noticed_on or today) > row.notice_by, row.waiver, row.link,
        row.link_note, row.note,
        [AttendeeRow(person.number, person.name, person.part, person.user or "", person.present, person.identified,
                     person.user in away[row.case_id]) for person in called.get(row.id, [])],
        plans and row.state == "planned") for row in found]


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
    event.add("status", "CONFIRMED" if row.state in ("planned", "held") else "CANCELLED")
    return event


def _room(row: Any) -> RoomRow:
    return RoomRow(row.id, row.name, row.seats, row.remote, row.enabled)


def _begin(on: date) -> datetime:
    return datetime.combine(on, time(), LOCAL_ZONE)
