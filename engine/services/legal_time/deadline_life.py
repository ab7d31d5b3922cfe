"""What people do to deadlines: arm by hand, pause, resume, extend, interrupt, prove service, override, close, restore.

Each checks what the law allows by the rule that the deadline froze, and refuses with the article; then the deadline is
computed anew from its terms.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

from engine.domain import deadline_commands as c
from engine.domain import events as ev
from engine.domain.commands import split_key
from engine.domain.deadline_rules import Rule
from engine.domain.deadline_terms import Moved, Terms
from engine.domain.deadlines import DeadlineComputation, Extension, compute_deadline
from engine.domain.periods import Interruption, parse_length
from engine.domain.permissions import may
from engine.domain.refusals import ExtensionTooLate, PauseForbidden, RestorationForbidden
from engine.domain.wait_numbers import is_by_hand
from engine.errors import Conflict, InvalidInput, NotAllowed, NotFound, Phrase
from engine.execution import Instance
from engine.services import steps, trail
from engine.services.context import Context, Outcome
from engine.services.legal_time import deadlines, escalations
from engine.services.people import access
from engine.store import deadlines as rows
from engine.store.cases import CaseRow

BY_DIAGRAM, BY_CASE = "diagram", "case"
GROUNDS: Mapping[str, str | None] = {"due_cause": None, "force_majeure": "dl.cnipa.restore.force_majeure"}
"""Ground of a restoration → its key; None: the key that the rule names."""


def arm(context: Context, command: c.ArmDeadline) -> Outcome:
    """A deadline that no diagram waits for; the case's variables decide its length as they do in a diagram."""
    case = _case(context, command.case_id, "deadline.arm")
    if command.replaces is not None:
        _supersede(context, case, command.replaces)
    variables = _variables(context, case)
    return _arm(context, case, command.key, command.from_on, command.delivery, command.reason, variables)


def _arm(context: Context, case: CaseRow, key: str, from_on: date, delivery: str | None, reason: str,
         variables: Mapping[str, Any]) -> Outcome:
    found = compute_deadline(*context.tables, key, from_on, variables, delivery)
    wait = rows.next_by_hand(context.connection, case.id)
    place = {"instance": 0, "element": "", "process": case.process_id}
    timer = {"case_id": case.id, "wait": wait, **place, "due_at": found.due_at, "held": False}
    row = {"case_id": case.id, "wait": wait, **place, "state": "running", "armed_at": context.now,
           **deadlines.computed(found, Terms.of(found))}
    rows.insert(context.connection, row, timer)
    escalations.replan(context, case, wait, found)
    trail.note(context, case, "deadline:armed", {"key": key, "name": found.rule.name._asdict(), "reason": reason,
                                                 "due_on": found.due_on.isoformat()})
    return {"deadline": f"{case.id}~{wait}", "due_on": found.due_on.isoformat()}


def _variables(context: Context, case: CaseRow) -> Mapping[str, Any]:
    definition = context.parts.definitions.get(context.connection, case.definition_key)
    return Instance.load(definition, case.execution).variables


def _supersede(context: Context, case: CaseRow, key: str) -> None:
    _, row, found = _locked(context, key, case)
    if row.state in rows.OPEN and not is_by_hand(row.wait):
        raise Conflict(action="supersede", noun="deadline", key=key,
                       state=Phrase("{state} in the diagram", state=row.state))
    if is_by_hand(row.wait):
        rows.delete_timer(context.connection, case.id, row.wait)
    rows.update(context.connection, case.id, row.wait, state="superseded", ended_at=row.ended_at or context.now)
    rows.unplan(context.connection, case.id, [row.wait])
    rows.close_expiry_tasks(context.connection, case.id, [row.wait], context.now, context.actor.id)
    trail.note(context, case, "deadline:superseded", {"key": row.key, "name": found.rule.name._asdict()}, row)


# --- pauses ---------------------------------------------------------------------------------------------------------
def pause(context: Context, command: c.PauseDeadline) -> Outcome:
    """A named pause; open-ended unless it says when it ended."""
    case, row, found = _open(context, command.deadline, "deadline.change", "running")
    article = _pausable(found.rule)
    from_on = command.from_on or context.today
    if command.to_on is not None:
        _require_reason(command.reason)
        terms = deadlines.terms_of(row).paused(from_on, command.to_on, command.reason, command.evidence, article)
        if command.to_on > context.today:
            over = Phrase("a pause that is over by {today}, or one without an end", today=context.today)
            raise InvalidInput(expected=over, found=command.to_on.isoformat(), where="pause")
        return deadlines.apply(context, case, row, terms, "excluded", {
            "reason": command.reason, "evidence": command.evidence, "from_on": from_on.isoformat(),
            "to_on": command.to_on.isoformat()})
    _begin_pause(context, case, row, found.rule, from_on, command.reason, command.evidence)
    return {"deadline": command.deadline, "state": "paused"}


