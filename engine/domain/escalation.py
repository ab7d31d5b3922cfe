"""Escalation ladders: who hears of a deadline, and on which day, as it nears and passes.

A ladder is data of the rule table; planning it gives plain days that are stored as rows ahead of time, so that each
rung fires once and anybody can see what will happen.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from engine.domain.calendar import BusinessCalendar
from engine.domain.periods import due_at
from engine.domain.table_reader import TableReader
from engine.domain.working_hours import USUAL, WorkingHours
from engine.errors import Phrase

WHOLE = 100
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Rung:
    """One step of a ladder: ``to`` is a role. Exactly one place is given: ``percent`` of the period gone,
    ``days_before`` the due day, or ``workdays_after`` it."""

    to: str
    percent: int | None = None
    days_before: int | None = None
    workdays_after: int | None = None


@dataclass(frozen=True)
class Ladder:
    key: str
    rungs: tuple[Rung, ...]


@dataclass(frozen=True)
class PlannedRung:
    """``index`` is the rung's place in its ladder; a deadline fires each index at most once for one due day. ``at``:
    the instant, in working hours; of the due day itself the first one after time has run out."""

    index: int
    on: date
    to: str
    at: datetime


def plan(ladder: Ladder, start_on: date, due_on: date, calendar: BusinessCalendar,
         hours: WorkingHours = USUAL) -> tuple[PlannedRung, ...]:
    """The days of a ladder, earliest first.

    What comes before the due day falls on a working day, the earlier one when in doubt, and is left out when its day
    would not lie after the start, as the reminder 7 days before the end of a period of 5.
    """
    planned = (_planned(index, rung, start_on, due_on, calendar, hours)
               for index, rung in enumerate(ladder.rungs))
    late_enough = (one for one in planned if one.on > start_on or one.on >= due_on)
    return tuple(sorted(late_enough, key=lambda one: (one.on, one.index)))


def _planned(index: int, rung: Rung, start_on: date, due_on: date, calendar: BusinessCalendar,
             hours: WorkingHours) -> PlannedRung:
    on = _day(rung, start_on, due_on, calendar)
    if rung.percent == WHOLE or rung.workdays_after == 0:
        return PlannedRung(index, on, rung.to, told_of_end(due_on, calendar, hours))
    if rung.percent is not None and on < due_on:
        return PlannedRung(index, on, rung.to, hours.during(on, _time_of(rung.percent, start_on, due_on)))
    return PlannedRung(index, on, rung.to, hours.opening(on))


def told_of_end(due_on: date, calendar: BusinessCalendar, hours: WorkingHours) -> datetime:
    """When people hear that time has run out: nobody is told at midnight."""
    return hours.next_open(due_at(due_on), calendar)


def _time_of(percent: int, start_on: date, due_on: date) -> time:
    """The time of day at which that much of a period is gone."""
    return (datetime.combine(start_on, time()) + max(due_on - start_on, DAY) * percent / WHOLE).time()


def _day(rung: Rung, start_on: date, due_on: date, calendar: BusinessCalendar) -> date:
    if rung.workdays_after is not None:
        return calendar.add_workdays(due_on, rung.workdays_after)
    if rung.days_before is not None:
        day = due_on - timedelta(days=rung.days_before)
    else:
        gone = max((due_on - start_on).days, 0) * (rung.percent or 0) // WHOLE
        day = min(start_on, due_on) + timedelta(days=gone)
    return day if day == due_on or calendar.is_workday(day) else calendar.previous_workday(day)


def read_ladder(reader: TableReader) -> Ladder:
    """A ladder from the rule table. Raises ``InvalidInput`` naming the place."""
    reader.only("rungs")
    return Ladder(reader.name, tuple(_read_rung(one) for one in reader.tables("rungs")))


def _read_rung(reader: TableReader) -> Rung:
    places = ("percent", "days_before", "workdays_after")
    reader.only("to", *places)
    given = [key for key in places if key in reader.content]
    if len(given) != 1:
        raise reader.unexpected("to", Phrase("exactly one of {names} beside it",
                                names=', '.join(places)), ", ".join(given) or None)
    value = reader.content[given[0]]
    lowest, highest = (1, WHOLE) if given[0] == "percent" else (0, 365)
    if type(value) is not int or not lowest <= value <= highest:
        raise reader.unexpected(given[0], Phrase(
            "a whole number from {lowest} to {highest}", lowest=lowest, highest=highest), value)
    return Rung(reader.text("to"), **{given[0]: value})
