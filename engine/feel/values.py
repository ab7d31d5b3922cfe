"""The kinds of FEEL value, and the gate by which Python values become FEEL values (DMN clause 10.3.2.1).

Inside, a value is None, bool, int, Decimal, str, list, dict with string keys, date, datetime, time, timedelta,
``YearsMonthsDuration``, one of ``wide``, ``Range`` or ``Function``; nothing else gets past ``admit``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from types import NoneType
from typing import Any

from engine.feel.numbers import CONTEXT, INT_LIMIT, finite, narrow
from engine.feel.temporal import YearsMonthsDuration
from engine.feel.wide import WideDate, WideMoment, WideSpan, WideTime

Value = Any
"""A FEEL value as described above. ``Any`` because each use is guarded by ``kind``."""


@dataclass(frozen=True, slots=True)
class Range:
    """An interval. A None end is open without bound (``>5`` is ``Range(5, None, False, False)``)."""

    start: Value
    end: Value
    start_included: bool = True
    end_included: bool = True


class Function:
    """Something FEEL can call: ``name`` for messages, ``parameters`` as (name, type) pairs, ``result`` its type or None
    where that is not known."""

    __slots__ = ("name", "parameters", "result")

    def __init__(self, name: str, parameters: tuple[tuple[str, Any], ...], result: Any = None) -> None:
        self.name = name
        self.parameters = parameters
        self.result = result

    def call(self, run: Any, arguments: list[Value]) -> Value:
        """Calls by position. Raises ``Failure`` for null with a diagnosis."""
        raise TypeError(self.name)

    def call_named(self, run: Any, arguments: dict[str, Value]) -> Value:
        """Calls by parameter name. Raises ``Failure`` for null with a diagnosis."""
        raise TypeError(self.name)


class Foreign(Exception):  # noqa: N818 - tells the caller of ``admit``, never seen outside
    """A Python value that is no FEEL value, or one nested too deep."""


_KINDS: dict[type, str] = {
    NoneType: "null",
    bool: "boolean",
    int: "number",
    Decimal: "number",
    str: "string",
    list: "list",
    dict: "context",
    date: "date",
    datetime: "date and time",
    time: "time",
    timedelta: "days and time duration",
    YearsMonthsDuration: "years and months duration",
    WideDate: "date",
    WideMoment: "date and time",
    WideTime: "time",
    WideSpan: "days and time duration",
    Range: "range",
}
NUMBERS = frozenset((int, Decimal))
SPANS = (timedelta, WideSpan)
_ATOMS = frozenset(_KINDS) - {int, Decimal, list, dict, Range}  # what needs no second look
_MAX_DEPTH = 60


def kind(value: Value) -> str:
    """The FEEL name of a value's type; "function" for all functions."""
    found = _KINDS.get(type(value))
    if found is not None:
        return found
    if isinstance(value, datetime):
        return "date and time"
    if isinstance(value, date):
        return "date"
    if isinstance(value, time):
        return "time"
    return "days and time duration" if isinstance(value, timedelta) else "function"


def admit(value: Any, depth: int = 0) -> Value:
    """The FEEL value a Python value stands for, the very same object wherever it is one already.

    float (by its shortest text), big int, tuple, Mapping and subclasses are converted, also inside lists and contexts.
    Raises ``Foreign`` for anything else.
    """
    cls = type(value)
    if cls in _ATOMS:
        return value
    if cls is int:
        return value if -INT_LIMIT < value < INT_LIMIT else _known(narrow(value))
    if cls is Decimal:
        return _decimal(value)
    if depth > _MAX_DEPTH:
        raise Foreign
    if cls is list:
        return _admit_list(value, depth + 1)
    if cls is dict:
        return _admit_dict(value, depth + 1)
    return _admit_other(value, depth)


def _known(value: Value) -> Value:
    if value is None:
        raise Foreign
    return value


def _decimal(value: Decimal) -> Decimal:
    if not value.is_finite():
        raise Foreign
    return value if len(value.as_tuple().digits) <= 34 else _known(finite(CONTEXT.plus(value)))


def _admit_list(items: list[Any], depth: int) -> list[Value]:
    for index, item in enumerate(items):
        cls = type(item)
        if cls in _ATOMS or (cls is int and -INT_LIMIT < item < INT_LIMIT):
            continue
        admitted = _admit_dict(item, depth + 1) if cls is dict and depth < _MAX_DEPTH else admit(item, depth)
        if admitted is not item:
            return items[:index] + [admitted] + [admit(rest, depth) for rest in items[index + 1 :]]
    return items


def _admit_dict(entries: dict[Any, Any], depth: int) -> dict[str, Value]:
    for key, item in entries.items():
        cls = type(item)
        plain = cls in _ATOMS or (cls is int and -INT_LIMIT < item < INT_LIMIT)
        if type(key) is not str or not (plain or admit(item, depth) is item):
            return {_key(name): admit(value, depth) for name, value in entries.items()}
    return entries


def _key(name: Any) -> str:
    if not isinstance(name, str):
        raise Foreign
    return str.__str__(name)


def _admit_other(value: Any, depth: int) -> Value:
    if isinstance(value, float):
        return _decimal(Decimal(repr(float(value))))
    if isinstance(value, (date, Function, time, timedelta)):
        return value
    if isinstance(value, Range):
        return value
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        return admit(int.__int__(value))
    if isinstance(value, (tuple, list)):
        return [admit(item, depth + 1) for item in value]
    if isinstance(value, Mapping):
        return {_key(name): admit(item, depth + 1) for name, item in value.items()}
    raise Foreign
