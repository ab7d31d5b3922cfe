"""What one evaluation carries: scopes, the diagnoses so far, and how much it may still cost."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from types import NoneType
from typing import Any, NamedTuple, Protocol

from engine.feel.diagnosis import Diagnosis, FeelLimitExceeded
from engine.feel.lexer import position
from engine.feel.limits import DEFAULT_LIMITS, Limits
from engine.feel.numbers import INT_LIMIT
from engine.feel.values import Foreign, Value, admit

Evaluate = Callable[["Scope"], Value]
"""A compiled construct."""
Test = Callable[[Value], bool]

_ABSENT: Any = object()
_UNCHANGED = frozenset((str, bool, NoneType))


class Functions(Protocol):
    """Functions by name."""

    def get(self, name: str, default: Any = None, /) -> Any: ...


class Scope:
    """Names bound by one construct; ``parent`` is the construct around it, None at the root."""

    __slots__ = ("names", "parent", "run")

    def __init__(self, names: Mapping[str, Value], parent: "Scope | None", run: "Run") -> None:
        self.names = names
        self.parent = parent
        self.run = run


class Surroundings(NamedTuple):
    """What the host gives to an evaluation besides variables. A tuple, for it is made anew for most evaluations."""

    functions: Functions
    now: datetime | None = None
    limits: Limits = DEFAULT_LIMITS
    random: Callable[[], Any] | None = None
    types: Mapping[str, Test] | None = None
    shapes: Mapping[str, Test] | None = None


class Run:
    """One evaluation. ``at`` is the offset of the call under way, for the diagnoses of built-ins."""

    at = 0
    depth = 0
    warnings: tuple[Diagnosis, ...] = ()

    def __init__(self, text: str, variables: Mapping[str, Any], host: Surroundings) -> None:
        self.text = text
        self.variables = variables
        self.host = host
        self.limits = limits = host.limits
        self.steps = limits.steps
        self.known: dict[str, Value] = {}

    def resolve(self, name: str, at: int, told: "Run") -> Value:
        """The value of a name that no construct binds: a variable, else a function; null if there is neither, which
        the evaluation ``told`` of it keeps."""
        value = self.variables.get(name, _ABSENT)
        if value is not _ABSENT:
            if type(value) not in _UNCHANGED and not (type(value) is int and -INT_LIMIT < value < INT_LIMIT):
                value = self.admitted(name, value, at)
            self.known[name] = value
            return value
        function = self.host.functions.get(name)
        if function is not None:
            self.known[name] = function
            return function
        return told.warn(at, "name.unknown", name=name)

    def admitted(self, name: str, value: Any, at: int) -> Value:
        try:
            return admit(value)
        except Foreign:
            return self.warn(at, "value.foreign", name=name)

    def warn(self, at: int, code: str, **params: Any) -> None:
        """Keeps a diagnosis at an offset; the value of the construct is the None this returns."""
        if len(self.warnings) < self.limits.warnings:
            self.warnings += (Diagnosis(code, params, *position(self.text, at)),)

    def spend(self, steps: int) -> None:
        self.steps -= steps
        if self.steps < 0:
            raise FeelLimitExceeded("limit.steps", {"limit": self.limits.steps}, *position(self.text, self.at))

    def sized(self, items: Iterable[Value]) -> list[Value]:
        """The items as a list within the limit."""
        found = items if isinstance(items, list) else list(items)
        self.check_list(len(found))
        return found

    def check_list(self, size: int) -> None:
        self.spend(size)
        if size > self.limits.list:
            raise FeelLimitExceeded("limit.list", {"limit": self.limits.list}, *position(self.text, self.at))

    def check_string(self, size: int) -> None:
        self.spend(size >> 6)
        if size > self.limits.string:
            raise FeelLimitExceeded("limit.string", {"limit": self.limits.string}, *position(self.text, self.at))

    def measure(self, value: Value, depth: int) -> None:
        """Makes sure that a result is a tree of bounded size and depth, however it shares its parts."""
        self.spend(1)
        if depth > self.limits.depth:
            raise FeelLimitExceeded("limit.depth", {"limit": self.limits.depth}, *position(self.text, self.at))
        for inner in value.values() if type(value) is dict else value:
            if type(inner) is list or type(inner) is dict:
                self.measure(inner, depth + 1)

    def enter(self) -> None:
        self.steps -= 3
        self.depth += 1
        if self.steps < 0:
            self.spend(0)
        if self.depth > self.limits.depth:
            raise FeelLimitExceeded("limit.depth", {"limit": self.limits.depth}, *position(self.text, self.at))

    def leave(self) -> None:
        self.depth -= 1
