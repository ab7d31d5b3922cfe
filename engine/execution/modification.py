"""Modification: a person moves tokens. First what is to start, then what is to end: no scope ends in between."""

from __future__ import annotations

from engine.definition.model import Kind
from engine.errors import Conflict, InvalidInput
from engine.execution.kernel import Kernel
from engine.execution.program import Info
from engine.execution.state import Node
from engine.execution.tokens import hand_back


def modify(kernel: Kernel, activate: list[str], terminate: list[int]) -> None:
    targets = [_element(kernel, element) for element in activate]
    doomed = [_instance(kernel, instance) for instance in terminate]
    for info in targets:
        scope = _scope(kernel, info, doomed)
        scope.live += 1
        kernel.push("enter", scope.id, info.key)
    for node in doomed:
        if node.id in kernel.nodes:
            scope = kernel.parent(node)
            kernel.terminate(node)
            hand_back(kernel, scope, node)


def _element(kernel: Kernel, element: str) -> Info:
    """An element by id: of the root process first, else of a called one."""
    found = kernel.program.infos.get(element)
    found = found or next((info for info in kernel.program.infos.values() if info.id == element), None)
    if found is None or found.element is None or found.kind in (Kind.BOUNDARY_EVENT, Kind.PROCESS):
        raise InvalidInput(expected="an element to start before", found=element, where=kernel.program.root.id)
    if found.kind is Kind.START_EVENT and found.host is not None or found.element.triggered_by_event:
        raise InvalidInput(expected="an element outside of an event sub-process", found=element,
                           where=kernel.program.root.id)
    return found


def _instance(kernel: Kernel, instance: int) -> Node:
    node = kernel.nodes.get(instance)
    if node is None or node.id == 0:
        raise Conflict(action="terminate", noun="element instance", key=instance, state="ended")
    return node


def _scope(kernel: Kernel, info: Info, doomed: list[Node]) -> Node:
    """The living scope to start in, made on the way if there is none; one that is not to end comes first."""
    path: list[Info] = []
    body = info.scope
    while body is not None:
        found = _living(kernel, body, doomed)
        if found is not None:
            break
        path.append(body)
        body = body.scope
    if body is None or found is None:
        raise InvalidInput(expected="an element of a process that is running", found=info.id,
                           where=kernel.program.root.id)
    for each in reversed(path):
        found.live += 1
        found = kernel.spawn(each, found, inner=True)
    return found


def _living(kernel: Kernel, body: Info, doomed: list[Node]) -> Node | None:
    nodes = [node for node in kernel.nodes.values() if kernel.info(node).body is body and not kernel.is_body(node)
             and not (node.extra is not None and node.extra.hidden)]
    return next((node for node in nodes if node not in doomed), nodes[0] if nodes else None)
