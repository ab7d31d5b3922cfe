"""One execution step of one case: load, act, let operations do their part, record.

Operations (what service tasks name) run inside the step's transaction, each in a savepoint: one that fails leaves an
incident and nothing else. Jobs of other types stay open for workers outside.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from types import MappingProxyType
from typing import Any

import structlog

from engine.definition.model import Definition
from engine.domain import events as ev
from engine.domain.actors import SYSTEM
from engine.domain.commands import BroadcastSignal, DeliverMessage, DeliverSignal, PublishMessage, split_key
from engine.errors import Conflict, KapokError, NotFound
from engine.execution import Environment, Instance
from engine.services import messages, recorder
from engine.services.context import Context
from engine.services.legal_time import deadlines
from engine.services.operations import OperationCall
from engine.services.people import seats
from engine.store import cases, schema, waits
from engine.store import messages as rows
from engine.store.cases import CaseRow
from engine.store.database import DBAPIError

_log = structlog.get_logger(__name__)

Act = Callable[[Instance], Sequence[ev.Event]]
STEP_SECONDS = 5.0
"""Steps take milliseconds. What one has not done by then is kept in an incident, so that no worker hangs."""


def lock_case(context: Context, case_id: str, *, active: bool = True) -> CaseRow:
    """The case's row, locked first of all. Raises ``NotFound``, or ``Conflict`` when it is not active but must be."""
    row = context.locked.get(case_id) or cases.lock(context.connection, case_id)
    if row is None:
        raise NotFound(noun="case", key=case_id)
    context.locked[case_id] = row
    if active:
        require_active(row)
    return row


def lock_case_of(context: Context, key: str, noun: str) -> tuple[CaseRow, int]:
    """The locked case and the number of what a public key names; every key that names nothing answers alike."""
    parts = split_key(key)
    row = (context.locked.get(parts[0]) or cases.lock(context.connection, parts[0])) if parts is not None else None
    if row is None or parts is None:
        raise NotFound(noun=noun, key=key)
    context.locked[row.id] = row
    return row, parts[1]


def lock_user_task(context: Context, key: str) -> tuple[CaseRow, int, waits.UserTask | None]:
    """The locked case, the number of what a public key names, and the user task if it is one, as the actor stands to
    it."""
    parts = split_key(key)
    if parts is None or parts[0] in context.locked:
        row, wait = lock_case_of(context, key, "user task")
        return row, wait, waits.find_user_task(context.connection, row.id, wait, context.actor.id)
    found, task, limits = waits.lock_user_task(context.connection, *parts, context.actor.id)
    if found is None:
        raise NotFound(noun="user task", key=key)
    context.locked[found.id], context.limits[found.id] = found, limits
    return found, parts[1], task


def require_active(row: CaseRow) -> None:
    """Raises ``Conflict`` when the case is suspended or over."""
    if row.state != "active":
        raise Conflict(action="change", noun="case", key=row.case_no or row.id, state=row.state)


class _Variables:
    """Lets host functions see what the expression that calls them sees, in an instance that exists only after them; in
    the first step of a case that is what it begins with."""

    def __init__(self, initial: Mapping[str, Any]) -> None:
        self.instance: Instance | None = None
        self.row: CaseRow | None = None
        self._initial = initial

    def __call__(self) -> Mapping[str, Any]:
        return self.instance.seen if self.instance is not None else self._initial

    def number(self) -> str | None:
        """The number of the case, None as long as it has none."""
        return self.row.case_no if self.row is not None else None


def environment(context: Context, initial: Mapping[str, Any] = MappingProxyType({})) -> tuple[Environment, _Variables]:
    variables = _Variables(initial)
    functions = deadlines.functions(context, variables, variables.number)
    parts = context.parts
    return Environment(functions=functions, step_limit=parts.step_limit, on_flow=parts.on_flow,
                       time_is_up=_stopwatch(context)), variables


def _stopwatch(context: Context) -> Callable[[], bool]:
    """Begun when the case is at hand: who waited for its lock has lost no time of the step."""
    until = context.monotonic() + STEP_SECONDS
    return lambda: context.monotonic() > until


def load(context: Context, row: CaseRow) -> tuple[Definition, Instance]:
    """The case's instance, as it was left."""
    definition = context.parts.definitions.get(context.connection, row.definition_key)
    env, variables = environment(context)
    instance = Instance.load(definition, row.execution, env=env)
    variables.instance, variables.row = instance, row
    return definition, instance


def advance(context: Context, row: CaseRow, act: Act, detail: Mapping[str, Any],
            legal_on: date | None = None) -> Instance:
    """Carry out one step on a locked case and record it."""
    if legal_on is not None:
        context.legal_on = legal_on
    definition, instance = load(context, row)
    finish(context, row, definition, instance, list(act(instance)), detail)
    return instance


