"""Numeric built-ins (DMN clause 10.3.4.5)."""

from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Context,
    Decimal,
)

from engine.feel import numbers
from engine.feel.diagnosis import Failure
from engine.feel.numbers import CONTEXT, Number
from engine.feel.operators import less, negate
from engine.feel.registry import builtin
from engine.feel.runtime import Run
from engine.feel.values import Value

CLAUSE = "10.3.4.5"
_MAX_SCALE, _MIN_SCALE = 6176, -6111
_WIDE = Context(prec=13_000, Emin=-20_000, Emax=20_000, traps=[])


def _round(function: str, value: Number, scale: Number, rounding: str) -> Number:
    """``value`` with ``scale`` decimal places. Raises ``Failure`` for a scale outside [-6111, 6176]."""
    if not _MIN_SCALE <= scale <= _MAX_SCALE or not numbers.whole(scale):
        raise Failure("number.domain", function=function)
    places = int(scale)
    if isinstance(value, int) and places >= 0:
        return value
    wide = numbers.wide(value)
    if -int(wide.as_tuple().exponent) <= places:
        return value
    rounded = wide.quantize(Decimal(1).scaleb(-places, _WIDE), rounding=rounding, context=_WIDE)
    result = numbers.finite(CONTEXT.plus(rounded))
    if result is None:
        raise Failure("number.range")
    if places > 0:
        return result
    return numbers.tidy(result) or 0


@builtin("decimal(n: number, scale: number)", CLAUSE)
def decimal(run: Run, n: Number, scale: Number) -> Value:
    return _round("decimal", n, int(scale), ROUND_HALF_EVEN)


@builtin("floor(n: number, scale?: number)", CLAUSE)
def floor(run: Run, n: Number, scale: Number = 0) -> Value:
    return _round("floor", n, int(scale), ROUND_FLOOR)


@builtin("ceiling(n: number, scale?: number)", CLAUSE)
def ceiling(run: Run, n: Number, scale: Number = 0) -> Value:
    return _round("ceiling", n, int(scale), ROUND_CEILING)


@builtin("round up(n: number, scale: number)", CLAUSE)
def round_up(run: Run, n: Number, scale: Number) -> Value:
    return _round("round up", n, int(scale), ROUND_UP)


@builtin("round down(n: number, scale: number)", CLAUSE)
def round_down(run: Run, n: Number, scale: Number) -> Value:
    return _round("round down", n, int(scale), ROUND_DOWN)


@builtin("round half up(n: number, scale: number)", CLAUSE)
def round_half_up(run: Run, n: Number, scale: Number) -> Value:
    return _round("round half up", n, int(scale), ROUND_HALF_UP)


@builtin("round half down(n: number, scale: number)", CLAUSE)
def round_half_down(run: Run, n: Number, scale: Number) -> Value:
    return _round("round half down", n, int(scale), ROUND_HALF_DOWN)


@builtin("abs(n: number)", CLAUSE)
def absolute(run: Run, n: Number) -> Value:
    return n if n >= 0 else -n if isinstance(n, int) else CONTEXT.abs(n)


@builtin("abs(n: duration)", CLAUSE)
def absolute_duration(run: Run, n: Value) -> Value:
    """A duration of either kind and of any fineness without its sign."""
    opposite = negate(n)
    return opposite if less(n, opposite) else n


@builtin("modulo(dividend: number, divisor: number)", CLAUSE)
def modulo(run: Run, dividend: Number, divisor: Number) -> Value:
    """``dividend - divisor * floor(dividend / divisor)``: the sign is the divisor's."""
    if divisor == 0:
        raise Failure("number.division")
    if isinstance(dividend, int) and isinstance(divisor, int):
        return dividend % divisor
    one, other = numbers.wide(dividend), numbers.wide(divisor)
    rest = _WIDE.remainder(one, other)
    if rest and (rest < 0) != (other < 0):
        rest = _WIDE.add(rest, other)
    return CONTEXT.plus(rest)


@builtin("sqrt(number: number)", CLAUSE)
def square_root(run: Run, number: Number) -> Value:
    return _defined("sqrt", CONTEXT.sqrt(numbers.wide(number)))


@builtin("log(number: number)", CLAUSE)
def logarithm(run: Run, number: Number) -> Value:
    return _defined("log", CONTEXT.ln(numbers.wide(number)))


@builtin("exp(number: number)", CLAUSE)
def exponential(run: Run, number: Number) -> Value:
    return _defined("exp", CONTEXT.exp(numbers.wide(number)))


def _defined(function: str, result: Decimal) -> Number:
    found = numbers.tidy(numbers.finite(result))
    if found is None:
        raise Failure("number.domain", function=function)
    return found


@builtin("odd(number: number)", CLAUSE)
def odd(run: Run, number: Number) -> Value:
    return numbers.whole(number) and int(number) % 2 == 1


@builtin("even(number: number)", CLAUSE)
def even(run: Run, number: Number) -> Value:
    return numbers.whole(number) and int(number) % 2 == 0


@builtin("random number()", "Camunda")
def random_number(run: Run) -> Value:
    """Only from the source the host passes; an evaluation never draws by itself."""
    if run.host.random is None:
        raise Failure("random.absent")
    return CONTEXT.create_decimal(repr(run.host.random()))
