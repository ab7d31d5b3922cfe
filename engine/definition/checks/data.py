"""Data declarations: what is declared must hang together, although only FEEL mappings carry data here (BPMN 10.4)."""

from __future__ import annotations

from engine.definition.events import Index
from engine.definition.markup import BPMN, Node, bpmn_child, bpmn_children, flag, line, local, reference, text
from engine.definition.report import Report

SUB_PROCESSES = frozenset({"subProcess", "transaction", "adHocSubProcess"})
SETS = {"inputSet": ("dataInputRefs", ("optionalInputRefs", "whileExecutingInputRefs"), "outputSetRefs"),
        "outputSet": ("dataOutputRefs", ("optionalOutputRefs", "whileExecutingOutputRefs"), "inputSetRefs")}
ITEMS = ("dataObject", "dataInput", "dataOutput", "dataStore", "property")


def check(root: Node, index: Index, report: Report) -> None:
    for node in root.iter(f"{{{BPMN}}}ioSpecification"):
        _specification(node, report)
    for kind, names in SETS.items():
        for node in root.iter(f"{{{BPMN}}}{kind}"):
            _subset(node, names, index, report)
    for item in (node for kind in ITEMS for node in root.iter(f"{{{BPMN}}}{kind}")):
        definition = index.find(item.get("itemSubjectRef"), "itemDefinition")
        if definition is not None and flag(item, "isCollection", False) != flag(definition, "isCollection", False) and (
                local(item) not in ("property", "dataStore")):
            _report(item, "its item definition differs in being a collection", report)
    for kind in ("dataInputAssociation", "dataOutputAssociation"):
        for node in root.iter(f"{{{BPMN}}}{kind}"):
            _association(node, index, report)


def _report(node: Node, reason: str, report: Report) -> None:
    owner = next((found for found in (node, *node.iterancestors()) if found.get("id")), node)
    report.add("data-declaration", owner.get("id", ""), line(node), reason=reason)


def _specification(node: Node, report: Report) -> None:
    """Not on sub-processes; every input is in an input set, every output in an output set (BPMN 10.4.1)."""
    owner = node.getparent()
    if owner is not None and local(owner) in SUB_PROCESSES:
        _report(node, "a sub-process has no inputs and outputs of its own", report)
    for item, holder, listed in (("dataInput", "inputSet", "dataInputRefs"),
                                 ("dataOutput", "outputSet", "dataOutputRefs")):
        named = {reference(text(ref)) for group in bpmn_children(node, holder) for ref in bpmn_children(group, listed)}
        for declared in bpmn_children(node, item):
            if declared.get("id") not in named:
                _report(declared, f"no {holder} lists it", report)


def _subset(node: Node, names: tuple[str, tuple[str, ...], str], index: Index, report: Report) -> None:
    """Optional and streaming members are members; input and output sets that go together name each other."""
    required, parts, others = names
    members = {reference(text(ref)) for ref in bpmn_children(node, required)}
    for part in parts:
        for ref in bpmn_children(node, part):
            if reference(text(ref)) not in members:
                _report(node, f"'{text(ref)}' is in its {part} but not in its {required}", report)
    back = "inputSetRefs" if others == "outputSetRefs" else "outputSetRefs"
    for ref in bpmn_children(node, others):
        other = index.by_id.get(reference(text(ref)) or "")
        mutual = other is not None and node.get("id") in {reference(text(item)) for item in bpmn_children(other, back)}
        if not mutual:
            _report(node, f"'{text(ref)}' in its {others} does not name it in return", report)


def _association(node: Node, index: Index, report: Report) -> None:
    """Source and target are of one structure unless a transformation is given (BPMN 10.4.2)."""
    if bpmn_child(node, "transformation") is not None or bpmn_child(node, "assignment") is not None:
        return
    ends = [*bpmn_children(node, "sourceRef"), *bpmn_children(node, "targetRef")]
    structures = [_structure(index.by_id.get(reference(text(ref)) or ""), index) for ref in ends]
    if None not in structures and len(set(structures)) > 1:
        _report(node, "source and target have different item definitions and there is no transformation", report)


def _structure(node: Node | None, index: Index) -> str | None:
    """The structure of a piece of data, through references to data objects and stores; None where it is open."""
    for attribute, kind in (("dataObjectRef", "dataObject"), ("dataStoreRef", "dataStore")):
        if node is not None and node.get(attribute):
            node = index.find(node.get(attribute), kind)
    definition = index.find(node.get("itemSubjectRef"), "itemDefinition") if node is not None else None
    return definition.get("structureRef") if definition is not None else None
