"""Errors thrown by end events, and whether anybody listens (BPMN 10.5.1; what is uncaught becomes an incident)."""

from __future__ import annotations

from collections.abc import Iterator

from engine.definition.checks.subject import SUB_PROCESSES, Subject
from engine.definition.model import Element, Kind, MultiInstance, Trigger

MAY_THROW = frozenset({Kind.USER_TASK, Kind.SERVICE_TASK, Kind.SEND_TASK, Kind.BUSINESS_RULE_TASK, Kind.CALL_ACTIVITY,
                       Kind.SCRIPT_TASK})


def check(subject: Subject) -> None:
    for event in subject.of(Kind.END_EVENT):
        for code in _codes(event):
            if code is not None and not _caught(event, code, subject):
                subject.add("error-uncaught", event, code=code)
    for event in subject.of(Kind.BOUNDARY_EVENT):
        attached = subject.process.elements.get(event.attached_to or "")
        codes = list(_codes(event))
        if attached is not None and codes and not any(_thrown(attached, code, subject) for code in codes):
            subject.add("error-never-thrown", event, attached=attached.id)


def _codes(event: Element) -> Iterator[str | None]:
    return (item.code for item in event.events if item.trigger is Trigger.ERROR)


def _caught(event: Element, code: str, subject: Subject) -> bool:
    elements, scopes = subject.process.elements, subject.process.scopes
    scope, inside = event.scope, event.id
    while True:
        starts = [elements[start] for sub in scopes[scope].event_sub_processes if sub != inside
                  for start in scopes[sub].start_events]
        around = [elements[name] for name in subject.process.boundaries.get(scope, ())]
        if any(found in (code, None) for catcher in (*starts, *around) for found in _codes(catcher)):
            return True
        if scope not in elements:
            return False
        scope, inside = elements[scope].scope, scope


def _thrown(activity: Element, code: str | None, subject: Subject) -> bool:
    """Tasks done outside the diagram may throw anything; a sub-process throws what it holds."""
    if activity.kind in MAY_THROW or activity.job is not None or isinstance(activity.loop, MultiInstance) and any(
            item.event.trigger is Trigger.ERROR for item in activity.loop.throws):
        return True
    if activity.kind not in SUB_PROCESSES:
        return False
    members = subject.members(subject.process.scopes[activity.id])
    return any(_thrown(member, code, subject) or (member.kind is Kind.END_EVENT and any(
        code in (None, found) for found in _codes(member))) for member in members)
