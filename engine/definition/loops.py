"""Repeated activities: standard loops and multi-instance (BPMN 2.0.2 clause 10.3.8).

A collection is named by ``zeebe:loopCharacteristics`` or by plain BPMN: ``loopDataInputRef`` points at a data object,
property or data input, whose value is the variable of that name, and ``inputDataItem`` names each of its items.
"""

from __future__ import annotations

from engine.definition.events import Index, thrown
from engine.definition.markup import BPMN, Node, bpmn_child, extension, flag, line, local, reference, text
from engine.definition.model import MultiInstance, StandardLoop, Thrown, Value
from engine.definition.report import Report
from engine.definition.values import expression, formal


def loop(node: Node, index: Index, report: Report) -> MultiInstance | StandardLoop | None:
    many = bpmn_child(node, "multiInstanceLoopCharacteristics")
    if many is not None:
        return _multi_instance(many, thrown(many, node, index, report))
    again = bpmn_child(node, "standardLoopCharacteristics")
    if again is None:
        return None
    return StandardLoop(formal(bpmn_child(again, "loopCondition")), flag(again, "testBefore", False),
                        expression(again.get("loopMaximum"), line(again)))


def _multi_instance(node: Node, throws: tuple[Thrown, ...]) -> MultiInstance:
    over = extension(node, "loopCharacteristics")
    collection, each, into, result = _zeebe(over) if over is not None else _plain(node)
    return MultiInstance(
        sequential=flag(node, "isSequential", False),
        collection=collection, cardinality=formal(bpmn_child(node, "loopCardinality")),
        input_element=each, output_collection=into, output_element=result,
        completion_condition=formal(bpmn_child(node, "completionCondition")), throws=throws,
        only_first=node.get("behavior") == "One")


Data = tuple[Value | None, str | None, str | None, Value | None]


def _zeebe(over: Node) -> Data:
    def named(name: str) -> str | None:
        return (over.get(name) or "").strip() or None

    return (expression(over.get("inputCollection"), line(over)), named("inputElement"), named("outputCollection"),
            expression(over.get("outputElement"), line(over)))


def _plain(node: Node) -> Data:
    """A cardinality says how often without data; with both it is the one that counts."""
    source, target = bpmn_child(node, "loopDataInputRef"), bpmn_child(node, "loopDataOutputRef")
    counted = bpmn_child(node, "loopCardinality") is not None
    collection = None if source is None or counted else Value(_variable(source), True, line(source))
    result = _item(node, "outputDataItem") if target is not None else None
    return (collection, _item(node, "inputDataItem") if collection is not None else None,
            _variable(target) if target is not None and result is not None else None,
            Value(result, True, line(node)) if result is not None else None)


def _item(node: Node, name: str) -> str | None:
    item = bpmn_child(node, name)
    return None if item is None else (item.get("name") or item.get("id") or "").strip() or None


def _variable(pointer: Node) -> str:
    """The name of what is pointed at, else the written text, as tools write that point at a variable directly."""
    written = text(pointer)
    by_id = {each.get("id"): each for each in pointer.getroottree().iter(f"{{{BPMN}}}*") if each.get("id")}
    found, passed = by_id.get(reference(written)), 0
    while found is not None and passed < len(by_id) and (onward := by_id.get(_behind(found))) is not None:
        found, passed = onward, passed + 1
    return written if found is None else (found.get("name") or found.get("id") or written).strip()


def _behind(node: Node) -> str | None:
    """What a data object reference without a name, or a data input or output of an activity, stands for."""
    if local(node) == "dataObjectReference":
        return None if node.get("name") else reference(node.get("dataObjectRef"))
    if local(node) == "dataInput":
        return _other_end(node, "dataInputAssociation", "targetRef", "sourceRef")
    if local(node) == "dataOutput":
        return _other_end(node, "dataOutputAssociation", "sourceRef", "targetRef")
    return None


def _other_end(node: Node, association: str, here: str, there: str) -> str | None:
    for link in node.getroottree().iter(f"{{{BPMN}}}{association}"):
        if reference(text(bpmn_child(link, here))) == node.get("id"):
            return reference(text(bpmn_child(link, there)))
    return None
