"""Deadlines of cases: rows beside the timers they arm, with the terms they are computed from and their ladder ahead.

    running ⇄ paused        a named pause, or the case suspended
    running → met           the act came in time; closed by hand when armed by hand
    running → expired       time ran out; a person confirms what follows, unless the rule is internal
    running, paused → cancelled     what it limited was interrupted, or the case was cancelled
    any that is over or by hand → superseded     another deadline took its place

A deadline that is over never moves. Whatever moves one that is open goes through ``apply``: row, timer and ladder in
the same transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from engine.domain import events as ev
from engine.domain.deadline_functions import feel_functions
from engine.domain.deadline_terms import Terms, compute_terms
from engine.domain.deadlines import DeadlineComputation
from engine.domain.wait_numbers import is_by_hand
from engine.errors import Rejection
from engine.services import trail
from engine.services.context import Context
from engine.services.legal_time import escalations
from engine.store import deadlines as rows
from engine.store import schema, waits
from engine.store.cases import CaseRow

HELD = 10**15
"""Incidents about held timers are numbered from here by their wait; those of the kernel count from one."""


class DeadlinePassed(Rejection):
    """Expected the act before the deadline {key} expired on {due_on}; it is kept for the officer who decides on it."""

    code = "deadline_passed"


def functions(context: Context, variables: Callable[[], Mapping[str, Any]],
              number: Callable[[], str | None] = lambda: None) -> dict[str, Any]:
    """The host functions of diagrams: ``deadline``, ``working days between``, … for a step of one case, whose number
    ``number`` tells."""
    return dict(feel_functions(lambda: context.tables, variables, context.legal_day, number))


def row_of(event: ev.TimerArmed, context: Context) -> dict[str, Any]:
    """The row of a deadline that a timer was armed with."""
    return {"state": "running", "instance": event.instance, "element": event.element, "process": event.process,
            "armed_at": context.now, **computed(event.deadline, Terms.of(event.deadline)), "due_at": event.due_at}


def computed(computation: DeadlineComputation, terms: Terms) -> dict[str, Any]:
    """The columns that follow from a computation."""
    period = computation.period
    return {
        "key": computation.key, "internal": computation.internal, "told": computation.rule.told,
        "event_on": computation.from_on,
        "start_on": period.start_on, "nominal_on": period.nominal_on, "due_on": computation.due_on,
        "due_at": computation.due_at, "provisional": period.provisional, "rule_version": computation.rule_version,
        "calendar_version": computation.calendar_version, "computation": computation.as_record(),
        "terms": terms.as_record()}


def terms_of(row: Any) -> Terms:
    """The terms of a stored deadline; one armed before terms were kept has those of its computation."""
    record = row.computation
    plain = {"key": row.key, "from_on": row.event_on.isoformat(), "delivery": record.get("delivery", "none"),
             "rules": {row.key: row.rule_version}}
    return Terms.from_record({**plain, **row.terms})


def computation_of(context: Context, terms: Terms) -> DeadlineComputation:
    """The deadline under these terms, by the rule versions it froze and the calendar that holds now."""
    rules, calendar = context.tables
    table = context.parts.almanac.frozen(context.connection, rules, terms.rules or {})
    return compute_terms(terms, table, calendar)


def apply(context: Context, case: CaseRow, row: Any, terms: Terms, why: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """Compute an open deadline anew under new terms, and move row, timer and ladder; both days and the steps are kept
    in the history. Answers ``{"deadline", "case_no", "name", "due_on", "before"}``."""
    found = computation_of(context, terms)
    rows.update(context.connection, case.id, row.wait, **computed(found, terms))
    if row.due_at != found.due_at:
        rows.move_tasks(context.connection, case.id, row.due_at, found.due_at)
    if row.state == "running":
        arm(context, case, row, found)
    trail.note(context, case, f"deadline:{why}", {
        **data, "key": row.key, "name": found.rule.name._asdict(), "before": row.due_on.isoformat(),
        "due_on": found.due_on.isoformat(), "steps": [step.as_record() for step in found.period.steps]}, row)
    return {"deadline": f"{case.id}~{row.wait}", "case_no": case.case_no, "name": found.rule.name._asdict(),
            "due_on": found.due_on.isoformat(), "before": row.due_on.isoformat()}


def arm(context: Context, case: CaseRow, row: Any, found: DeadlineComputation) -> None:
    """The engine's timer and the ladder, moved with the day. A timer that a person must look at stays held."""
    held = rows.has_incident(context.connection, case.id, HELD + row.wait)
    rows.set_timer(context.connection, case.id, row.wait, due_at=found.due_at, held=held)
    escalations.replan(context, case, row.wait, found, tell=row.due_on != found.due_on)


def hold(context: Context, case_id: str, wait: int) -> None:
    """Time stands still: no timer, no ladder."""
    rows.set_timer(context.connection, case_id, wait, held=True)
    rows.unplan(context.connection, case_id, [wait])


def close_timers(context: Context, case: CaseRow, reason: str, numbers: Collection[int], ended: ev.CaseEnded | None,
                 terminated: Collection[int]) -> None:
    """The timers of a diagram are over, and with them what rests on their deadlines."""
    known = context.limits.get(case.id)
    found = rows.of_waits(context.connection, case.id, numbers) if known is None else [
        known[wait] for wait in sorted(numbers) if wait in known]
    if not found:
        return
    for row in found:
        state = state_after(reason, ended, row.instance in terminated)
        waits.end_deadlines(context.connection, case.id, [row.wait], state, context.now)
    if reason != "triggered":
        rows.unplan(context.connection, case.id, [row.wait for row in found])
    expired = [row.wait for row in found if row.state == "expired"]
    if expired:
        rows.close_expiry_tasks(context.connection, case.id, expired, context.now, context.actor.id)


def close_case(context: Context, case: CaseRow) -> None:
    """The case is over: what was armed by hand goes with it, and nobody is told anything more."""
    found = [row for row in rows.of_case(context.connection, case.id, *rows.OPEN, "expired") if is_by_hand(row.wait)]
    for row in found:
        waits.end_deadlines(context.connection, case.id, [row.wait], "cancelled", context.now)
        rows.delete_timer(context.connection, case.id, row.wait)
    if found:
        numbers = [row.wait for row in found]
        rows.unplan(context.connection, case.id, numbers)
        rows.close_expiry_tasks(context.connection, case.id, numbers, context.now, context.actor.id)


def state_after(reason: str, ended: ev.CaseEnded | None, interrupted: bool) -> str:
    """What became of a deadline whose timer closed: it fired: expired; what it limited was interrupted, or the case
    cancelled: cancelled; no longer waited for: met."""
    if reason == "triggered":
        return "expired"
    return "cancelled" if interrupted or ended is not None and ended.state == "cancelled" else "met"


def find(context: Context, case_id: str, wait: int) -> Any:
    return waits.find(context.connection, schema.deadline, case_id, wait)


def passed(context: Context, case_id: str, instance: int) -> Any | None:
    """The expired deadline of an element instance on which an officer has yet to decide; None when acts are in time or
    the late one was accepted."""
    known = context.late.get(case_id)
    found = rows.unsettled(context.connection, case_id, instance) if known is None else known
    return next((row for row in found if row.instance == instance and "late" not in row.terms), None)


def require_in_time(context: Context, case_id: str, instance: int) -> None:
    """Raises ``DeadlinePassed`` for what an outsider does too late."""
    row = passed(context, case_id, instance)
    if row is not None:
        raise DeadlinePassed(key=row.key, due_on=row.due_on.isoformat())
