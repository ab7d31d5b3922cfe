"""When time runs out: legal expiry is no automatic legal effect (DOMAIN §2.6).

An internal rule's timer goes on by itself. Any other deadline expires, its timer is held, and a task
期限届满，请确认后果 asks an officer: confirm, and the diagram goes on by its timer; or accept the late act with
reasons, and the diagram goes on waiting for it. Until then what parties send late is kept and moves nothing.

A diagram that asks a person by a task of its own says so at the timer event (``expiry`` = ``diagram``): it goes on to
that task at once, and nobody is asked twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.clock import local_date
from engine.definition.model import BY_DIAGRAM, EXPIRY
from engine.domain.deadline_commands import AcceptLate, ConfirmExpiry
from engine.domain.permissions import SUPERVISION, holders, may
from engine.domain.wait_numbers import deadline_of, expiry_task_of, is_by_hand
from engine.errors import Conflict, InvalidInput, NotAllowed, NotFound
from engine.services import steps, trail
from engine.services.context import Context, Outcome
from engine.services.legal_time import deadlines
from engine.services.people import access
from engine.store import deadlines as rows
from engine.store import messages, schema, waits
from engine.store.cases import CaseRow

FORM_ID = "deadline.expired"
FORM: Mapping[str, Any] = {
    "type": "default", "id": FORM_ID, "schemaVersion": 16,
    "components": [
        {"type": "radio", "key": "decision", "id": "Field_decision", "label": "处理",
         "values": [{"label": "确认后果", "value": "confirm"},
                    {"label": "受理逾期行为，须说明理由", "value": "accept_late"}],
         "validate": {"required": True}},
        {"type": "textarea", "key": "reason", "id": "Field_reason", "label": "理由",
         "validate": {"maxLength": 500}}]}
NAME = "期限届满，请确认后果"
PRIORITY = 80


def needs_person(deadline: Any) -> bool:
    """Whether its expiry waits for a confirmation, or there is no diagram to go on."""
    return deadline.state == "running" and (not deadline.internal or is_by_hand(deadline.wait))


def asked_by_diagram(context: Context, case: CaseRow, deadline: Any) -> bool:
    """Whether the diagram itself asks a person to confirm, right after the timer event."""
    return bool(confirming(context, case, deadline))


def confirming(context: Context, case: CaseRow, deadline: Any) -> frozenset[str]:
    """What follows a timer event of whose expiry the diagram itself asks a person; nothing where the engine does."""
    process = context.parts.definitions.get(context.connection, case.definition_key).processes.get(deadline.process)
    element = process.elements.get(deadline.element) if process is not None else None
    if process is None or element is None or element.properties.get(EXPIRY) != BY_DIAGRAM:
        return frozenset()
    return frozenset(process.flows[flow].target for flow in element.outgoing)


def expire(context: Context, case: CaseRow, deadline: Any) -> Outcome:
    """Time has run out. Answers ``{"fired", "task"}``; the task is absent for an internal rule armed by hand, and where
    the diagram asks: its timer is left to fire as soon as the case is active."""
    waits.end_deadlines(context.connection, case.id, [deadline.wait], "expired", context.now)
    trail.note(context, case, "deadline:expired", {**_named(deadline), "internal": deadline.internal}, deadline)
    if asked_by_diagram(context, case, deadline):
        return {"fired": True}
    if deadline.internal:
        rows.delete_timer(context.connection, case.id, deadline.wait)
        return {"fired": True}
    rows.set_timer(context.connection, case.id, deadline.wait, held=True)
    return {"fired": True, "task": _open_task(context, case, deadline)}


def _open_task(context: Context, case: CaseRow, deadline: Any) -> str:
    wait = expiry_task_of(deadline.wait)
    name = (deadline.computation.get("name") or {}).get("zh") or deadline.key
    task = {"case_id": case.id, "wait": wait, "state": "open", "instance": deadline.instance,
            "element": deadline.element, "process": deadline.process, "name": f"{NAME}：{name}"[:255],
            "assignee": None, "form_id": FORM_ID, "priority": PRIORITY, "due_at": None, "follow_up_at": None,
            "created_at": context.now}
    groups = sorted(holders("deadline.confirm", case.procedure) or SUPERVISION)
    candidates = [{"case_id": case.id, "wait": wait, "kind": "group", "name": group} for group in groups]
    waits.insert(context.connection, {schema.user_task: [task], schema.candidate: candidates})
    return f"{case.id}~{wait}"


def settle(context: Context, case: CaseRow, task: Any, values: Mapping[str, Any]) -> Outcome:
    """The task's form has been filled in; nothing filled in confirms."""
    deadline = deadlines.find(context, case.id, deadline_of(task.wait) or 0)
    decision, reason = values.get("decision") or "confirm", str(values.get("reason") or "")
    if decision not in ("confirm", "accept_late"):
        raise InvalidInput(expected="confirm or accept_late", found=repr(decision), where="decision")
    if decision == "accept_late":
        return _accept(context, case, deadline, reason)
    return _confirm(context, case, deadline, reason)


