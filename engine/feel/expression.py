"""The door: compile a text once, evaluate it many times."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

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
from engine.feel.quick import quick_tests
from engine.feel.runtime import Evaluate, Run, Scope, Surroundings, Test
from engine.feel.type_parser import read_type
from engine.feel.types import UnknownType, conforms, convert
from engine.feel.unary import test
from engine.feel.unary_parser import read_tests
from engine.feel.values import Foreign, Range, Value, admit, kind

_BUILTIN_NAMES = Names((*BUILTINS, *PROPERTY_NAMES))


class Result(NamedTuple):
    """``value`` and why parts of it are null."""

    value: Value
    warnings: tuple[Diagnosis, ...] = ()


_ALONE = Surroundings(BUILTINS)
_TRUE, _FALSE = Result(True), Result(False)


def _surroundings(functions: Mapping[str, Any] | None, *rest: Any) -> Surroundings:
    return Surroundings(HostFunctions(functions, BUILTINS) if functions else BUILTINS, *rest)


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
        shapes: Mapping[str, Test] | None = None,
    ) -> Result:
        """The value under these variables. ``functions`` are the host's, by name: callables or ``HostFunction``;
        ``now`` (aware) is what ``now()`` and ``today()`` tell; ``random`` gives numbers in [0, 1); ``types`` tells
        named types to parameters, ``shapes`` to ``instance of`` (if left out, as to parameters). Raises
        ``FeelLimitExceeded``.
        """
        host = _ALONE
        if functions or now or random or types or shapes or limits is not DEFAULT_LIMITS:
            host = _surroundings(functions, now, limits, random, types, shapes)
        run = Run(self.text, variables, host)
        try:
            value = self._evaluate(Scope(run.known, None, run))
            if type(value) is list or type(value) is dict:
                run.measure(value, 0)
        except RecursionError:
            raise FeelLimitExceeded("limit.depth", {}) from None
        return Result(value, run.warnings)


class UnaryTests:
    """Compiled unary tests (clause 7.3.3): the cell of a decision table, or allowed values."""

    __slots__ = ("_quick", "_tests", "names", "negated", "node", "text")

    def __init__(self, text: str, node: ast.Tests) -> None:
        self.text = text
        self.node = node
        self.negated = node.negated
        self._quick = quick_tests(node.tests)
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
        shapes: Mapping[str, Test] | None = None,
    ) -> Result:
        """True, False or None (it cannot be told) for ``input_value``, which is ``?`` in the tests.

        The rest is as for ``Expression``.
        """
        if self._quick is not None:
            quick = self._quickly(input_value)
            if quick is not None:
                return _TRUE if quick else _FALSE
        host = _ALONE
        if functions or now or random or types or shapes or limits is not DEFAULT_LIMITS:
            host = _surroundings(functions, now, limits, random, types, shapes)
        run = Run(self.text, variables, host)
        run.known["?"] = value = run.admitted("?", input_value, 0)
        try:
            passed = self._passes(Scope(run.known, None, run), value)
        except RecursionError:
            raise FeelLimitExceeded("limit.depth", {}) from None
        return Result(passed, run.warnings)

    def _quickly(self, value: Any) -> bool | None:
        for one in self._quick or ():
            passed = one(value)
            if passed is None:
                return None
            if passed:
                return not self.negated
        return self.negated

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
    """One test of a cell: a boolean expression about ``?`` stands for itself, all else is compared with ``?``."""
    if "?" not in free_names(node, {})[0] or isinstance(node, ast.Name):
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


@lru_cache(maxsize=1024)
def compile_call(function: str, parameters: tuple[str, ...]) -> Expression:
    """A call of the variable or function ``function`` by parameter names, whatever signs those hold, with the variables
    ``argument0``, ``argument1``, … as arguments."""
    arguments = tuple(ast.Name(0, f"argument{number}") for number in range(len(parameters)))
    return Expression(function, ast.Call(0, ast.Name(0, function), arguments, parameters))


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


def is_instance(value: Any, type_text: str, shapes: Mapping[str, Test] | None = None) -> bool:
    """Whether a FEEL value is of a type as it stands, without any conversion; null is of none but ``Null``.

    ``shapes`` tells types defined outside FEEL by name; a type unknown to it has no instances. Raises
    ``FeelSyntaxError`` for a text that is no type.
    """
    wanted = _type(type_text, _special(shapes or ()))
    try:
        return conforms(value, wanted, shapes)
    except UnknownType:
        return False


__all__ = [
    "Expression",
    "Range",
    "Result",
    "UnaryTests",
    "coerce",
    "compile_call",
    "compile_expression",
    "compile_unary_tests",
    "is_instance",
]
