"""Tasks handed on, put off, put first."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from engine.clock import LOCAL_ZONE
from engine.domain.actors import actor_of
from engine.domain.desk_commands import DelegateUserTask, SetFollowUp, SetPriority
from engine.domain.permissions import is_staff, may, may_work_on
from engine.errors import InvalidInput, NotAllowed
from engine.services import trail, user_tasks
from engine.services.context import Context, Outcome
from engine.services.legal_time import notices
from engine.services.people import access
from engine.store import schema, users, waits
from engine.store.cases import CaseRow

BEGINS = time(9)
"""The hour of a follow-up day, in Beijing."""
PRIORITIES = range(101)


class CannotTakeOver(InvalidInput):
    """Expected a colleague who may do '{name}', but found {found}."""

    code = "cannot_take_over"


def delegate(context: Context, command: DelegateUserTask) -> Outcome:
    """One's own task goes to a colleague whom it could have been offered to."""
    row, task, groups = user_tasks.open_task(context, command.task)
    if task.assignee is None:
        raise NotAllowed(actor=context.actor.id, right="task.delegate")
    _require_able(context, row, task, groups, command.to)
    user_tasks.require_fit(context, row, task, groups, command.to)
    outcome = user_tasks.give(context, row, task, command.to, "delegated", command.reason)
    notices.tell(context, command.to, "task.delegated", {
        "name": task.name, "by": context.actor.name, "case_no": row.case_no or row.id}, row.id)
    return outcome


def _require_able(context: Context, row: CaseRow, task: Any, groups: set[str], to: str) -> None:
    found = users.get(context.connection, to)
    _, named = waits.candidates(context.connection, row.id, task.wait)
    if found is None or not found.enabled or to == task.assignee or not is_staff(actor_of(found)):
        raise CannotTakeOver(name=task.name, found=to, where="to", expected="a colleague")
    if not may_work_on(actor_of(found), None, groups or set(_roles_of(context, task.assignee)), named):
        raise CannotTakeOver(name=task.name, found=to, where="to", expected="a colleague")


def _roles_of(context: Context, user_id: str) -> list[str]:
    """Of a task that was somebody's by name alone: whoever has a role in common could do it."""
    row = users.get(context.connection, user_id)
    return list(row.roles) if row is not None else []


def _oversees(context: Context, task: str) -> bool:
    """Whether the actor may touch tasks of others, in the case of this one."""
    return may(context.actor, "task.assign") and access.is_inside(context, task.partition("~")[0])


def follow_up(context: Context, command: SetFollowUp) -> Outcome:
    row, task, _ = user_tasks.open_task(context, command.task, any_task=_oversees(context, command.task))
    at = datetime.combine(command.on, BEGINS, LOCAL_ZONE) if command.on is not None else None
    waits.update(context.connection, schema.user_task, row.id, task.wait, follow_up_at=at)
    trail.note(context, row, "task:follow_up", {"on": command.on and command.on.isoformat()}, task)
    return {"task": task.wait, "follow_up_at": at and at.isoformat()}


def prioritise(context: Context, command: SetPriority) -> Outcome:
    if not may(context.actor, "task.assign"):
        raise NotAllowed(actor=context.actor.id, right="task.assign")
    if command.priority not in PRIORITIES:
        raise InvalidInput(expected="a whole number from 0 to 100", found=command.priority, where="priority")
    access.require_inside(context, command.task, "user task")
    row, task, _ = user_tasks.open_task(context, command.task, any_task=True)
    waits.update(context.connection, schema.user_task, row.id, task.wait, priority=command.priority)
    trail.note(context, row, "task:priority", {"priority": command.priority}, task)
    return {"task": task.wait, "priority": command.priority}
