"""Events: which trigger may stand where, and which flows they have (BPMN 10.5, tables 10.84–10.93)."""

from __future__ import annotations

from engine.definition.checks.subject import ACTIVITIES, EVENTS, Subject
from engine.definition.events import is_link_catch, is_link_throw
from engine.definition.model import Element, EventDefinition, Kind, Trigger

T = Trigger
NONE = frozenset({T.NONE})
START = NONE | {T.MESSAGE, T.TIMER, T.CONDITION, T.SIGNAL}
EVENT_SUB_START = frozenset({T.MESSAGE, T.TIMER, T.ESCALATION, T.ERROR, T.COMPENSATION, T.CONDITION, T.SIGNAL})
CATCH = frozenset({T.MESSAGE, T.TIMER, T.CONDITION, T.LINK, T.SIGNAL})
BOUNDARY = EVENT_SUB_START | {T.CANCEL}
THROW = NONE | {T.MESSAGE, T.ESCALATION, T.COMPENSATION, T.LINK, T.SIGNAL}
END = NONE | {T.MESSAGE, T.ESCALATION, T.ERROR, T.CANCEL, T.COMPENSATION, T.SIGNAL, T.TERMINATE}
PREFIXES = {Kind.START_EVENT: "start", Kind.END_EVENT: "end", Kind.BOUNDARY_EVENT: "boundary"}
ALWAYS_INTERRUPT = frozenset({T.ERROR, T.CANCEL, T.COMPENSATION})


def check(subject: Subject) -> None:
    for event in subject.of(*EVENTS):
        _triggers(event, subject)
        _flows(event, subject)
        if event.kind is Kind.BOUNDARY_EVENT:
            _boundary(event, subject)
        for definition in event.events:
            _definition(event, definition, subject)
        if event.parallel_multiple and len(event.events) < 2:
            subject.add("parallel-multiple", event, count=len(event.events))
    for task in subject.of(Kind.RECEIVE_TASK):
        if subject.process.executable and not any(item.name for item in task.events):
            subject.add("message-missing", task)


def position(event: Element, subject: Subject) -> tuple[str, frozenset[Trigger]]:
    """How the event's place is called, and the triggers that BPMN allows there."""
    owner = subject.owner(event.scope)
    if event.kind is Kind.START_EVENT and owner is not None:
        if owner.triggered_by_event:
            return "start event of an event sub-process", EVENT_SUB_START
        return "start event of a sub-process", NONE
    return {Kind.START_EVENT: ("start event", START), Kind.CATCH_EVENT: ("intermediate catch event", CATCH),
            Kind.BOUNDARY_EVENT: ("boundary event", BOUNDARY), Kind.END_EVENT: ("end event", END),
            Kind.THROW_EVENT: ("intermediate throw event", THROW)}[event.kind]


def _triggers(event: Element, subject: Subject) -> None:
    place, allowed = position(event, subject)
    found = [item.trigger for item in event.events] or [T.NONE]
    for trigger in found:
        if trigger not in allowed:
            subject.add("event-trigger", event, position=place, expected=", ".join(sorted(allowed)), found=str(trigger))
        elif trigger in ALWAYS_INTERRUPT and not event.interrupting:
            is_boundary = event.kind is Kind.BOUNDARY_EVENT
            subject.add("boundary-must-interrupt" if is_boundary else "start-must-interrupt", event,
                        trigger=str(trigger))
        elif trigger is T.CANCEL and not _in_transaction(event, subject):
            subject.add("cancel-outside-transaction", event)


def _in_transaction(event: Element, subject: Subject) -> bool:
    """A boundary event sits on a transaction; an end event is inside one, at any depth (BPMN 10.3.5)."""
    elements = subject.process.elements
    if event.kind is Kind.BOUNDARY_EVENT:
        attached = elements.get(event.attached_to or "")
        return attached is None or attached.kind is Kind.TRANSACTION
    scope: Element | None = elements.get(event.scope)
    while scope is not None:
        if scope.kind is Kind.TRANSACTION:
            return True
        scope = elements.get(scope.scope)
    return False


def _flows(event: Element, subject: Subject) -> None:
    prefix = PREFIXES.get(event.kind, "catch")
    compensates = any(item.trigger is T.COMPENSATION for item in event.events)
    if prefix in ("start", "boundary"):
        if event.incoming:
            subject.add(f"{prefix}-incoming", event)
    elif not event.incoming and not is_link_catch(event):
        subject.add(f"{prefix}-incoming", event)
    if prefix == "end":
        if event.outgoing:
            subject.add("end-outgoing", event)
    elif prefix == "boundary" and compensates:
        if event.outgoing:
            subject.add("compensation-flow", event)
    elif not event.outgoing and not is_link_throw(event):
        subject.add(f"{prefix}-outgoing", event)


def _boundary(event: Element, subject: Subject) -> None:
    attached = subject.process.elements.get(event.attached_to or "")
    if attached is None:
        subject.add("boundary-attached", event, name=event.attached_to, found="unknown")
    elif attached.kind not in ACTIVITIES:
        subject.add("boundary-attached", event, name=attached.id, found=f"a {attached.kind}")
    elif attached.scope != event.scope:
        subject.add("boundary-attached", event, name=attached.id, found="in another scope")
    elif attached.triggered_by_event:
        subject.add("event-sub-process-boundary", event, attached=attached.id)


def _definition(event: Element, definition: EventDefinition, subject: Subject) -> None:
    """What a trigger needs so that it can be executed."""
    if not subject.process.executable:
        return
    throws = event.kind in (Kind.THROW_EVENT, Kind.END_EVENT)
    trigger = definition.trigger
    if trigger is T.MESSAGE and definition.name is None and event.job is None:
        subject.add("message-missing", event)
    elif trigger is T.SIGNAL and definition.name is None:
        subject.add("signal-missing", event)
    elif trigger is T.CONDITION and definition.condition is None:
        subject.add("condition-missing", event)
    elif trigger in (T.ERROR, T.ESCALATION) and throws and definition.code is None:
        subject.add(f"{trigger}-code-missing", event)
