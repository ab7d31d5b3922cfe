"""From the lxml tree of a BPMN file to the model. Never raises for content: what is odd goes to the report.

Source: BPMN 2.0.2 clauses 8 and 10; attributes of the zeebe extension as docs/dialect.md lists them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from engine.definition import activities, events, loops
from engine.definition.markup import (
    BPMN,
    Node,
    bpmn_child,
    bpmn_children,
    extensions,
    flag,
    line,
    local,
    namespace,
    reference,
    text,
)
from engine.definition.model import EMPTY, Element, Flow, Kind, Model, Participant, Process, Scope
from engine.definition.reach import Reach
from engine.definition.report import Report
from engine.definition.values import formal

MAX_ELEMENTS = 2000
KINDS = {kind.value: kind for kind in Kind if kind is not Kind.PROCESS}
SUB_PROCESSES = frozenset({Kind.SUB_PROCESS, Kind.TRANSACTION, Kind.AD_HOC_SUB_PROCESS})
GLOBAL_TASKS = {"globalTask": Kind.TASK, "globalUserTask": Kind.USER_TASK, "globalManualTask": Kind.MANUAL_TASK,
                "globalScriptTask": Kind.SCRIPT_TASK, "globalBusinessRuleTask": Kind.BUSINESS_RULE_TASK}
_WITH_FORM = (Kind.USER_TASK, Kind.START_EVENT)


@dataclass
class Body:
    """What is gathered about one process before its elements can be made."""

    scopes: dict[str, Node] = field(default_factory=dict)
    parents: dict[str, str | None] = field(default_factory=dict)
    nodes: dict[str, Node] = field(default_factory=dict)
    scope_of: dict[str, str] = field(default_factory=dict)
    flows: dict[str, Flow] = field(default_factory=dict)
    lanes: dict[str, str] = field(default_factory=dict)
    lane_names: list[str] = field(default_factory=list)


def read(root: Node, report: Report) -> Model:
    """The model of a whole file. ``root`` is ``bpmn:definitions``."""
    index = events.Index.of(root)
    _count(root, report)
    processes = [read_process(node, index, report) for node in bpmn_children(root, "process")]
    for node in root:
        if namespace(node) == BPMN and local(node) in GLOBAL_TASKS:
            processes.append(_global_task(node, index, report))
    participants, message_flows = [], []
    for collaboration in bpmn_children(root, "collaboration"):
        for node in bpmn_children(collaboration, "participant"):
            process = reference(node.get("processRef"))
            participants.append(Participant(node.get("id", ""), node.get("name", ""), process))
        for node in bpmn_children(collaboration, "messageFlow"):
            message_flows.append((reference(node.get("sourceRef")) or "", reference(node.get("targetRef")) or ""))
    return Model(report.file, tuple(processes), tuple(participants), tuple(message_flows))


def _count(root: Node, report: Report) -> None:
    total = sum(1 for node in root.iter(f"{{{BPMN}}}*") if local(node) in KINDS)
    if total > MAX_ELEMENTS:
        report.add("too-many-elements", count=total, limit=MAX_ELEMENTS)


def read_process(node: Node, index: events.Index, report: Report) -> Process:
    body = Body()
    process_id = node.get("id", "")
    if not process_id:
        report.add("missing-id", line=line(node), kind="process")
    _gather(node, process_id, None, body, report)
    flows = _placed(body)
    incoming, outgoing = _ends(flows.values())
    elements: dict[str, Element] = {}
    for element_id, found in body.nodes.items():
        elements[element_id] = _element(found, body, index, report, incoming.get(element_id, ()),
                                        outgoing.get(element_id, ()))
    return _assemble(node, process_id, elements, flows, body, index)


def _global_task(node: Node, index: events.Index, report: Report) -> Process:
    """A global task is a process of one task (BPMN 10.3.6), so that a call activity can call it."""
    process_id = node.get("id", "")
    body = Body(scopes={process_id: node}, parents={process_id: None})
    element_id = f"{process_id}_task"
    body.nodes[element_id], body.scope_of[element_id] = node, process_id
    element = _element(node, body, index, report, (), (), element_id, GLOBAL_TASKS[local(node)])
    return replace(_assemble(node, process_id, {element_id: element}, {}, body, index), global_task=True)


def _assemble(node: Node, process_id: str, elements: Mapping[str, Element], flows: Mapping[str, Flow], body: Body,
              index: events.Index) -> Process:
    members: dict[str, list[Element]] = {scope: [] for scope in body.scopes}
    inside: dict[str, list[str]] = {scope: [] for scope in body.scopes}
    for element in elements.values():
        members[element.scope].append(element)
    for flow in flows.values():
        inside[elements[flow.source].scope].append(flow.id)
    scopes = {scope: _scope(scope, body.parents[scope], members[scope], tuple(inside[scope]),
                            scope in elements and elements[scope].kind is Kind.AD_HOC_SUB_PROCESS)
              for scope in body.scopes}
    boundaries: dict[str, tuple[str, ...]] = {}
    for element in elements.values():
        if element.attached_to is not None:
            boundaries[element.attached_to] = (*boundaries.get(element.attached_to, ()), element.id)
    return Process(
        id=process_id, name=node.get("name") or index.pool_names.get(process_id, ""),
        executable=flag(node, "isExecutable", True), elements=elements, flows=flows, scopes=scopes,
        boundaries=boundaries, reachable=Reach(elements, flows, boundaries), documentation=_documentation(node),
        properties=_properties(node), lanes=tuple(body.lane_names), line=line(node),
        compensable=_compensable(elements, boundaries))


def _gather(node: Node, scope: str, parent: str | None, body: Body, report: Report) -> None:
    body.scopes[scope], body.parents[scope] = node, parent
    for child in node:
        if namespace(child) != BPMN:
            continue
        kind, child_id = local(child), child.get("id", "")
        if kind in KINDS:
            if child_id in body.nodes or not child_id:
                report.add("duplicate-id" if child_id else "missing-id", child_id, line(child), kind=kind)
                continue
            body.nodes[child_id], body.scope_of[child_id] = child, scope
            if KINDS[kind] in SUB_PROCESSES:
                _gather(child, child_id, scope, body, report)
        elif kind == "sequenceFlow":
            _flow(child, body, report)
        elif kind == "laneSet":
            _lanes(child, body)


def _flow(node: Node, body: Body, report: Report) -> None:
    flow_id = node.get("id") or f"{node.get('sourceRef')}->{node.get('targetRef')}"
    if flow_id in body.flows:
        report.add("duplicate-id", flow_id, line(node), kind="sequenceFlow")
        return
    condition = formal(bpmn_child(node, "conditionExpression"))
    body.flows[flow_id] = Flow(flow_id, reference(node.get("sourceRef")) or "", reference(node.get("targetRef")) or "",
                               node.get("name", ""), condition, line(node))


def _lanes(lane_set: Node, body: Body) -> None:
    for lane in bpmn_children(lane_set, "lane"):
        name = lane.get("name") or lane.get("id") or ""
        body.lane_names.append(name)
        for member in bpmn_children(lane, "flowNodeRef"):
            body.lanes[reference(text(member)) or ""] = name
        for inner in bpmn_children(lane, "childLaneSet"):
            _lanes(inner, body)


def _placed(body: Body) -> dict[str, Flow]:
    """Flows between two elements of this process. Anything else is named by the checks, never executed."""
    return {flow.id: flow for flow in body.flows.values() if flow.source in body.nodes and flow.target in body.nodes}


def _ends(flows: Iterable[Flow]) -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
    incoming: dict[str, list[str]] = {}
    outgoing: dict[str, list[str]] = {}
    for flow in flows:
        outgoing.setdefault(flow.source, []).append(flow.id)
        incoming.setdefault(flow.target, []).append(flow.id)
    return ({key: tuple(ids) for key, ids in incoming.items()}, {key: tuple(ids) for key, ids in outgoing.items()})


def _element(node: Node, body: Body, index: events.Index, report: Report, incoming: tuple[str, ...],
             outgoing: tuple[str, ...], element_id: str | None = None, kind: Kind | None = None) -> Element:
    kind = kind or KINDS[local(node)]
    name = element_id or node.get("id") or ""
    attached = reference(node.get("attachedToRef")) if kind is Kind.BOUNDARY_EVENT else None
    triggers = events.definitions(node, kind, index, report)
    handler = index.handler(name) if events.compensates(kind, triggers) else None
    return Element(
        id=name, kind=kind, scope=body.scope_of[name], name=node.get("name", ""), line=line(node),
        incoming=incoming, outgoing=outgoing, default_flow=reference(node.get("default")),
        events=triggers, parallel_multiple=flag(node, "parallelMultiple", False),
        interrupting=_interrupting(node, kind), attached_to=attached,
        inputs=activities.mappings(node, "input"), outputs=activities.mappings(node, "output"),
        loop=loops.loop(node, index, report), start_quantity=activities.quantity(node, "startQuantity"),
        completion_quantity=activities.quantity(node, "completionQuantity"),
        user_task=activities.user_task(node) if kind in _WITH_FORM else None,
        job=activities.job(node, kind, name, triggers), script=activities.script(node, kind),
        decision=activities.decision(node, kind), called=activities.called(node, kind, index),
        ad_hoc=activities.ad_hoc(node) if kind is Kind.AD_HOC_SUB_PROCESS else None,
        for_compensation=flag(node, "isForCompensation", False),
        compensation_handler=handler if handler in body.nodes else None,
        triggered_by_event=kind is Kind.SUB_PROCESS and flag(node, "triggeredByEvent", False),
        instantiate=flag(node, "instantiate", False),
        parallel_gateway=node.get("eventGatewayType") == "Parallel",
        activation_condition=formal(bpmn_child(node, "activationCondition")),
        documentation=_documentation(node), properties=_properties(node), lane=body.lanes.get(name, ""))


def _interrupting(node: Node, kind: Kind) -> bool:
    if kind is Kind.START_EVENT:
        return flag(node, "isInterrupting", True)
    return flag(node, "cancelActivity", True) if kind is Kind.BOUNDARY_EVENT else True


def _documentation(node: Node) -> str:
    return "\n".join(filter(None, (text(child) for child in bpmn_children(node, "documentation"))))


def _properties(node: Node) -> Mapping[str, str]:
    found = {item.get("name", ""): item.get("value", "")
             for holder in extensions(node) if local(holder) == "properties"
             for item in holder if local(item) == "property"}
    return found or EMPTY


def _scope(scope: str, parent: str | None, members: Sequence[Element], flows: tuple[str, ...], ad_hoc: bool) -> Scope:
    starts = tuple(element.id for element in members if element.kind is Kind.START_EVENT)
    event_subs = tuple(element.id for element in members if element.triggered_by_event)
    entries = () if starts and not ad_hoc else tuple(item.id for item in members if enters_implicitly(item))
    return Scope(scope, parent, tuple(item.id for item in members), flows, starts, entries, event_subs)


def enters_implicitly(element: Element) -> bool:
    """Without start events a token enters here (BPMN 13.2): nothing leads to it, and nothing else starts it."""
    if element.incoming or element.triggered_by_event or element.for_compensation or element.instantiate:
        return False
    return element.kind not in (Kind.BOUNDARY_EVENT, Kind.START_EVENT) and not events.is_link_catch(element)


def _compensable(elements: Mapping[str, Element], boundaries: Mapping[str, tuple[str, ...]]) -> frozenset[str]:
    """Activities with a compensation handler, and the sub-processes around anything that can be compensated."""
    found: set[str] = set()
    for element in elements.values():
        handled = element.triggered_by_event and _starts_by_compensation(element.id, elements)
        attached = (elements[event] for event in boundaries.get(element.id, ()))
        if any(events.compensates(event.kind, event.events) for event in attached):
            _mark(element.id, elements, found)
        elif handled:
            _mark(element.scope, elements, found)
    return frozenset(found)


def _starts_by_compensation(scope: str, elements: Mapping[str, Element]) -> bool:
    return any(events.has_compensation(item.events) for item in elements.values()
               if item.scope == scope and item.kind is Kind.START_EVENT)


def _mark(element: str, elements: Mapping[str, Element], found: set[str]) -> None:
    while element in elements and element not in found:
        found.add(element)
        element = elements[element].scope
