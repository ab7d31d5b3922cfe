"""Variable scopes of the second engine: the rules of zeebe:ioMapping once more, written independently of the kernel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.definition.model import Definition, Element, IoMapping, Value
from engine.feel import compile_expression, to_json


@dataclass(frozen=True, slots=True)
class Scope:
    """Local variables and the scope around; a scope without parent is a variable root (a case or a called process)."""

    local: dict[str, Any]
    parent: Scope | None

    def visible(self) -> dict[str, Any]:
        return {**(self.parent.visible() if self.parent else {}), **self.local}

    def assign(self, values: Mapping[str, Any]) -> None:
        """Each value goes to the nearest scope that has the name, or to the root."""
        for name, value in values.items():
            scope = self
            while name not in scope.local and scope.parent is not None:
                scope = scope.parent
            scope.local[name] = value


class Data:
    """Evaluates what a diagram says about data, at one instant, with the host's functions."""

    def __init__(self, definition: Definition, functions: Mapping[str, Any], now: datetime) -> None:
        self._definition = definition
        self._functions = functions
        self._now = now

    def value(self, value: Value, variables: Mapping[str, Any]) -> Any:
        if not value.feel:
            return value.text
        result = compile_expression(value.text).evaluate(variables, functions=self._functions, now=self._now)
        return to_json(result.value)

    def holds(self, condition: Value, scope: Scope) -> bool:
        return self.value(condition, scope.visible()) is True

    def local(self, element: Element, scope: Scope) -> Scope:
        """The scope of an activity: what its input mappings make."""
        return Scope(self._mapped(element.inputs, scope.visible()), scope)

    def result(self, element: Element, local: Scope) -> Mapping[str, Any]:
        """What an automatic task gives of itself."""
        if element.script is not None and element.script.result:
            return {element.script.result: self.value(element.script.expression, local.visible())}
        if element.decision is not None:
            decision = self._definition.decisions[element.decision.decision_id]
            found = decision.evaluate(local.visible(), functions=self._functions, now=self._now)
            return {element.decision.result: to_json(found.value)}
        return {}

    def finish(
        self, element: Element, scope: Scope, local: Scope | None, given: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """What an element with output mappings hands to ``scope``; without, what it was given."""
        if not element.outputs:
            return given
        inner = (local or Scope({}, scope)).visible() | dict(given)
        return self._mapped(element.outputs, inner)

    def assign_finished(self, element: Element, scope: Scope, local: Scope | None, given: Mapping[str, Any]) -> None:
        target = scope if element.outputs or local is None else local
        target.assign(self.finish(element, scope, local, given))

    def enter(self, element: Element, scope: Scope) -> Scope:
        """The scope of a sub-process or called process."""
        local = self.local(element, scope)
        if element.called is None:
            return local
        return Scope(local.visible() if element.called.propagate_all_parent else dict(local.local), None)

    def leave(self, element: Element, inner: Scope, scope: Scope) -> None:
        if element.outputs:
            scope.assign(
                self._mapped(element.outputs, inner.visible() if inner.parent else scope.visible() | inner.local)
            )
        elif element.called is not None and element.called.propagate_all_child:
            scope.assign(inner.local)

    def _mapped(self, mappings: tuple[IoMapping, ...], variables: Mapping[str, Any]) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for mapping in mappings:
            _put(made, mapping.target.split("."), self.value(mapping.source, {**variables, **made}))
        return made


def _put(target: dict[str, Any], path: list[str], value: Any) -> None:
    for name in path[:-1]:
        inner = target.get(name)
        target[name] = dict(inner) if isinstance(inner, dict) else {}
        target = target[name]
    target[path[-1]] = value
