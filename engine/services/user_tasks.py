"""User tasks: claimed, released, assigned, completed; drafts. A task that is not the actor's is not there."""

from __future__ import annotations

from typing import Any

from engine.definition.model import Element
from engine.domain.actors import SYSTEM, Actor
from engine.domain.commands import (
    AssignUserTask,
    ClaimUserTask,
    CompleteUserTask,
    ReleaseUserTask,
    SaveDraft,
    ThrowError,
    split_key,
)
from engine.domain.permissions import PARTIES, cleared, is_staff, may, may_work_on
from engine.domain.wait_numbers import deadline_of
from engine.errors import Conflict, NotFound, Phrase, Rejection
from engine.services import cases, steps, trail
from engine.services.context import Context, Outcome
from engine.services.legal_time import deadlines, expiry
from engine.services.people import access, recusals
from engine.store import cases as cases_store
from engine.store import records, schema, waits
from engine.store import users as accounts
from engine.store.cases import CaseRow

_GIVEN = ("task:claimed", "task:assigned", "task:delegated")


class TaskTaken(Conflict):
    """Expected user task '{key}' to be open, but {by} completed it at {at}."""

    code = "task_completed"


class TaskClaimed(Conflict):
    """Expected user task '{key}' to be free, but {by} has had it since {at}."""

    code = "task_claimed"


class TaskOver(Conflict):
    """Expected user task '{key}' to be open, but the case went on without it at {at}, by {by}."""

    code = "task_over"


class CaseStopped(Conflict):
    """Expected case '{key}' to be active, but {by} has made it {state} at {at}."""

    code = "case_stopped"


class DutySeparation(Rejection):
    """Expected someone other than {by} for '{name}', because {by} has done '{other}' in this case."""

    code = "duty_separation"


def claim(context: Context, command: ClaimUserTask) -> Outcome:
    row, task, groups = open_task(context, command.task)
    _require_separation(context, row, task)
    if task.concerned:
        recusals.require_clear(context, row, context.actor.id, groups)
    if task.assignee not in (None, context.actor.id):  # the engine itself may work on all, but takes from nobody
        raise _claimed(context, command.task, task)
    return give(context, row, task, context.actor.id, "claimed")


def release(context: Context, command: ReleaseUserTask) -> Outcome:
    row, task, groups = open_task(context, command.task)
    _, users = waits.candidates(context.connection, row.id, task.wait)
    if not groups - PARTIES and not users:
        raise Conflict(action="release", noun="user task", key=command.task, state="without candidates")
    return give(context, row, task, None, "released")


def assign(context: Context, command: AssignUserTask) -> Outcome:
    """Give a task to someone; by right of supervision."""
    cases.require(context, "task.assign")
    access.require_inside(context, command.task, "user task")
    row, task, groups = open_task(context, command.task, any_task=True)
    require_fit(context, row, task, groups, command.assignee)
    return give(context, row, task, command.assignee, "assigned", command.reason)


def complete(context: Context, command: CompleteUserTask) -> Outcome:
    """Complete a task with its form's values. Of two who complete the same task exactly one succeeds."""
    row, task, groups = open_task(context, command.task)
    _require_separation(context, row, task)
    if task.concerned and task.assignee != context.actor.id:  # not claimed before, or done for somebody absent
        recusals.require_clear(context, row, context.actor.id, groups)
    variables = dict(command.variables)
    if deadline_of(task.wait) is not None:
        return expiry.settle(context, row, task, variables)
    if not PARTIES.isdisjoint(context.actor.roles):
        deadlines.require_in_time(context, row.id, task.instance)
    definition = context.parts.definitions.get(context.connection, row.definition_key)
    if command.form_checked and task.form_id:
        variables = cases.checked_form(context, definition, task.form_id, variables,
                                       lambda: cases.seen_by(context, row, task.instance))
    if command.files:
        variables.setdefault("files", cases.listed(command.files))
        cases.attach(context, row.id, command.files)
    if task.has_drafts:
        waits.delete_drafts(context.connection, row.id, task.wait, context.actor.id)
    behalf = _on_behalf(context, row, task)
    steps.advance(context, row, lambda instance: instance.complete(task.wait, variables, context.now),
                  {"task": task.wait, "element": task.element, **behalf})
    return {"case_id": row.id, "case_no": row.case_no, "state": row.state}


def throw_error(context: Context, command: ThrowError) -> Outcome:
    """A BPMN error from a user task or a job."""
    row, wait = steps.lock_case_of(context, command.task, "user task")
    is_job = waits.find(context.connection, schema.job, row.id, wait) is not None
    if not (is_job and may(context.actor, "job.work")):
        open_task(context, command.task)
    steps.require_active(row)
    steps.advance(context, row, lambda instance: instance.throw_error(
        wait, command.code, dict(command.variables), context.now), {"error": command.code, "task": wait})
    return {"case_id": row.id, "state": row.state}


def require_mine(context: Context, key: str) -> None:
    """A look, without a lock: raises what ``open_task`` would. All is read before anything is judged, so that another's
    task takes as long as none."""
    case_id, wait = _parse(key, "user task")
    row = cases_store.look(context.connection, case_id)
    found = waits.find_user_task(context.connection, case_id, wait, context.actor.id)
    access.require_admitted(context, key, "user task")
    _require_open(context, key, found, row)