def finish(context: Context, row: CaseRow, definition: Definition, instance: Instance, events: list[ev.Event],
           detail: Mapping[str, Any]) -> None:
    """Operations, locks of names, rows, matches: everything of a step after its first events."""
    _perform_operations(context, row, definition, instance, events)
    messages.lock_names(context, row.id, events)
    recorder.record(context, row, definition, events, instance.dump(), detail)
    while context.once_recorded:
        context.once_recorded.pop(0)()
    seats.offer(context, row, definition, instance, events)
    messages.meet_waiting(context, row, events)
    for event in events:
        if isinstance(event, ev.MessageThrown):
            messages.publish(context, PublishMessage(event.name, event.key, event.variables, legal_on=context.legal_on))
        elif isinstance(event, ev.SignalThrown):
            messages.broadcast(context, BroadcastSignal(event.name, event.variables, origin=row.id))
        elif isinstance(event, ev.CaseEnded):
            messages.start_next(context, row.id, row.process_id)


def _perform_operations(context: Context, row: CaseRow, definition: Definition, instance: Instance,
                        events: list[ev.Event]) -> None:
    position = 0
    while position < len(events):
        event = events[position]
        position += 1
        if isinstance(event, ev.JobOpened) and event.type in context.parts.operations and event.wait in instance.waits:
            events.extend(_perform(OperationCall(context, row, definition, event, tuple(events)), instance))


def _perform(call: OperationCall, instance: Instance) -> Sequence[ev.Event]:
    context, event = call.context, call.job
    try:
        with context.connection.begin_nested():
            output = context.parts.operations[event.type](call)
    except KapokError as error:
        return instance.fail(event.wait, error.message, 0, context.now)
    except DBAPIError:
        raise  # a collision or a lost connection is the transaction's business, not the case's
    except Exception as error:
        _log.exception("operation_failed", operation=event.type, case=call.case.id, element=event.element)
        return instance.fail(event.wait, f"{event.type}: {type(error).__name__}: {error}", 0, context.now)
    return instance.complete(event.wait, output, context.now)


def follow_up(match: Any) -> Any:
    """The command that tells the receiver of a pending match."""
    kinds: dict[str, Any] = {"message": DeliverMessage, "signal": DeliverSignal}
    return kinds[match.kind](match.message_id, match.case_id, match.wait)


def deliver_message(context: Context, command: DeliverMessage) -> Mapping[str, Any]:
    """Hand a matched message to its wait; when the wait is gone, to the next one, or back to the buffer."""
    row = lock_case(context, command.case_id, active=False)
    process, wait, message = _delivery(context, command)
    if process is None or row.state == "suspended":
        return {"delivered": False}
    if wait is None or message is None or row.state != "active":
        messages.rematch(context, command.message, process)
        return {"delivered": False}
    if deadlines.passed(context, row.id, wait.instance) is not None:
        return {"delivered": False}
    rows.delivered(context.connection, command.message, process, row.id)
    messages.settle(context, message, row.id)
    advance(context, row, lambda instance: instance.receive(command.wait, message.variables, context.now),
            {"message": message.id, "name": message.name}, message.legal_on)
    return {"delivered": True}


def _delivery(context: Context, command: DeliverMessage) -> tuple[str | None, Any, Any]:
    """(process, wait, message) of what is to be delivered; each None when it is gone."""
    if command in context.matched:
        wait, message = context.matched[command]
        return wait.process, wait, message
    match, wait, message = rows.delivery(context.connection, command.message, command.case_id, command.wait)
    return match and match.process, wait, message


def deliver_at_once(context: Context) -> None:
    """Bring what this transaction has matched to the cases that it holds anyway, as the engine would do it next: one
    commit for both. What fails leaves nothing, and stays a durable row that is told again."""
    moved: set[str] = set()
    for command in [one for one in context.follow_ups if isinstance(one, DeliverMessage)]:
        held = context.locked.get(command.case_id)
        if held is None:
            continue
        as_engine = replace(context, actor=SYSTEM, action=type(command).__name__, follow_ups=[], filed=[],
                            locked={**context.locked, held.id: replace(held)},
                            matched={} if held.id in moved else context.matched)
        moved.add(held.id)
        try:
            with context.database.attempting(context.connection):
                deliver_message(as_engine, command)
        except Exception as error:
            if context.connection.invalidated:
                raise
            _log.warning("not_delivered_at_once", message=command.message, case=held.id, error=str(error))
        else:
            context.locked.update(as_engine.locked)
            context.follow_ups.remove(command)
            context.follow_ups.extend(as_engine.follow_ups)


def deliver_signal(context: Context, command: DeliverSignal) -> Mapping[str, Any]:
    """Bring a signal to one wait of one case, if it still waits."""
    row = lock_case(context, command.case_id, active=False)
    match = rows.pending_of(context.connection, command.signal, command.case_id, command.wait)
    if match is None or row.state == "suspended":
        return {"delivered": False}
    rows.delivered(context.connection, command.signal, match.process, row.id)
    signal = rows.get(context.connection, command.signal)
    if waits.find(context.connection, schema.subscription, row.id, command.wait) is None or row.state != "active":
        return {"delivered": False}
    variables = signal.variables if signal is not None else {}
    advance(context, row, lambda instance: instance.receive(command.wait, variables, context.now),
            {"signal": command.signal})
    return {"delivered": True}
