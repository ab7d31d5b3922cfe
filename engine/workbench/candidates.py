"""Values worth trying for the variables that a diagram's conditions ask about, so that random paths take every turn."""

import random
from collections.abc import Iterable, Iterator
from typing import Any

from engine.definition.model import Definition, Process, Value
from engine.feel import FeelSyntaxError, compile_expression, syntax
from engine.feel.analysis import children

Path = tuple[str, ...]
ALWAYS: tuple[Any, ...] = (True, False, 1)


class Candidates:
    """``draw`` gives a random set of variables; each asked-for path gets one of the literals it is compared with."""

    def __init__(self, definition: Definition) -> None:
        self._values: dict[Path, list[Any]] = {}
        literals: list[Any] = []
        for process in definition.processes.values():
            for node in _expressions(process):
                for path in _paths(node):
                    self._values.setdefault(path, [])
                for path, literal in _comparisons(node):
                    self._values.setdefault(path, []).append(literal)
                    literals.append(literal)
        for values in self._values.values():
            values.extend(ALWAYS if values else (*ALWAYS, *literals))

    def draw(self, rng: random.Random) -> dict[str, Any]:
        drawn: dict[str, Any] = {}
        for path, values in sorted(self._values.items()):
            target = drawn
            for name in path[:-1]:
                inner = target.get(name)
                target[name] = inner if isinstance(inner, dict) else {}
                target = target[name]
            if not isinstance(target.get(path[-1]), dict):
                target[path[-1]] = rng.choice(values)
        return drawn


def _expressions(process: Process) -> Iterator[syntax.Node]:
    for value in _values(process):
        if value is not None and value.feel:
            try:
                yield compile_expression(value.text).node
            except FeelSyntaxError:
                continue


def _values(process: Process) -> Iterator[Value | None]:
    for flow in process.flows.values():
        yield flow.condition
    for element in process.elements.values():
        yield from (mapping.source for mapping in (*element.inputs, *element.outputs))
        yield element.script.expression if element.script else None


def _walk(node: syntax.Node) -> Iterator[syntax.Node]:
    yield node
    for child in children(node):
        yield from _walk(child)


def _paths(node: syntax.Node) -> Iterable[Path]:
    if path := _path(node):
        return [path]
    return [path for child in children(node) for path in _paths(child)]


def _path(node: syntax.Node) -> Path:
    if isinstance(node, syntax.Name):
        return (node.name,)
    if isinstance(node, syntax.Path) and (source := _path(node.source)):
        return (*source, node.name)
    return ()


def _comparisons(node: syntax.Node) -> Iterator[tuple[Path, Any]]:
    for each in _walk(node):
        if isinstance(each, syntax.Comparison):
            for one, other in ((each.left, each.right), (each.right, each.left)):
                if isinstance(other, syntax.Literal) and (path := _path(one)):
                    yield path, other.value
        elif isinstance(each, syntax.In) and (path := _path(each.value)):
            yield from ((path, literal.value) for literal in _walk(each) if isinstance(literal, syntax.Literal))