def save_draft(context: Context, command: SaveDraft) -> Outcome:
    """Keep what a person has typed so far; one draft a person and task. Who comes too late is told who was quicker."""
    case_id, wait = _parse(command.task, "user task")
    access.require_admitted(context, command.task, "user task")
    found = waits.find_user_task(context.connection, case_id, wait, context.actor.id)
    _require_open(context, command.task, found)
    context.database.upsert(context.connection, schema.draft, {
        "case_id": case_id, "wait": wait, "actor": context.actor.id, "form_values": dict(command.values),
        "saved_at": context.now}, ("form_values", "saved_at"))
    return {"saved_at": context.now.isoformat()}


def open_task(context: Context, key: str, *, any_task: bool = False) -> tuple[CaseRow, Any, set[str]]:
    """The locked case, the open task and the groups it is offered to; a task already done says by whom and when.
    ``task.concerned``: something has to be looked at before the actor takes it up."""
    row, _, found = steps.lock_user_task(context, key)
    if not cleared(context.actor, row.level):
        raise NotFound(noun="user task", key=key)
    task, groups = _require_open(context, key, found, row, any_task=any_task)
    return row, task, groups


def _require_open(context: Context, key: str, found: waits.UserTask | None, row: CaseRow | None = None, *,
                  any_task: bool = False) -> tuple[Any, set[str]]:
    """The task and its groups, if it is the actor's or offered to the actor, is open, and its case (``row``) active."""
    task, groups, users = found or (None, set(), set())
    if task is None or task.recused or not (any_task or _may_know(context.actor, task.assignee, groups, users)):
        raise NotFound(noun="user task", key=key)
    if task.requested:
        raise recusals.RecusalPending(case=row.case_no or row.id if row is not None else task.case_id)
    if task.state == "completed":
        raise TaskTaken(key=key, at=task.ended_at, **_who(context, task.ended_by))
    if row is not None and row.state != "active":
        raise _stopped(context, row)
    if task.state != "open":
        raise TaskOver(key=key, at=task.ended_at, **_who(context, task.ended_by))
    if not any_task and not may_work_on(context.actor, task.assignee, groups, users):
        raise _claimed(context, key, task)
    return task, groups


def _claimed(context: Context, key: str, task: Any) -> TaskClaimed:
    given = records.last_history(context.connection, task.case_id, _GIVEN, task.instance)
    return TaskClaimed(key=key, at=given.at if given is not None else task.created_at, **_who(context, task.assignee))


def _stopped(context: Context, row: CaseRow) -> CaseStopped:
    last = records.last_history(context.connection, row.id, (f"case:{row.state}", "caseEnded"))
    return CaseStopped(key=row.case_no or row.id, state=row.state, at=last.at if last is not None else row.updated_at,
                       **_who(context, last.actor if last is not None else SYSTEM.id))


def _who(context: Context, user: str) -> dict[str, Any]:
    """Somebody as programs (``by``) and as people (``by_name``) are told of them."""
    if user == SYSTEM.id:
        return {"by": user, "by_name": Phrase("the engine")}
    if user != context.actor.id and not is_staff(context.actor):  # outsiders learn what was done, not by whom
        return {"by": "the centre", "by_name": Phrase("the centre")}
    return {"by": user, "by_name": accounts.names(context.connection, [user]).get(user, user)}


def _may_know(actor: Actor, assignee: str | None, groups: set[str], users: set[str]) -> bool:
    """Whom a task was offered to is told who was quicker."""
    return any(may_work_on(actor, holder, groups, users) for holder in (assignee, None))


def _parse(key: str, noun: str) -> tuple[str, int]:
    parts = split_key(key)
    if parts is None:
        raise NotFound(noun=noun, key=key)
    return parts


def _on_behalf(context: Context, row: CaseRow, task: Any) -> dict[str, str]:
    """代: for whom a stand-in works; said in the case's history, too."""
    if task.assignee not in context.actor.stands_for:
        return {}
    name = accounts.names(context.connection, [task.assignee]).get(task.assignee, task.assignee)
    trail.note(context, row, "task:stood_in", {"on_behalf_of": task.assignee, "for_name": name}, task)
    return {"on_behalf_of": task.assignee}


def require_fit(context: Context, row: CaseRow, task: Any, groups: set[str], who: str) -> None:
    """Somebody may take up a task: has done nothing that is kept apart from it, and is not barred from the case."""
    _require_separation(context, row, task, who)
    recusals.require_clear(context, row, who, groups)


def _require_separation(context: Context, row: CaseRow, task: Any, who: str | None = None) -> None:
    """Who did an element named in ``notBy`` may not do this one (DOMAIN: quality reviewer ≠ examiner)."""
    person = who or context.actor.id
    if person == SYSTEM.id:  # a sandbox that plays by itself is nobody in particular
        return
    definition = context.parts.definitions.get(context.connection, row.definition_key)
    elements = definition.processes[task.process].elements
    for other in _not_by(elements.get(task.element)):
        if person in waits.performers(context.connection, row.id, other):
            name = elements[other].name if other in elements else other
            raise DutySeparation(by=person, name=task.name, other=name)


def _not_by(element: Element | None) -> list[str]:
    text = element.properties.get("notBy", "") if element is not None else ""
    return [part.strip() for part in text.split(",") if part.strip()]


def give(context: Context, row: CaseRow, task: Any, assignee: str | None, kind: str, reason: str = "") -> Outcome:
    """The task is somebody's, or nobody's, from now on; ``kind`` says how that came."""
    waits.update(context.connection, schema.user_task, row.id, task.wait, assignee=assignee)
    trail.note(context, row, f"task:{kind}", {"assignee": assignee, "reason": reason}, task)
    return {"task": task.wait, "assignee": assignee}

