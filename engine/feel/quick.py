"""Unary tests against constants, without the machinery of an evaluation: most cells of most decision tables."""

import operator
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from engine.feel import syntax as ast
from engine.feel.values import NUMBERS

Quick = Callable[[Any], bool | None]
"""Whether a value passes; None if it is of another kind than the constant and the full evaluation has to tell."""

_KINDS: dict[type, frozenset[type]] = {
    int: NUMBERS,
    Decimal: NUMBERS,
    str: frozenset((str,)),
    date: frozenset((date,)),
}
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def quick_tests(nodes: Sequence[ast.Node]) -> tuple[Quick, ...] | None:
    """Quick forms of all these tests, or None if one has none."""
    found = tuple(_quick(node) for node in nodes)
    return tuple(one for one in found if one is not None) if found and None not in found else None


def _quick(node: ast.Node) -> Quick | None:
    if isinstance(node, ast.UnaryComparison) and isinstance(node.operand, ast.Literal):
        return _against(node.operand.value, _COMPARE.get(node.operator))
    if isinstance(node, ast.Literal):
        return _against(node.value, _COMPARE["="])
    if isinstance(node, ast.RangeNode) and isinstance(node.low, ast.Literal) and isinstance(node.high, ast.Literal):
        return _within(node, node.low.value, node.high.value)
    return None


def _against(bound: Any, compare: Callable[[Any, Any], bool] | None) -> Quick | None:
    kinds = _KINDS.get(type(bound))
    if kinds is None or compare is None:
        return None
    return lambda value: compare(value, bound) if type(value) in kinds else None


def _within(node: ast.RangeNode, low: Any, high: Any) -> Quick | None:
    kinds = _KINDS.get(type(low))
    if kinds is None or type(high) not in kinds:
        return None
    above = _COMPARE[">=" if node.low_included else ">"]
    below = _COMPARE["<=" if node.high_included else "<"]
    return lambda value: above(value, low) and below(value, high) if type(value) in kinds else None
