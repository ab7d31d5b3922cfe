"""JSON as programs send and get it: strict on the way in, exact decimals both ways.

Refused on the way in, because two readers might understand it differently or a database could not keep it: a name twice
in one object, ``NaN`` and ``Infinity``, lone surrogates, U+0000, numbers outside decimal128 (RFC 8259 §4, §6, §8).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NoReturn

import msgspec

from engine.errors import InvalidInput, Phrase

MAX_DEPTH = 64
MAX_EXPONENT = 6144
"""Of IEEE 754 decimal128, the range of FEEL numbers (DMN 1.3, 10.3.1.5)."""
MAX_DIGITS = 4300
"""Of a whole number: Python's own limit (``sys.set_int_max_str_digits``)."""

_encoder = msgspec.json.Encoder(decimal_format="number", enc_hook=str)


class Malformed(InvalidInput):
    """Expected {expected}, but found {found}."""

    code = "malformed"


class WrongMediaType(InvalidInput):
    """Expected the body to be {expected}, but found {found}."""

    code = "wrong_media_type"


def encode(value: Any) -> bytes:
    """JSON of anything JSON-like, of dates and instants (ISO 8601) and decimals (numbers, unrounded)."""
    return _encoder.encode(value)


def decode(raw: bytes) -> Any:
    """The value of a JSON text; numbers with a fraction or exponent are ``Decimal``. Raises ``Malformed``."""
    try:
        value = json.loads(raw.decode("utf-8"), parse_float=_number, parse_constant=_constant,
                           object_pairs_hook=_object)
    except UnicodeDecodeError as error:
        raise Malformed(expected="UTF-8", found=Phrase("byte {byte} at {place}", byte=f"{raw[error.start]:#04x}",
                                                            place=error.start)) from error
    except json.JSONDecodeError as error:
        raise Malformed(expected="JSON", found=f"{error.msg} at line {error.lineno}, column {error.colno}") from error
    except RecursionError as error:
        raise Malformed(expected=Phrase("at most {count} levels", count=MAX_DEPTH), found="more") from error
    except ValueError as error:
        raise Malformed(expected=Phrase("numbers of at most {count} digits", count=MAX_DIGITS),
                        found="a longer one") from error
    _require_plain(value)
    return value


def plain_text(text: str) -> bool:
    """Whether every database can keep a text: no U+0000, no lone surrogate."""
    return "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


def _number(text: str) -> Decimal:
    value = Decimal(text)
    if value and abs(value.adjusted()) > MAX_EXPONENT:
        raise Malformed(expected=Phrase("numbers between {least} and {most}", least=f"1E-{MAX_EXPONENT}",
                                        most=f"1E+{MAX_EXPONENT}"), found=text[:40])
    return value


def _constant(name: str) -> NoReturn:
    raise Malformed(expected="JSON", found=name)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        twice, _ = Counter(name for name, _ in pairs).most_common(1)[0]
        raise Malformed(expected="each name once in an object", found=Phrase("{name} twice", name=repr(twice[:40])))
    return value


def _require_plain(value: Any) -> None:
    level, depth = [value], 0
    while level:
        if depth > MAX_DEPTH:
            raise Malformed(expected=Phrase("at most {count} levels", count=MAX_DEPTH), found="more")
        for text in (item for item in level if isinstance(item, str)):
            if not plain_text(text):
                raise Malformed(expected="text without U+0000 and lone surrogates", found="one of them")
        level, depth = [part for item in level for part in _parts(item)], depth + 1


def _parts(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from value
        yield from value.values()
    elif isinstance(value, list):
        yield from value
