"""Cases: started, suspended, resumed, cancelled, corrected."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from engine.definition.model import Definition, Element, Process
from engine.domain import forms
from engine.domain.actors import Actor, ActorKind
from engine.domain.commands import (
    AnswerWait,
    CancelCase,
    FileRef,
    ModifyCase,
    ResumeCase,
    SetVariables,
    StartByEvent,
    StartByTimer,
    StartCase,
    SuspendCase,
)
from engine.domain.permissions import PARTIES, is_staff, may, may_start
from engine.errors import Conflict, InvalidInput, KapokError, NotAllowed, NotFound
from engine.execution import Instance, schedule
from engine.services import listening, messages, steps, trail
from engine.services.context import Context, Outcome
from engine.services.legal_time import deadlines, suspensions
from engine.services.people import access, colleagues, seats
from engine.store import cases, definitions, queries, records, schema, start_drafts, users, waits
from engine.store import messages as message_rows
from engine.store.cases import CaseRow


class FormRefused(InvalidInput):
    """Expected values that fit form '{form}', but {count} field(s) do not."""

    code = "form_refused"


def start(context: Context, command: StartCase) -> Outcome:
    """Start a case of the newest version. Answers ``{"case", "case_no", "state"}``."""
    require(context, "case.start")
    newest = definitions.newest(context.connection, command.process_id)
    if newest is None:
        raise NotFound(noun="process", key=command.process_id)
    definition = context.parts.definitions.get(context.connection, newest.key)
    variables = dict(command.variables)
    element = command.element if newest.startable else _condition_met(context, definition.root, variables)
    require_starter(context.actor, definition.root)
    if command.form_checked and newest.start_form:
        variables = checked_form(context, definition, newest.start_form, variables)
    if context.actor.has(*PARTIES):
        variables["applicant_user"] = context.actor.id
    if command.files:
        variables.setdefault("files", listed(command.files))
    start_drafts.drop(context.connection, context.actor.id, command.process_id)
    return _answer(begin(context, definition, variables, element, command.files))


def _condition_met(context: Context, process: Process, variables: Mapping[str, Any]) -> str:
    """A process without a none start begins at a conditional start event whose condition the variables meet."""
    env, _ = steps.environment(context, variables)
    key = listening.started_by(process, variables, env.functions, context.now) if process.executable else None
    if key is None:
        raise NotFound(noun="process", key=process.id)
    return key


def is_offered(process: Process, actor: Actor) -> bool:
    """The process offers itself to people by the ``role`` of its none start event (docs/dialect.md)."""
    return actor.has(*_offered(process)) and _is_let(process, actor)


def require_starter(actor: Actor, process: Process) -> None:
    """A process that is not there for the actor to start answers like none. Raises ``NotFound``."""
    if not _is_let(process, actor):
        raise NotFound(noun="process", key=process.id)


def _is_let(process: Process, actor: Actor) -> bool:
    return may_start(actor, _parts(process.properties.get("startableBy", "")), _offered(process))


def _offered(process: Process) -> frozenset[str]:
    return frozenset().union(*(_parts(process.elements[name].properties.get("role", ""))
                               for name in process.root().start_events))


def _parts(text: str) -> frozenset[str]:
    return frozenset(part.strip() for part in text.split(",") if part.strip())


def begin(context: Context, definition: Definition, variables: Mapping[str, Any], element: str | None,
          files: tuple[FileRef, ...] = ()) -> CaseRow:
    """Make the row of a new case and carry out its first step; ``element`` is the key of the row that listened."""
    row = _new_row(context, definition)
    cases.insert(context.connection, row)
    context.locked[row.id] = row
    attach(context, row.id, files)
    env, view = steps.environment(context, variables)
    at, event = listening.split(element) if element is not None else (None, None)
    instance, events = Instance.start(definition, variables, context.now, env=env, element=at, event=event,
                                      ready=partial(setattr, view, "instance"))
    view.instance, view.row = instance, row
    steps.finish(context, row, definition, instance, list(events), {"started": definition.key})
    return row


def _new_row(context: Context, definition: Definition) -> CaseRow:
    now = context.now
    return CaseRow(
        id=context.new_id(), case_no=None, definition_key=definition.key, process_id=definition.root.id, state="active",
        execution=b"", history_seq=0, audit_seq=0, audit_head="", title="", parties="", stage="",
        level=definition.root.properties.get("level", "L2"), kind="", applicant=None, owner=None, ended_element=None,
        started_at=now, updated_at=now, ended_at=None, unit=_unit(context),
        procedure=definition.root.properties.get("procedure", ""))


def _unit(context: Context) -> str | None:
    """A case registered at a window belongs to it; one that a party files itself, to no unit."""
    if context.actor.kind is not ActorKind.PERSON or not is_staff(context.actor):
        return None
    person = users.get(context.connection, context.actor.id)
    return person.unit if person is not None else None


def start_by_event(context: Context, command: StartByEvent) -> Outcome:
    """Start a case by a message or signal start event; once for each matched message. A message's correlation key comes
    with its variables, as ``correlation_key``: by it a court's number is known from the first step."""
    definition = context.parts.definitions.get(context.connection, command.definition_key)
    match = None
    if command.message is not None:
        match = message_rows.lock_start(context.connection, command.message, definition.root.id, command.element)
        if match is None or not match.pending:
            return {"case_id": None}
    context.legal_on = command.legal_on
    known = {"correlation_key": command.key, **command.variables} if command.key else command.variables
    row = begin(context, definition, known, command.element)
    if command.key:
        name = listening.name_of(definition.root, command.element)
        cases.add_keys(context.connection, row.id, {messages.start_key(name): command.key})
    if match is not None:
        message_rows.delivered(context.connection, match.message_id, match.process, row.id)
        messages.settle_inbound(context, match.message_id, row.id)
    return _answer(row)


