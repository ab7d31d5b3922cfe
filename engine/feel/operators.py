"""Equality, order and arithmetic over all kinds of value (DMN clauses 10.3.2.13 to 10.3.2.15, tables 53 to 58)."""

from collections.abc import Callable
from typing import Any

from engine.feel import numbers
from engine.feel.runtime import Run
from engine.feel.temporal import YearsMonthsDuration, add_months, add_time, between, make_months, midnight, order_key
from engine.feel.values import NUMBERS, SPANS, Range, Value, kind
from engine.feel.wide import SECOND, make_span, span_nanos

_ORDERED = frozenset(
    (
        "number", "string", "date", "time", "date and time", "days and time duration", "years and months duration",
    )
)  # fmt: skip


_DAYS = frozenset(("date", "date and time"))
_TWO_FORMS = frozenset(("date", "days and time duration"))  # Python's own, and a wide one


def equal(run: Run, left: Value, right: Value) -> bool | None:
    """``left = right``: null for values of different kinds, unless one is null (table 53)."""
    if left is None or right is None:
        return left is right
    what = kind(left)
    if what != kind(right):
        return _as_moments_equal(left, right) if {what, kind(right)} == _DAYS else None
    if what == "list":
        return _lists_equal(run, left, right)
    if what == "context":
        return _contexts_equal(run, left, right)
    if what == "range":
        return _ranges_equal(run, left, right)
    if what in ("time", "date and time"):
        return same_second(left, right)
    return bool(left == right)


