"""``in`` and unary tests: whether a value passes a test (DMN clause 7.3.3, tables 55 and 56)."""

from collections.abc import Callable, Sequence

from engine.feel.operators import equal, inside
from engine.feel.runtime import Scope
from engine.feel.values import Range, Value, kind

Check = Callable[[Scope, Value], bool | None]


def one_of(scope: Scope, value: Value, tests: Sequence[Check], at: int) -> bool | None:
    """True if any test passes, false if none does; null with a diagnosis if one of those could not tell."""
    unknown = False
    for check in tests:
        passed = check(scope, value)
        if passed is True:
            return True
        unknown = unknown or passed is None
    if unknown:
        scope.run.warn(at, "operands", operator="in", left=kind(value), right="an expression")
        return None
    return False


def test(scope: Scope, value: Value, expected: Value, at: int) -> bool | None:
    """``value in expected``: within a range, equal to a value, equal to or within an element of a list."""
    run = scope.run
    if isinstance(expected, Range):
        if isinstance(value, Range):
            return equal(run, value, expected)
        return inside(run, value, expected)
    if isinstance(expected, list):
        if isinstance(value, list) and equal(run, value, expected):
            return True
        return any(_element_passes(scope, value, item) for item in expected)
    return equal(run, value, expected)


def _element_passes(scope: Scope, value: Value, item: Value) -> bool:
    scope.run.spend(3)
    if isinstance(item, Range) and not isinstance(value, Range):
        return inside(scope.run, value, item) is True
    return equal(scope.run, value, item) is True
