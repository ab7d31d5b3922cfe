"""Decision tables: which rules hold, and what the hit policy makes of them (DMN 8.2.8–8.2.11)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from operator import add
from typing import Any, Protocol

from engine.definition.decisions.model import Input, Literal, Output, Rule, Table, Tests
from engine.definition.decisions.texts import shortened, subject
from engine.feel import Diagnosis, FeelLimitExceeded, compile_expression, to_text

Scope = dict[str, Any]
NO_HIT = {"COLLECT": [], "COUNT": 0}
MOST_SAID = 2_000
SMALLER = compile_expression("a < b")


class Frame(Protocol):
    """What a table needs of the node it belongs to."""

    node: Any
    evaluation: Any

    def literal(self, literal: Literal, scope: Scope) -> Any: ...
    def test(self, tests: Tests, value: Any, scope: Scope) -> bool: ...
    def order_of(self, wanted: str | None) -> tuple[Literal, ...]: ...
    def typed(self, value: Any, wanted: str | None, what: Diagnosis) -> Any: ...
    def null(self, code: str, where: Diagnosis | None = None, /, **params: Any) -> None: ...


def evaluate(table: Table, frame: Frame, scope: Scope) -> Any:
    """The result of a table: a value, a context of outputs, or a list of either; null when a policy is violated."""
    values = [_input(item, frame, scope) for item in table.inputs]
    frame.evaluation.inputs.setdefault(frame.node.id, {}).update(
        zip([item.label for item in table.inputs], values, strict=True))
    hits = [rule for rule in table.rules if _holds(rule, values, frame, scope)]
    if table.hit_policy == "FIRST":
        hits = hits[:1]
    frame.evaluation.matched[frame.node.id] = tuple(rule.id for rule in hits)
    if not hits:
        return _default(table, frame, scope)
    if table.hit_policy == "UNIQUE" and len(hits) > 1:
        return frame.null("unique", **_named(table, frame))
    results = [_outputs(table, rule, frame, scope) for rule in hits]
    return POLICIES.get(table.hit_policy, _first)(table, results, frame, scope)


def _input(item: Input, frame: Frame, scope: Scope) -> Any:
    """The value of an input; null when it is not one of the allowed (DMN 8.3.2)."""
    value = frame.literal(item.expression, scope)
    if item.allowed is not None and value is not None and not frame.test(item.allowed, value, scope):
        return frame.null("input", item.expression.place, label=item.label, allowed=item.allowed.text,
                          found=said(value))
    return value


def _holds(rule: Rule, values: Sequence[Any], frame: Frame, scope: Scope) -> bool:
    return all(frame.test(tests, value, scope) for tests, value in zip(rule.tests, values, strict=False))


def _outputs(table: Table, rule: Rule, frame: Frame, scope: Scope) -> Any:
    values = [_output(output, entry, frame, scope) for output, entry in zip(table.outputs, rule.entries, strict=False)]
    return _shaped(table.outputs, values)


def _output(output: Output, entry: Literal, frame: Frame, scope: Scope) -> Any:
    """What a rule gives in one column; null when it is not one of the output values (DMN 8.3.3)."""
    value = frame.typed(frame.literal(entry, scope), output.type, subject("output", name=output.name))
    if output.allowed is not None and value is not None and not frame.test(output.allowed, value, scope):
        return frame.null("output", entry.place, label=output.name, allowed=output.allowed.text, found=said(value))
    return value


def _shaped(outputs: Sequence[Output], values: Sequence[Any]) -> Any:
    """One output is its value; several are a context."""
    if len(outputs) == 1:
        return values[0]
    return {output.name: value for output, value in zip(outputs, values, strict=False)}


def _default(table: Table, frame: Frame, scope: Scope) -> Any:
    if any(output.default is not None for output in table.outputs):
        return _shaped(table.outputs, [frame.literal(output.default, scope) if output.default else None
                                       for output in table.outputs])
    found = NO_HIT.get(table.aggregation or table.hit_policy)
    return list(found) if isinstance(found, list) else found


def _first(table: Table, results: list[Any], frame: Frame, scope: Scope) -> Any:
    return results[0]


def _any(table: Table, results: list[Any], frame: Frame, scope: Scope) -> Any:
    if any(result != results[0] for result in results):
        return frame.null("any", **_named(table, frame))
    return results[0]


def _named(table: Table, frame: Frame) -> dict[str, str]:
    """The rules that hold, by row and by id."""
    hits = frame.evaluation.matched[frame.node.id]
    rows = [str(row) for row, rule in enumerate(table.rules, 1) if rule.id in hits]
    return {"rows": ", ".join(rows), "rules": ", ".join(hits)}


def _in_rule_order(table: Table, results: list[Any], frame: Frame, scope: Scope) -> Any:
    return results


def _in_output_order(table: Table, results: list[Any], frame: Frame, scope: Scope) -> Any:
    """By the place of each output in its list of output values, leftmost output first (DMN 8.2.10)."""
    orders = [_order(output, frame, scope) for output in table.outputs]

    def rank(result: Any) -> tuple[int, ...]:
        values = [result] if len(table.outputs) == 1 else [result[output.name] for output in table.outputs]
        return tuple(order.index(value) if value in order else len(order)
                     for order, value in zip(orders, values, strict=True))

    return sorted(results, key=rank)


def _order(output: Output, frame: Frame, scope: Scope) -> list[Any]:
    order = output.order or frame.order_of(output.type)
    values = frame.literal(order[0], scope) if order else []
    return values if isinstance(values, list) else []


def _priority(table: Table, results: list[Any], frame: Frame, scope: Scope) -> Any:
    return _in_output_order(table, results, frame, scope)[0]


def _collect(table: Table, results: list[Any], frame: Frame, scope: Scope) -> Any:
    if table.aggregation is None:
        return results
    if table.aggregation == "COUNT":
        return len(results)
    if len(table.outputs) == 1:
        return _aggregate(table.aggregation, results, frame)
    return {output.name: _aggregate(table.aggregation, [result[output.name] for result in results], frame)
            for output in table.outputs}


def _aggregate(how: str, values: Sequence[Any], frame: Frame) -> Any:
    try:
        return reduce(AGGREGATES[how], values)
    except (TypeError, ArithmeticError):
        return frame.null("aggregation", how=how, values=said(values))


def said(value: Any) -> str:
    """A value in a sentence, as FEEL writes it."""
    try:
        return shortened((to_text([value], MOST_SAID) or "")[1:-1])
    except FeelLimitExceeded:
        return "…"


def _less(one: Any, other: Any) -> bool:
    """As FEEL orders values; what cannot be compared has no least."""
    found = SMALLER.evaluate({"a": one, "b": other}).value
    if not isinstance(found, bool):
        raise TypeError
    return found


AGGREGATES: Mapping[str, Callable[[Any, Any], Any]] = {
    "SUM": add, "MIN": lambda one, other: other if _less(other, one) else one,
    "MAX": lambda one, other: other if _less(one, other) else one,
}
POLICIES: Mapping[str, Callable[[Table, list[Any], Frame, Scope], Any]] = {
    "UNIQUE": _first, "FIRST": _first, "ANY": _any, "PRIORITY": _priority, "RULE ORDER": _in_rule_order,
    "OUTPUT ORDER": _in_output_order, "COLLECT": _collect,
}
