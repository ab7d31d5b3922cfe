"""Conversion and boolean built-ins (DMN clauses 10.3.4.1, 10.3.4.2 and 10.3.4.13)."""

import re

from engine.feel import numbers
from engine.feel.diagnosis import Failure, FeelSyntaxError
from engine.feel.names import Names
from engine.feel.operators import equal, less_or_equal
from engine.feel.parser import Parser
from engine.feel.registry import BUILTINS, builtin
from engine.feel.runtime import Run
from engine.feel.syntax import Call, Literal, Name, Node, RangeNode
from engine.feel.temporal import offset_of, order_key
from engine.feel.text import to_text
from engine.feel.values import Range, Value, kind

CONVERSION, BOOLEAN, SAME = "10.3.4.1", "10.3.4.2", "10.3.4.13"
_CONSTRUCTOR_NAMES = ("date", "time", "date and time", "duration")
_CONSTRUCTORS = Names(_CONSTRUCTOR_NAMES)
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,5})?")


@builtin("string(from: any)", CONVERSION)
def string(run: Run, value: Value) -> Value:
    text = to_text(value, min(run.limits.string, max(run.steps, 0)))
    run.spend(0 if text is None or text is value else len(text) >> 2)
    return text


@builtin("number(from: string, grouping separator?: any, decimal separator?: any)", CONVERSION)
def number(run: Run, text: str, grouping: Value = None, point: Value = None) -> Value:
    """Grouping is a space, comma or point; the decimal separator a point or comma, and not the same."""
    if grouping not in (None, " ", ",", ".") or point not in (None, ".", ",") or (point or ".") == grouping:
        raise Failure("value.invalid", function="number", found=f"{grouping} {point}")
    plain = text
    if grouping is not None:
        plain = plain.replace(grouping, "")
    if point is not None:
        plain = plain.replace(point, ".") if point == "," else plain
    found = numbers.literal(plain.removeprefix("+")) if _NUMBER.fullmatch(plain) else None
    if found is None:
        raise Failure("value.invalid", function="number", found=f'"{text[:60]}"')
    return found


@builtin("number(from: number)", CONVERSION)
def number_itself(run: Run, value: Value) -> Value:
    return value


@builtin("not(negand: any)", BOOLEAN)
def negation(run: Run, negand: Value) -> Value:
    if negand is not None and not isinstance(negand, bool):
        raise Failure("function.argument", function="not", parameter="negand", expected="boolean", found=kind(negand))
    return None if negand is None else not negand


@builtin("is(value1: any, value2: any)", SAME)
def same(run: Run, one: Value, other: Value) -> Value:
    """True if both are of the same kind and the same in the semantic domain, offset included."""
    if kind(one) != kind(other):
        return False
    if kind(one) in ("time", "date and time"):
        return order_key(one) == order_key(other) and offset_of(one) == offset_of(other)
    return equal(run, one, other) is True


@builtin("range(from: string)", CONVERSION)
def range_from(run: Run, text: str) -> Value:
    """A range written with literal ends, or with calls such as ``date("2026-01-01")``, of which an open one may be left
    out (grammar rule 66): neither a comparison such as ``>= 5`` nor ``null`` as an end; it never reads variables."""
    try:
        node = Parser(text, (), _CONSTRUCTORS).whole_expression()
    except FeelSyntaxError:
        node = None
    if not isinstance(node, RangeNode):
        raise _no_range(text)
    (low, from_low), (high, to_high) = (_bound(run, end, text) for end in (node.low, node.high))
    if from_low and to_high and less_or_equal(low, high) is not True:
        raise _no_range(text)
    return Range(low, high, node.low_included and from_low, node.high_included and to_high)


def _bound(run: Run, node: Node, text: str) -> tuple[Value, bool]:
    """The value of an end and whether there is one; an end that is left out stands at the dots themselves."""
    if text.startswith("..", node.at):
        return None, False
    value = _end(run, node)
    if less_or_equal(value, value) is not True:
        raise _no_range(text)
    return value, True


def _no_range(text: str) -> Failure:
    return Failure("value.invalid", function="range", found=f'"{text[:60]}"')


def _end(run: Run, node: Node) -> Value:
    if isinstance(node, Literal):
        return node.value
    name = node.function.name if isinstance(node, Call) and isinstance(node.function, Name) else ""
    if isinstance(node, Call) and node.names is None and name in _CONSTRUCTOR_NAMES:
        return BUILTINS[name].call(run, [_end(run, argument) for argument in node.arguments])
    raise Failure("value.invalid", function="range", found="an expression")
