"""Rows of cases: found, locked first, written last."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from engine.domain.confidential import UNPUBLISHED, may_be_indexed
from engine.store.database import insert_new
from engine.store.prepared import Prepared, Question
from engine.store.schema import case, case_key
from engine.store.schema.columns import Secret


@dataclass(slots=True)
class CaseRow:
    """A locked case. Handlers change the fields; ``save`` writes what changed."""

    id: str
    case_no: str | None
    definition_key: str
    process_id: str
    state: str
    execution: bytes
    history_seq: int
    audit_seq: int
    audit_head: str
    title: str
    parties: str
    stage: str
    level: str
    kind: str
    applicant: str | None
    owner: str | None
    ended_element: str | None
    started_at: Any
    updated_at: Any
    ended_at: Any
    publication_on: Any = None
    purged_at: Any = None
    unit: str | None = None
    procedure: str = ""


_FIELDS = tuple(column.name for column in case.columns)


def lock(connection: sa.Connection, case_id: str) -> CaseRow | None:
    """The case, its row locked to the end of the transaction; None when there is no such case."""
    return next((CaseRow(*row) for row in LOCK(connection, case_id=case_id)), None)


def look(connection: sa.Connection, case_id: str) -> CaseRow | None:
    """The case as it stands now, for those who will change nothing."""
    row = connection.execute(sa.select(case).where(case.c.id == case_id)).one_or_none()
    return CaseRow(*row) if row is not None else None


LOCK = Question(sa.select(case).where(case.c.id == sa.bindparam("case_id")).with_for_update())
_SAVE = Prepared(case.update().where(case.c.id == sa.bindparam("case_id")))


def insert(connection: sa.Connection, row: CaseRow) -> None:
    connection.execute(case.insert(), _values(row))


def save(connection: sa.Connection, row: CaseRow) -> None:
    values = _values(row)
    values["case_id"] = values.pop("id")
    _SAVE.run(connection, [values])


_SAVE_TRAIL = Prepared(case.update().where(case.c.id == sa.bindparam("case_id")))
_TRAIL = ("updated_at", "history_seq", "audit_seq", "audit_head")


def save_trails(connection: sa.Connection, rows: Iterable[CaseRow]) -> None:
    """Only what notes change of their cases."""
    _SAVE_TRAIL.run(connection, [{"case_id": row.id, **{name: getattr(row, name) for name in _TRAIL}} for row in rows])


def _values(row: CaseRow) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in _FIELDS}
    if not may_be_indexed(row.level):
        values |= {name: Secret(values[name]) for name in _NAMED if values[name]}
    return values


TITLE_OUTSIDE = sa.type_coerce(sa.case((case.c.level == UNPUBLISHED, ""), else_=case.c.title),
                               case.c.title.type).label("title")
"""The title of a case as it may leave the house: none before publication."""
_NAMED = ("title", "parties")
"""What says whose case it is and what it is about."""


def id_of(connection: sa.Connection, key: str) -> str | None:
    """The id of the case with this id or case number."""
    statement = sa.select(case.c.id).where(sa.or_(case.c.id == key, case.c.case_no == key))
    return connection.execute(statement).scalar_one_or_none()


def add_keys(connection: sa.Connection, case_id: str, keys: Mapping[str, str]) -> None:
    """Remember by which numbers a case is known (case_no, application_no, …, or the message that started it)."""
    _ADD_KEY.run(connection, [{"case_id": case_id, "name": name, "value": value} for name, value in keys.items()])


_ADD_KEY = Prepared(insert_new(case_key))


def with_key(connection: sa.Connection, value: str) -> Sequence[tuple[str, str]]:
    """(id, state) of the cases known by this number."""
    return [(row.id, row.state) for row in WITH_KEY(connection, of_value=value)]


STARTED = "start:"
"""How the name of a key begins that says which message started the case."""
WITH_KEY = Question(sa.select(case.c.id, case.c.state).join(case_key, case_key.c.case_id == case.c.id).where(
    case_key.c.value == sa.bindparam("of_value"), ~case_key.c.name.startswith(STARTED)).distinct().order_by(case.c.id))


def is_started(connection: sa.Connection, process_id: str, message: str, key: str) -> bool:
    """Whether a case of the process that this message started with this key still lives."""
    statement = (sa.select(case.c.id).join(case_key, case_key.c.case_id == case.c.id).where(
        case_key.c.name == STARTED + message, case_key.c.value == key, case.c.process_id == process_id,
        case.c.state.in_(("active", "suspended"))).limit(1))
    return connection.execute(statement).first() is not None


def started_by(connection: sa.Connection, case_id: str) -> list[tuple[str, str]]:
    """(message name, key) that started the case."""
    rows = connection.execute(sa.select(case_key.c.name, case_key.c.value).where(
        case_key.c.case_id == case_id, case_key.c.name.startswith(STARTED)))
    return [(row.name.removeprefix(STARTED), row.value) for row in rows]


def keys_of(connection: sa.Connection, case_id: str) -> list[tuple[str, str]]:
    """(name, number) by which a case is known."""
    return [(row.name, row.value) for row in connection.execute(
        sa.select(case_key.c.name, case_key.c.value).where(case_key.c.case_id == case_id).order_by(case_key.c.name))]


def number_of(connection: sa.Connection, case_id: str) -> str | None:
    """The case number of a case, if it has been given one."""
    return connection.execute(sa.select(case.c.case_no).where(case.c.id == case_id)).scalar_one_or_none()


def sees(connection: sa.Connection, case_id: str, condition: sa.ColumnElement[bool]) -> bool:
    """Whether a case is there and fulfils a condition of ``sights``."""
    return connection.execute(sa.select(case.c.id).where(case.c.id == case_id, condition)).first() is not None
