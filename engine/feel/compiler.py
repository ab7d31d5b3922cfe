"""Syntax tree to Python closures, one compile function a construct (DMN clause 10.3.2, semantics of FEEL).

Each closure takes a ``Scope`` and gives a value; whatever does not fit becomes null and leaves a ``Diagnosis``.
"""

import operator as py
from collections.abc import Callable
from typing import Any

from engine.feel import syntax as ast
from engine.feel.calls import Lambda, invoke
from engine.feel.operators import ARITHMETIC, equal, less, less_or_equal, negate
from engine.feel.properties import path
from engine.feel.ranges import make_range, single_bound
from engine.feel.runtime import Evaluate, Scope
from engine.feel.types import ANY, UnknownType, conforms, static_type
from engine.feel.unary import one_of, test
from engine.feel.values import NUMBERS, Function, Value, kind

_ABSENT: Any = object()


def compile_node(node: ast.Node) -> Evaluate:
    """The closure of a node and all below it."""
    return _COMPILERS[type(node)](node)


def _literal(node: ast.Literal) -> Evaluate:
    value = node.value
    return lambda scope: value


def _unreadable(node: ast.Unreadable) -> Evaluate:
    at, found = node.at, f'"{node.text[:60]}"'
    return lambda scope: scope.run.warn(at, "value.literal", found=found)


def _name(node: ast.Name) -> Evaluate:
    name, at = node.name, node.at

    def evaluate(scope: Scope) -> Value:
        around = scope
        while True:
            value = around.names.get(name, _ABSENT)
            if value is not _ABSENT:
                return value
            parent = around.parent
            if parent is None:  # of the evaluation that made the function, if this is the body of one
                return around.run.resolve(name, at, scope.run)
            around = parent

    return evaluate


def _negation(node: ast.Negation) -> Evaluate:
    operand, at = compile_node(node.operand), node.at

    def evaluate(scope: Scope) -> Value:
        value = operand(scope)
        result = negate(value)
        return scope.run.warn(at, "operand", operator="-", found=kind(value)) if result is None else result

    return evaluate


def _chain(node: ast.Chain) -> Evaluate:
    first = compile_node(node.first)
    rest = [(symbol, ARITHMETIC[symbol], compile_node(operand), at) for symbol, operand, at in node.rest]

    def evaluate(scope: Scope) -> Value:
        value = first(scope)
        run = scope.run
        for symbol, operation, operand, at in rest:
            right = operand(scope)
            result = operation(run, value, right)
            if result is None:
                _no_result(scope, at, symbol, value, right)
            value = result
        return value

    return evaluate


def _no_result(scope: Scope, at: int, symbol: str, left: Value, right: Value) -> None:
    if type(left) in NUMBERS and type(right) in NUMBERS:
        scope.run.warn(at, "number.division" if symbol == "/" and right == 0 else "number.range")
    else:
        scope.run.warn(at, "operands", operator=symbol, left=kind(left), right=kind(right))


def _logic(node: ast.Logic) -> Evaluate:
    """Three-valued and/or: ``decisive`` settles it whatever the others are; anything not boolean counts as null."""
    operands = [(compile_node(operand), operand.at) for operand in node.operands]
    decisive = node.operator == "or"
    operator = node.operator

    def evaluate(scope: Scope) -> Value:
        result: bool | None = not decisive
        for operand, at in operands:
            value = operand(scope)
            if value is decisive:
                return decisive
            if type(value) is not bool:
                result = None
                if value is not None:
                    scope.run.warn(at, "operand", operator=operator, found=kind(value))
        return result

    return evaluate


_FAST: dict[str, Callable[[Any, Any], bool]] = {
    "=": py.eq,
    "!=": py.ne,
    "<": py.lt,
    "<=": py.le,
    ">": py.gt,
    ">=": py.ge,
}
_PLAIN = frozenset((*NUMBERS, str))


