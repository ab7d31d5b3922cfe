"""Variables: who sees what, what mappings do, and FEEL at work.

As in Zeebe: a scope sees its own variables over those around it; an input mapping makes a local variable; a result
goes to the nearest scope that has a variable of that name, else to the root of the process. A called process is a root
of its own. Values are never changed in place, so scopes may share them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from engine.definition.model import Kind
from engine.errors import InvalidInput
from engine.execution.kernel import Fault, Kernel
from engine.execution.program import Formula
from engine.execution.program import Mapping as MappingPlan
from engine.execution.state import Node
from engine.feel import FeelLimitExceeded, FeelSyntaxError, YearsMonthsDuration, to_json

View = Mapping[str, Any]


def is_root(kernel: Kernel, node: Node) -> bool:
    return node.id == 0 or (node.vars is not None and kernel.info(node).kind is Kind.CALL_ACTIVITY
                            and not kernel.is_body(node))


def chain(kernel: Kernel, node: Node) -> list[Node]:
    """The nodes with variables of their own from this one out to the root of its process; the root is last."""
    found = []
    while node.id:
        if node.vars is not None:
            found.append(node)
            if is_root(kernel, node):
                return found
        node = kernel.nodes[node.parent]
    found.append(node)
    return found


def view(kernel: Kernel, node: Node) -> View:
    """All variables visible from a node. Not to be changed."""
    if node.vars is None and node.parent == 0:
        return kernel.nodes[0].vars or {}
    nodes = chain(kernel, node)
    if len(nodes) == 1:
        return nodes[0].vars or {}
    merged: dict[str, Any] = {}
    for each in reversed(nodes):
        if each.vars:
            merged.update(each.vars)
    return merged


def around(kernel: Kernel, node: Node) -> View:
    """What a node sees when it is entered: what lies around it, under what it already has of its own."""
    outer = view(kernel, kernel.parent(node)) if node.id else {}
    return {**outer, **node.vars} if node.vars else outer


def evaluate(kernel: Kernel, formula: Formula, variables: View) -> Any:
    """The value of a formula as FEEL gives it. Raises ``Fault`` when there can be none."""
    if not formula.feel:
        return formula.text
    kernel.seen = variables
    try:
        return formula.compiled.evaluate(variables, functions=kernel.environment.functions, now=kernel.here).value
    except (FeelSyntaxError, FeelLimitExceeded) as error:
        raise Fault("expression", f"Expected '= {formula.text}' to have a value, but: {error.message}") from error


def stored(kernel: Kernel, formula: Formula, variables: View) -> Any:
    """The value of a formula as it is kept in a variable."""
    return keep(evaluate(kernel, formula, variables), formula.text)


def keep(value: Any, text: str) -> Any:
    try:
        return to_json(value)
    except (TypeError, ValueError) as error:
        raise Fault("expression", f"Expected '= {text}' to give a value that can be kept, but: {error}") from error


def holds(kernel: Kernel, formula: Formula, variables: View) -> bool:
    """A condition that is not true is false."""
    return evaluate(kernel, formula, variables) is True


def text(kernel: Kernel, formula: Formula, variables: View, what: str, code: str = "expression") -> str:
    """A formula that must give a text or a number."""
    value = evaluate(kernel, formula, variables)
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal) or value == "":
        raise Fault(code, f"Expected {what} '= {formula.text}' to be a text or a number, but it is {shown(value)}")
    return value if isinstance(value, str) else str(to_json(value))


def whole(kernel: Kernel, formula: Formula, variables: View, what: str, code: str = "expression") -> int:
    """A formula, or a literal, that must give a whole number not below zero."""
    value = evaluate(kernel, formula, variables)
    if isinstance(value, str) and value.strip().isdecimal():
        return int(value)
    if isinstance(value, Decimal) and value == value.to_integral_value():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise Fault(code, f"Expected {what} '{formula.text}' to be a whole number of at least 0, but it is "
                          f"{shown(value)}")
    return value


def shown(value: Any) -> str:
    """A value in a message to people, kept short."""
    found = "null" if value is None else repr(value)
    return found if len(found) <= 80 else found[:77] + "..."


def mapped(kernel: Kernel, mappings: Sequence[MappingPlan], variables: View) -> dict[str, Any]:
    """The variables that mappings make. Each sees what those before it made; a dotted target fills in a context."""
    made: dict[str, Any] = {}
    seen = dict(variables)
    for formula, path in mappings:
        name = path[0]
        seen[name] = made[name] = _put(seen.get(name), path[1:], stored(kernel, formula, seen))
    return made


def _put(old: Any, path: Sequence[str], value: Any) -> Any:
    """``value`` at a dotted path of a context, which is copied and not changed."""
    if not path:
        return value
    base = old if isinstance(old, dict) else {}
    return {**base, path[0]: _put(base.get(path[0]), path[1:], value)}


def propagate(kernel: Kernel, node: Node, values: View) -> None:
    """Sets each variable in the nearest scope from ``node`` outwards that has it, else in the root of the process."""
    if not values:
        return
    nodes = chain(kernel, node)
    if len(nodes) == 1:
        kernel.write(nodes[0], values)
        return
    shares: dict[int, dict[str, Any]] = {}
    for name, value in values.items():
        home = next((each for each in nodes if each.vars is not None and name in each.vars), nodes[-1])
        shares.setdefault(home.id, {})[name] = value
    for each in nodes:
        if each.id in shares:
            kernel.write(each, shares[each.id])


_PLAIN = frozenset((type(None), bool, int, str))
_TEMPORAL = (date, time, datetime, timedelta, YearsMonthsDuration)


def admitted(variables: Mapping[str, Any] | None, where: str) -> dict[str, Any]:
    """Variables from outside as they are kept. Raises ``InvalidInput`` for what is not JSON-like."""
    if not variables:
        return {}
    if type(variables) is not dict and not isinstance(variables, Mapping):
        raise InvalidInput(expected="variables by name", found=type(variables).__name__, where=where)
    return _admitted_each(variables, where)


def _admitted_each(values: Mapping[Any, Any], where: str) -> dict[str, Any]:
    return {name if type(name) is str else _name(name, where):
            value if type(value) in _PLAIN else _admitted(value, f"{where}.{name}") for name, value in values.items()}


def _name(name: Any, where: str) -> str:
    if not isinstance(name, str):
        raise InvalidInput(expected="names that are texts", found=repr(name), where=where)
    return name


def _admitted(value: Any, where: str) -> Any:
    if isinstance(value, dict):
        return _admitted_each(value, where)
    if isinstance(value, list | tuple):
        return [each if type(each) in _PLAIN else _admitted(each, where) for each in value]
    if isinstance(value, float):
        value = Decimal(repr(value))
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise InvalidInput(expected="a finite number", found=str(value), where=where)
        return to_json(value)
    if isinstance(value, _TEMPORAL):
        return to_json(value)
    raise InvalidInput(expected="a JSON-like value", found=type(value).__name__, where=where)
