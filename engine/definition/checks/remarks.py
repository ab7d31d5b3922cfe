"""Remarks for designers: nothing here refuses a deployment."""

from __future__ import annotations

from engine.definition.checks.subject import ACTIVITIES, GATEWAYS, Subject
from engine.definition.markup import BPMN, BPMNDI, Node, line, local, reference
from engine.definition.model import Element, Kind, Trigger
from engine.definition.report import Report

ROOTS = ("message", "signal", "error", "escalation")
WITHDRAWALS = frozenset({Trigger.TIMER, Trigger.MESSAGE, Trigger.SIGNAL, Trigger.CONDITION})


def check(subject: Subject) -> None:
    drawn = _drawn(subject)
    for element in subject.process.elements.values():
        if not element.name and _wants_label(element):
            subject.add("missing-label", element, kind=str(element.kind))
        if _waits(element) and not _has_exit(element, subject):
            subject.add("wait-without-exit", element)
        if drawn and element.id not in drawn and subject.node(element) is not None:
            subject.add("not-drawn", element)


def check_file(root: Node, report: Report) -> None:
    if root.find(f"{{{BPMNDI}}}BPMNDiagram") is None:
        report.add("no-diagram", line=line(root))
    used = {reference(node.get(f"{kind}Ref")) for node in root.iter(f"{{{BPMN}}}*") for kind in ROOTS
            if node.get(f"{kind}Ref")}
    for node in root:
        if local(node) in ROOTS and node.get("id") not in used:
            report.add("unused-root", node.get("id", ""), line(node), kind=local(node), name=node.get("name", ""))


def _drawn(subject: Subject) -> set[str]:
    home = subject.index.by_id.get(subject.process.id)
    if home is None:
        return set()
    return {reference(shape.get("bpmnElement")) or "" for shape in home.getroottree().iter(f"{{{BPMNDI}}}BPMNShape")}


def _wants_label(element: Element) -> bool:
    if element.kind in ACTIVITIES:
        return not element.triggered_by_event
    return element.kind in GATEWAYS - {Kind.PARALLEL_GATEWAY, Kind.EVENT_BASED_GATEWAY} and len(element.outgoing) > 1


def _waits(element: Element) -> bool:
    return element.kind in (Kind.USER_TASK, Kind.RECEIVE_TASK) or (
        element.kind is Kind.CATCH_EVENT and any(item.trigger is Trigger.MESSAGE for item in element.events))


def _has_exit(element: Element, subject: Subject) -> bool:
    """A due date of a task of our own, a boundary event, an alternative at an event-based gateway, or an event
    sub-process or boundary around it."""
    if element.user_task is not None and element.user_task.due_date is not None:
        return True
    if any(source.kind is Kind.EVENT_BASED_GATEWAY for source in subject.sources(element)):
        return True
    elements, scopes = subject.process.elements, subject.process.scopes
    around, scope = element.id, element.scope
    while True:
        exits = [elements[name] for name in subject.process.boundaries.get(around, ())]
        exits += [elements[start] for inner in scopes[scope].event_sub_processes for start in scopes[inner].start_events
                  if around != inner]
        if any(item.trigger in WITHDRAWALS for event in exits for item in event.events):
            return True
        if scope not in elements:
            return False
        around, scope = scope, elements[scope].scope
