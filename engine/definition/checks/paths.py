"""Paths: where tokens enter and leave a scope, what they can reach, and cycles they could never leave.

Source: BPMN 10.5.2–10.5.3 (a scope with a start event has ends, and nothing else without flows), 13.2.
"""

from __future__ import annotations

from engine.definition.checks.subject import SUB_PROCESSES, Subject
from engine.definition.events import is_link_catch, is_link_throw
from engine.definition.model import Element, Kind, MultiInstance, Scope, StandardLoop
from engine.definition.reach import components

WAITS = frozenset({Kind.USER_TASK, Kind.SERVICE_TASK, Kind.SEND_TASK, Kind.RECEIVE_TASK, Kind.CATCH_EVENT,
                   Kind.EVENT_BASED_GATEWAY, Kind.CALL_ACTIVITY})
CHOICES = frozenset({Kind.EXCLUSIVE_GATEWAY, Kind.INCLUSIVE_GATEWAY, Kind.COMPLEX_GATEWAY})


def check(subject: Subject) -> None:
    for scope in subject.process.scopes.values():
        owner = subject.owner(scope.id)
        if owner is None or owner.kind is not Kind.AD_HOC_SUB_PROCESS:
            _terminals(scope, subject)
        _reachable(scope, subject)
    _cycles(subject)


def _terminals(scope: Scope, subject: Subject) -> None:
    members = subject.members(scope)
    ends = [item for item in members if item.kind is Kind.END_EVENT]
    instantiating = any(item.instantiate for item in members)
    line = subject.process.line if scope.parent is None else subject.process.elements[scope.id].line
    if scope.start_events:
        for item in members:
            if not item.incoming and not _needs_no_incoming(item):
                subject.add("no-incoming", item)
        if not ends:
            subject.report.add("end-required", scope.id, line)
    elif ends and not instantiating:
        subject.report.add("start-required", scope.id, line)
    elif scope.entry_elements and not instantiating and subject.process.executable:
        subject.report.add("implicit-start", scope.id, line, entries=", ".join(scope.entry_elements))
    if ends:
        for item in members:
            if not item.outgoing and not _needs_no_outgoing(item):
                subject.add("no-outgoing", item)
    elif not scope.start_events and scope.entry_elements and subject.process.executable:
        subject.report.add("implicit-end", scope.id, line)


def _needs_no_incoming(item: Element) -> bool:
    # Events without the flows they need are named by the rules of events.
    return (item.kind in (Kind.START_EVENT, Kind.BOUNDARY_EVENT, Kind.CATCH_EVENT, Kind.THROW_EVENT, Kind.END_EVENT)
            or item.triggered_by_event or item.for_compensation or item.instantiate or is_link_catch(item))


def _needs_no_outgoing(item: Element) -> bool:
    return (item.kind in (Kind.START_EVENT, Kind.BOUNDARY_EVENT, Kind.CATCH_EVENT, Kind.THROW_EVENT, Kind.END_EVENT)
            or item.triggered_by_event or item.for_compensation or is_link_throw(item))


def _reachable(scope: Scope, subject: Subject) -> None:
    """Elements with incoming flows that no entry of their scope leads to: islands."""
    elements = subject.process.elements
    members = subject.members(scope)
    ahead = [item.id for item in members if not item.incoming and not is_link_catch(item)
             and (item.kind is not Kind.BOUNDARY_EVENT or item.attached_to not in elements)]
    seen = set(ahead)
    while ahead:
        for name in subject.after[ahead.pop()]:
            if name not in seen:
                seen.add(name)
                ahead.append(name)
    for item in members:
        if item.id not in seen:
            subject.add("unreachable", item)


def _cycles(subject: Subject) -> None:
    elements = subject.process.elements
    for component in components(subject.after):
        members = set(component)
        first = component[-1]
        if len(component) == 1 and first not in subject.after[first]:
            continue
        if not any(_waits(elements[name], subject) or _exits(elements[name], members, subject) for name in component):
            ordered = [name for name in elements if name in members]
            subject.add("endless-cycle", elements[ordered[0]], path=" → ".join([*ordered, ordered[0]]))


def _waits(element: Element, subject: Subject) -> bool:
    if element.kind in WAITS or element.job is not None:
        return True
    if isinstance(element.loop, MultiInstance | StandardLoop):
        return False
    if element.kind in SUB_PROCESSES:
        return any(_waits(inner, subject) for inner in subject.members(subject.process.scopes[element.id]))
    return False


def _exits(element: Element, cycle: set[str], subject: Subject) -> bool:
    """A choice one of whose flows leaves the cycle."""
    conditional = any(subject.process.flows[flow].condition is not None for flow in element.outgoing)
    if element.kind not in CHOICES and not conditional:
        return False
    return any(subject.process.flows[flow].target not in cycle for flow in element.outgoing)
