"""The only one who turns events into rows: waits, history, case fields, audit. State, history and outbox come from one
list and cannot disagree.

What opens and closes within one step never becomes a row of its own; history says that it happened.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from engine.definition.model import Definition
from engine.domain import events as ev
from engine.domain.permissions import in_charge
from engine.domain.search_terms import numbers_of
from engine.services import trail
from engine.services.context import Context
from engine.services.legal_time import deadlines, escalations
from engine.services.people import recusals
from engine.store import case_words, cases, records, schema, search, waits
from engine.store.cases import CaseRow
from engine.store.database import Table

CASE_KEYS = ("case_no", "application_no", "patent_no", "batch_id", "request_id", "external_case_no", "entrust_no",
             "notary_request_id")
"""Variables of the case by which messages and people find it."""


@dataclass(slots=True)
class Step:
    """What one command writes for one case."""

    context: Context
    row: CaseRow
    definition: Definition
    history: list[dict[str, Any]] = field(default_factory=list)
    activated: dict[int, ev.ElementActivated] = field(default_factory=dict)
    opened: dict[tuple[str, int], list[tuple[Table, dict[str, Any]]]] = field(default_factory=dict)
    closed: dict[tuple[str, str], list[int]] = field(default_factory=lambda: defaultdict(list))
    incidents: dict[int, dict[str, Any]] = field(default_factory=dict)
    resolved: list[int] = field(default_factory=list)
    terminated: set[int] = field(default_factory=set)
    keys: dict[str, str] = field(default_factory=dict)
    ended: ev.CaseEnded | None = None
    parties_changed: bool = False
    renamed: bool = False

    def note(self, kind: str, event: Any = None, data: Any = None, at: int | None = None) -> None:
        """Append one history row."""
        self.row.history_seq += 1
        self.history.append({
            "case_id": self.row.id, "seq": self.row.history_seq, "at": self.context.now, "kind": kind,
            "element": getattr(event, "element", None), "instance": getattr(event, "instance", at),
            "process": getattr(event, "process", None), "type": getattr(event, "type", None),
            "actor": self.context.actor.id, "data": data, "salt": trail.new_salt(data)})

    def open(self, kind: str, wait: int, table: Table, row: dict[str, Any]) -> None:
        values = {"case_id": self.row.id, "wait": wait, **row}
        self.opened.setdefault((kind, wait), []).append((table, values))


def record(context: Context, row: CaseRow, definition: Definition, events: Sequence[ev.Event], execution: bytes,
           detail: Mapping[str, Any]) -> None:
    """Write everything that a step of one case did. ``execution`` is the new state; ``detail`` goes into the audit."""
    step = Step(context, row, definition)
    for event in events:
        _RECORDERS[type(event)](step, event)
    for event in step.activated.values():
        step.note("activated", event)
    if detail.get("reason"):  # what people write is content, and stays outside the chain
        step.note("reason", data={"reason": detail["reason"]})
    row.execution = execution
    row.updated_at = context.now
    _flush(step)
    for known in (context.limits, context.late):
        known.pop(row.id, None)
    records.append_history(context.connection, trail.salted(step.history))
    trail.record_case(context, row, step.history, {name: item for name, item in detail.items() if name != "reason"})
    cases.save(context.connection, row)
    concerned, context.looked_at = context.looked_at, []
    for case in [*concerned, *([row] if step.parties_changed else [])]:
        recusals.look_again(context, case)


def _flush(step: Step) -> None:
    _close_waits(step)
    rows: dict[Table, list[dict[str, Any]]] = defaultdict(list)
    for values in step.opened.values():
        for table, value in values:
            rows[table].append(value)
    rows[schema.incident].extend(step.incidents.values())
    waits.insert(step.context.connection, rows)
    if step.resolved:
        _resolve_incidents(step)
    if step.ended is not None:
        deadlines.close_case(step.context, step.row)
    if step.keys:
        cases.add_keys(step.context.connection, step.row.id, step.keys)
        search.keep_numbers(step.context.connection, step.row.id, numbers_of(*step.keys.values()))
    if step.renamed:
        case_words.keep(step.context.connection, step.row)


def _close_waits(step: Step) -> None:
    connection, row, context = step.context.connection, step.row, step.context
    gone: dict[Table, list[int]] = defaultdict(list)
    for (kind, reason), numbers in step.closed.items():
        if kind == "userTask":
            state = "completed" if reason == "completed" else "cancelled"
            waits.end_user_tasks(connection, row.id, numbers, state, context.now, context.actor.id)
            continue
        if kind == "timer":
            deadlines.close_timers(context, row, reason, numbers, step.ended, step.terminated)
        gone[waits.TABLES[kind]].extend(numbers)
    for table, numbers in gone.items():
        waits.delete(connection, row.id, table, numbers)


def _resolve_incidents(step: Step) -> None:
    table = schema.incident
    step.context.connection.execute(
        table.update().values(resolved_at=step.context.now, resolved_by=step.context.actor.id)
        .where(table.c.case_id == step.row.id, table.c.incident.in_(step.resolved)))


# --- One small function an event --------------------------------------------------------------------------------------
def _element_activated(step: Step, event: ev.ElementActivated) -> None:
    step.activated[event.instance] = event
    element = step.definition.processes[event.process].elements.get(event.element)
    stage = element.properties.get("stage") if element is not None else None
    if stage:
        step.row.stage = stage


def _element_ended(kind: str) -> Callable[[Step, Any], None]:
    def write(step: Step, event: Any) -> None:
        step.activated.pop(event.instance, None)
        if kind == "terminated":
            step.terminated.add(event.instance)
        step.note(kind, event)
    return write


def _user_task(step: Step, event: ev.UserTaskOpened) -> None:
    assignee = recusals.open_to(step.context, step.row, event.assignee, event.candidate_groups)
    groups = event.candidate_groups
    if assignee != event.assignee:
        step.note("recusal:kept_away", event, {"user": event.assignee})
        groups = groups or in_charge(step.row.procedure)
    step.open("userTask", event.wait, schema.user_task, {
        "state": "open", "instance": event.instance, "element": event.element, "process": event.process,
        "name": event.name, "assignee": assignee, "form_id": event.form_id, "priority": event.priority,
        "due_at": event.due_at, "follow_up_at": event.follow_up_at, "created_at": step.context.now})
    for kind, names in (("group", groups), ("user", event.candidate_users)):
        for name in dict.fromkeys(names):
            step.open("userTask", event.wait, schema.candidate, {"kind": kind, "name": name})


def _job(step: Step, event: ev.JobOpened) -> None:
    step.open("job", event.wait, schema.job, {
        "instance": event.instance, "element": event.element, "process": event.process, "type": event.type,
        "retries": event.retries, "headers": dict(event.headers), "variables": dict(event.variables),
        "available_at": step.context.now})


def _timer(step: Step, event: ev.TimerArmed) -> None:
    step.open("timer", event.wait, schema.timer, {
        "instance": event.instance, "element": event.element, "process": event.process, "due_at": event.due_at,
        "held": False})
    if event.deadline is not None:
        step.open("timer", event.wait, schema.deadline, deadlines.row_of(event, step.context))
        for rung in escalations.planned(step.context, event.wait, event.deadline):
            step.open("timer", event.wait, schema.escalation_rung, rung)
        untold = {} if event.deadline.rule.told else {"told": False}
        step.note("deadlineArmed", event, {
            "key": event.deadline.key, "due_on": event.deadline.due_on.isoformat(), **untold})


def _subscription(kind: str) -> Callable[[Step, Any], None]:
    def write(step: Step, event: Any) -> None:
        name = event.expression if kind == "condition" else event.name
        step.open(kind, event.wait, schema.subscription, {
            "kind": kind, "name": name, "key": getattr(event, "key", ""), "instance": event.instance,
            "element": event.element, "process": event.process, "opened_at": step.context.now})
    return write


def _wait_closed(step: Step, event: ev.WaitClosed) -> None:
    if step.opened.pop((event.kind, event.wait), None) is None:
        step.closed[event.kind, event.reason].append(event.wait)


def _thrown(kind: str) -> Callable[[Step, Any], None]:
    def write(step: Step, event: Any) -> None:
        step.note(kind, event, {"name": event.name, "key": getattr(event, "key", None)})
    return write


def _escalation(step: Step, event: ev.EscalationThrown) -> None:
    step.note("escalationThrown", event, {"code": event.code, "caught": event.caught})
    step.open("escalation", event.instance, schema.escalation_rung,
              escalations.thrown(step.context, step.row, event.instance, event.code))


def _variables(step: Step, event: ev.VariablesSet) -> None:
    step.note("variables", data=dict(event.values), at=event.scope)
    if event.scope == 0:
        _case_fields(step, event.values)
        step.parties_changed |= recusals.note_parties(step.context, step.row, event.values)


def _case_fields(step: Step, values: Mapping[str, Any]) -> None:
    """What lists and searches show of a case is copied out of its variables as they change."""
    row = step.row
    for name in CASE_KEYS:
        if isinstance(values.get(name), str) and values[name]:
            step.keys[name] = values[name][:255]
    named = row.title, row.parties
    if isinstance(values.get("title"), str):
        row.title = values["title"][:255]
    if isinstance(values.get("kind"), str):
        row.kind = values["kind"][:32]
    if row.applicant is None and isinstance(values.get("applicant_user"), str):
        row.applicant = values["applicant_user"]  # once: who may see the case is not changed by a form
    published = values.get("publication_on")
    if isinstance(published, (str, date)):
        row.publication_on = _day(published)
    parties = [party["name"] for name in ("applicant", "requester", "respondent", "patentee")
               if isinstance(party := values.get(name), dict) and isinstance(party.get("name"), str)]
    if parties:
        row.parties = " / ".join(parties)
    step.renamed |= named != (row.title, row.parties)


def _day(value: str | date) -> date | None:
    """A day that a variable says, or None when it says something else."""
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        return None


def _decision(step: Step, event: ev.DecisionEvaluated) -> None:
    step.note("decision", event, {"decision": event.decision, "inputs": dict(event.inputs),
                                  "matched": list(event.matched), "result": event.result})


def _incident_raised(step: Step, event: ev.IncidentRaised) -> None:
    step.incidents[event.incident] = {
        "case_id": step.row.id, "incident": event.incident, "instance": event.instance, "element": event.element,
        "process": event.process, "code": event.code, "message": event.message, "raised_at": step.context.now}
    step.note("incident", event, {"code": event.code, "message": event.message})
    if event.code == "job_failed":
        _hold_jobs(step, event.instance)


def _hold_jobs(step: Step, instance: int) -> None:
    """A job that waits for a person is handed to no worker."""
    for rows in step.opened.values():
        for table, row in rows:
            if table is schema.job and row["instance"] == instance:
                row["retries"] = 0


def _incident_resolved(step: Step, event: ev.IncidentResolved) -> None:
    if step.incidents.pop(event.incident, None) is None:
        step.resolved.append(event.incident)
    step.note("incidentResolved", at=event.incident)


def _case_ended(step: Step, event: ev.CaseEnded) -> None:
    step.ended = event
    step.row.state = event.state
    step.row.ended_at = step.context.now
    step.row.ended_element = event.ended_at[-1] if event.ended_at else None
    step.note("caseEnded", data={"state": event.state, "ended_at": list(event.ended_at)})


_RECORDERS: dict[type, Callable[[Step, Any], None]] = {
    ev.ElementActivated: _element_activated,
    ev.ElementCompleted: _element_ended("completed"),
    ev.ElementTerminated: _element_ended("terminated"),
    ev.UserTaskOpened: _user_task,
    ev.JobOpened: _job,
    ev.TimerArmed: _timer,
    ev.MessageAwaited: _subscription("message"),
    ev.SignalAwaited: _subscription("signal"),
    ev.ConditionAwaited: _subscription("condition"),
    ev.WaitClosed: _wait_closed,
    ev.MessageThrown: _thrown("messageThrown"),
    ev.SignalThrown: _thrown("signalThrown"),
    ev.EscalationThrown: _escalation,
    ev.VariablesSet: _variables,
    ev.DecisionEvaluated: _decision,
    ev.IncidentRaised: _incident_raised,
    ev.IncidentResolved: _incident_resolved,
    ev.CaseEnded: _case_ended,
}
