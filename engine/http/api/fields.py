"""Fields of requests and answers that marshmallow has no word for. Nothing is converted: a text is never a number."""

from __future__ import annotations

import base64
import binascii
import io
import json
import re
from collections.abc import Mapping
from datetime import UTC, timedelta
from typing import Any, BinaryIO, cast

from marshmallow import Schema, ValidationError, fields, validate

from engine.domain.search_terms import MOST_TYPED, terms
from engine.http.wire import plain_text

NAME = 255
_DURATION = re.compile(
    r"P(?=[\dT])(?:(\d{1,5})D)?(?:T(?=\d)(?:(\d{1,6})H)?(?:(\d{1,7})M)?(?:(\d{1,8}(?:\.\d{1,6})?)S)?)?", re.ASCII)


class Duration(fields.Field[timedelta]):
    """An ISO 8601 duration of days, hours, minutes and seconds, such as ``PT30S``; not longer than ``longest``."""

    def __init__(self, longest: timedelta, **kwargs: Any) -> None:
        self.longest = longest
        super().__init__(**kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> timedelta:
        found = _DURATION.fullmatch(value) if isinstance(value, str) else None
        if found is None:
            raise ValidationError("Expected an ISO 8601 duration such as PT30S.")
        days, hours, minutes, seconds = (part or "0" for part in found.groups())
        duration = timedelta(days=int(days), hours=int(hours), minutes=int(minutes), seconds=float(seconds))
        if duration > self.longest:
            raise ValidationError(f"Expected at most {self.longest.total_seconds():.0f} seconds.")
        return duration


class Content(fields.Field[bytes]):
    """Bytes of a file: base64 (RFC 4648 §4) in JSON, as they are in a multipart body."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> bytes:
        if isinstance(value, bytes):
            return value
        try:
            return base64.b64decode(value, validate=True)
        except (TypeError, ValueError, binascii.Error) as error:
            raise ValidationError("Expected base64.") from error


class Stream(fields.Field[BinaryIO]):
    """Content of a file: base64 in JSON, a stream in a multipart body, which may be larger than memory."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> BinaryIO:
        if hasattr(value, "read"):
            return cast(BinaryIO, value)
        return io.BytesIO(Content().deserialize(value))


class Cursor(fields.Field[tuple[Any, ...]]):
    """Where the next page begins: opaque to who sends it, the keys of the last row (or a page number) to us."""

    def __init__(self, *kinds: type, **kwargs: Any) -> None:
        self.kinds = kinds
        super().__init__(**kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None,
                     **kwargs: Any) -> tuple[Any, ...]:
        try:
            found = json.loads(base64.urlsafe_b64decode(value.encode("ascii")))
        except (ValueError, RecursionError) as error:
            raise ValidationError("Expected a cursor that `next` has given.") from error
        if not isinstance(found, list) or len(found) != len(self.kinds) or not all(map(_fits, found, self.kinds)):
            raise ValidationError("Expected a cursor that `next` of this list has given.")
        return tuple(found)


def cursor(*keys: Any) -> str:
    """The cursor of some keys."""
    return base64.urlsafe_b64encode(json.dumps(keys).encode()).decode()


def _fits(value: Any, kind: type) -> bool:
    if kind is int:
        return type(value) is int and 0 <= value <= 10**12
    return isinstance(value, str) and len(value) <= NAME and plain_text(value)


def text(longest: int = NAME, **kwargs: Any) -> fields.String:
    """A text of the request that is not empty."""
    return fields.String(validate=[validate.Length(min=1, max=longest), _require_plain], **kwargs)


def free_text(longest: int = 500, **kwargs: Any) -> fields.String:
    """A text of the request that may be empty, and is when it is left out."""
    return fields.String(validate=[validate.Length(max=longest), _require_plain], load_default="", **kwargs)


def search_text() -> fields.String:
    """What is looked for: a number, or a text of two characters at least."""
    return fields.String(validate=[validate.Length(max=MOST_TYPED), _require_plain, _require_enough], load_default="")


def _require_enough(value: str) -> None:
    if plain_text(value) and terms(value).too_short:
        raise ValidationError("Expected a number, or two letters or digits at least.")


def _require_plain(value: str) -> None:
    if not plain_text(value):
        raise ValidationError("Expected text without U+0000 and lone surrogates.")


def flag(**kwargs: Any) -> fields.Boolean:
    """True or False, and no word or number for it."""
    return fields.Boolean(truthy={True}, falsy={False}, **kwargs)


def whole(least: int, most: int, **kwargs: Any) -> fields.Integer:
    return fields.Integer(strict=True, validate=validate.Range(least, most), **kwargs)


def variables(required: bool = False) -> fields.Dict:
    """Variables by name; numbers are exact decimals."""
    return fields.Dict(keys=text(), required=True) if required else fields.Dict(keys=text(), load_default=dict)


def instant(**kwargs: Any) -> fields.AwareDateTime:
    return fields.AwareDateTime(format="iso", default_timezone=UTC, **kwargs)


class Empty(Schema):
    """No body, or ``{}``."""
