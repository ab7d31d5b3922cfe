"""The designers' folders as the tests see them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lxml import etree

BPMN = Path(__file__).parents[2] / "bpmn"
NS = {
    "bpmn": "http://www.omg.org/spec/BPMN/20100524/MODEL",
    "bpmndi": "http://www.omg.org/spec/BPMN/20100524/DI",
    "dc": "http://www.omg.org/spec/DD/20100524/DC",
    "di": "http://www.omg.org/spec/DD/20100524/DI",
    "zeebe": "http://camunda.org/schema/zeebe/1.0",
}
NODES = frozenset({
    "startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent", "userTask",
    "serviceTask", "sendTask", "receiveTask", "businessRuleTask", "scriptTask", "manualTask", "callActivity",
    "subProcess", "exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway",
})
TASKS = frozenset(name for name in NODES if name.endswith("Task")) | {"callActivity"}


def files(pattern: str) -> list[Path]:
    return sorted(BPMN.rglob(pattern))


def name_of(path: Path) -> str:
    return path.relative_to(BPMN).as_posix()


def tree(path: Path) -> Any:
    return etree.parse(str(path))


def local(node: Any) -> str:
    return etree.QName(node).localname


def flow_nodes(root: Any) -> Iterator[Any]:
    return (node for node in root.iter(f"{{{NS['bpmn']}}}*") if local(node) in NODES)


def chinese(text: str) -> bool:
    return any("\u4e00" <= letter <= "\u9fff" for letter in text)
