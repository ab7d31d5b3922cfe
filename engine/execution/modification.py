"""Modification: a person moves tokens. First what is to start, then what is to end: no scope ends in between."""

from __future__ import annotations

from typing import Any

from engine.definition.model import Kind
from engine.errors import Conflict, InvalidInput
from engine.execution.kernel import Kernel
from engine.execution.program import Info
from engine.execution.state import Node
from engine.execution.tokens import hand_back


def modify(kernel: Kernel, activate: list[str], terminate: list[int]) -> None:
    targets = [_element(kernel, element) for element in activate]
    doomed = [_instance(kernel, instance) for instance in terminate]
    beginnings: dict[int, list[Any]] = {}
    for info in targets:
        scope, path = _place(kernel, info, doomed)
        _graft(beginnings.setdefault(scope.id, []), path)
    for scope_id, start in beginnings.items():
        _enter(kernel, kernel.nodes[scope_id], start)
    for node in doomed:
        if node.id in kernel.nodes:
            _end(kernel, node)


def _end(kernel: Kernel, node: Node) -> None:
    scope = kernel.parent(node)
    inner = kernel.is_inner(node)
    kernel.terminate(node)
    if inner:
        loop = scope.more().loop
        scope.live -= 1
        if loop is not None:
            loop.terminated += 1
        if scope.live == 0:
            kernel.push("next_round", scope.id)
    else:
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


def _place(kernel: Kernel, info: Info, doomed: list[Node]) -> tuple[Node, list[str]]:
    """A living scope, one that is not to end if there is any, and the way from there to what is to start."""
    path, body = [info.key], info.scope
    while body is not None:
        scope = _living(kernel, body, doomed)
        if scope is not None:
            return scope, path
        if body.looped:
            break
        path.insert(0, body.key)
        body = body.scope
    raise InvalidInput(expected="an element of a scope that is running or can be entered", found=info.id,
                       where=kernel.program.root.id)


def _graft(start: list[Any], path: list[str]) -> None:
    """Adds a way to others that begin in the same scope: a scope on the way that does not live is entered once."""
    for key in path[:-1]:
        known = next((inside for name, inside in start if name == key and inside), None)
        if known is None:
            known = []
            start.append([key, known])
        start = known
    start.append([path[-1], []])


def _enter(kernel: Kernel, scope: Node, start: list[Any]) -> None:
    for key, inside in start:
        scope.live += 1
        if inside:
            kernel.push("open", kernel.spawn(kernel.program.infos[key], scope).id, None, inside)
        else:
            kernel.push("enter", scope.id, key)


def _living(kernel: Kernel, body: Info, doomed: list[Node]) -> Node | None:
    nodes = [node for node in kernel.nodes.values() if kernel.info(node).body is body and not kernel.is_body(node)
             and not (node.extra is not None and node.extra.hidden)]
    return next((node for node in nodes if node not in doomed), nodes[0] if nodes else None)