def _comparison(node: ast.Comparison) -> Evaluate:
    left, right, at = compile_node(node.left), compile_node(node.right), node.at
    operator = "=" if node.operator == "==" else node.operator
    fast, slow = _FAST[operator], _SLOW[operator]
    if isinstance(node.right, ast.Literal) and type(node.right.value) in _PLAIN:
        return _against_constant(left, operator, node.right.value, at)

    def evaluate(scope: Scope) -> Value:
        one, other = left(scope), right(scope)
        cls = type(one)
        if cls in _PLAIN and cls is type(other):
            return fast(one, other)
        result = slow(scope, one, other)
        if result is None:
            scope.run.warn(at, "operands", operator=operator, left=kind(one), right=kind(other))
        return result

    return evaluate


def _against_constant(left: Evaluate, operator: str, other: Value, at: int) -> Evaluate:
    """A comparison with a literal number or string, as most conditions have."""
    fast, slow, plain = _FAST[operator], _SLOW[operator], type(other)

    def evaluate(scope: Scope) -> Value:
        one = left(scope)
        if type(one) is plain:
            return fast(one, other)
        result = slow(scope, one, other)
        if result is None:
            scope.run.warn(at, "operands", operator=operator, left=kind(one), right=kind(other))
        return result

    return evaluate


def _not_equal(scope: Scope, left: Value, right: Value) -> bool | None:
    result = equal(scope.run, left, right)
    return None if result is None else not result


_SLOW: dict[str, Callable[[Scope, Value, Value], bool | None]] = {
    "=": lambda scope, left, right: equal(scope.run, left, right),
    "!=": _not_equal,
    "<": lambda scope, left, right: less(left, right),
    "<=": lambda scope, left, right: less_or_equal(left, right),
    ">": lambda scope, left, right: less(right, left),
    ">=": lambda scope, left, right: less_or_equal(right, left),
}


def _between(node: ast.Between) -> Evaluate:
    value, low, high, at = compile_node(node.value), compile_node(node.low), compile_node(node.high), node.at

    def evaluate(scope: Scope) -> Value:
        middle, bottom, top = value(scope), low(scope), high(scope)
        above, below = less_or_equal(bottom, middle), less_or_equal(middle, top)
        if above is None or below is None:
            other = bottom if above is None else top
            return scope.run.warn(at, "operands", operator="between", left=kind(middle), right=kind(other))
        return above and below

    return evaluate


def _in(node: ast.In) -> Evaluate:
    value, at = compile_node(node.value), node.at
    tests = [compile_test(one) for one in node.tests]

    def evaluate(scope: Scope) -> Value:
        found = value(scope)
        return one_of(scope, found, tests, at)

    return evaluate


def compile_test(node: ast.Node) -> Callable[[Scope, Value], bool | None]:
    """One positive unary test against an explicit value (clause 7.3.3 and table 55, ``in``)."""
    at = node.at
    if isinstance(node, ast.UnaryComparison):
        operand = compile_node(node.operand)
        compare = _SLOW["=" if node.operator == "==" else node.operator]
        return lambda scope, value: compare(scope, value, operand(scope))
    if isinstance(node, ast.Literal):
        literal = node.value
        return lambda scope, value: test(scope, value, literal, at)
    evaluate = compile_node(node)
    return lambda scope, value: test(scope, value, evaluate(scope), at)


def _unary_comparison(node: ast.UnaryComparison) -> Evaluate:
    operand, operator, at = compile_node(node.operand), node.operator, node.at
    return lambda scope: single_bound(scope, operator, operand(scope), at)


def _range(node: ast.RangeNode) -> Evaluate:
    low, high, at = compile_node(node.low), compile_node(node.high), node.at
    low_in, high_in = node.low_included, node.high_included
    return lambda scope: make_range(scope, low(scope), high(scope), low_in, high_in, at)


def _list(node: ast.ListNode) -> Evaluate:
    items = [compile_node(item) for item in node.items]
    return lambda scope: [item(scope) for item in items]


