"""A process under examination, with the XML behind it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from engine.definition.events import Index
from engine.definition.markup import Node
from engine.definition.model import Element, Kind, Process, Scope
from engine.definition.reach import successors
from engine.definition.report import Report

TASKS = frozenset({Kind.TASK, Kind.MANUAL_TASK, Kind.USER_TASK, Kind.SERVICE_TASK, Kind.SEND_TASK, Kind.RECEIVE_TASK,
                   Kind.BUSINESS_RULE_TASK, Kind.SCRIPT_TASK})
SUB_PROCESSES = frozenset({Kind.SUB_PROCESS, Kind.TRANSACTION, Kind.AD_HOC_SUB_PROCESS})
ACTIVITIES = TASKS | SUB_PROCESSES | {Kind.CALL_ACTIVITY}
GATEWAYS = frozenset({Kind.EXCLUSIVE_GATEWAY, Kind.PARALLEL_GATEWAY, Kind.INCLUSIVE_GATEWAY, Kind.EVENT_BASED_GATEWAY,
                      Kind.COMPLEX_GATEWAY})
EVENTS = frozenset({Kind.START_EVENT, Kind.END_EVENT, Kind.CATCH_EVENT, Kind.THROW_EVENT, Kind.BOUNDARY_EVENT})


@dataclass(frozen=True)
class Subject:
    process: Process
    index: Index
    report: Report

    def add(self, rule: str, element: Element, **params: Any) -> None:
        self.report.add(rule, element.id, element.line, **params)

    def node(self, element: Element) -> Node | None:
        """The element's XML; None for the inside of a global task."""
        return self.index.by_id.get(element.id)

    def of(self, *kinds: Kind) -> Iterator[Element]:
        return (element for element in self.process.elements.values() if element.kind in kinds)

    def targets(self, element: Element) -> Iterator[Element]:
        return (self.process.elements[self.process.flows[flow].target] for flow in element.outgoing)

    def sources(self, element: Element) -> Iterator[Element]:
        return (self.process.elements[self.process.flows[flow].source] for flow in element.incoming)

    def members(self, scope: Scope) -> list[Element]:
        return [self.process.elements[name] for name in scope.elements]

    def owner(self, scope: str) -> Element | None:
        """The sub-process that is this scope; None for the process itself."""
        return self.process.elements.get(scope)

    @cached_property
    def after(self) -> dict[str, tuple[str, ...]]:
        return successors(self.process.elements, self.process.flows, self.process.boundaries)
