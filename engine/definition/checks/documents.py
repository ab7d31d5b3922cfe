"""The file as a whole: references between root elements, participants, quantities (BPMN 8.4, 9.3, 10.3)."""

from __future__ import annotations

import re

from engine.definition.activities import QUANTITY
from engine.definition.events import TRIGGERS, Index
from engine.definition.markup import BPMN, Node, line, local, reference, text
from engine.definition.report import Report

REFERENCES = {"messageRef": "message", "signalRef": "signal", "errorRef": "error", "escalationRef": "escalation",
              "dataObjectRef": "dataObject", "dataStoreRef": "dataStore", "operationRef": "operation",
              "processRef": "process", "categoryValueRef": "categoryValue"}
LANGUAGES = ("expressionLanguage", "typeLanguage")
NUMBER = re.compile(r"-?[0-9]{1,9}")
URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")


def check(root: Node, index: Index, report: Report) -> None:
    for node in root.iter(f"{{{BPMN}}}*"):
        _references(node, index, report)
        for quantity in ("startQuantity", "completionQuantity"):
            if not QUANTITY.fullmatch(node.get(quantity, "1").strip()):
                report.add("quantity", node.get("id", ""), line(node), what=quantity, text=node.get(quantity))
    for attribute in LANGUAGES:
        written = root.get(attribute)
        if written is not None and not URI.fullmatch(written):
            report.add("language-uri", line=line(root), attribute=attribute, text=written)
    for node in root.iter(f"{{{BPMN}}}eventDefinitionRef"):
        shared = index.by_id.get(reference(text(node)) or "")
        owner = node.getparent()
        if shared is None or owner is None:
            continue
        if local(shared) not in TRIGGERS or shared.getparent() is not root:
            report.add("wrong-reference", owner.get("id", ""), line(node), name=text(node), found=f"a {local(shared)}",
                       expected="an event definition of the file, not of another event")
    for node in root.iter(f"{{{BPMN}}}participantMultiplicity"):
        _multiplicity(node, report)


def _references(node: Node, index: Index, report: Report) -> None:
    if local(node).endswith("EventDefinition"):
        return  # named by the reader, with the event they belong to
    for attribute, kind in REFERENCES.items():
        written = node.get(attribute)
        if written and index.find(written, kind) is None:
            report.add("unknown-reference", node.get("id", ""), line(node), kind=kind, name=written)


def _multiplicity(node: Node, report: Report) -> None:
    """At least 0 to at least 1, the higher not below the lower (BPMN 9.3.1)."""
    written = node.get("minimum", "0"), node.get("maximum", "1")
    if not all(NUMBER.fullmatch(one) for one in written):
        return  # named by the schema
    low, high = map(int, written)
    owner = node.getparent()
    if low < 0 or high < 1 or (node.get("maximum") is not None and high < low):
        named = owner.get("id", "") if owner is not None else ""
        report.add("participant-multiplicity", named, line(node), low=low, high=high)


