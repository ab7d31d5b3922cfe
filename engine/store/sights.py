"""The access table of ``domain.permissions`` as conditions on rows: role ∧ assignment or need ∧ ¬recused ∧ level.

Every query of a case, and of anything in it, has one of these among its conditions; there is no other way to a row.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from engine.domain.actors import Actor, ActorKind
from engine.domain.permissions import BREAKERS, PARTIES, REACH, Reach, Scope, Sight, levels_up_to
from engine.store import schema as s

_case, _candidate, _document = s.case, s.candidate, s.document
Condition = sa.ColumnElement[bool]

_kept = lru_cache(maxsize=512)
"""A condition stays as long as all that an actor is stays the same; building one takes longer than asking it."""


@_kept
def visible(actor: Actor) -> Condition:
    """On a case row: the actor sees it, be it as a party."""
    return sa.or_(inside(actor), own(actor))


@_kept
def listed(actor: Actor) -> Condition:
    """``visible`` for many rows at once: what the actor has worked on is found first, and asked for once."""
    return sa.or_(listed_inside(actor), own(actor))


@_kept
def listed_inside(actor: Actor) -> Condition:
    """``inside`` for many rows at once."""
    if actor.kind is ActorKind.SYSTEM:
        return sa.true()
    worked = _case.c.id.in_(sa.select(sa.union(*_work_of(actor)).subquery("worked").c.case_id))
    return sa.or_(*(_reached(actor, sight, worked) for sight in (Sight.WHOLE, Sight.OUTLINE)), _broken_open(actor))


def oversees(actor: Actor) -> bool:
    """Whether the actor sees cases that one has nothing to do with: those of a unit, a window, or all."""
    wide = (Scope.ALL, Scope.UNIT, Scope.WINDOW)
    return actor.kind is ActorKind.SYSTEM or any(reach.scope in wide for reach in _reaches(actor))


@_kept
def related_to(actor: Actor) -> sa.Subquery:
    """The ids of the cases that the actor has, had or is offered work in, has applied for, or is let look into: all
    that one sees who oversees none, and some of those that one does not see."""
    parts = [sa.select(_case.c.id.label("case_id")).where(_case.c.applicant == actor.id), *_work_of(actor)]
    if not PARTIES.isdisjoint(actor.roles):
        seat = s.participant
        parts.append(sa.select(seat.c.case_id).where(seat.c.user == actor.id, seat.c.state == "active"))
    if actor.opened:
        opened = sorted(actor.opened)
        parts.append(sa.select(_case.c.id).where(sa.or_(_case.c.id.in_(opened), _case.c.case_no.in_(opened))))
    return sa.union(*parts).subquery("related")


def _work_of(actor: Actor) -> list[sa.Select[Any]]:
    task, work = s.user_task, s.worklist
    return [sa.select(task.c.case_id.label("case_id")).where(task.c.assignee == actor.id),
            sa.select(task.c.case_id).where(task.c.ended_by == actor.id),
            *(sa.select(work.c.case_id).where(work.c.kind == kind, work.c.name == name)
              for kind, name in holders(actor))]


def holders(actor: Actor) -> list[tuple[str, str]]:
    """(kind, name) under which the worklist has the actor's tasks."""
    return [*(("user", name) for name in (actor.id, *sorted(actor.stands_for))),
            *(("group", name) for name in sorted(actor.roles - PARTIES))]


@_kept
def inside(actor: Actor) -> Condition:
    """On a case row: the actor sees it as one of the house, in outline at least."""
    return sa.or_(whole(actor), _reached(actor, Sight.OUTLINE))


@_kept
def whole(actor: Actor) -> Condition:
    """On a case row: the actor sees all of it."""
    if actor.kind is ActorKind.SYSTEM:
        return sa.true()
    return sa.or_(_reached(actor, Sight.WHOLE), _broken_open(actor))


@_kept
def own(actor: Actor) -> Condition:
    """On a case row: it is the actor's own, as applicant, by a seat in it, or by a task in the actor's name; not by
    tasks of before, once the actor has been taken out."""
    if actor.kind is not ActorKind.PERSON or PARTIES.isdisjoint(actor.roles):
        return _case.c.applicant == actor.id if actor.kind is ActorKind.PERSON else sa.false()
    work = s.user_task.alias()
    named = sa.exists().where(work.c.case_id == _case.c.id, sa.or_(work.c.assignee == actor.id,
                                                                   work.c.ended_by == actor.id)).correlate(_case)
    return sa.or_(_case.c.applicant == actor.id, _seat(actor, "active"), sa.and_(named, ~_seat(actor, "removed")))


def _seat(actor: Actor, state: str) -> Condition:
    seat = s.participant.alias()
    return sa.exists().where(seat.c.case_id == _case.c.id, seat.c.user == actor.id,
                             seat.c.state == state).correlate(_case)


def workable(actor: Actor, task: Any) -> Condition:
    """On a task row joined with its case: it is the actor's, or offered to the actor to claim."""
    holders = [actor.id, *sorted(actor.stands_for)]
    return sa.and_(task.c.state == "open", sa.or_(task.c.assignee.in_(holders), offered(actor, task)),
                   admitted(actor))


