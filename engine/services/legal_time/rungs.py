"""Firing the rungs of ladders: who is told that a deadline nears or has passed.

A rung names a role. Superiors come from the organisation's tree, from the assignee upwards; where it knows nobody,
whoever carries the role. Whoever is absent is told through the stand-in.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from engine.domain.deadline_commands import FireRung, RemindSuspension
from engine.domain.escalation import told_of_end
from engine.domain.permissions import ADJUDICATION, SUPERVISION, in_charge
from engine.services import steps, trail
from engine.services.context import Context, Outcome
from engine.services.legal_time import deadlines, expiry, notices, persons, wire_notices
from engine.services.legal_time.escalations import MOVED, THROWN
from engine.services.people import absences, organisation
from engine.store import deadlines as rows
from engine.store import escalations as people
from engine.store import recusals
from engine.store.cases import CaseRow

SUPERIORS = {"supervisor": 0, "department_head": 1, "leadership": -1}
"""Which of the heads above the assignee a rung means: the nearest, the next, the topmost."""


def fire(context: Context, command: FireRung) -> Outcome:
    """Tell whom the rung names, if anything is still to be done; answers ``{"fired", "told"}``."""
    case = steps.lock_case(context, command.case_id, active=False)
    rung = rows.rung(context.connection, case.id, command.wait, command.rung, command.due_on)
    deadline = deadlines.find(context, case.id, command.wait)
    if rung is None or rung.state != "planned" or rung.at > context.now:
        return {"fired": False}
    if rung.to.startswith(THROWN):
        return _tell_thrown(context, case, rung)
    about = _about(context, case, deadline) if deadline is not None and case.ended_at is None else None
    if about is None:
        rows.end_rung(context.connection, rung, "skipped", context.now, ())
        return {"fired": False}
    told = _admitted(context, case, recipients(context, case, deadline, rung.to, about))
    rows.end_rung(context.connection, rung, "fired", context.now, told)
    params = {"rule": deadline.key, "name": deadline.computation.get("name"), "due_on": deadline.due_on.isoformat(),
              "consequence": deadline.computation.get("consequence"), "to": rung.to}
    code = _code(context, deadline, rung)
    for person in told:
        notices.tell(context, person, code, params, case.id, f"{case.id}~{deadline.wait}")
    sent = wire_notices.send(context, case, deadline, code, rung.to)
    trail.note(context, case, "deadlineEscalated", {**params, "key": deadline.key, "told": told, "sent": sent},
               deadline)
    return {"fired": True, "told": told}


def _tell_thrown(context: Context, case: CaseRow, rung: Any) -> Outcome:
    """An escalation event: its code names a role, of the case if somebody has worked in it, or supervision is told."""
    code = rung.to.removeprefix(THROWN)
    told = _admitted(context, case, people.workers(context.connection, case.id, -rung.wait, code) or _holders(
        context, case, code))
    rows.end_rung(context.connection, rung, "fired", context.now, told)
    for person in told:
        notices.tell(context, person, "case.escalated", {"escalation": code}, case.id)
    trail.note(context, case, "caseEscalated", {"escalation": code, "told": told})
    return {"fired": True, "told": told}


def _about(context: Context, case: CaseRow, deadline: Any) -> int | None:
    """The element instance that people have to do with: of a deadline that runs, its own; of one that is over, only
    while something that it limited still waits, or the task in which the diagram asks what follows."""
    if deadline.state == "running":
        return int(deadline.instance)
    if deadline.state != "expired":
        return None
    if people.still_waits(context.connection, deadline):
        return int(deadline.instance)
    return people.open_at(context.connection, deadline, expiry.confirming(context, case, deadline))


def _code(context: Context, deadline: Any, rung: Any) -> str:
    if rung.rung >= MOVED:
        return "deadline.moved"
    if rung.at < deadline.due_at:
        return "deadline.near"
    rules, calendar = context.tables
    return "deadline.due" if rung.at <= told_of_end(deadline.due_on, calendar, rules.hours) else "deadline.late"


def recipients(context: Context, case: CaseRow, deadline: Any, to: str, about: int | None = None) -> list[str]:
    """The people that a rung means, before absences are looked at. ``about``: the element instance whose tasks count,
    that of the deadline by default."""
    instance = deadline.instance if about is None else about
    if to == "party":
        return [case.applicant] if case.applicant else []
    working = people.assignees(context.connection, case.id, instance) or (
        [case.owner] if case.owner else people.candidates(context.connection, case.id, instance))
    if to == "assignee":
        return working or people.with_roles(context.connection, SUPERVISION)
    if to in SUPERIORS:
        heads = [found for person in working if (found := _superior(context, person, SUPERIORS[to])) is not None]
        if heads:
            return list(dict.fromkeys(heads))
        return _holders(context, case, to)
    return persons.of_role(context, case, deadline, to) or _holders(context, case, to)


def _holders(context: Context, case: CaseRow, to: str) -> list[str]:
    """Who carries the role that a rung names, where the organisation's tree names nobody: for the supervisor whoever
    runs the procedure, the director only in adjudication. Supervision, if that is nobody."""
    roles = {to}
    if to in SUPERVISION or to == "director" and case.procedure not in ADJUDICATION:
        roles = set(in_charge(case.procedure))
    found = people.with_roles(context.connection, sorted(roles))
    return found or people.with_roles(context.connection, SUPERVISION)


def _superior(context: Context, person: str, level: int) -> str | None:
    heads = organisation.superiors(context.connection, person)
    return heads[level] if heads and level < len(heads) else None


def _admitted(context: Context, case: CaseRow, names: Iterable[str]) -> list[str]:
    """Who is told in the end: with stand-ins for the absent, and without who is recused; supervision, if that leaves
    nobody."""
    kept_away = recusals.recused_in(context.connection, case.id)
    told = [name for name in present(context, names) if name not in kept_away]
    if told or not kept_away:
        return told
    others = people.with_roles(context.connection, SUPERVISION)
    return [name for name in present(context, others) if name not in kept_away]


def present(context: Context, names: Iterable[str]) -> list[str]:
    """These people, with stand-ins in place of who is absent today."""
    here = [absences.stand_in_of(context.connection, name, context.today) or name for name in names]
    return list(dict.fromkeys(here))


def remind_suspension(context: Context, command: RemindSuspension) -> Outcome:
    """The day until which a case was suspended has come; a person resumes it."""
    case = steps.lock_case(context, command.case_id, active=False)
    found = rows.suspension(context.connection, case.id)
    if found is None or found.seq != command.seq or found.told_at is not None:
        return {"told": []}
    told = _admitted(context, case, dict.fromkeys([found.by, *people.with_roles(context.connection, SUPERVISION)]))
    rows.update_suspension(context.connection, case.id, found.seq, told_at=context.now)
    params = {"until_on": found.until_on.isoformat(), "reason": found.reason}
    for person in told:
        notices.tell(context, person, "suspension.over", params, case.id)
    trail.note(context, case, "suspensionOver", {**params, "told": told})
    return {"told": told}
