"""Remarks for designers: nothing here refuses a deployment."""

from __future__ import annotations

from collections.abc import Sequence

from engine.definition.checks.subject import ACTIVITIES, GATEWAYS, Subject
from engine.definition.markup import BPMN, BPMNDI, Node, line, local, reference
from engine.definition.model import Element, Kind, Process
from engine.definition.report import Report

ROOTS = ("message", "signal", "error", "escalation")


def check(subject: Subject) -> None:
    drawn = _drawn(subject)
    for element in subject.process.elements.values():
        if not element.name and _wants_label(element):
            subject.add("missing-label", element, kind=str(element.kind))
        if drawn and element.id not in drawn and subject.node(element) is not None:
            subject.add("not-drawn", element)


def check_starts(processes: Sequence[tuple[Process, Report]]) -> None:
    """A process that a person could start says who may; one that others call is started by them."""
    called = {element.called.process_id for process, _ in processes for element in process.elements.values()
              if element.called is not None}
    for process, report in processes:
        starts = [process.elements[name] for name in process.root().start_events]
        by_hand = [start for start in starts if not start.events]
        said = process.properties.get("startableBy") or any(start.properties.get("role") for start in by_hand)
        if process.executable and by_hand and not said and process.id not in called:
            report.add("starter-unnamed", process.id, by_hand[0].line)


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
