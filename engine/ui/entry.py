"""A form on a page: what the browser needs to draw it, what came back, and the same judgement again on this side."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from flask import request

from engine.domain import forms
from engine.domain.commands import FileRef
from engine.domain.form_values import MAX_MAGNITUDE, UNREADABLE
from engine.domain.forms import Problem
from engine.errors import KapokError
from engine.ui import texts

MAX_JSON = 2 * 1024 * 1024
_NEVER = re.compile("[\x00\ud800-\udfff]")
"""What no page and no database carries: U+0000, and half a letter, as a field leaves it that cuts an emoji in two."""
Values = Mapping[str, Any]


@dataclass(frozen=True)
class Entry:
    """Values as sent, values as accepted, and what keeps them from being accepted: problems of fields, or ``note``."""

    sent: Values
    clean: Values
    problems: list[Problem] = field(default_factory=list)
    note: str = ""

    @property
    def files(self) -> tuple[FileRef, ...]:
        return tuple(FileRef(file["sha256"], file["name"], role) for role, file in forms.files(self.clean))

    def told(self) -> list[dict[str, str]]:
        """The problems in the reader's language, as the page's script takes them."""
        found = [{"field": problem.field, "message": texts.problem(problem)} for problem in self.problems]
        return [{"field": "", "message": self.note}, *found] if self.note else found


def read(schema: Values | None, context: Values) -> Entry:
    """The submitted form (``values``: JSON) against its schema. What is no JSON object is one problem of the whole."""
    sent = _object(request.form.get("values", ""))
    if sent is None:
        return Entry({}, {}, [Problem("", "not_object")])
    clean, problems = forms.validate(schema or {}, sent, context)
    return Entry(_carried(sent), clean, problems)


def refused(sent: Entry, error: KapokError) -> Entry:
    """The entry with what the service found wrong with it."""
    if "problems" not in error.params:
        return replace(sent, note=texts.error(error))
    return replace(sent, problems=list(error.params["problems"]))


def decode(text: str) -> dict[str, Any] | None:
    """A JSON object with exact decimals, or None. What cannot be carried is marked in it, where one sees it."""
    value = _object(text)
    return _carried(value) if value is not None and "\\u" in text else value


def _object(text: str) -> dict[str, Any] | None:
    if len(text) > MAX_JSON:
        return None
    try:
        value = json.loads(text or "{}", parse_float=Decimal, parse_constant=lambda name: None)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _carried(value: Any) -> Any:
    if isinstance(value, str):
        return _NEVER.sub("\ufffd", value)
    if isinstance(value, list):
        return [_carried(item) for item in value]
    return {_carried(name): _carried(item) for name, item in value.items()} if isinstance(value, dict) else value


def encode(value: Any) -> str:
    """JSON for a page's ``data-`` attribute; a lone surrogate, which no page can carry, becomes a question mark."""
    return json.dumps(value, ensure_ascii=False, default=_plain).encode("utf-8", "replace").decode("utf-8")


def _plain(value: Any) -> Any:
    """Decimals as the numbers that a browser has; beyond those as text, because ``1E+99999999`` fills a memory."""
    if isinstance(value, Decimal) and abs(value.adjusted()) <= MAX_MAGNITUDE:
        return int(value) if value == value.to_integral_value() else float(value)
    return str(value)


def key() -> str | None:
    """The idempotency key that the page carried: sending it twice does it once."""
    sent = UNREADABLE.sub("", request.form.get("key", ""))
    return sent[:64] or None
