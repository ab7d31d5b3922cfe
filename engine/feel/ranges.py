"""Making range values (DMN clause 10.3.2.7)."""

from engine.feel.operators import less_or_equal
from engine.feel.runtime import Scope
from engine.feel.values import Range, Value, kind


def make_range(scope: Scope, low: Value, high: Value, low_in: bool, high_in: bool, at: int) -> Value:
    """``[low..high]``; a null end is unbounded; null with a diagnosis where the ends cannot be compared."""
    if low is None or high is None:
        return Range(low, high, low_in and low is not None, high_in and high is not None)
    if less_or_equal(low, high) is None:
        return scope.run.warn(at, "range.bounds", left=kind(low), right=kind(high))
    return Range(low, high, low_in, high_in)


def single_bound(scope: Scope, operator: str, bound: Value, at: int) -> Value:
    """``<5``, ``>=5``, ``=5`` as a value; ``!=5`` is no range."""
    if operator == "!=" or (bound is not None and less_or_equal(bound, bound) is None):
        return scope.run.warn(at, "operand", operator=operator, found=kind(bound))
    if operator in ("=", "=="):
        return Range(bound, bound, True, True)
    included = operator.endswith("=")
    if operator.startswith(">"):
        return Range(bound, None, included, False)
    return Range(None, bound, False, included)
