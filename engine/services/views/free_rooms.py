"""When rooms are free: the working hours of a day without what is planned there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from engine.clock import LOCAL_ZONE
from engine.services.context import Parts
from engine.store import hearings as rows
from engine.store.database import Database


class Span(NamedTuple):
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class FreeRoom:
    """``spans``: from when to when it is free, each as long as was asked for at least."""

    key: str
    name: str
    seats: int
    remote: bool
    spans: Sequence[Span]


def free_rooms(database: Database, parts: Parts, on: date, length: timedelta, remote: bool) -> list[FreeRoom]:
    """Rooms in use that have time on a day, by name; ``remote``: only those with equipment for video. On a rest day
    there are none."""
    with database.reading() as connection:
        table, calendar = parts.almanac.tables(connection)
        if not calendar.is_workday(on):
            return []
        hours = [Span(_at(on, begin), _at(on, end)) for begin, end in table.hours.spans]
        taken = [row for row in rows.between(connection, hours[0][0], hours[-1][1]) if row.state == "planned"]
        known = [room for room in rows.rooms(connection) if room.enabled and (room.remote or not remote)]
    found = [FreeRoom(room.id, room.name, room.seats, room.remote, gaps(
        hours, [Span(row.starts_at, row.ends_at) for row in taken if row.room == room.id], length)) for room in known]
    return [room for room in found if room.spans]


def gaps(hours: Iterable[Span], taken: Iterable[Span], length: timedelta) -> list[Span]:
    """What some spans leave of others, in order, if it is long enough."""
    busy = sorted(taken)
    found = []
    for opens, closes in hours:
        free = opens
        for begin, end in busy:
            if begin < closes and end > free:
                found.append(Span(free, begin))
                free = end
        found.append(Span(free, closes))
    return [span for span in found if span.ends_at - span.starts_at >= length]


def _at(on: date, moment: time) -> datetime:
    return datetime.combine(on, moment, LOCAL_ZONE)