def _begin_pause(context: Context, case: CaseRow, row: Any, rule: Rule, from_on: date, reason: str, evidence: str,
                 by: str = "") -> None:
    """Judge, then stop the clock."""
    _require_pausable(context, rule, row.start_on, row.due_on, from_on, reason)
    stop(context, case, row, from_on, reason, evidence, by)


def _require_pausable(context: Context, rule: Rule, start_on: date, due_on: date, from_on: date, reason: str) -> None:
    """By the rule, the reason and the days."""
    article, last = _pausable(rule), min(due_on, context.today)
    _require_reason(reason)
    if not start_on <= from_on <= last:
        raise InvalidInput(expected=Phrase("a first day from {first} to {last}", first=start_on, last=last),
                           found=from_on.isoformat(),
                           where=Phrase("pause of {key} ({article})", key=rule.key, article=article))


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise InvalidInput(expected="a named reason", found="none", where="pause")


def stop(context: Context, case: CaseRow, row: Any, from_on: date, reason: str, evidence: str, by: str = "") -> None:
    """The clock stands still from a day on."""
    stopped = {"from_on": from_on.isoformat(), "reason": reason, "evidence": evidence, "by": by}
    rows.update(context.connection, case.id, row.wait, state="paused", paused_on=from_on,
                terms={**row.terms, "stopped": stopped})
    deadlines.hold(context, case.id, row.wait)
    trail.note(context, case, "deadline:paused", {"key": row.key, "name": row.computation.get("name"), **stopped}, row)


def resume(context: Context, command: c.ResumeDeadline) -> Outcome:
    case, row, found = _open(context, command.deadline, "deadline.change", "paused")
    return _end_pause(context, case, row, found.rule, command.on or context.today, command.evidence)


def _end_pause(context: Context, case: CaseRow, row: Any, rule: Rule, on: date, evidence: str) -> Outcome:
    if on > context.today:
        raise InvalidInput(expected=Phrase("a day up to {today}", today=context.today),
                           found=on.isoformat(), where="resumption")
    return go_on(context, case, row, on, evidence, _pausable(rule))


def pause_named(context: Context, case: CaseRow, keys: Collection[str], from_on: date, reason: str,
                evidence: str, events: Sequence[ev.Event] = ()) -> list[Outcome]:
    """The diagram stops running deadlines of its case by their keys; those that the step has armed by these ``events``
    stop as soon as they are written. Raises ``NotFound`` when none of a key runs."""
    armed = _armed(events, keys)
    found = _by_keys(context, case, keys, "running", {event.deadline.key for event in armed})
    for event in armed:
        computation = event.deadline
        _require_pausable(context, computation.rule, computation.period.start_on, computation.due_on, from_on, reason)
        context.once_recorded.append(partial(_stop_armed, context, case, event.wait, from_on, reason, evidence))
    for row, rule in found:
        _begin_pause(context, case, row, rule, from_on, reason, evidence, BY_DIAGRAM)
    return [{"deadline": key, "from_on": from_on.isoformat()}
            for key in (*(event.deadline.key for event in armed), *(row.key for row, _ in found))]


def _armed(events: Sequence[ev.Event], keys: Collection[str]) -> list[ev.TimerArmed]:
    closed = {event.wait for event in events if isinstance(event, ev.WaitClosed)}
    return [event for event in events if isinstance(event, ev.TimerArmed) and event.deadline is not None
            and event.deadline.key in keys and event.wait not in closed]


def _stop_armed(context: Context, case: CaseRow, wait: int, from_on: date, reason: str, evidence: str) -> None:
    row = deadlines.find(context, case.id, wait)
    if row is not None and row.state == "running":
        stop(context, case, row, from_on, reason, evidence, BY_DIAGRAM)


def resume_named(context: Context, case: CaseRow, keys: Collection[str], on: date, evidence: str) -> list[Outcome]:
    """What was paused runs again, with the time that was left."""
    found = _by_keys(context, case, keys, "paused")
    return [{**_end_pause(context, case, row, rule, on, evidence), "deadline": row.key} for row, rule in found]


