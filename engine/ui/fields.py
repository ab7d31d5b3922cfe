"""Fields of small plain forms: what was typed, as days, numbers and texts."""

from datetime import date

from flask import request
from flask_babel import gettext

from engine.errors import InvalidInput

LONGEST = 500


def text(name: str, most: int = LONGEST) -> str:
    return request.form.get(name, "").strip()[:most]


def required(name: str, most: int = LONGEST) -> str:
    typed = text(name, most)
    if not typed:
        raise InvalidInput(expected=gettext("内容"), found=gettext("空白"), where=name)
    return typed


def day(name: str) -> date | None:
    """A day as browsers send it; None when nothing was chosen."""
    return required_day(name) if text(name) else None


def required_day(name: str) -> date:
    return day_of(text(name), name)


def day_of(typed: str, name: str) -> date:
    try:
        return date.fromisoformat(typed)
    except ValueError as error:
        raise InvalidInput(expected=gettext("日期，例如 2026-10-30"), found=typed[:20], where=name) from error


def number(name: str) -> int:
    typed = text(name)
    if not (typed.isascii() and typed.isdecimal() and len(typed) < 6):
        raise InvalidInput(expected=gettext("整数"), found=typed[:20], where=name)
    return int(typed)