def start_by_timer(context: Context, command: StartByTimer) -> Outcome:
    """Start a case by a timer start event that is due, and arm its next occurrence, in one transaction."""
    row = definitions.lock_start(context.connection, command.process_id, command.element)
    if row is None or row.due_at is None or row.due_at > context.now:
        return {"case_id": None}
    definition = context.parts.definitions.get(context.connection, row.definition_key)
    again = schedule.following(row.cycle, context.now)
    definitions.rearm_start(context.connection, command.process_id, command.element, again.due_at if again else None,
                            again.cycle if again else None)
    return _answer(begin(context, definition, {}, command.element))


def cancel(context: Context, command: CancelCase) -> Outcome:
    """End a case by decision of a person; everything that waits in it ends with it."""
    row = _visible_case(context, command.case_id, "case.cancel", active=False)
    if row.state not in ("active", "suspended"):
        raise Conflict(action="cancel", noun="case", key=row.case_no or row.id, state=row.state)
    steps.advance(context, row, lambda instance: instance.cancel(context.now), {"reason": command.reason})
    return _answer(row)


def suspend(context: Context, command: SuspendCase) -> Outcome:
    """Hold a case: its timers do not fire and its tasks cannot be completed until it is resumed; of its deadlines those
    stop that the law lets stop."""
    row = _visible_case(context, command.case_id, "case.suspend")
    stopped = suspensions.begin(context, row, command)
    return _set_state(context, row, "suspended", {
        "reason": command.reason, "basis": command.basis, "evidence": command.evidence, "stopped": stopped,
        "until_on": command.until_on and command.until_on.isoformat()})


def resume(context: Context, command: ResumeCase) -> Outcome:
    row = _visible_case(context, command.case_id, "case.suspend", active=False)
    if row.state != "suspended":
        raise Conflict(action="resume", noun="case", key=row.case_no or row.id, state=row.state)
    for match in message_rows.pending(context.connection, 1_000, row.id):
        context.follow_ups.append(steps.follow_up(match))
    running = suspensions.end(context, row)
    return _set_state(context, row, "active", {"reason": command.reason, "running": running})


def _set_state(context: Context, row: CaseRow, state: str, data: Mapping[str, Any]) -> Outcome:
    row.state = state
    trail.note(context, row, f"case:{state}", data)
    return _answer(row)


def set_variables(context: Context, command: SetVariables) -> Outcome:
    row = _visible_case(context, command.case_id, "case.variables")
    steps.advance(context, row, lambda instance: instance.set_variables(
        dict(command.variables), context.now, scope=command.scope), {"variables": sorted(command.variables)})
    return _answer(row)


def modify(context: Context, command: ModifyCase) -> Outcome:
    """Move tokens by hand: start before elements, end element instances. The reason is kept."""
    row = _visible_case(context, command.case_id, "case.modify")
    detail = {"activate": list(command.activate), "terminate": list(command.terminate), "reason": command.reason}
    steps.advance(context, row, lambda instance: instance.modify(
        activate=list(command.activate), terminate=list(command.terminate), now=context.now), detail)
    return _answer(row)


