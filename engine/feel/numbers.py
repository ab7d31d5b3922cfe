"""FEEL numbers: decimal128, 34 digits, half-even (DMN clause 10.3.2.3.1). Whole ones may travel as ``int`` for speed.

Every function here takes and gives ``int`` (never ``bool``) or finite ``Decimal``; None says the result is no number.
"""

from decimal import ROUND_HALF_EVEN, Context, Decimal

Number = int | Decimal

CONTEXT = Context(prec=34, rounding=ROUND_HALF_EVEN, Emin=-6143, Emax=6144, traps=[])
INT_LIMIT = 10**34
_MAX_DIGITS = 7000


def literal(text: str) -> Number | None:
    """The number a numeric literal stands for, rounded to 34 digits."""
    if text.isdigit() and len(text) < 34:
        return int(text)
    if len(text) > _MAX_DIGITS:
        return None
    return finite(CONTEXT.create_decimal(text))


def finite(value: Decimal) -> Decimal | None:
    return value if value.is_finite() else None


def narrow(value: int) -> Number | None:
    """An int of any size as a number of 34 digits."""
    if -INT_LIMIT < value < INT_LIMIT:
        return value
    if value.bit_length() > 20500:
        return None
    return finite(CONTEXT.create_decimal(value))


def wide(value: Number) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(value)


def add(left: Number, right: Number) -> Number | None:
    if type(left) is int and type(right) is int:
        return narrow(left + right)
    return finite(CONTEXT.add(left, right))


def subtract(left: Number, right: Number) -> Number | None:
    if type(left) is int and type(right) is int:
        return narrow(left - right)
    return finite(CONTEXT.subtract(left, right))


def multiply(left: Number, right: Number) -> Number | None:
    if type(left) is int and type(right) is int:
        return narrow(left * right)
    return finite(CONTEXT.multiply(left, right))


def divide(left: Number, right: Number) -> Number | None:
    if type(left) is int and type(right) is int and right and left % right == 0:
        return left // right
    return finite(CONTEXT.divide(left, right))


def power(base: Number, exponent: Number) -> Number | None:
    """``base ** exponent``; x ** 0 is 1 also for zero."""
    if exponent == 0:
        return 1
    return tidy(finite(CONTEXT.power(base, exponent)))


def tidy(value: Decimal | None) -> Number | None:
    """A whole Decimal as an int where it fits."""
    if value is None:
        return None
    return int(value) if whole(value) and abs(value) < INT_LIMIT else value


def whole(value: Number) -> bool:
    return isinstance(value, int) or value == value.to_integral_value()


def magnitude(value: Number) -> Number:
    """The number without its sign, not rounded."""
    return value if value >= 0 else -value


def to_text(value: Number) -> str:
    """Plain notation, no exponent unless it would take more than 60 characters, trailing zeros as they are."""
    if isinstance(value, int):
        return str(value)
    if value.adjusted() > 60 or value.adjusted() < -60:
        return str(value.normalize(CONTEXT))
    text = format(value, "f")
    return "0" if text in ("-0", "0") else text