def confirm(context: Context, command: ConfirmExpiry) -> Outcome:
    return _confirm(context, *_expired(context, command.deadline), command.reason)


def accept_late(context: Context, command: AcceptLate) -> Outcome:
    return _accept(context, *_expired(context, command.deadline), command.reason, command.evidence)


def _expired(context: Context, key: str) -> tuple[CaseRow, Any]:
    if not may(context.actor, "deadline.confirm"):
        raise NotAllowed(actor=context.actor.id, right="deadline.confirm")
    access.require_inside(context, key, "deadline")
    case, wait = steps.lock_case_of(context, key, "deadline")
    steps.require_active(case)
    deadline = deadlines.find(context, case.id, wait)
    if deadline is None:
        raise NotFound(noun="deadline", key=key)
    timer = waits.find(context.connection, schema.timer, case.id, wait)
    if deadline.state != "expired" or timer is None:
        raise Conflict(action="settle", noun="deadline", key=key, state=deadline.state)
    return case, deadline


def _confirm(context: Context, case: CaseRow, deadline: Any, reason: str) -> Outcome:
    _close_task(context, case, deadline)
    trail.note(context, case, "deadline:confirmed", {**_named(deadline), "reason": reason}, deadline)
    if is_by_hand(deadline.wait):
        rows.delete_timer(context.connection, case.id, deadline.wait)
        rows.unplan(context.connection, case.id, [deadline.wait])
    else:
        steps.advance(context, case, lambda instance: instance.fire(deadline.wait, context.now),
                      {"timer": deadline.wait, "element": deadline.element, "confirmed": True},
                      local_date(context.now))
    return {"case_id": case.id, "case_no": case.case_no, "state": case.state, "decision": "confirm"}


def _accept(context: Context, case: CaseRow, deadline: Any, reason: str, evidence: str = "") -> Outcome:
    if not reason.strip():
        raise InvalidInput(expected="reasons for accepting a late act", found="none", where="reason")
    late = {"by": context.actor.id, "at": context.now.isoformat(), "reason": reason, "evidence": evidence}
    rows.update(context.connection, case.id, deadline.wait, terms={**deadline.terms, "late": late})
    rows.unplan(context.connection, case.id, [deadline.wait])
    _close_task(context, case, deadline)
    trail.note(context, case, "deadline:late_accepted", {**_named(deadline), **late}, deadline)
    for match in messages.pending(context.connection, 1_000, case.id):
        context.follow_ups.append(steps.follow_up(match))
    return {"case_id": case.id, "case_no": case.case_no, "state": case.state, "decision": "accept_late"}


def _close_task(context: Context, case: CaseRow, deadline: Any) -> None:
    wait = expiry_task_of(deadline.wait)
    waits.delete_drafts(context.connection, case.id, wait, context.actor.id)
    waits.end_user_tasks(context.connection, case.id, [wait], "completed", context.now, context.actor.id)


def _named(deadline: Any) -> dict[str, Any]:
    computation = deadline.computation
    return {"key": deadline.key, "name": computation.get("name"), "due_on": deadline.due_on.isoformat(),
            "consequence": computation.get("consequence")}
