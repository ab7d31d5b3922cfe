"""Bulk moves of deadlines: what a changed calendar touches, what an announcement shifts, and writing many at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from engine.store import schema as s
from engine.store.cases import CaseRow
from engine.store.prepared import Prepared

_deadline, _case, _move = s.deadline, s.case, s.bulk_move
_CHUNK = 1_000
_COLUMNS = (
    _deadline.c.case_id, _deadline.c.wait, _deadline.c.key, _deadline.c.state, _deadline.c.instance,
    _deadline.c.element, _deadline.c.process, _deadline.c.event_on, _deadline.c.start_on, _deadline.c.nominal_on,
    _deadline.c.due_on, _deadline.c.due_at, _deadline.c.provisional, _deadline.c.rule_version,
    sa.type_coerce(_deadline.c.terms, sa.Text).label("terms"), _case.c.case_no)


def insert(connection: sa.Connection, row: Mapping[str, Any]) -> None:
    connection.execute(_move.insert(), row)


def lock(connection: sa.Connection, key: str) -> sa.Row[Any] | None:
    return connection.execute(sa.select(_move).where(_move.c.id == key).with_for_update()).one_or_none()


def update(connection: sa.Connection, key: str, **changes: Any) -> None:
    connection.execute(_move.update().where(_move.c.id == key).values(**changes))


def unfinished(connection: sa.Connection) -> list[str]:
    """Moves still to be carried out, in the order in which they began."""
    return list(connection.execute(sa.select(_move.c.id).where(
        _move.c.state == "applying").order_by(_move.c.at, _move.c.id)).scalars())


def touched(connection: sa.Connection, first: date, last: date,
            after: tuple[str, int] = ("", 0)) -> Iterator[Any]:
    """Running deadlines whose days reach into a span, in the order of their keys; ``terms`` is JSON text."""
    begins = sa.or_(_deadline.c.start_on <= last, _deadline.c.due_on <= last)
    ends = sa.or_(_deadline.c.start_on >= first, _deadline.c.due_on >= first)
    return _in_order(connection, sa.and_(begins, ends), after)


def due_between(connection: sa.Connection, first: date, last: date, keys: Sequence[str],
                after: tuple[str, int] = ("", 0)) -> Iterator[Any]:
    """Running deadlines due in a span whose key begins with one of ``keys``, or with anything."""
    where: sa.ColumnElement[bool] = _deadline.c.due_on.between(first, last)
    if keys:
        where = sa.and_(where, sa.or_(*(_deadline.c.key.startswith(key, autoescape=True) for key in keys)))
    return _in_order(connection, where, after)


def _in_order(connection: sa.Connection, where: sa.ColumnElement[bool],
              after: tuple[str, int]) -> Iterator[Any]:
    """In chunks by key, so that a hundred thousand are never held at once."""
    place = sa.tuple_(_deadline.c.case_id, _deadline.c.wait)
    statement = (sa.select(*_COLUMNS).join(_case, _case.c.id == _deadline.c.case_id)
                 .where(_deadline.c.state == "running", where)
                 .order_by(_deadline.c.case_id, _deadline.c.wait).limit(_CHUNK))
    while True:
        last: Any = sa.tuple_(sa.literal(after[0]), sa.literal(after[1]))
        found = connection.execute(statement.where(place > last)).all()
        yield from found
        if len(found) < _CHUNK:
            return
        after = (found[-1].case_id, found[-1].wait)


def lock_cases(connection: sa.Connection, ids: Sequence[str]) -> dict[str, CaseRow]:
    """The cases of a batch, locked in the order of their ids."""
    rows = connection.execute(sa.select(_case).where(_case.c.id.in_(sorted(ids))).order_by(_case.c.id)
                              .with_for_update())
    return {row.id: CaseRow(*row) for row in rows}


def still(connection: sa.Connection, ids: Sequence[str]) -> dict[tuple[str, int], str]:
    """The terms, as JSON text, of the running deadlines of locked cases."""
    text = sa.type_coerce(_deadline.c.terms, sa.Text)
    rows = connection.execute(sa.select(_deadline.c.case_id, _deadline.c.wait, text.label("terms")).where(
        _deadline.c.case_id.in_(sorted(ids)), _deadline.c.state == "running"))
    return {(row.case_id, row.wait): row.terms for row in rows}


Place = tuple[str, int]
"""A deadline: its case and its number in the case."""


@dataclass(slots=True)
class Ladders:
    """The rungs that a batch of deadlines has: what is planned, and what has fired."""

    planned: dict[Place, set[tuple[Any, ...]]] = field(default_factory=dict)
    over: dict[Place, set[tuple[int, date]]] = field(default_factory=dict)


def ladders(connection: sa.Connection, ids: Sequence[str]) -> Ladders:
    rung, found = s.escalation_rung, Ladders()
    for row in connection.execute(sa.select(rung).where(rung.c.case_id.in_(sorted(ids)))):
        place = (row.case_id, row.wait)
        if row.state == "planned":
            found.planned.setdefault(place, set()).add((row.rung, row.due_on, row.at, row.to))
        else:
            found.over.setdefault(place, set()).add((row.rung, row.due_on))
    return found


@dataclass(slots=True)
class Batch:
    """What many deadlines become: full rows by case and wait, those whose timers and tasks move, with the instant that
    they had before, and new ladders."""

    deadlines: list[dict[str, Any]] = field(default_factory=list)
    moved: dict[Place, datetime] = field(default_factory=dict)
    replanned: list[Place] = field(default_factory=list)
    rungs: list[dict[str, Any]] = field(default_factory=list)

    def plan(self, case_id: str, wait: int, ahead: Sequence[Mapping[str, Any]], held: Ladders) -> None:
        """The ladder of one deadline, when it is another than the one planned."""
        place = (case_id, wait)
        over = held.over.get(place, set())
        new = [rung for rung in ahead if (rung["rung"], rung["due_on"]) not in over]
        if {(rung["rung"], rung["due_on"], rung["at"], rung["to"]) for rung in new} != held.planned.get(place, set()):
            self.replanned.append(place)
            self.rungs += [{"case_id": case_id, **rung} for rung in new]


def _one(table: sa.Table) -> tuple[sa.ColumnElement[bool], ...]:
    return table.c.case_id == sa.bindparam("of_case"), table.c.wait == sa.bindparam("of_wait")


_MOVE_DEADLINE = Prepared(_deadline.update().where(*_one(_deadline)))
_MOVE_TIMER = Prepared(s.timer.update().where(*_one(s.timer)))
_MOVE_TASKS = Prepared(s.user_task.update().where(
    s.user_task.c.case_id == sa.bindparam("of_case"), s.user_task.c.state == "open",
    s.user_task.c.due_at == sa.bindparam("before")))
_PLAN = Prepared(s.escalation_rung.insert())


def write(connection: sa.Connection, batch: Batch) -> None:
    changes = [{"of_case": row["case_id"], "of_wait": row["wait"],
                **{name: value for name, value in row.items() if name not in ("case_id", "wait")}}
               for row in batch.deadlines]
    _MOVE_DEADLINE.run(connection, changes)
    _MOVE_TIMER.run(connection, [{"of_case": row["of_case"], "of_wait": row["of_wait"], "due_at": row["due_at"]}
                                 for row in changes if (row["of_case"], row["of_wait"]) in batch.moved])
    _MOVE_TASKS.run(connection, [{"of_case": row["of_case"], "before": batch.moved[place], "due_at": row["due_at"]}
                                 for row in changes if (place := (row["of_case"], row["of_wait"])) in batch.moved])
    rung = s.escalation_rung
    for at in range(0, len(batch.replanned), _CHUNK):
        connection.execute(rung.delete().where(
            sa.tuple_(rung.c.case_id, rung.c.wait).in_(batch.replanned[at:at + _CHUNK]), rung.c.state == "planned"))
    _PLAN.run(connection, batch.rungs)