def require(context: Context, right: str) -> None:
    if not may(context.actor, right):
        raise NotAllowed(actor=context.actor.id, right=right)


def answer_wait(context: Context, command: AnswerWait) -> Outcome:
    """A person answers an open message wait that the diagram offers to one of the person's roles."""
    access.require_visible(context, command.wait, "wait")
    row, number = steps.lock_case_of(context, command.wait, "wait")
    wait = waits.find(context.connection, schema.subscription, row.id, number)
    if wait is None or wait.kind != "message" or not _offered_to(context, row, wait):
        raise NotFound(noun="wait", key=command.wait)
    steps.require_active(row)
    deadlines.require_in_time(context, row.id, wait.instance)
    variables = dict(command.variables)
    element = _element(context, row, wait)
    form = element.properties.get("form") if element is not None else None
    if form:
        definition = context.parts.definitions.get(context.connection, row.definition_key)
        variables = checked_form(context, definition, form, variables,
                                 lambda: seen_by(context, row, wait.instance))
    attach(context, row.id, command.files)
    steps.advance(context, row, lambda instance: instance.receive(wait.wait, variables, context.now),
                  {"answered": wait.name, "wait": wait.wait})
    return _answer(row)


def _element(context: Context, row: CaseRow, wait: Any) -> Element | None:
    definition = context.parts.definitions.get(context.connection, row.definition_key)
    return definition.processes[wait.process].elements.get(wait.element)


def _offered_to(context: Context, row: CaseRow, wait: Any) -> bool:
    """The element's ``role`` property names a role of the actor, or a capacity in which it takes part."""
    held = seats.capacities(context.connection, row, context.actor)
    return seats.answers(_element(context, row, wait), context.actor, held)


def _visible_case(context: Context, key: str, right: str, *, active: bool = True) -> CaseRow:
    """The locked case; what the actor may not touch answers like what does not exist."""
    case_id = queries.case_id(context.connection, context.actor, key)
    if case_id is None or not may(context.actor, right):
        raise NotFound(noun="case", key=key)
    return steps.lock_case(context, case_id, active=active)


def listed(files: tuple[FileRef, ...]) -> list[dict[str, str]]:
    """The variable ``files`` of a command whose form has no such field of its own."""
    return [{"name": item.name, "sha256": item.sha256, "role": item.role} for item in files]


def attach(context: Context, case_id: str, files: tuple[FileRef, ...]) -> None:
    """Put files into the case that the actor has handed in or may see; another's answers like none at all."""
    for sha256 in sorted({item.sha256 for item in files}):
        known = records.lock_file(context.connection, sha256)
        if known is None or queries.file(context.connection, context.actor, sha256) is None:
            raise NotFound(noun="file", key=sha256)
    rows: list[dict[str, Any]] = []
    for item in files:
        rows.append({
            "case_id": case_id, "id": context.new_id(), "category": "attachment", "title": item.name, "name": item.name,
            "role": item.role, "number": None, "sha256": item.sha256, "element": None, "issuing_authority": None,
            "handled_by": None, "added_by": context.actor.id, "added_at": context.now,
            "internal": is_staff(context.actor) and not context.actor.has("intake")})
    records.add_documents(context.connection, rows)
    context.filed += [item.sha256 for item in files]


def checked_form(context: Context, definition: Definition, form_id: str, values: Mapping[str, Any],
                 seen: Callable[[], Mapping[str, Any]] = dict) -> dict[str, Any]:
    """Values that fit a form, cleaned; ``seen``: what of the case the form takes its lists of options from. Raises
    ``FormRefused`` with ``problems`` in its parameters."""
    schema = definition.forms.get(form_id)
    if schema is None:
        raise KapokError(reason=f"form '{form_id}' is not deployed")
    beside = {**seen(), **colleagues.offered(context.connection, schema)} if forms.beside(schema) else {}
    clean, problems = forms.validate(schema, values, beside)
    if problems:
        raise FormRefused(form=form_id, count=len(problems), problems=problems)
    return clean


def seen_by(context: Context, row: CaseRow, instance: int) -> Mapping[str, Any]:
    """The variables that an element instance of a locked case sees."""
    return steps.load(context, row)[1].variables_of(instance)


def _answer(row: CaseRow) -> Outcome:
    return {"case_id": row.id, "case_no": row.case_no, "state": row.state}
