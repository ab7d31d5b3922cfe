"""JSON as partners may send it: I-JSON (RFC 7493), so that every reader sees the same value.

Refused besides malformed JSON: invalid UTF-8, a byte order mark, repeated names, NaN and infinities, integers that a
double cannot hold, lone surrogates, NUL characters (PostgreSQL cannot store them) and nesting deeper than 32.
"""

import json
import math
import re
from collections import Counter
from typing import Any

MAX_DEPTH = 32
_MAX_INTEGER = 2**53 - 1
_TOKENS = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[\]{}]', re.DOTALL)  # possessive: linear on any text
_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")


class JsonError(ValueError):
    """What was expected of the text, in one sentence."""


def loads(raw: bytes) -> Any:
    """The value of ``raw``. Raises :class:`JsonError` and nothing else."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise JsonError(f"Expected UTF-8, but byte {error.start} is not.") from None
    _check_depth(text)
    try:
        value = json.loads(
            text, object_pairs_hook=_members, parse_constant=_constant, parse_float=_float, parse_int=_integer
        )
    except JsonError:
        raise
    except (ValueError, RecursionError) as error:
        raise JsonError(f"Expected JSON, but {error}.") from None
    _check_text(value)
    return value


def dumps(value: Any) -> bytes:
    """One spelling for one value: names sorted, no spaces, UTF-8. Raises ``ValueError`` on NaN and infinities."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")).encode()


def _check_depth(text: str) -> None:
    depth = 0
    for match in _TOKENS.finditer(text):
        if match[0] in "[{":
            depth += 1
        elif match[0] in "]}":
            depth -= 1
        if depth > MAX_DEPTH:
            raise JsonError(f"Expected at most {MAX_DEPTH} levels of nesting, but position {match.start()} is deeper.")


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        repeated = Counter(name for name, _ in pairs).most_common(1)[0][0]
        raise JsonError(f"Expected each name once in an object, but {ascii(repeated)} is repeated.")
    _check_text(list(members))
    return members


def _constant(name: str) -> None:
    raise JsonError(f"Expected finite numbers, but found {name}.")


def _float(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise JsonError("Expected numbers that a double can hold, but one is too large.")
    return number


def _integer(text: str) -> int:
    number = int(text) if len(text) <= 17 else _MAX_INTEGER + 1
    if abs(number) > _MAX_INTEGER:
        raise JsonError(f"Expected integers of at most {_MAX_INTEGER}; larger ones travel as text.")
    return number


def _check_text(value: Any) -> None:
    if isinstance(value, str):
        if _UNSTORABLE.search(value):
            raise JsonError("Expected text without NUL characters and lone surrogates.")
    elif isinstance(value, list):
        for item in value:
            _check_text(item)
    elif isinstance(value, dict):
        for item in value.values():
            _check_text(item)
