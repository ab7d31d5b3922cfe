"""Rows of parties, linked cases, declarations, recusals and disclosures."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from itertools import permutations
from typing import Any

import sqlalchemy as sa

from engine.domain.recusal import APART
from engine.store import schema as s
from engine.store.prepared import Question

_recusal, _declaration, _link = s.recusal, s.declaration, s.case_link
OPEN = ("requested", "refused", "reconsidered")

_KEPT_AWAY = Question(sa.select(_recusal.c.state).where(
    _recusal.c.case_id == sa.bindparam("of_case"), _recusal.c.user == sa.bindparam("of_user"),
    sa.or_(_recusal.c.state == "recused", _recusal.c.state == "requested")))
"""Whether somebody is recused in a case, or asked to be."""

_OPPOSITES = 3


def _concerns() -> sa.Select[Any]:
    task, candidate = s.user_task, s.candidate
    case_id: sa.BindParameter[str] = sa.bindparam("of_case")
    user: sa.BindParameter[str] = sa.bindparam("of_user")
    declared = sa.exists().where(_declaration.c.user == user, _declaration.c.withdrawn_at.is_(None))
    linked = sa.exists().where(sa.or_(_link.c.case_id == case_id, _link.c.linked_id == case_id))
    recused = sa.exists().where(_recusal.c.case_id == case_id, _recusal.c.user == user, _recusal.c.state == "recused")
    opposed = sa.or_(*(candidate.c.name == sa.bindparam(f"opposite_{number}") for number in range(_OPPOSITES)))
    worked = sa.exists().where(task.c.case_id == case_id, sa.or_(task.c.assignee == user, task.c.ended_by == user),
                               candidate.c.case_id == task.c.case_id, candidate.c.wait == task.c.wait, opposed)
    return sa.select(sa.or_(declared, linked, recused, worked).label("any"))


_CONCERNS = Question(_concerns())


def standing(case_id: sa.BindParameter[str], wait: sa.BindParameter[int],
             user: sa.BindParameter[str]) -> tuple[sa.ColumnElement[bool], ...]:
    """What keeps somebody away from a user task, as columns of the task's own question: ``recused``, ``requested``, and
    ``concerned``: what ``concerns`` asks, for the groups that the task is offered to."""
    task, had, wanted = s.user_task.alias(), s.candidate.alias(), s.candidate.alias()
    states = {state: sa.exists().where(_recusal.c.case_id == case_id, _recusal.c.user == user,
                                       _recusal.c.state == state) for state in ("recused", "requested")}
    declared = sa.exists().where(_declaration.c.user == user, _declaration.c.withdrawn_at.is_(None))
    linked = sa.exists().where(sa.or_(_link.c.case_id == case_id, _link.c.linked_id == case_id))
    apart = sa.or_(*(sa.and_(had.c.name == one, wanted.c.name == other)
                     for pair in sorted(map(sorted, APART)) for one, other in permutations(pair)))
    # From the roles to the work, each within the other: most tasks are offered to no such role, and of a thousand that
    # somebody has done in a case only those of an opposite one are looked at.
    by_user = sa.exists().where(task.c.case_id == had.c.case_id, task.c.wait == had.c.wait,
                                sa.or_(task.c.assignee == user, task.c.ended_by == user)).correlate(had)
    opposite = sa.exists().where(had.c.case_id == case_id, apart, by_user).correlate(wanted)
    worked = sa.exists().where(wanted.c.case_id == case_id, wanted.c.wait == wait, wanted.c.kind == "group",
                               sa.or_(*(wanted.c.name == role for role in sorted(frozenset().union(*APART)))), opposite)
    return (states["recused"].label("recused"), states["requested"].label("requested"),
            sa.or_(declared, linked, states["recused"], worked).label("concerned"))


def concerns(connection: sa.Connection, case_id: str, user: str, opposites: Collection[str]) -> bool:
    """Whether there is anything to look at before somebody takes up work on a case: a declaration, a linked case, a
    recusal, work done in it in a role that is kept apart. One question, because it is asked of every task."""
    if len(opposites) > _OPPOSITES:
        return True
    padded = [*sorted(opposites), "", "", ""][:_OPPOSITES]
    names = {f"opposite_{number}": name for number, name in enumerate(padded)}
    return bool(next(iter(_CONCERNS(connection, of_case=case_id, of_user=user, **names))).any)


# --- parties and linked cases -----------------------------------------------------------------------------------------
def set_parties(connection: sa.Connection, case_id: str, capacity: str, names: Sequence[str]) -> bool:
    """The names of one capacity, in place of those of before. Returns whether they are others now."""
    table = s.case_party
    where = sa.and_(table.c.case_id == case_id, table.c.capacity == capacity)
    before = list(connection.execute(sa.select(table.c.name).where(where).order_by(table.c.position)).scalars())
    if before == list(names):
        return False
    connection.execute(table.delete().where(where))
    if names:
        connection.execute(table.insert(), [{"case_id": case_id, "capacity": capacity, "position": number, "name": name}
                                            for number, name in enumerate(names, 1)])
    return True


def parties_of(connection: sa.Connection, case_id: str) -> list[tuple[str, str]]:
    """(capacity, name)."""
    table = s.case_party
    rows = connection.execute(sa.select(table.c.capacity, table.c.name).where(table.c.case_id == case_id)
                              .order_by(table.c.capacity, table.c.position))
    return [(row.capacity, row.name) for row in rows]


def link(connection: sa.Connection, row: Mapping[str, Any]) -> None:
    connection.execute(_link.insert(), row)


def links_of(connection: sa.Connection, case_id: str) -> list[sa.Row[Any]]:
    """The cases on the same matter, from whichever side they were linked: their id, number, procedure, the reason."""
    other = sa.case((_link.c.case_id == case_id, _link.c.linked_id), else_=_link.c.case_id)
    statement = (sa.select(s.case.c.id, s.case.c.case_no, s.case.c.procedure, _link.c.reason)
                 .select_from(_link).join(s.case, s.case.c.id == other)
                 .where(sa.or_(_link.c.case_id == case_id, _link.c.linked_id == case_id)))
    return list(connection.execute(statement.order_by(_link.c.linked_at, s.case.c.id)))


def roles_in(connection: sa.Connection, case_id: str, user: str) -> frozenset[str]:
    """The roles in which somebody has worked on a case: the groups of the tasks they have or have completed."""
    task, candidate = s.user_task, s.candidate
    statement = (sa.select(candidate.c.name).join(task, sa.and_(task.c.case_id == candidate.c.case_id,
                                                                task.c.wait == candidate.c.wait))
                 .where(task.c.case_id == case_id, candidate.c.kind == "group",
                        sa.or_(sa.and_(task.c.assignee == user, task.c.state == "open"),
                               sa.and_(task.c.ended_by == user, task.c.state == "completed"))).distinct())
    return frozenset(connection.execute(statement).scalars())


def workers_of(connection: sa.Connection, case_id: str) -> list[str]:
    """Who has an open task of a case, and who is in charge of it."""
    task = s.user_task
    assigned = set(connection.execute(sa.select(task.c.assignee).where(
        task.c.case_id == case_id, task.c.state == "open", task.c.assignee.is_not(None))).scalars())
    return sorted(assigned)


def worked_by(connection: sa.Connection, user: str) -> list[str]:
    """The cases in which somebody has an open task, in the order in which they are locked."""
    task = s.user_task
    return sorted(set(connection.execute(sa.select(task.c.case_id).where(
        task.c.assignee == user, task.c.state == "open")).scalars()))


# --- declarations -----------------------------------------------------------------------------------------------------
def declare(connection: sa.Connection, row: Mapping[str, Any]) -> None:
    connection.execute(_declaration.insert(), row)


def declaration(connection: sa.Connection, key: str) -> sa.Row[Any] | None:
    return connection.execute(sa.select(_declaration).where(_declaration.c.id == key)).one_or_none()


def withdraw(connection: sa.Connection, key: str, at: datetime) -> None:
    connection.execute(_declaration.update().where(_declaration.c.id == key).values(withdrawn_at=at))


def declarations_of(connection: sa.Connection, user: str) -> list[sa.Row[Any]]:
    """What somebody has declared and not withdrawn."""
    return list(connection.execute(sa.select(_declaration).where(
        _declaration.c.user == user, _declaration.c.withdrawn_at.is_(None)).order_by(_declaration.c.id)))


def declared(connection: sa.Connection, user: str | None, before: str | None, limit: int) -> list[sa.Row[Any]]:
    """Declarations of one person, or of all, withdrawn ones too, newest first."""
    statement = sa.select(_declaration).order_by(_declaration.c.id.desc()).limit(limit)
    if user is not None:
        statement = statement.where(_declaration.c.user == user)
    if before is not None:
        statement = statement.where(_declaration.c.id < before)
    return list(connection.execute(statement))


# --- recusals ---------------------------------------------------------------------------------------------------------
def insert(connection: sa.Connection, row: Mapping[str, Any]) -> None:
    connection.execute(_recusal.insert(), row)


def update(connection: sa.Connection, key: str, **changes: Any) -> None:
    connection.execute(_recusal.update().where(_recusal.c.id == key).values(**changes))


def get(connection: sa.Connection, key: str) -> sa.Row[Any] | None:
    return connection.execute(sa.select(_recusal).where(_recusal.c.id == key)).one_or_none()


def of_request(connection: sa.Connection, request_case: str) -> sa.Row[Any] | None:
    """The request that a case of the recusal process decides."""
    return connection.execute(sa.select(_recusal).where(_recusal.c.request_case == request_case)).one_or_none()


def latest(connection: sa.Connection, case_id: str, user: str, *states: str) -> sa.Row[Any] | None:
    """The newest recusal of somebody in a case that is in one of some states."""
    return connection.execute(sa.select(_recusal).where(
        _recusal.c.case_id == case_id, _recusal.c.user == user, _recusal.c.state.in_(states))
        .order_by(_recusal.c.id.desc()).limit(1)).one_or_none()


def listed(connection: sa.Connection, seen: sa.ColumnElement[bool], states: Collection[str], before: str | None,
           limit: int) -> list[Any]:
    """Recusals in some states (none: in any) of cases that fulfil a condition, with the case's number and title, newest
    first."""
    statement = (sa.select(_recusal, s.case.c.case_no, s.case.c.title, s.case.c.procedure)
                 .join(s.case, s.case.c.id == _recusal.c.case_id).where(seen))
    if states:
        statement = statement.where(_recusal.c.state.in_(sorted(states)))
    if before is not None:
        statement = statement.where(_recusal.c.id < before)
    return list(connection.execute(statement.order_by(_recusal.c.id.desc()).limit(limit)))


def kept_away(connection: sa.Connection, case_id: str, user: str) -> frozenset[str]:
    """``recused`` and ``requested``, whichever holds for somebody in a case."""
    return frozenset(row.state for row in _KEPT_AWAY(connection, of_case=case_id, of_user=user))


def recused_in(connection: sa.Connection, case_id: str) -> frozenset[str]:
    return frozenset(user for _, user in recused_from(connection, [case_id]))


def recused_from(connection: sa.Connection, case_ids: Collection[str]) -> frozenset[tuple[str, str]]:
    """(case, user) of whoever is recused in some cases: one question for all of them."""
    return frozenset((row.case_id, row.user) for row in connection.execute(
        sa.select(_recusal.c.case_id, _recusal.c.user).where(
            _recusal.c.case_id.in_(sorted(case_ids)), _recusal.c.state == "recused")))


# --- disclosures ------------------------------------------------------------------------------------------------------
def accepted_by(connection: sa.Connection, case_id: str, user: str) -> frozenset[str]:
    """The parties that have accepted somebody after disclosure."""
    table = s.disclosure
    return frozenset(connection.execute(sa.select(table.c.party).where(
        table.c.case_id == case_id, table.c.user == user, table.c.accepted.is_(True))).scalars())


def disclosures_of(connection: sa.Connection, case_id: str) -> list[sa.Row[Any]]:
    """What the parties of a case have answered to disclosures."""
    table = s.disclosure
    return list(connection.execute(sa.select(table).where(table.c.case_id == case_id)
                                   .order_by(table.c.user, table.c.party)))


# --- service ----------------------------------------------------------------------------------------------------------
def document_in(connection: sa.Connection, case_id: str, key: str) -> bool:
    table = s.document
    return connection.execute(sa.select(table.c.id).where(
        table.c.case_id == case_id, table.c.id == key)).first() is not None


def serve(connection: sa.Connection, case_id: str, document: str, party: str, on: date, by: str) -> None:
    """Once: a paper served again was served on the first day."""
    table = s.document_service
    known = connection.execute(sa.select(table.c.party).where(
        table.c.case_id == case_id, table.c.document == document, table.c.party == party)).first()
    if known is None:
        connection.execute(table.insert(), {"case_id": case_id, "document": document, "party": party, "served_on": on,
                                            "served_by": by})


def served_in(connection: sa.Connection, case_id: str) -> list[sa.Row[Any]]:
    """What has been served in a case, on whom and when, with the paper's title."""
    table, paper = s.document_service, s.document
    return list(connection.execute(
        sa.select(table, paper.c.title, paper.c.name)
        .join(paper, sa.and_(paper.c.case_id == table.c.case_id, paper.c.id == table.c.document))
        .where(table.c.case_id == case_id).order_by(table.c.served_on, table.c.document, table.c.party)))
