"""Sequence flows, message flows, associations, lanes: what lines may join (BPMN 7.6, 8.4.1, 8.4.13, 9.4)."""

from __future__ import annotations

from engine.definition.events import Index
from engine.definition.markup import BPMN, Node, bpmn_child, bpmn_children, line, local, reference, text
from engine.definition.model import Kind, Model, Process
from engine.definition.report import Report

ACTIVITY_TAGS = frozenset({"task", "manualTask", "userTask", "serviceTask", "sendTask", "receiveTask", "scriptTask",
                           "businessRuleTask", "callActivity", "subProcess", "transaction", "adHocSubProcess"})
CONDITION_GATEWAYS = frozenset({"exclusiveGateway", "inclusiveGateway", "complexGateway"})
FLOW_NODES = frozenset(kind.value for kind in Kind) - {"process"}
INTERACTION_NODES = ACTIVITY_TAGS | {"participant", "startEvent", "endEvent", "intermediateCatchEvent",
                                     "intermediateThrowEvent", "boundaryEvent"}
NEVER_SENDS = frozenset({"startEvent", "intermediateCatchEvent", "boundaryEvent"})
NEVER_RECEIVES = frozenset({"endEvent", "intermediateThrowEvent"})


def check(root: Node, index: Index, model: Model, report: Report) -> None:
    for node in root.iter(f"{{{BPMN}}}sequenceFlow"):
        _sequence_flow(node, index, report)
    _lists(root, index, report)
    _defaults(root, index, report)
    homes = {element: process.id for process in model.processes for element in process.elements}
    pools = {participant.id: participant.process or participant.id for participant in model.participants}
    for node in root.iter(f"{{{BPMN}}}messageFlow"):
        _message_flow(node, index, homes, pools, report)
    for node in root.iter(f"{{{BPMN}}}association"):
        _association(node, index, report)
    for process in model.processes:
        _lanes(process, index, report)


def _sequence_flow(node: Node, index: Index, report: Report) -> None:
    ends = {}
    for end in ("source", "target"):
        name = reference(node.get(f"{end}Ref")) or ""
        found = index.by_id.get(name)
        if found is None or local(found) not in FLOW_NODES:
            report.add("flow-end", node.get("id", ""), line(node), end=end, name=name,
                       found="unknown" if found is None else f"a {local(found)}")
            return
        ends[end] = found
    source, target = ends["source"], ends["target"]
    home = source.getparent()
    if home is not target.getparent() or _process(node) is not _process(source):
        report.add("flow-crosses-scope", node.get("id", ""), line(node), source=source.get("id"),
                   target=target.get("id"))
    condition = bpmn_child(node, "conditionExpression")
    if condition is not None and local(source) not in ACTIVITY_TAGS | CONDITION_GATEWAYS:
        report.add("condition-source", node.get("id", ""), line(node), source=f"a {local(source)}")


def _process(node: Node) -> Node | None:
    return next(node.iterancestors(f"{{{BPMN}}}process"), None)


def _lists(root: Node, index: Index, report: Report) -> None:
    """incoming and outgoing, where a file lists them, must say the same as its flows (BPMN 8.4.13)."""
    listed: dict[str, set[str]] = {"incoming": set(), "outgoing": set()}
    for direction, end in (("incoming", "targetRef"), ("outgoing", "sourceRef")):
        for node in root.iter(f"{{{BPMN}}}{direction}"):
            owner, name = node.getparent(), reference(text(node)) or ""
            flow = index.find(name, "sequenceFlow")
            listed[direction].add(name)
            if owner is not None and (flow is None or reference(flow.get(end)) != owner.get("id")):
                report.add("flow-list", owner.get("id", ""), line(node), direction=direction, flow=name)
    if not any(listed.values()):
        return
    for flow in root.iter(f"{{{BPMN}}}sequenceFlow"):
        for direction, end in (("incoming", "targetRef"), ("outgoing", "sourceRef")):
            if flow.get("id") not in listed[direction]:
                report.add("flow-not-listed", flow.get("id", ""), line(flow), direction=direction, name=flow.get(end))


def _defaults(root: Node, index: Index, report: Report) -> None:
    for node in root.iter(f"{{{BPMN}}}*"):
        name = reference(node.get("default"))
        if name is None or local(node) not in FLOW_NODES:
            continue
        flow = index.find(name, "sequenceFlow")
        if flow is None or reference(flow.get("sourceRef")) != node.get("id"):
            report.add("default-foreign", node.get("id", ""), line(node), flow=name)
        elif bpmn_child(flow, "conditionExpression") is not None:
            report.add("default-condition", node.get("id", ""), line(flow), flow=name)


def _message_flow(node: Node, index: Index, homes: dict[str, str], pools: dict[str, str], report: Report) -> None:
    flow, places = node.get("id", ""), []
    for end, never in (("source", NEVER_SENDS), ("target", NEVER_RECEIVES)):
        name = reference(node.get(f"{end}Ref")) or ""
        found = index.by_id.get(name)
        kind = local(found) if found is not None else ""
        if kind not in INTERACTION_NODES or kind in never:
            report.add("message-flow-end", flow, line(node), end=end, name=name,
                       found=f"a {kind}" if kind else "unknown")
        elif found is not None and kind.endswith("Event") and not _is_message(found, index):
            report.add("message-flow-trigger", flow, line(node), name=name, found="something else")
        places.append(homes.get(name) or pools.get(name) or name)
    if places[0] == places[1]:
        report.add("message-flow-pool", flow, line(node), pool=places[0])


def _is_message(event: Node, index: Index) -> bool:
    shared = (index.by_id.get(reference(text(ref)) or "") for ref in bpmn_children(event, "eventDefinitionRef"))
    definitions = [*event, *(node for node in shared if node is not None)]
    return any(local(child) == "messageEventDefinition" for child in definitions)


def _association(node: Node, index: Index, report: Report) -> None:
    for end in ("sourceRef", "targetRef"):
        name = reference(node.get(end)) or ""
        if name not in index.by_id:
            report.add("association-end", node.get("id", ""), line(node), name=name)


def _lanes(process: Process, index: Index, report: Report) -> None:
    home = index.by_id.get(process.id)
    if home is None:
        return
    for lane in home.iter(f"{{{BPMN}}}lane"):
        for member in bpmn_children(lane, "flowNodeRef"):
            name = reference(text(member)) or ""
            if name not in process.elements:
                report.add("lane-member", lane.get("id", ""), line(member), name=name)