def _by_keys(context: Context, case: CaseRow, keys: Collection[str], state: str,
             armed: Collection[str] = ()) -> list[tuple[Any, Rule]]:
    found = [row for row in rows.of_case(context.connection, case.id, state) if row.key in keys]
    missing = sorted(set(keys).difference(armed, (row.key for row in found)))
    if missing:
        raise NotFound(noun=f"{state} deadline", key=missing[0])
    return [(row, _rule_of(context, row)) for row in found]


def go_on(context: Context, case: CaseRow, row: Any, on: date, evidence: str, article: str) -> Outcome:
    """The clock runs again; ``on`` counts."""
    stopped = row.terms["stopped"]
    terms = deadlines.terms_of(row).paused(row.paused_on, on, stopped["reason"],
                                           evidence or stopped["evidence"], article)
    rows.update(context.connection, case.id, row.wait, state="running", paused_on=None)
    return deadlines.apply(context, case, deadlines.find(context, case.id, row.wait), terms, "resumed", {
        "reason": stopped["reason"], "evidence": evidence, "from_on": stopped["from_on"], "to_on": on.isoformat()})


def pause_all(context: Context, case: CaseRow, from_on: date, reason: str, evidence: str,
              by: str = BY_CASE) -> list[str]:
    """The case is suspended: those periods stop that the law lets stop; the others run on. Answers their keys."""
    stopped = []
    for row in rows.of_case(context.connection, case.id, "running"):
        found = deadlines.computation_of(context, deadlines.terms_of(row))
        if found.rule.suspension is not None and from_on <= row.due_on:
            stop(context, case, row, max(from_on, row.start_on), reason, evidence, by)
            stopped.append(row.key)
    return stopped


def resume_all(context: Context, case: CaseRow, on: date, evidence: str = "", by: str = BY_CASE) -> list[Outcome]:
    """The case goes on: what its suspension stopped runs again."""
    found = [row for row in rows.of_case(context.connection, case.id, "paused")
             if row.terms.get("stopped", {}).get("by") == by]
    return [{**go_on(context, case, row, max(on, row.paused_on), evidence, _pausable(_rule_of(context, row))),
             "deadline": row.key} for row in found]


def _rule_of(context: Context, row: Any) -> Rule:
    return deadlines.computation_of(context, deadlines.terms_of(row)).rule


def _pausable(rule: Rule) -> str:
    if rule.suspension is None:
        raise PauseForbidden(where=rule.key, article=rule.articles)
    return rule.suspension.article


# --- other changes --------------------------------------------------------------------------------------------------
def extend(context: Context, command: c.ExtendDeadline) -> Outcome:
    """Once, asked for before expiry, where the law allows it; counted from the original start."""
    case, row, found = _locked(context, command.deadline, None, "deadline.extend")
    article = found.rule.extension.article or found.rule.articles
    asked = command.requested_on or context.today
    if row.state not in rows.OPEN:
        raise ExtensionTooLate(where=row.key, article=article, due_on=row.due_on.isoformat(),
                               found=Phrase("{day} ({state})", day=asked, state=row.state))
    if asked > context.today:
        raise InvalidInput(expected=Phrase("a day up to {today}", today=context.today),
                           found=asked.isoformat(),
                           where="requested_on")
    length = parse_length(command.count, command.unit)
    terms = deadlines.terms_of(row).extended(Extension(length, asked, command.reason), article)
    return deadlines.apply(context, case, row, terms, "extended", {
        "count": command.count, "unit": command.unit, "requested_on": asked.isoformat(), "reason": command.reason})


def interrupt(context: Context, command: c.InterruptDeadline) -> Outcome:
    """The whole period runs anew from an act (民法典195)."""
    case, row, found = _open(context, command.deadline, "deadline.change", "running")
    act = Interruption(command.on, command.reason, command.ended_on)
    terms = deadlines.terms_of(row).interrupted(act, row.due_on, found.rule.articles)
    return deadlines.apply(context, case, row, terms, "interrupted", {"on": command.on.isoformat(),
                                                                     "reason": command.reason})