def offered(actor: Actor, task: Any) -> Condition:
    """The task has no assignee and is offered to a role of the actor, or to the actor by name."""
    groups = sorted(actor.roles - PARTIES)
    named = sa.or_(sa.and_(_candidate.c.kind == "group", _candidate.c.name.in_(groups)),
                   sa.and_(_candidate.c.kind == "user", _candidate.c.name == actor.id))
    candidate = sa.exists().where(_candidate.c.case_id == task.c.case_id, _candidate.c.wait == task.c.wait, named)
    return sa.and_(task.c.assignee.is_(None), candidate.correlate(task))


@_kept
def admitted(actor: Actor) -> Condition:
    """On a case row: neither its level nor a recusal keeps the actor away from its work."""
    if actor.kind is ActorKind.SYSTEM:
        return sa.true()
    reaches = _reaches(actor)
    if not reaches:
        return sa.false()
    if all(reach.scope is Scope.NAMED for reach in reaches):
        return not_recused(actor)
    return sa.and_(_at_most(reaches), not_recused(actor))


def not_recused(actor: Actor) -> Condition:
    row = s.recusal
    return ~sa.exists().where(row.c.case_id == _case.c.id, row.c.user == actor.id,
                              row.c.state == "recused").correlate(_case)


@_kept
def deadline_seen(actor: Actor) -> Condition:
    """On a deadline joined with its case: a party is not told of all."""
    return sa.or_(inside(actor), sa.and_(own(actor), s.deadline.c.told.is_(True)))


@_kept
def document_seen(actor: Actor) -> Condition:
    """On a document joined with its case: all of an open space; the papers of the file; one's own and what was served
    on one."""
    served = sa.exists().where(
        s.document_service.c.case_id == _document.c.case_id, s.document_service.c.document == _document.c.id,
        s.document_service.c.party == actor.id).correlate(_document)
    return sa.or_(
        sa.and_(whole(actor), _open_to(actor)),
        sa.and_(_reached(actor, Sight.OUTLINE), _document.c.internal.is_(False), _document.c.closed_to.is_(None)),
        sa.and_(own(actor), sa.or_(_document.c.added_by == actor.id, served)))


def _open_to(actor: Actor) -> Condition:
    if actor.kind is ActorKind.SYSTEM or actor.has("auditor"):
        return sa.true()
    return sa.or_(_document.c.closed_to.is_(None), _document.c.closed_to.in_(sorted(actor.roles)))


def _reaches(actor: Actor, *sights: Sight) -> list[Reach]:
    if actor.kind is not ActorKind.PERSON:
        return []
    found = [REACH[role] for role in sorted(actor.roles) if role in REACH]
    return [reach for reach in found if not sights or reach.sight in sights]


def _reached(actor: Actor, sight: Sight, work: Condition | None = None) -> Condition:
    """On a case row: a role of the actor with this sight reaches it, by its scope or by work in it; ``work``: another
    condition for the latter."""
    reaches = _reaches(actor, sight)
    if not reaches:
        return sa.false()
    by_scope = [sa.and_(_at_most([reach]), scope) for reach in reaches if (scope := _scope(actor, reach)) is not None]
    worked = _worked(actor) if work is None else work
    return sa.and_(sa.or_(*by_scope, sa.and_(_at_most(reaches), worked)), not_recused(actor))


def _scope(actor: Actor, reach: Reach) -> Condition | None:
    mine: Condition = _case.c.unit.in_(sorted(actor.units))
    if reach.scope is Scope.ALL:
        return sa.true()
    if reach.scope is Scope.WINDOW:
        return mine if actor.units else _case.c.unit.is_(None)
    if reach.scope is Scope.UNIT:
        everywhere = sa.true() if not actor.units else sa.or_(mine, _case.c.unit.is_(None))
        return sa.and_(_case.c.procedure.in_(sorted(reach.procedures or ())), everywhere)
    return None


def _worked(actor: Actor) -> Condition:
    """The actor has or had a task in the case, is offered one, or stands in for who has one."""
    work = s.user_task.alias()
    standing_in = sa.and_(work.c.state == "open", work.c.assignee.in_(sorted(actor.stands_for)))
    has = sa.or_(work.c.assignee == actor.id, work.c.ended_by == actor.id, standing_in,
                 sa.and_(work.c.state == "open", offered(actor, work)))
    return sa.exists().where(work.c.case_id == _case.c.id, has).correlate(_case)


def _at_most(reaches: Collection[Reach]) -> Condition:
    highest = max(reach.clearance for reach in reaches)
    return _case.c.level.in_(levels_up_to(highest))


def _broken_open(actor: Actor) -> Condition:
    if actor.kind is not ActorKind.PERSON or not actor.opened or BREAKERS.isdisjoint(actor.roles):
        return sa.false()
    opened = sorted(actor.opened)
    return sa.and_(sa.or_(_case.c.id.in_(opened), _case.c.case_no.in_(opened)), not_recused(actor))
