"""What elements refer to beyond their file: called processes, decisions and forms, bound at deployment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.definition.model import Decision, Element, Model, Process, form_ids
from engine.definition.report import Report


def check_links(model: Model, processes: Mapping[str, Process], decisions: Mapping[str, Decision],
                forms: Mapping[str, Mapping[str, Any]], report: Report) -> None:
    """Each reference of an executable process must be deployed with the file or before it."""
    for process in model.processes:
        if not process.executable:
            continue
        for element in process.elements.values():
            if element.kind == "callActivity":
                _process(element, processes, report)
            if element.decision is not None:
                _decision(element, decisions, report)
            for form in form_ids(element):
                if form not in forms:
                    report.add("form-unknown", element.id, element.line, form=form)


def _process(element: Element, processes: Mapping[str, Process], report: Report) -> None:
    name = element.called.process_id if element.called else ""
    if not name:
        report.add("called-process-missing", element.id, element.line)
    elif name.startswith("="):
        report.add("called-process-dynamic", element.id, element.line, kind="process", text=name)
    elif name not in processes:
        report.add("called-process-unknown", element.id, element.line, process=name)
    elif not _callable(processes[name]):
        report.add("called-process-start", element.id, element.line, process=name)


def _callable(process: Process) -> bool:
    """A called process starts at a none start event, or implicitly (BPMN 10.3.6)."""
    root = process.root()
    return not root.start_events or any(not process.elements[name].events for name in root.start_events)


def _decision(element: Element, decisions: Mapping[str, Decision], report: Report) -> None:
    called = element.decision
    if called is None or not called.decision_id or not called.result:
        missing = "the result variable" if called and called.decision_id else "the decision id"
        report.add("called-decision-missing", element.id, element.line, missing=missing)
    elif called.decision_id.startswith("="):
        report.add("called-process-dynamic", element.id, element.line, kind="decision", text=called.decision_id)
    elif called.decision_id not in decisions:
        report.add("called-decision-unknown", element.id, element.line, decision=called.decision_id)
