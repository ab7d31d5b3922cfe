"""Calling: functions defined in FEEL, functions of the host, and what every call has in common (clause 10.3.2.13)."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from engine.feel.diagnosis import Failure, FeelError
from engine.feel.runtime import Evaluate, Run, Scope
from engine.feel.syntax import TypeNode
from engine.feel.types import ANY, UnknownType, convert
from engine.feel.values import Foreign, Function, Value, admit, kind
from engine.feel.wide import narrowed


def invoke(run: Run, target: Value, values: list[Value], names: tuple[str, ...] | None, at: int) -> Value:
    """Calls ``target``; null with a diagnosis if it is no function or does not take the arguments."""
    if not isinstance(target, Function):
        return run.warn(at, "function.type", found=kind(target)) if target is not None else None
    run.enter()
    run.at = at
    try:
        if names is None:
            return target.call(run, values)
        if len(set(names)) != len(names):
            raise Failure("function.arguments", function=target.name, expected=signature(target))
        return target.call_named(run, dict(zip(names, values, strict=True)))
    except Failure as failure:
        return run.warn(at, failure.code, **failure.params)
    finally:
        run.leave()


def apply(run: Run, function: Function, values: list[Value]) -> Value:
    """Calls a function from within a built-in."""
    at = run.at
    result = invoke(run, function, values, None, at)
    run.at = at
    return result


def signature(function: Function) -> str:
    return f"{function.name}({', '.join(name for name, _ in function.parameters)})"


class Lambda(Function):
    """``function(a: number) body`` with the scope it was made in; without a body it is external and never runs."""

    __slots__ = ("body", "scope")

    def __init__(
        self, parameters: tuple[tuple[str, TypeNode], ...], result: TypeNode | None, body: Evaluate | None, scope: Scope
    ) -> None:
        super().__init__("function", parameters, result)
        self.body = body
        self.scope = scope

    def call(self, run: Run, arguments: list[Value]) -> Value:
        if self.body is None:
            raise Failure("function.external")
        if len(arguments) != len(self.parameters):
            raise Failure("function.arguments", function=self.name, expected=signature(self))
        names = {
            name: self._converted(run, name, wanted, value)
            for (name, wanted), value in zip(self.parameters, arguments, strict=True)
        }
        return self.body(Scope(names, self.scope, run))

    def call_named(self, run: Run, arguments: dict[str, Value]) -> Value:
        """A parameter that is not named is null; a name that is no parameter is refused."""
        if not arguments.keys() <= {name for name, _ in self.parameters}:
            raise Failure("function.arguments", function=self.name, expected=signature(self))
        return self.call(run, [arguments.get(name) for name, _ in self.parameters])

    def _converted(self, run: Run, name: str, wanted: Any, value: Value) -> Value:
        if wanted is ANY:
            return value
        try:
            suits, converted = convert(value, wanted, run.host.types, run.spend)
        except UnknownType as unknown:
            raise Failure("type.unknown", name=str(unknown)) from unknown
        if not suits:
            raise Failure(
                "function.argument", function=self.name, parameter=name, expected=wanted.name, found=kind(value)
            )
        return converted


@dataclass(frozen=True, slots=True)
class HostFunction:
    """A function of the host: its FEEL name, its parameter names, and the callable that takes them by position.

    The callable gets FEEL values, moments and times cut to the microsecond, may raise ``ValueError`` or ``TypeError``
    for null with a diagnosis, and its result is handed on unchanged if it is a FEEL value (also a subclass of
    ``datetime``). The last ``optional`` parameters may be left out.
    """

    name: str
    params: tuple[str, ...]
    call: Callable[..., Any]
    optional: int = 0


class Bound(Function):
    """A host function as a FEEL value."""

    __slots__ = ("host",)

    def __init__(self, host: HostFunction) -> None:
        super().__init__(host.name, tuple((name, ANY) for name in host.params))
        self.host = host

    def call(self, run: Run, arguments: list[Value]) -> Value:
        host = self.host
        if not len(host.params) - host.optional <= len(arguments) <= len(host.params):
            raise Failure("function.arguments", function=host.name, expected=signature(self))
        return self._checked(lambda: host.call(*map(narrowed, arguments)))

    def call_named(self, run: Run, arguments: dict[str, Value]) -> Value:
        given = [name for name in self.host.params if name in arguments]
        if len(given) != len(arguments) or tuple(given) != self.host.params[: len(given)]:
            raise Failure("function.arguments", function=self.name, expected=signature(self))
        return self.call(run, [arguments[name] for name in given])

    def _checked(self, call: Callable[[], Any]) -> Value:
        try:
            return admit(call())
        except FeelError:
            raise
        except Foreign as foreign:
            raise Failure("value.foreign", name=self.name) from foreign
        except (ValueError, TypeError, ArithmeticError, LookupError) as problem:
            raise Failure("function.failed", function=self.name, reason=str(problem)) from problem


class Anything(Bound):
    """A plain callable of the host whose parameters cannot be inspected: takes whatever it is given by position."""

    __slots__ = ()

    def call(self, run: Run, arguments: list[Value]) -> Value:
        return self._checked(lambda: self.host.call(*map(narrowed, arguments)))


class HostFunctions:
    """The functions of one evaluation: the host's before the built-ins, bound when they are first asked for.

    Parameter names of a plain callable are its own, with ``_`` read as a space.
    """

    __slots__ = ("_builtins", "_host")

    def __init__(self, host: Mapping[str, Any], builtins: Mapping[str, Function]) -> None:
        self._host = host
        self._builtins = builtins

    def get(self, name: str, default: Any = None) -> Any:
        if name in self._host:
            return _bind(name, self._host[name])
        return self._builtins.get(name, default)


def _bind(name: str, function: Any) -> Function:
    if isinstance(function, Function):
        return function
    if isinstance(function, HostFunction):
        return Bound(function)
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return Anything(HostFunction(name, (), function))
    if any(one.kind not in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD) for one in parameters):
        return Anything(HostFunction(name, (), function))
    names = tuple(one.name.replace("_", " ").strip() for one in parameters)
    optional = sum(one.default is not one.empty for one in parameters)
    return Bound(HostFunction(name, names, function, optional))