def same_second(left: Value, right: Value) -> bool:
    """Times and dates and times are equal by their properties (table 53), of which the finest is the second."""
    (one, first), (other, second) = order_key(left), order_key(right)
    return bool(one == other and first // SECOND == second // SECOND)


def _as_moments_equal(left: Value, right: Value) -> bool:
    """A date next to a date and time is its midnight in UTC (clause 10.3.2.9.4)."""
    return same_second(_as_moment(left), _as_moment(right))


def _lists_equal(run: Run, left: list[Value], right: list[Value]) -> bool:
    if left is right:
        return True
    run.spend(1)
    return len(left) == len(right) and all(_same(run, a, b) for a, b in zip(left, right, strict=True))


def _contexts_equal(run: Run, left: dict[str, Value], right: dict[str, Value]) -> bool:
    if left is right:
        return True
    run.spend(1)
    return left.keys() == right.keys() and all(_same(run, item, right[name]) for name, item in left.items())


def _same(run: Run, left: Value, right: Value) -> bool:
    run.spend(3)
    return equal(run, left, right) is True


def _ranges_equal(run: Run, left: Range, right: Range) -> bool:
    included = (left.start_included, left.end_included) == (right.start_included, right.end_included)
    return included and _same(run, left.start, right.start) and _same(run, left.end, right.end)


def less(left: Value, right: Value) -> bool | None:
    """``left < right``; None where the two have no order."""
    return _ordered(left, right, False)


def less_or_equal(left: Value, right: Value) -> bool | None:
    """``left <= right``; None where the two have no order."""
    return _ordered(left, right, True)


def _ordered(left: Value, right: Value, equal_too: bool) -> bool | None:
    what = kind(left)
    if what != kind(right) and {what, kind(right)} == _DAYS:
        left, right, what = _as_moment(left), _as_moment(right), "date and time"
    if what not in _ORDERED or what != kind(right):
        return None
    if what in ("time", "date and time"):
        left, right = order_key(left), order_key(right)
        if left[0] != right[0]:
            return None
    elif what in _TWO_FORMS and type(left) is not type(right):
        left, right = order_key(left), order_key(right)
    return bool(left <= right) if equal_too else bool(left < right)


def inside(run: Run, value: Value, span: Range) -> bool | None:
    """``value in span``; None where they cannot be compared."""
    if value is None:
        return None
    if span.start is None and span.end is None:
        return None
    low: bool | None = True
    if span.start is not None:
        low = less_or_equal(span.start, value) if span.start_included else less(span.start, value)
    high: bool | None = True
    if span.end is not None:
        high = less_or_equal(value, span.end) if span.end_included else less(value, span.end)
    return None if low is None or high is None else low and high


# arithmetic: each gives None where the operands do not fit, which the caller reports

Binary = Callable[[Run, Value, Value], Value]


def add(run: Run, left: Value, right: Value) -> Value:
    if type(left) in NUMBERS and type(right) in NUMBERS:
        return numbers.add(left, right)
    if isinstance(left, str) and isinstance(right, str):
        run.check_string(len(left) + len(right))
        return left + right
    if isinstance(left, (*SPANS, YearsMonthsDuration)) and kind(left) != kind(right):
        left, right = right, left
    if isinstance(right, SPANS):
        return _plus_time(left, span_nanos(right))
    if isinstance(right, YearsMonthsDuration):
        return _plus_months(left, right.months)
    return None


def subtract(run: Run, left: Value, right: Value) -> Value:
    if type(left) in NUMBERS and type(right) in NUMBERS:
        return numbers.subtract(left, right)
    if isinstance(right, SPANS):
        return _plus_time(left, -span_nanos(right))
    if isinstance(right, YearsMonthsDuration):
        return _plus_months(left, -right.months)
    if kind(left) in _DAYS and kind(right) in _DAYS:
        return between(_as_moment(right), _as_moment(left))
    if kind(left) == kind(right) == "time":
        one, other = order_key(left), order_key(right)
        return make_span(one[1] - other[1]) if one[0] == other[0] else None
    return None


def _plus_time(left: Value, nanos: int) -> Value:
    if isinstance(left, SPANS):
        return make_span(span_nanos(left) + nanos)
    return add_time(left, nanos) if kind(left) in _DAYS or kind(left) == "time" else None


def _plus_months(left: Value, months: int) -> Value:
    if isinstance(left, YearsMonthsDuration):
        return make_months(left.months + months)
    return add_months(left, months) if kind(left) in _DAYS else None


def _as_moment(value: Any) -> Any:
    """A date next to a date and time counts as its midnight in UTC."""
    return midnight(value) if kind(value) == "date" else value


def multiply(run: Run, left: Value, right: Value) -> Value:
    if type(left) in NUMBERS and type(right) in NUMBERS:
        return numbers.multiply(left, right)
    if type(left) in NUMBERS:
        left, right = right, left
    if type(right) not in NUMBERS:
        return None
    return _scaled(left, numbers.wide(right), numbers.CONTEXT.multiply)


def divide(run: Run, left: Value, right: Value) -> Value:
    if type(right) in NUMBERS:
        if right == 0:
            return None
        if type(left) in NUMBERS:
            return numbers.divide(left, right)
        return _scaled(left, numbers.wide(right), numbers.CONTEXT.divide)
    if isinstance(left, SPANS) and isinstance(right, SPANS) and span_nanos(right):
        return numbers.divide(span_nanos(left), span_nanos(right))
    if isinstance(left, YearsMonthsDuration) and isinstance(right, YearsMonthsDuration) and right.months:
        return numbers.divide(left.months, right.months)
    return None


def _scaled(span: Value, factor: Any, operation: Callable[[Any, Any], Any]) -> Value:
    """A duration times or by a number, cut to whole nanoseconds or months."""
    if isinstance(span, SPANS):
        size = numbers.finite(operation(numbers.wide(span_nanos(span)), factor))
        return None if size is None or abs(size) > 10**31 else make_span(int(size))
    if isinstance(span, YearsMonthsDuration):
        size = numbers.finite(operation(numbers.wide(span.months), factor))
        return None if size is None or abs(size) > 10**18 else make_months(int(size))
    return None


def power(run: Run, left: Value, right: Value) -> Value:
    if type(left) in NUMBERS and type(right) in NUMBERS:
        return numbers.power(left, right)
    return None


ARITHMETIC: dict[str, Binary] = {"+": add, "-": subtract, "*": multiply, "/": divide, "**": power}


def negate(value: Value) -> Value:
    if type(value) is int:
        return -value
    if type(value) in NUMBERS:
        return numbers.CONTEXT.minus(value)
    if isinstance(value, SPANS):
        return make_span(-span_nanos(value))
    return YearsMonthsDuration(-value.months) if isinstance(value, YearsMonthsDuration) else None
