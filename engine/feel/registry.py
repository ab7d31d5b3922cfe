"""Built-in functions: how one is declared, found, and called with checked arguments (DMN clause 10.3.4).

A module of built-ins declares each with ``@builtin("name(parameter: type, optional?: type, rest...: type)", clause)``;
declaring a name twice overloads it. An implementation takes the ``Run`` and the converted arguments, and raises
``Failure`` for null with a diagnosis. Its parameters are never null unless their type is ``any``.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from engine.feel.diagnosis import Failure
from engine.feel.syntax import TypeNode
from engine.feel.types import ANY, SIMPLE, convert
from engine.feel.values import NUMBERS, Function, Range, Value, kind

Implementation = Callable[..., Value]

_SIGNATURE = re.compile(r"([^(]+)\((.*)\)")
_PARAMETER = re.compile(r"([^:?.]+)(\?|\.\.\.)?: (.+)")
_UNION = {
    "day": ("date", "date and time"),
    "clock": ("time", "date and time"),
    "duration": ("days and time duration", "years and months duration"),
}
_MISSING: Any = object()
_EXACT: dict[str, frozenset[type] | None] = {
    "any": None,
    "number": NUMBERS,
    "string": frozenset((str,)),
    "list": frozenset((list,)),
    "context": frozenset((dict,)),
    "range": frozenset((Range,)),
}


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str
    type: str
    optional: bool
    rest: bool

    def convert(self, value: Value) -> tuple[bool, Value]:
        """Whether the value suits, and as what (clause 10.3.2.9.4)."""
        wanted = self.type
        if wanted == "any":
            return True, value
        found = kind(value)
        if found == wanted or found in _UNION.get(wanted, ()):
            return True, value
        if isinstance(value, list) and len(value) == 1 and kind(value[0]) in _UNION.get(wanted, ()):
            return True, value[0]
        if value is None or wanted in _UNION:
            return False, None
        return convert(value, TypeNode(0, wanted))


@dataclass(frozen=True, slots=True)
class Overload:
    signature: str
    parameters: tuple[Parameter, ...]
    implementation: Implementation
    clause: str
    exact: tuple[frozenset[type] | None, ...]
    """The Python types that each parameter takes as they are, None for all: the short way of a call."""

    def bind(self, arguments: list[Value]) -> list[Value] | Parameter | None:
        """Arguments converted in order; the parameter that one does not suit; None if their number is wrong."""
        parameters = self.parameters
        if parameters and parameters[-1].rest:
            parameters = parameters[:-1] + (parameters[-1],) * max(1, len(arguments) - len(parameters) + 1)
        if len(arguments) > len(parameters):
            return None
        bound: list[Value] = []
        for index, parameter in enumerate(parameters):
            if index >= len(arguments):
                return bound if parameter.optional else None
            suits, value = parameter.convert(arguments[index])
            if not suits:
                return parameter
            bound.append(value)
        return bound

    def arrange(self, named: dict[str, Value]) -> list[Value] | None:
        """Named arguments in order of the parameters, null where one is left out; None if the names do not fit."""
        arranged: list[Value] = []
        given = 0
        for parameter in self.parameters:
            value = named.get(parameter.name, _MISSING)
            if value is _MISSING and not parameter.optional:
                return None
            given += value is not _MISSING
            arranged.append(value)
        if len(named) != given:
            return None
        while arranged and arranged[-1] is _MISSING:
            arranged.pop()
        return [None if value is _MISSING else value for value in arranged]


class Builtin(Function):
    """A built-in with its overloads, tried in order of declaration."""

    __slots__ = ("overloads",)

    def __init__(self, name: str) -> None:
        super().__init__(name, ())
        self.overloads: list[Overload] = []

    def add(self, overload: Overload) -> None:
        self.overloads.append(overload)
        first = self.overloads[0].parameters
        self.parameters = tuple((one.name, TypeNode(0, one.type) if one.type in SIMPLE else ANY) for one in first)

    def call(self, run: Any, arguments: list[Value]) -> Value:
        wrong: tuple[Parameter, list[Value]] | None = None
        for overload in self.overloads:
            if len(overload.exact) == len(arguments):
                for types, argument in zip(overload.exact, arguments, strict=True):
                    if types is not None and type(argument) not in types:
                        break
                else:
                    return overload.implementation(run, *arguments)
            bound = overload.bind(arguments)
            if type(bound) is list:
                return overload.implementation(run, *bound)
            if isinstance(bound, Parameter):
                wrong = wrong or (bound, arguments)
        raise self._refusal(wrong)

    def call_named(self, run: Any, arguments: dict[str, Value]) -> Value:
        """As ``call``; of overloads with the same names, ``before(point, range)`` and ``before(range, point)``, the one
        in whose order the names are written comes first."""
        wrong: tuple[Parameter, list[Value]] | None = None
        written = list(arguments)
        for overload in sorted(self.overloads, key=lambda one: [part.name for part in one.parameters] != written):
            arranged = overload.arrange(arguments)
            bound = None if arranged is None else overload.bind(arranged)
            if type(bound) is list:
                return overload.implementation(run, *bound)
            if arranged is not None and isinstance(bound, Parameter):
                wrong = wrong or (bound, arranged)
        raise self._refusal(wrong)

    def _refusal(self, wrong: tuple[Parameter, list[Value]] | None) -> Failure:
        if wrong is None:
            expected = " / ".join(overload.signature for overload in self.overloads)
            return Failure("function.arguments", function=self.name, expected=expected)
        parameter, arguments = wrong
        found = next((kind(value) for value in arguments if not parameter.convert(value)[0]), "null")
        return Failure(
            "function.argument", function=self.name, parameter=parameter.name, expected=parameter.type, found=found
        )


BUILTINS: dict[str, Builtin] = {}
"""All built-ins by name, filled when the ``builtins_*`` modules are imported."""


def builtin(signature: str, clause: str) -> Callable[[Implementation], Implementation]:
    """Declares the decorated function as (one more overload of) a built-in."""
    found = _SIGNATURE.fullmatch(signature)
    if found is None:
        raise ValueError(signature)
    name, inside = found.groups()
    parameters = tuple(_parameter(text) for text in inside.split(", ") if text)

    def declare(implementation: Implementation) -> Implementation:
        exact = tuple(_EXACT.get(one.type, frozenset()) for one in parameters)
        BUILTINS.setdefault(name, Builtin(name)).add(Overload(signature, parameters, implementation, clause, exact))
        return implementation

    return declare


def _parameter(text: str) -> Parameter:
    found = _PARAMETER.fullmatch(text)
    if found is None:
        raise ValueError(text)
    name, mark, kind_ = found.groups()
    return Parameter(name, kind_, mark == "?", mark == "...")
