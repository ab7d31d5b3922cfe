"""FEEL values as texts and as JSON (built-in ``string``, DMN clause 10.3.4.1)."""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from engine.feel import numbers, temporal
from engine.feel.diagnosis import FeelLimitExceeded
from engine.feel.limits import DEFAULT_LIMITS
from engine.feel.values import NUMBERS, Function, Range, Value

_KEY = re.compile(r"[^\W\d][\w ]*")
_ESCAPED = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})


class _Budget:
    """Counts what has been written, so that shared and nested values cannot unfold without end."""

    def __init__(self, limit: int, nested: int) -> None:
        self.limit = limit
        self.left = limit
        self.depth = nested

    def spend(self, size: int) -> None:
        self.left -= size
        if self.left < 0:
            raise FeelLimitExceeded("limit.string", {"limit": self.limit})


def to_text(value: Value, limit: int = DEFAULT_LIMITS.string) -> str | None:
    """The FEEL text of a value as ``string()`` gives it: None for null, a string as it is.

    Raises ``FeelLimitExceeded`` beyond ``limit`` code points.
    """
    if value is None or isinstance(value, str):
        return value
    return _text(value, _Budget(limit, 0))


def _text(value: Value, budget: _Budget) -> str:
    budget.spend(3)  # at least one character and what stands before the next
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        budget.spend(len(value))
        return f'"{value.translate(_ESCAPED)}"'
    if type(value) in NUMBERS:
        return numbers.to_text(value)
    if isinstance(value, list):
        return f"[{', '.join(_nested(value, budget, lambda item: _text(item, budget)))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(_nested(value.items(), budget, lambda entry: _entry(entry, budget)))}}}"
    if isinstance(value, Range):
        return _range_text(value, budget)
    if isinstance(value, Function):
        return f"function({', '.join(name for name, _ in value.parameters)})"
    return temporal.format_value(value)


def _nested(items: Any, budget: _Budget, write: Callable[[Any], Any]) -> list[Any]:
    budget.depth += 1
    if budget.depth > DEFAULT_LIMITS.depth * 2:
        raise FeelLimitExceeded("limit.depth", {})
    written = [write(item) for item in items]
    budget.depth -= 1
    return written


def _entry(entry: tuple[str, Value], budget: _Budget) -> str:
    name, value = entry
    budget.spend(len(name))
    key = name if _KEY.fullmatch(name) else f'"{name.translate(_ESCAPED)}"'
    return f"{key}: {_text(value, budget)}"


def _range_text(value: Range, budget: _Budget) -> str:
    if value.start is None and value.end is not None:
        return ("<=" if value.end_included else "<") + _text(value.end, budget)
    if value.end is None and value.start is not None:
        return (">=" if value.start_included else ">") + _text(value.start, budget)
    low, high = "[" if value.start_included else "(", "]" if value.end_included else ")"
    return f"{low}{_text(value.start, budget)}..{_text(value.end, budget)}{high}"


def to_json(value: Value, limit: int = DEFAULT_LIMITS.string) -> Any:
    """The value as JSON-able Python: whole Decimals as int, others as Decimal, temporal values and ranges as their FEEL
    text, functions as None. Raises ``FeelLimitExceeded`` beyond ``limit`` values.
    """
    return _json(value, _Budget(limit, 0))


def _json(value: Value, budget: _Budget) -> Any:
    budget.spend(1)
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, list):
        return _nested(value, budget, lambda item: _json(item, budget))
    if isinstance(value, dict):
        pairs = _nested(value.items(), budget, lambda entry: (entry[0], _json(entry[1], budget)))
        return dict(pairs)
    if isinstance(value, Decimal):
        return int(value) if numbers.whole(value) and abs(value) < numbers.INT_LIMIT else value
    if isinstance(value, int):
        return value
    return None if isinstance(value, Function) else _text(value, budget)
