"""The file as a whole: ids, references between root elements, and data declarations (BPMN 8.4, 10.4)."""

from __future__ import annotations

from engine.definition.events import Index
from engine.definition.markup import BPMN, Node, line, local
from engine.definition.report import Report

REFERENCES = {"messageRef": "message", "signalRef": "signal", "errorRef": "error", "escalationRef": "escalation",
              "dataObjectRef": "dataObject", "dataStoreRef": "dataStore", "operationRef": "operation"}


def check(root: Node, index: Index, report: Report) -> None:
    for node in root.iter(f"{{{BPMN}}}*"):
        for attribute, kind in REFERENCES.items():
            written = node.get(attribute)
            if written and not local(node).endswith("EventDefinition") and index.find(written, kind) is None:
                report.add("unknown-reference", node.get("id", ""), line(node), kind=kind, name=written)
