"""Every diagram is valid, completely drawn, labelled and bound; it says on what law each of its steps stands."""

import re
from collections import Counter
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from SpiffWorkflow.bpmn.parser import BpmnValidator

from engine.definition import SourceFile, lint
from tests.bpmn.procedures import NS, TASKS, chinese, files, flow_nodes, local, name_of, tree

DIAGRAMS = files("*.bpmn")
ID = re.compile(r"[A-Z]\w*")

each_diagram = pytest.mark.parametrize("path", DIAGRAMS, ids=name_of)


@each_diagram
def test_is_valid_by_the_bpmn_schema(path: Path) -> None:
    BpmnValidator().validate(tree(path), str(path))


def _bounds(shape: Any) -> tuple[float, float, float, float]:
    box = shape.find("dc:Bounds", NS)
    x, y, width, height = (float(box.get(name)) for name in ("x", "y", "width", "height"))
    return x, y, x + width, y + height


@each_diagram
def test_draws_every_node_and_flow_once(path: Path) -> None:
    root = tree(path)
    drawn = Counter(item.get("bpmnElement") for item in root.iterfind(".//bpmndi:BPMNPlane/*", NS))
    named = [node.get("id") for node in flow_nodes(root)]
    for kind in ("sequenceFlow", "messageFlow", "participant", "lane"):
        named += [item.get("id") for item in root.iterfind(f".//bpmn:{kind}", NS)]
    assert len(root.findall(".//bpmndi:BPMNDiagram", NS)) == 1
    assert drawn == Counter(named)


@each_diagram
def test_flows_end_on_the_border_of_what_they_join(path: Path) -> None:
    root = tree(path)
    shapes = {shape.get("bpmnElement"): _bounds(shape) for shape in root.iterfind(".//bpmndi:BPMNShape", NS)}
    edges = {edge.get("bpmnElement"): edge.findall("di:waypoint", NS)
             for edge in root.iterfind(".//bpmndi:BPMNEdge", NS)}
    for flow in [*root.iterfind(".//bpmn:sequenceFlow", NS), *root.iterfind(".//bpmn:messageFlow", NS)]:
        points = edges[flow.get("id")]
        for point, end in ((points[0], "sourceRef"), (points[-1], "targetRef")):
            left, top, right, bottom = shapes[flow.get(end)]
            x, y = float(point.get("x")), float(point.get("y"))
            inside = left - 1 <= x <= right + 1 and top - 1 <= y <= bottom + 1
            border = min(abs(x - left), abs(x - right), abs(y - top), abs(y - bottom)) <= 1
            assert inside and border, f"{flow.get('id')} at its {end}"


@each_diagram
def test_no_two_activities_overlap(path: Path) -> None:
    root = tree(path)
    shapes = {shape.get("bpmnElement"): _bounds(shape) for shape in root.iterfind(".//bpmndi:BPMNShape", NS)}
    tasks = [node.get("id") for node in flow_nodes(root) if local(node) in TASKS]
    for one, other in combinations(tasks, 2):
        a, b = shapes[one], shapes[other]
        assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1], (one, other)


@each_diagram
def test_ids_speak_and_labels_are_chinese(path: Path) -> None:
    for node in flow_nodes(tree(path)):
        assert ID.fullmatch(node.get("id")), node.get("id")
        merging = local(node).endswith("Gateway") and len(node.findall("bpmn:outgoing", NS)) == 1
        assert merging or chinese(node.get("name", "")), node.get("id")


@each_diagram
def test_every_choice_is_labelled(path: Path) -> None:
    root = tree(path)
    gateways = {node.get("id"): node for node in root.iterfind(".//bpmn:exclusiveGateway", NS)
                if len(node.findall("bpmn:outgoing", NS)) > 1}
    for flow in root.iterfind(".//bpmn:sequenceFlow", NS):
        if flow.get("sourceRef") in gateways:
            assert chinese(flow.get("name", "")), flow.get("id")
    assert all(node.get("default") for node in gateways.values())


@each_diagram
def test_every_task_names_its_law_and_how_well_it_is_known(path: Path) -> None:
    for node in flow_nodes(tree(path)):
        if local(node) not in TASKS:
            continue
        known = {item.get("name"): item.get("value") for item in node.iterfind(".//zeebe:property", NS)}
        assert chinese(node.findtext("bpmn:documentation", "", NS)), node.get("id")
        assert known.get("legalBasis") and known.get("evidence") in ("a", "b", "c"), node.get("id")
        assert known.get("stage"), node.get("id")


@each_diagram
def test_every_lane_member_lies_in_its_lane(path: Path) -> None:
    root = tree(path)
    shapes = {shape.get("bpmnElement"): _bounds(shape) for shape in root.iterfind(".//bpmndi:BPMNShape", NS)}
    for lane in root.iterfind(".//bpmn:lane", NS):
        _, top, _, bottom = shapes[lane.get("id")]
        for member in lane.iterfind("bpmn:flowNodeRef", NS):
            box = shapes[member.text]
            assert top <= (box[1] + box[3]) / 2 <= bottom, member.text


@each_diagram
def test_every_user_task_has_a_form_beside_the_diagram(path: Path) -> None:
    root = tree(path)
    for node in [*root.iterfind(".//bpmn:userTask", NS), *root.iterfind(".//bpmn:startEvent", NS)]:
        form = node.find(".//zeebe:formDefinition", NS)
        if form is not None or local(node) == "userTask":
            assert form is not None, node.get("id")
            assert (path.parent / "forms" / f"{form.get('formId')}.form").is_file(), form.get("formId")
    for item in root.iterfind(".//zeebe:property[@name='form']", NS):
        assert (path.parent / "forms" / f"{item.get('value')}.form").is_file(), item.get("value")


@each_diagram
def test_every_document_has_a_template_and_every_timer_a_deadline_key(path: Path) -> None:
    root = tree(path)
    for item in root.iterfind(".//zeebe:input[@target='template']", NS):
        assert (path.parent / "documents" / item.get("source")).is_file(), item.get("source")
    for timer in root.iterfind(".//bpmn:timerEventDefinition", NS):
        assert 'deadline("dl.' in "".join(timer.itertext()), timer.get("id")


@pytest.mark.parametrize("folder", sorted({path.parent for path in DIAGRAMS}), ids=name_of)
def test_a_procedure_has_nothing_that_would_refuse_it(folder: Path) -> None:
    sources = [SourceFile(path.name, path.read_bytes()) for pattern in ("*.bpmn", "*.dmn", "forms/*.form")
               for path in sorted(folder.glob(pattern))]
    report = lint(sources)
    errors = [finding for finding in getattr(report, "findings", report) if finding.severity == "error"]
    assert errors == []


@each_diagram
def test_no_answer_of_a_decision_is_lost(path: Path) -> None:
    """What is mapped out of a task is all that leaves it: beside other outputs the decision's answer needs its own."""
    for task in tree(path).iterfind(".//bpmn:businessRuleTask", NS):
        outputs = [item.get("source") for item in task.iterfind(".//zeebe:output", NS)]
        answer = task.find(".//zeebe:calledDecision", NS).get("resultVariable")
        assert not outputs or any(re.search(rf"\b{answer}\b", source) for source in outputs), task.get("id")
