"""待办 and the list of cases: which they are, how many of each lamp, and the rows of one page.

Of a list only the keys and the next deadlines are read whole; what people see of a task is read for one page.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from engine.clock import local_date
from engine.domain.actors import Actor
from engine.domain.calendar import BusinessCalendar
from engine.domain.deadlines import lamp, last_day, workdays_left
from engine.domain.periods import due_at
from engine.domain.permissions import is_staff
from engine.domain.search_terms import terms
from engine.services.views.models import Page
from engine.store import search, worklist
from engine.store.database import Connection
from engine.store.schema import NO_DATE
from engine.store.sights import oversees

PAGE = 50
VIEWS = ("mine", "all", "done")
FLAGS = ("free", "follow", "urgent")
Filters = Mapping[str, str]


def page_of_tasks(connection: Connection, actor: Actor, filters: Filters, page: int, now: datetime,
                  calendar: BusinessCalendar, shown: Callable[[Sequence[Any]], Sequence[Any]]) -> Page:
    """One page of a view; ``counts``: of the views, and of the lamps within this one. Who oversees no cases is not told
    how many tasks all of one's cases have: that is asked case by case."""
    wanted = _wanted(connection, actor, filters, now)
    rows = worklist.tasks(connection, actor, wanted, now)
    lamps = _lamps(actor, rows, local_date(now), calendar) if wanted.view != "done" else [""] * len(rows)
    only, week = filters.get("lamp", ""), _this_week(rows, local_date(now)) if wanted.view != "done" else set()
    keys = [key for row, own in zip(rows, lamps, strict=True) if (key := (row.case_id, row.wait))
            and (not only or own == only) and (not filters.get("week") or key in week)]
    pages = max(1, -(-len(keys) // PAGE))
    page = min(page, pages)
    items = shown(worklist.details(connection, actor, keys[(page - 1) * PAGE:page * PAGE]))
    counts = _counts(connection, actor, wanted, len(rows), now)
    return Page(items, len(keys), page, pages, {**counts, "listed": len(rows), "week": len(week), **Counter(lamps)})


def _this_week(rows: Sequence[Any], today: date) -> set[tuple[str, int]]:
    """Those due from today to Sunday."""
    begin, end = due_at(today - timedelta(days=1)), due_at(today + timedelta(days=6 - today.weekday()))
    return {(row.case_id, row.wait) for row in rows if begin < row.due_at <= end}


def _wanted(connection: Connection, actor: Actor, filters: Filters, now: datetime) -> worklist.Wanted:
    typed = filters.get("q", "")
    cases = frozenset(search.found(connection, actor, search.Wanted(terms(typed)), now)) if typed else None
    view = filters.get("view", "mine")
    flags = {name: bool(filters.get(name)) for name in FLAGS}
    return worklist.Wanted(view if view in VIEWS else "mine", filters.get("group", ""), filters.get("process", ""),
                           cases=cases, **flags)


def _counts(connection: Connection, actor: Actor, wanted: worklist.Wanted, found: int,
            now: datetime) -> dict[str, int]:
    known = {wanted.view: found} if wanted == worklist.Wanted(wanted.view) else {}
    counted = worklist.COUNTED_FOR_ALL if oversees(actor) else worklist.COUNTED
    return {**known, **worklist.counts(connection, actor, now, *(view for view in counted if view not in known))}


def _lamps(actor: Actor, rows: Sequence[Any], today: date, calendar: BusinessCalendar) -> list[str]:
    """The lamp of each row; many fall due on one day, so each day is counted once. A day of the task's own that no
    deadline falls on has a lamp of its own."""
    staff = is_staff(actor)
    day = cache(last_day)

    @cache
    def of(start: date, due: date, provisional: bool, paused: bool) -> str:
        left = None if paused else workdays_left(calendar, today, due)
        return lamp(left, calendar.workdays_between(start, due), provisional)

    def shown(row: Any) -> str:
        if row.due_at == NO_DATE:
            return "none"
        if row.state is None or day(row.due_at) != row.due_on:
            return own(day(row.due_at))
        hidden = not row.told and not staff
        return "none" if hidden else of(row.start_on, row.due_on, row.provisional, row.state == "paused")

    @cache
    def own(due: date) -> str:
        return lamp(workdays_left(calendar, today, due), 0)

    return [shown(row) for row in rows]


def found_cases(connection: Connection, actor: Actor, filters: Filters, now: datetime,
                most: int = search.MOST) -> list[str]:
    """Ids of the cases that a search finds, the newest first."""
    typed = filters.get("q", "")
    wanted = search.Wanted(terms(typed) if typed else None, filters.get("stage", ""), filters.get("process", ""),
                           filters.get("state", ""), bool(filters.get("overdue")))
    return search.found(connection, actor, wanted, now, most)
