"""Activities and sub-processes: flows, starts, compensation (BPMN 10.3, 10.7)."""

from __future__ import annotations

from engine.definition.checks.subject import ACTIVITIES, SUB_PROCESSES, Subject
from engine.definition.events import compensates
from engine.definition.model import Element, Kind, Scope, Trigger


def check(subject: Subject) -> None:
    _none_starts(subject)
    handlers = {event.compensation_handler for event in subject.of(Kind.BOUNDARY_EVENT)}
    for activity in subject.of(*ACTIVITIES):
        if len(activity.outgoing) == 1 and subject.process.flows[activity.outgoing[0]].condition is not None:
            flow = subject.process.flows[activity.outgoing[0]]
            subject.report.add("condition-single", flow.id, flow.line, source=activity.id)
        if activity.for_compensation:
            _for_compensation(activity, handlers, subject)
        if activity.kind is Kind.RECEIVE_TASK and activity.instantiate:
            _instantiating(activity, subject)
        if activity.kind in SUB_PROCESSES:
            _sub_process(activity, subject.process.scopes[activity.id], subject)
    for event in subject.of(Kind.BOUNDARY_EVENT, Kind.THROW_EVENT, Kind.END_EVENT):
        _compensation_event(event, subject)


def _none_starts(subject: Subject) -> None:
    none = [name for name in subject.process.root().start_events if not subject.process.elements[name].events]
    for extra in none[1:]:
        subject.add("start-several-none", subject.process.elements[extra])


def _for_compensation(activity: Element, handlers: set[str | None], subject: Subject) -> None:
    if activity.incoming or activity.outgoing:
        subject.add("compensation-flow", activity)
    if activity.id not in handlers:
        subject.add("handler-unused", activity)


def _instantiating(task: Element, subject: Subject) -> None:
    if any(source.kind is not Kind.EVENT_BASED_GATEWAY for source in subject.sources(task)):
        subject.add("instantiate-incoming", task)
    if subject.owner(task.scope) is not None:
        subject.add("instantiate-nested", task, scope=task.scope)


def _sub_process(activity: Element, scope: Scope, subject: Subject) -> None:
    members = subject.members(scope)
    if activity.triggered_by_event:
        if activity.incoming or activity.outgoing:
            subject.add("event-sub-process-flow", activity)
        if len(scope.start_events) != 1:
            subject.add("sub-process-start", activity, expected="exactly one start event",
                        count=len(scope.start_events))
    elif activity.kind is Kind.AD_HOC_SUB_PROCESS:
        _ad_hoc(activity, members, subject)
    elif len(scope.start_events) > 1:
        subject.add("sub-process-start", activity, expected="at most one start event", count=len(scope.start_events))
    elif not members:
        subject.add("sub-process-empty", activity)


def _ad_hoc(activity: Element, members: list[Element], subject: Subject) -> None:
    terminal = [item for item in members if item.kind in (Kind.START_EVENT, Kind.END_EVENT)]
    if terminal:
        subject.add("ad-hoc-content", terminal[0], scope=activity.id, found=f"it has {terminal[0].id}")
    elif subject.process.executable and not any(item.kind in ACTIVITIES for item in members):
        subject.add("ad-hoc-content", activity, scope=activity.id, found="it has no activity")
    if activity.ad_hoc and activity.ad_hoc.completion_condition is None and subject.process.executable:
        subject.add("ad-hoc-completion", activity)


def _compensation_event(event: Element, subject: Subject) -> None:
    if compensates(event.kind, event.events):
        _handler(event, subject)
        return
    for definition in event.events:
        if definition.trigger is Trigger.COMPENSATION and definition.activity is not None:
            _thrown(event, definition.activity, subject)


def _handler(event: Element, subject: Subject) -> None:
    handler = subject.process.elements.get(event.compensation_handler or "")
    if handler is None:
        subject.add("compensation-handler", event, found="none is")
    elif handler.kind not in ACTIVITIES or not handler.for_compensation:
        subject.add("compensation-handler", event, found=f"'{handler.id}' is not marked")
    elif handler.scope != event.scope:
        subject.add("compensation-handler", event, found=f"'{handler.id}' is in another scope")


def _thrown(event: Element, name: str, subject: Subject) -> None:
    activity = subject.process.elements.get(name)
    if activity is None or activity.kind not in ACTIVITIES:
        subject.add("compensation-activity", event, name=name, found="not an activity of this process")
    elif activity.id not in subject.process.compensable and activity.kind is not Kind.CALL_ACTIVITY:
        subject.add("compensation-activity", event, name=name, found="without a handler")
    elif activity.scope not in _visible(event, subject):
        subject.add("compensation-activity", event, name=name, found="out of sight")


def _visible(event: Element, subject: Subject) -> set[str]:
    """Own scope; from an event sub-process also what it is attached to (BPMN 10.5.1, activityRef)."""
    scopes = {event.scope}
    owner = subject.owner(event.scope)
    while owner is not None and (owner.triggered_by_event or owner.for_compensation):
        scopes.add(owner.scope)
        owner = subject.owner(owner.scope)
    return scopes
