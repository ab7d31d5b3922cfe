"""Lists of user tasks: which they are, in the order in which they fall due, read from the index that triggers keep.

A list is at most ``MOST`` tasks long: the next ones. Who wants others narrows it down. Like all read models, each takes
the actor and holds nothing that the actor may not see.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from engine.domain.actors import Actor
from engine.store import schema as s
from engine.store.schema.columns import Instant
from engine.store.sights import admitted, holders, listed, listed_inside, offered, oversees, related_to

MOST = 500
DONE_DAYS = 7
COUNTED, COUNTED_FOR_ALL = ("mine", "done"), ("mine", "all", "done")
"""Views whose tasks are counted wherever one is; the latter for those who oversee cases."""
Rows = Sequence[Any]

_task, _case, _work, _deadline = s.user_task, s.case, s.worklist, s.deadline


@dataclass(frozen=True, slots=True)
class Wanted:
    """``view``: mine, all, done. ``group``: offered to this role; ``process``: of this procedure; ``free``: nobody has
    it; ``follow``: its follow-up date has come; ``urgent``: above the usual priority; ``cases``: of these alone."""

    view: str = "mine"
    group: str = ""
    process: str = ""
    free: bool = False
    follow: bool = False
    urgent: bool = False
    cases: frozenset[str] | None = None

    @property
    def asks_the_task(self) -> bool:
        return self.free or self.follow or self.urgent

    @property
    def is_narrow(self) -> bool:
        """What is left of a list may be rare in it: the database decides where to begin."""
        return bool(self.process) or self.asks_the_task or self.cases is not None


USUAL_PRIORITY = 50


def tasks(connection: sa.Connection, actor: Actor, wanted: Wanted, now: datetime) -> Rows:
    """(case_id, wait, due_at, and of the case's next deadline: state, start_on, due_on, provisional, told), the
    next due first."""
    return connection.execute(statement(actor, wanted), _moments(now)).all()


def statement(actor: Actor, wanted: Wanted) -> sa.Select[Any]:
    """What ``tasks`` asks; ``_moments`` are its parameters."""
    return _usual(actor, wanted) if wanted.cases is None else _statement(actor, wanted)


def _statement(actor: Actor, wanted: Wanted) -> sa.Select[Any]:
    found = _listed(actor, wanted)
    last = (found.c.due_at.desc(),) if wanted.view == "done" else (found.c.due_at, found.c.case_id, found.c.wait)
    return (sa.select(found.c.case_id, found.c.wait, found.c.due_at, _deadline.c.state, _deadline.c.start_on,
                      _deadline.c.due_on, _deadline.c.provisional, _deadline.c.told)
            .outerjoin(_deadline, sa.and_(_deadline.c.case_id == found.c.case_id, _deadline.c.wait == found.c.deadline))
            .order_by(*last).limit(MOST))


_usual = lru_cache(maxsize=128)(_statement)


def counts(connection: sa.Connection, actor: Actor, now: datetime, *views: str) -> dict[str, int]:
    """How many tasks each view holds, ``MOST`` at most."""
    return dict(connection.execute(_counting(actor, *views), _moments(now)).one()._mapping) if views else {}


@lru_cache(maxsize=128)
def _counting(actor: Actor, *views: str) -> sa.Select[Any]:
    lists = ((view, _listed(actor, Wanted(view))) for view in views)
    return sa.select(*(sa.select(sa.func.count()).select_from(one).scalar_subquery().label(view)
                       for view, one in lists))


def details(connection: sa.Connection, actor: Actor, keys: Sequence[tuple[str, int]]) -> Rows:
    """Tasks that a list has named, with their case, in the order in which they were named."""
    if not keys:
        return ()
    statement = (sa.select(_task, _case.c.case_no, _case.c.title, _case.c.parties, _case.c.stage, _case.c.process_id,
                           _case.c.state.label("case_state"), _case.c.definition_key,
                           offered(actor, _task).label("offered"))
                 .join(_case, _case.c.id == _task.c.case_id)
                 .where(_task.c.case_id.in_(sorted({case_id for case_id, _ in keys})), _task.c.wait.in_(
                     sorted({wait for _, wait in keys}))))
    rows = {(row.case_id, row.wait): row for row in connection.execute(statement)}
    return [rows[key] for key in keys if key in rows]


def deadlines(connection: sa.Connection, cases: Sequence[str], untold: bool) -> Rows:
    """Running and paused deadlines of cases that the caller already found visible, the next first; those of the house
    too, or only those that a party is told of."""
    statement = (sa.select(_deadline, _case.c.case_no, _case.c.title).join(_case, _case.c.id == _deadline.c.case_id)
                 .where(_deadline.c.case_id.in_(list(cases))).order_by(_deadline.c.due_at, _deadline.c.wait))
    return [row for row in connection.execute(statement)  # by state here: SQLite would begin with all that are running
            if row.state in ("running", "paused") and (untold or row.told)]


_NOW, _SINCE = sa.bindparam("now", type_=Instant), sa.bindparam("since", type_=Instant)


def _moments(now: datetime) -> dict[str, datetime]:
    """What a list compares with; a statement stays as it is, so that it is built and understood once."""
    return {"now": now, "since": now - timedelta(days=DONE_DAYS)}


def _listed(actor: Actor, wanted: Wanted) -> Any:
    return (_done if wanted.view == "done" else _all if wanted.view == "all" else _mine)(actor, wanted)


_COLUMNS = (_work.c.case_id, _work.c.wait, _work.c.due_at, _work.c.deadline)
_OF_CASE = _case.c.id == _work.c.case_id.concat("")
"""Joined so that the list leads and each case is looked up: its index is in the order wanted, and may end early."""


def _under(wanted: Wanted, kind: str, name: str | None) -> list[sa.ColumnElement[bool]]:
    """Under which name the list is read; of some cases alone their rows are read, not the list."""
    unread = _work.c.kind.concat("") == kind  # no index begins with this
    where = [_work.c.kind == kind] if wanted.cases is None else [unread, _work.c.case_id.in_(sorted(wanted.cases))]
    return where if name is None else [*where, _work.c.name == name]


def _mine(actor: Actor, wanted: Wanted) -> Any:
    """One ordered reading of the index for each name under which the actor has tasks; what is offered twice is one."""
    names = [holder for holder in holders(actor) if (not wanted.group or holder == ("group", wanted.group))
             and not (wanted.free and holder[0] == "user" and holder[1] != actor.id)]
    parts = [_part(actor, wanted, kind, name) for kind, name in names]
    if not parts:
        return _part(actor, wanted, "none", "")
    return parts[0] if len(parts) == 1 else sa.union(*(sa.select(part) for part in parts)).subquery()


def _part(actor: Actor, wanted: Wanted, kind: str, name: str) -> Any:
    return _next(_narrowed(admitted(actor), wanted).where(*_under(wanted, kind, name)))


def _all(actor: Actor, wanted: Wanted) -> Any:
    """Who oversees cases reads the list of all tasks; who does not, those of the cases that one has to do with."""
    mine = _mine(actor, wanted)
    kind, name = ("group", wanted.group) if wanted.group else ("all", "")
    statement = _narrowed(listed_inside(actor), wanted)
    if oversees(actor):
        statement = statement.where(*_under(wanted, kind, name))
    else:
        related = related_to(actor)
        statement = statement.join(related, related.c.case_id == _work.c.case_id).where(
            _work.c.kind.concat("") == kind, _work.c.name == name)
    return _next(sa.select(sa.union(sa.select(_next(statement)), sa.select(mine)).subquery()))


def _done(actor: Actor, wanted: Wanted) -> Any:
    statement = (sa.select(_task.c.case_id, _task.c.wait, _task.c.ended_at.label("due_at"),
                           sa.literal(None, sa.BigInteger()).label("deadline"))
                 .join(_case, _case.c.id == _task.c.case_id)
                 .where(_task.c.ended_by == actor.id, _task.c.ended_at >= _SINCE,
                        _task.c.state == "completed", listed(actor)))
    if wanted.cases is not None:
        statement = statement.where(_task.c.case_id.in_(sorted(wanted.cases)))
    if wanted.process:
        statement = statement.where(_case.c.process_id == wanted.process)
    return statement.order_by(_task.c.ended_at.desc()).limit(MOST).subquery()


def _narrowed(seen: sa.ColumnElement[bool], wanted: Wanted) -> sa.Select[Any]:
    """The list, of cases that are ``seen``. One that nothing narrows is read in its order until it is long enough, and
    each case is asked for on the way: ``OFFSET 0`` keeps PostgreSQL from joining all tasks with all cases instead."""
    statement = sa.select(*_COLUMNS)
    if not wanted.is_narrow:
        of_case = sa.select(sa.literal(1)).where(_case.c.id == _work.c.case_id, seen).correlate(_work)
        return statement.where(of_case.limit(1).offset(0).exists())
    statement = statement.select_from(_work).join(_case, _OF_CASE).where(seen)
    if wanted.process:
        statement = statement.where(_case.c.process_id == wanted.process)
    if wanted.asks_the_task:
        statement = statement.join(_task, sa.and_(_task.c.case_id == _work.c.case_id, _task.c.wait == _work.c.wait))
    if wanted.free:
        statement = statement.where(_task.c.assignee.is_(None))
    if wanted.follow:
        statement = statement.where(_task.c.follow_up_at <= _NOW)
    if wanted.urgent:
        statement = statement.where(_task.c.priority > USUAL_PRIORITY)
    return statement


def _next(statement: sa.Select[Any]) -> Any:
    columns = {column.key: column for column in statement.selected_columns}
    return statement.order_by(columns["due_at"], columns["case_id"], columns["wait"]).limit(MOST).subquery()
