"""One reader for each form-js field type: the submitted value comes out clean, or ``Refused`` says why not."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from engine.errors import InvalidInput

Component = Mapping[str, Any]

MAX_TEXT = 100_000
MAX_FILES = 100
MAX_SIZE = 2**53
"""Bytes of a file; beyond it a browser's numbers are not exact."""
MAX_MAGNITUDE = 30
"""Powers of ten: a number beyond is no quantity of ours, and costs memory to hold."""
EMAIL = re.compile(r"[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
                   r"(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*")
PHONE = re.compile(r"(?:\+|00)[0-9]{5,24}\Z")
TIME = re.compile(r"(?P<time>(?:[01]\d|2[0-3]):[0-5]\d)(?P<zone>Z|[+-](?:0\d|1[0-4]):[0-5]\d)?", re.ASCII)
MEDIA = re.compile(r"[\w.+-]{1,80}/[\w.+-]{1,120}", re.ASCII)
UNREADABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
"""Control characters but tab and line ends, and lone surrogates: nobody types them, not every database keeps them."""
SHA256 = re.compile(r"[0-9a-f]{64}")


class Refused(Exception):  # noqa: N818 - a lawful answer, not a fault
    """Ends the reading of one value; becomes its Problem."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


def _text(component: Component, value: Any) -> str:
    rules = component["validate"]
    if value is None:
        value = ""
    if not isinstance(value, str) or UNREADABLE.search(value):
        raise Refused("not_text")
    _require(rules, value.strip() != "")
    if _utf16(value) > MAX_TEXT:
        raise Refused("too_long", max=MAX_TEXT)
    if value and "minLength" in rules and _utf16(value.strip()) < _number(rules["minLength"]):
        raise Refused("too_short", min=rules["minLength"])
    if value and "maxLength" in rules and _utf16(value.strip()) > _number(rules["maxLength"]):
        raise Refused("too_long", max=rules["maxLength"])
    if value:
        _shape(rules, value)
    return value


def _shape(rules: Mapping[str, Any], value: str) -> None:
    if "pattern" in rules and not _pattern(rules["pattern"]).search(value):
        raise Refused("pattern", pattern=rules["pattern"], message=rules.get("patternErrorMessage", ""))
    kind = rules.get("validationType")
    if kind == "email" and not EMAIL.fullmatch(value):
        raise Refused("not_email")
    if kind == "phone" and not PHONE.search(value):
        raise Refused("not_phone")


def _numeric(component: Component, value: Any) -> Any:
    rules = component["validate"]
    _require(rules, value not in (None, ""))
    if value in (None, ""):
        return None
    as_text = bool(component.get("serializeToString"))
    if isinstance(value, bool) or not isinstance(value, str if as_text else int | float | Decimal):
        raise Refused("not_number")
    number = _number(value)
    digits, increment = component.get("decimalDigits"), component.get("increment")
    if digits is not None and number != round(number, digits):
        raise Refused("not_integer" if digits == 0 else "too_many_decimals", digits=digits)
    if increment and number % _number(increment):
        raise Refused("not_increment", increment=str(increment))
    if "min" in rules and number < _number(rules["min"]):
        raise Refused("too_small", min=str(rules["min"]))
    if "max" in rules and number > _number(rules["max"]):
        raise Refused("too_large", max=str(rules["max"]))
    if as_text:
        return value
    return int(number) if number == number.to_integral_value() else number


def _checkbox(component: Component, value: Any) -> bool:
    if value is None:
        value = False
    if not isinstance(value, bool):
        raise Refused("not_boolean")
    _require(component["validate"], value)
    return value


def _choice(component: Component, value: Any) -> Any:
    _require(component["validate"], value not in (None, ""))
    if value in (None, ""):
        return None
    _offered(component, value)
    return value


def _choices(component: Component, value: Any) -> list[Any]:
    if value is None:
        value = []
    if not isinstance(value, list):
        raise Refused("not_list")
    _require(component["validate"], bool(value))
    for index, item in enumerate(value):
        if item in value[:index]:
            raise Refused("twice", value=str(item))
        _offered(component, item)
    return value


_NAMED = 12
"""A refusal names the options up to so many; of more, the form shows the list."""


def _offered(component: Component, value: Any) -> None:
    options = component.get("values")
    if options is None:
        return
    offered = [option.get("value") if isinstance(option, Mapping) else option for option in options]
    if any(type(value) is type(option) and value == option for option in offered):
        return
    if not 0 < len(options) <= _NAMED:
        raise Refused("not_listed")
    named = [option.get("label", option.get("value")) if isinstance(option, Mapping) else option for option in options]
    raise Refused("not_offered", offered="、".join(str(name) for name in named))


def _moment(component: Component, value: Any) -> str | None:
    _require(component["validate"], value not in (None, ""))
    if value in (None, ""):
        return None
    subtype = component.get("subtype", "date")
    day, _, time = value.partition("T") if isinstance(value, str) else ("", "", "")
    if subtype == "time":
        day, time = "", day
    good = (subtype == "time" or _is_day(day)) and (subtype == "date" or _is_time(component, time))
    if not isinstance(value, str) or not good or (subtype != "datetime" and "T" in value):
        raise Refused(f"not_{subtype}")
    return value


def _is_day(text: str) -> bool:
    try:
        return len(text) == len("2026-01-01") and date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _is_time(component: Component, text: str) -> bool:
    match = TIME.fullmatch(text)
    zone = match["zone"] if match else None
    expected = {"utc_offset": zone not in (None, "Z"), "utc_normalized": zone == "Z", "no_timezone": zone is None}
    return match is not None and expected.get(component.get("timeSerializingFormat", ""), True)


def _files(component: Component, value: Any) -> list[dict[str, Any]]:
    if value is None:
        value = []
    if not isinstance(value, list) or not all(_is_file(item) for item in value):
        raise Refused("not_files")
    _require(component["validate"], bool(value))
    limit = MAX_FILES if component.get("multiple") else 1
    if len(value) > limit:
        raise Refused("too_many_files", max=limit)
    kinds = [kind.strip().lower() for kind in str(component.get("accept") or "").split(",") if kind.strip()]
    for item in value:
        if kinds and not any(_is_kind(item, kind) for kind in kinds):
            raise Refused("wrong_kind", name=item["name"], accept=component["accept"])
    return [{name: item.get(name) for name in ("sha256", "name", "size", "media")} for item in value]


def _is_file(item: Any) -> bool:
    return (
        isinstance(item, dict)
        and isinstance(item.get("sha256"), str) and SHA256.fullmatch(item["sha256"]) is not None
        and isinstance(item.get("name"), str) and 0 < len(item["name"]) <= 255
        and not UNREADABLE.search(item["name"])
        and isinstance(item.get("size"), int) and not isinstance(item["size"], bool) and 0 <= item["size"] <= MAX_SIZE
        and (item.get("media") is None or _is_media(item["media"]))
    )


def _is_media(value: Any) -> bool:
    return isinstance(value, str) and MEDIA.fullmatch(value) is not None


def _is_kind(item: Mapping[str, Any], kind: str) -> bool:
    if kind.startswith("."):
        return str(item["name"]).lower().endswith(kind)
    media = str(item.get("media") or "").lower()
    return media.startswith(kind[:-1]) if kind.endswith("/*") else media == kind


READERS: Mapping[str, Callable[[Component, Any], Any]] = {
    "textfield": _text, "textarea": _text, "number": _numeric, "checkbox": _checkbox, "radio": _choice,
    "select": _choice, "checklist": _choices, "taglist": _choices, "datetime": _moment, "filepicker": _files,
}


def _require(rules: Mapping[str, Any], given: bool) -> None:
    if rules.get("required") and not given:
        raise Refused("required")


def _number(value: Any) -> Decimal:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise Refused("not_number") from None
    if not number.is_finite() or abs(number.adjusted()) > MAX_MAGNITUDE:
        raise Refused("not_number")
    return number


@lru_cache(maxsize=512)
def _pattern(source: str) -> re.Pattern[str]:
    """A JavaScript pattern as Python reads it: ASCII classes, ``$`` only at the very end, named groups."""
    translated = re.sub(r"\(\?<(?![=!])", "(?P<", source)
    translated = re.sub(r"(\\.|\[(?:\\.|[^\]\\])*\])|\$", lambda m: m[1] or r"\Z", translated)
    try:
        return re.compile(translated, re.ASCII)
    except re.error as error:
        raise InvalidInput(expected="a regular expression", found=repr(source), where=str(error)) from None


def _utf16(text: str) -> int:
    return len(text) + sum(1 for letter in text if letter > "\uffff")
