"""The door: compile a text once, evaluate it many times."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from engine.feel import loops as _loops  # noqa: F401 - brings in for, some, every and filters
from engine.feel import syntax as ast
from engine.feel.analysis import free_names
from engine.feel.builtins import BUILTINS
from engine.feel.calls import HostFunctions
from engine.feel.compiler import compile_node, compile_test
from engine.feel.diagnosis import Diagnosis, FeelLimitExceeded, FeelSyntaxError
from engine.feel.limits import DEFAULT_LIMITS, MAX_NESTING, Limits
from engine.feel.names import Names, normal, simple
from engine.feel.parser import Parser
from engine.feel.properties import PROPERTY_NAMES
from engine.feel.runtime import Evaluate, Functions, Run, Scope, Test
from engine.feel.type_parser import read_type
from engine.feel.types import UnknownType, convert
from engine.feel.unary import test
from engine.feel.unary_parser import read_tests
from engine.feel.values import Foreign, Range, Value, admit, kind

_BUILTIN_NAMES = Names((*BUILTINS, *PROPERTY_NAMES))


@dataclass(frozen=True, slots=True)
class Result:
    """``value`` and why parts of it are null."""

    value: Value
    warnings: tuple[Diagnosis, ...] = ()


def _functions(functions: Mapping[str, Any] | None) -> Functions:
    return HostFunctions(functions, BUILTINS) if functions else BUILTINS


def _finish(run: Run, evaluate: Callable[[], Value]) -> Result:
    try:
        value = evaluate()
        if type(value) is list or type(value) is dict:
            run.measure(value, 0)
    except RecursionError:
        raise FeelLimitExceeded("limit.depth", {}) from None
    return Result(value, tuple(run.warnings)) if run.warnings else Result(value)


class Expression:
    """A compiled expression. ``names`` are its free variables; those in ``filter_names`` occur only inside filters,
    where they may be entries of the filtered contexts instead.
    """

    __slots__ = ("_evaluate", "filter_names", "names", "node", "text")

    def __init__(self, text: str, node: ast.Node) -> None:
        self.text = text
        self.node = node
        self._evaluate: Evaluate = compile_node(node)
        self.names, self.filter_names = free_names(node, BUILTINS)

    def evaluate(
        self,
        variables: Mapping[str, Any],
        *,
        functions: Mapping[str, Any] | None = None,
        now: datetime | None = None,
        limits: Limits = DEFAULT_LIMITS,
        random: Callable[[], Any] | None = None,
        types: Mapping[str, Test] | None = None,
    ) -> Result:
        """The value under these variables. ``functions`` are the host's, by name: callables or ``HostFunction``;
        ``now`` (aware) is what ``now()`` and ``today()`` tell; ``random`` gives numbers in [0, 1); ``types`` tells
        named types. Raises ``FeelLimitExceeded``.
        """
        run = Run(self.text, variables, _functions(functions), now, limits, random, types)
        scope = Scope(run.known, None, run)
        return _finish(run, lambda: self._evaluate(scope))


class UnaryTests:
    """Compiled unary tests (clause 7.3.3): the cell of a decision table, or allowed values."""

    __slots__ = ("_tests", "names", "negated", "node", "text")

    def __init__(self, text: str, node: ast.Tests) -> None:
        self.text = text
        self.node = node
        self.negated = node.negated
        self._tests = tuple(_cell(one) for one in node.tests)
        names = [free_names(one, BUILTINS)[0] for one in node.tests]
        self.names: frozenset[str] = frozenset().union(*names) - {"?"}

    def evaluate(
        self,
        input_value: Any,
        variables: Mapping[str, Any],
        *,
        functions: Mapping[str, Any] | None = None,
        now: datetime | None = None,
        limits: Limits = DEFAULT_LIMITS,
        random: Callable[[], Any] | None = None,
        types: Mapping[str, Test] | None = None,
    ) -> Result:
        """True, False or None (it cannot be told) for ``input_value``, which is ``?`` in the tests.

        The rest is as for ``Expression``.
        """
        run = Run(self.text, variables, _functions(functions), now, limits, random, types)
        run.known["?"] = value = run.admitted("?", input_value, 0)
        scope = Scope(run.known, None, run)
        return _finish(run, lambda: self._passes(scope, value))

    def _passes(self, scope: Scope, value: Value) -> bool | None:
        if not self._tests:
            return True
        result: bool | None = False
        for one in self._tests:
            passed = one(scope, value)
            if passed is True:
                result = True
                break
            if passed is None:
                result = None
        if result is None:
            return None
        return not result if self.negated else result


def _cell(node: ast.Node) -> Callable[[Scope, Value], bool | None]:
    """One test of a cell: a boolean expression about ``?`` stands for itself, anything else is compared with ``?``."""
    if "?" not in free_names(node, {})[0]:
        return compile_test(node)
    evaluate, at = compile_node(node), node.at

    def check(scope: Scope, value: Value) -> bool | None:
        found = evaluate(scope)
        if found is None or isinstance(found, bool):
            return found
        return test(scope, value, found, at)

    return check


def compile_expression(text: str, names: Iterable[str] = ()) -> Expression:
    """Compiles a FEEL expression, or finds it compiled. Of the ``names`` in scope those with spaces or signs count.

    Raises ``FeelSyntaxError``.
    """
    return _expression(text, _special(names))


def compile_unary_tests(text: str, names: Iterable[str] = ()) -> UnaryTests:
    """Compiles unary tests, or finds them compiled. As for ``compile_expression``."""
    return _unary_tests(text, _special(names))


def _special(names: Iterable[str]) -> frozenset[str]:
    return frozenset(normal(name) for name in names if not simple(name))


@lru_cache(maxsize=4096)
def _expression(text: str, names: frozenset[str]) -> Expression:
    try:
        return Expression(text, Parser(text, sorted(names), _BUILTIN_NAMES).whole_expression())
    except RecursionError:
        raise FeelSyntaxError("syntax.nesting", {"limit": MAX_NESTING}) from None


@lru_cache(maxsize=4096)
def _unary_tests(text: str, names: frozenset[str]) -> UnaryTests:
    try:
        return UnaryTests(text, read_tests(Parser(text, sorted(names), _BUILTIN_NAMES)))
    except RecursionError:
        raise FeelSyntaxError("syntax.nesting", {"limit": MAX_NESTING}) from None


@lru_cache(maxsize=1024)
def _type(text: str, names: frozenset[str]) -> ast.TypeNode:
    parser = Parser(text, sorted(names), _BUILTIN_NAMES)
    wanted = read_type(parser)
    parser.finish()
    return wanted


def coerce(
    value: Any, type_text: str, types: Mapping[str, Test] | None = None, names: Iterable[str] = ()
) -> Result:
    """The value as one of a type such as ``list<number>``, after implicit conversion, else null with a diagnosis.

    ``types`` tells types defined outside FEEL by name. Raises ``FeelSyntaxError`` for a text that is no type.
    """
    wanted = _type(type_text, _special(names))
    try:
        admitted = admit(value)
        suits, converted = convert(admitted, wanted, types)
    except Foreign:
        return Result(None, (Diagnosis("value.foreign", {"name": type_text}),))
    except UnknownType as unknown:
        return Result(None, (Diagnosis("type.unknown", {"name": str(unknown)}),))
    if suits:
        return Result(converted)
    return Result(None, (Diagnosis("type.expected", {"expected": type_text, "found": kind(admitted)}),))


__all__ = ["Expression", "Range", "Result", "UnaryTests", "coerce", "compile_expression", "compile_unary_tests"]