def _context(node: ast.ContextNode) -> Evaluate:
    entries = [(name, compile_node(value)) for name, value in node.entries]

    def evaluate(scope: Scope) -> Value:
        made: dict[str, Value] = {}
        inner = Scope(made, scope, scope.run)
        for name, value in entries:
            made[name] = value(inner)
        return made

    return evaluate


def _path(node: ast.Path) -> Evaluate:
    source, name, at = compile_node(node.source), node.name, node.at

    def evaluate(scope: Scope) -> Value:
        value = source(scope)
        if type(value) is dict:
            found = value.get(name, _ABSENT)
            if found is not _ABSENT:
                return found
        return path(scope.run, value, name, at)

    return evaluate


def _descendants(node: ast.Descendants) -> Evaluate:
    source, name = compile_node(node.source), node.name

    def evaluate(scope: Scope) -> Value:
        found: list[Value] = []
        _collect(scope, source(scope), name, found)
        return scope.run.sized(found)

    return evaluate


def _collect(scope: Scope, value: Value, name: str, found: list[Value]) -> None:
    scope.run.spend(3)
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == name and inner is not None:
                found.append(inner)
            _collect(scope, inner, name, found)
    elif isinstance(value, list):
        for inner in value:
            _collect(scope, inner, name, found)


def _if(node: ast.If) -> Evaluate:
    condition, then, otherwise = compile_node(node.condition), compile_node(node.then), compile_node(node.otherwise)
    at = node.condition.at

    def evaluate(scope: Scope) -> Value:
        value = condition(scope)
        if value is True:
            return then(scope)
        if value is not False and value is not None:
            scope.run.warn(at, "condition", found=kind(value))
        return otherwise(scope)

    return evaluate


def _call(node: ast.Call) -> Evaluate:
    function, at = compile_node(node.function), node.at
    arguments = [compile_node(argument) for argument in node.arguments]
    names = node.names
    name = node.function.name if isinstance(node.function, ast.Name) else None

    def evaluate(scope: Scope) -> Value:
        target = function(scope)
        if name is not None and not isinstance(target, Function):
            target = scope.run.host.functions.get(name, target)
        values = [argument(scope) for argument in arguments]
        return invoke(scope.run, target, values, names, at)

    return evaluate


def _function(node: ast.FunctionNode) -> Evaluate:
    body = None if node.external else compile_node(node.body)
    parameters = tuple((one.name, one.type or ANY) for one in node.parameters)
    result = None if node.external else static_type(node.body)
    return lambda scope: Lambda(parameters, result, body, scope)


def _instance_of(node: ast.InstanceOf) -> Evaluate:
    value, wanted, at = compile_node(node.value), node.type, node.at

    def evaluate(scope: Scope) -> Value:
        found, host = value(scope), scope.run.host
        try:
            return conforms(found, wanted, host.types if host.shapes is None else host.shapes, scope.run.spend)
        except UnknownType as unknown:
            return scope.run.warn(at, "type.unknown", name=str(unknown))

    return evaluate


_COMPILERS: dict[type, Callable[[Any], Evaluate]] = {
    ast.Literal: _literal,
    ast.Unreadable: _unreadable,
    ast.Name: _name,
    ast.Negation: _negation,
    ast.Chain: _chain,
    ast.Logic: _logic,
    ast.Comparison: _comparison,
    ast.Between: _between,
    ast.In: _in,
    ast.UnaryComparison: _unary_comparison,
    ast.RangeNode: _range,
    ast.ListNode: _list,
    ast.ContextNode: _context,
    ast.Path: _path,
    ast.Descendants: _descendants,
    ast.If: _if,
    ast.Call: _call,
    ast.FunctionNode: _function,
    ast.InstanceOf: _instance_of,
}


def register(construct: type, compiler: Callable[[Any], Evaluate]) -> None:
    """Lets ``loops`` bring in the constructs that iterate."""
    _COMPILERS[construct] = compiler