def prove_service(context: Context, command: c.ProveService) -> Outcome:
    """Actual receipt on another day than the presumed one; the presumption gives way where the rule presumes."""
    case, row, _ = _open(context, command.deadline, "deadline.change", *rows.OPEN)
    if command.proven_on > context.today:
        raise InvalidInput(expected=Phrase("a day up to {today}", today=context.today),
                           found=command.proven_on.isoformat(),
                           where="proven day of receipt")
    terms = replace(deadlines.terms_of(row), proven_on=command.proven_on)
    return deadlines.apply(context, case, row, terms, "service_proven", {
        "proven_on": command.proven_on.isoformat(), "evidence": command.evidence})


def override(context: Context, command: c.OverrideDeadline) -> Outcome:
    """A day set by hand, with reasons; two persons (``engine.domain.approvals``)."""
    case, row, _ = _open(context, command.deadline, "deadline.override", *rows.OPEN)
    if command.due_on < context.today or not command.reason.strip():
        raise InvalidInput(expected=Phrase("a day from {today} on, and reasons", today=context.today),
                           found=f"{command.due_on.isoformat()}, {command.reason!r}", where="override")
    terms = replace(deadlines.terms_of(row), moved=Moved(command.due_on, command.reason, command.evidence))
    return deadlines.apply(context, case, row, terms, "overridden", {
        "reason": command.reason, "evidence": command.evidence})


def close(context: Context, command: c.CloseDeadline) -> Outcome:
    """Of those armed by hand a person says when they are met; the others are the diagram's."""
    case, row, _ = _open(context, command.deadline, "deadline.change", *rows.OPEN)
    if not is_by_hand(row.wait):
        raise Conflict(action="close", noun="deadline", key=command.deadline, state="the diagram's")
    if command.state not in ("met", "cancelled"):
        raise InvalidInput(expected="met or cancelled", found=command.state, where="state")
    rows.update(context.connection, case.id, row.wait, state=command.state, ended_at=context.now)
    rows.delete_timer(context.connection, case.id, row.wait)
    rows.unplan(context.connection, case.id, [row.wait])
    trail.note(context, case, f"deadline:{command.state}", {
        "key": row.key, "name": row.computation.get("name"), "reason": command.reason}, row)
    return {"deadline": command.deadline, "state": command.state}


def restore(context: Context, command: c.RestoreRight) -> Outcome:
    """恢复权利 opens a period of its own (专利法实施细则6)."""
    case, row, found = _locked(context, command.deadline, None, "deadline.change")
    if command.ground not in GROUNDS:
        raise InvalidInput(expected=Phrase("one of {names}", names=', '.join(GROUNDS)),
                           found=command.ground, where="ground")
    if found.rule.restore is None:
        raise RestorationForbidden(where=row.key, article=found.rule.articles)
    if row.state != "expired":
        raise Conflict(action="restore the right behind", noun="deadline", key=command.deadline, state=row.state)
    key = GROUNDS[command.ground] or found.rule.restore
    from_on = row.due_on if key == "dl.cnipa.restore.reexam" else command.from_on
    return _arm(context, case, key, from_on, "none", command.reason or command.ground,
                {"expired_on": row.due_on.isoformat()})


# --- finding --------------------------------------------------------------------------------------------------------
def _case(context: Context, case_id: str, right: str) -> CaseRow:
    _require(context, right)
    access.require_inside(context, case_id, "case")
    return steps.lock_case(context, case_id)


def _require(context: Context, right: str) -> None:
    if not may(context.actor, right):
        raise NotAllowed(actor=context.actor.id, right=right)


def _open(context: Context, key: str, right: str, *states: str) -> tuple[CaseRow, Any, DeadlineComputation]:
    case, row, found = _locked(context, key, None, right)
    if row.state not in states:
        raise Conflict(action="change", noun="deadline", key=key, state=row.state)
    return case, row, found


def _locked(context: Context, key: str, case: CaseRow | None = None,
            right: str = "deadline.change") -> tuple[CaseRow, Any, DeadlineComputation]:
    """The locked case, the deadline, and its computation by the rule that it froze."""
    _require(context, right)
    parts = split_key(key)
    if case is None:
        access.require_inside(context, key, "deadline")
        case, wait = steps.lock_case_of(context, key, "deadline")
    elif parts is None or parts[0] != case.id:
        raise NotFound(noun="deadline", key=key)
    else:
        wait = parts[1]
    row = deadlines.find(context, case.id, wait)
    if row is None:
        raise NotFound(noun="deadline", key=key)
    return case, row, deadlines.computation_of(context, deadlines.terms_of(row))
