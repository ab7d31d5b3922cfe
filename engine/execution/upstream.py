"""Where a token can come from: what an inclusive join has to wait for (BPMN 13.4.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.definition.model import Kind

if TYPE_CHECKING:
    from engine.execution.program import Info


def sources_of(scope: Info) -> dict[str, list[Info]]:
    """The elements of a scope that each flow, and each element, is entered from."""
    sources: dict[str, list[Info]] = {}
    for element in scope.elements:
        for link in element.outgoing:
            sources.setdefault(link.target.key, []).append(element)
            sources.setdefault(link.key, []).append(element)
    return sources


def upstream_of(sources: dict[str, list[Info]], join: Info, flow: str) -> frozenset[str]:
    """Elements of the scope from which a path leads to ``flow`` without visiting ``join`` (BPMN 13.4.3)."""
    found: set[str] = set()
    pending = list(sources.get(flow, ()))
    while pending:
        element = pending.pop()
        if element is join or element.key in found:
            continue
        found.add(element.key)
        pending.extend(sources.get(element.key, ()))
        if element.kind is Kind.BOUNDARY_EVENT and element.host is not None:
            pending.append(element.host)
    return frozenset(found)
