"""Language and dates. Chinese is the source: message ids are the Chinese texts, English is a catalogue beside it."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from flask import Flask, g, has_request_context, request, session
from flask_babel import Babel, LazyString, get_locale, get_translations, gettext

from engine.clock import LOCAL_ZONE, local_date

LANGUAGES: Mapping[str, str] = {"zh": "中文", "en": "English"}
LOCALES: Mapping[str, str] = {"zh": "zh_Hans", "en": "en"}
TAGS: Mapping[str, str] = {"zh": "zh-CN", "en": "en"}
WEEKDAYS = "一二三四五六日"


def install(app: Flask, directory: str) -> None:
    """Teaches the app the catalogues in ``directory``; an app that has Babel already keeps it."""
    if "babel" in app.extensions:
        return
    Babel(app, default_locale="zh_Hans", default_timezone="Asia/Shanghai", default_translation_directories=directory,
          locale_selector=lambda: LOCALES[language()])
    words: Any = app.jinja_env
    words.install_gettext_callables(
        gettext=lambda text: _catalogue().gettext(text),
        ngettext=lambda one, many, count: _catalogue().ngettext(one, many, count), newstyle=True)


def _catalogue() -> Any:
    """The catalogue of this request, found once: a list says its words hundreds of times."""
    found = g.get("catalogue")
    if found is None:
        found = g.catalogue = get_translations()
    return found


def quickly(text: str, **values: Any) -> str:
    """``gettext`` for what a list says in each row."""
    found = str(_catalogue().gettext(text)) if has_request_context() else str(gettext(text))
    return found % values if values else found


def language() -> str:
    """``zh`` or ``en``: what the reader chose, else what the browser prefers when it knows no Chinese, else Chinese."""
    if not has_request_context():
        return "zh"
    chosen = session.get("language")
    if chosen in LANGUAGES:
        return str(chosen)
    offered = request.accept_languages
    if any(tag.lower().startswith("zh") for tag, _ in offered) or not offered:
        return "zh"
    return "en" if any(tag.lower().startswith("en") for tag, _ in offered) else "zh"


def english() -> bool:
    """Found once a request: each day of a list asks."""
    if not has_request_context():
        return _is_english()
    if "english" not in g:
        g.english = _is_english()
    return bool(g.english)


def _is_english() -> bool:
    locale = get_locale()
    return locale is not None and locale.language == "en"


def day(on: date | datetime | None) -> str:
    """``2026年2月24日（周二）`` / ``Tue 24 Feb 2026``; an instant counts as its day in Asia/Shanghai."""
    if on is None:
        return ""
    on = local_date(on) if isinstance(on, datetime) else on
    if english():
        return f"{on:%a} {on.day} {on:%b} {on.year}"
    return f"{on.year}年{on.month}月{on.day}日（周{WEEKDAYS[on.weekday()]}）"


def month_name(on: date) -> str:
    """``2026年2月`` / ``February 2026``."""
    return f"{on:%B} {on.year}" if english() else f"{on.year}年{on.month}月"


def weekday(on: date) -> str:
    return f"{on:%a}" if english() else f"周{WEEKDAYS[on.weekday()]}"


def short_day(on: date | datetime | None, today: date) -> str:
    """``2月24日 周二`` / ``Tue 24 Feb`` in the running year, with the year otherwise."""
    if on is None:
        return ""
    on = local_date(on) if isinstance(on, datetime) else on
    year = on.year != today.year
    if english():
        return f"{on.day} {on:%b} {on.year}" if year else f"{on:%a} {on.day} {on:%b}"
    return f"{on.year}年{on.month}月{on.day}日" if year else f"{on.month}月{on.day}日 周{WEEKDAYS[on.weekday()]}"


def moment(at: datetime | None, today: date) -> str:
    """``今天 14:05`` / ``2月24日 15:40``."""
    if at is None:
        return ""
    local = at.astimezone(LOCAL_ZONE)
    if local.date() == today:
        return str(gettext("今天 %(time)s", time=f"{local:%H:%M}"))
    this_year = local.year == today.year
    if english():
        return f"{local.day} {local:%b} {local:%H:%M}" if this_year else f"{local.day} {local:%b} {local.year}"
    spoken = f"{local.month}月{local.day}日"
    return f"{spoken} {local:%H:%M}" if this_year else f"{local.year}年{spoken}"


def full_moment(at: datetime | None) -> str:
    """``2026年2月24日 15:40`` / ``24 Feb 2026 15:40``: for paper, which does not know what day it is."""
    if at is None:
        return ""
    local = at.astimezone(LOCAL_ZONE)
    if english():
        return f"{local.day} {local:%b} {local.year} {local:%H:%M}"
    return f"{local.year}年{local.month}月{local.day}日 {local:%H:%M}"


def clock(at: datetime) -> str:
    """``09:30`` in Beijing."""
    return f"{at.astimezone(LOCAL_ZONE):%H:%M}"


def local(at: datetime) -> str:
    """``2026-03-16T09:30`` in Beijing: what a field for date and time holds."""
    return f"{at.astimezone(LOCAL_ZONE):%Y-%m-%dT%H:%M}"


def size(count: int) -> str:
    """Bytes for people: ``512 B``, ``1.4 MiB``."""
    if count < 1024:
        return f"{count} B"
    return f"{count / 1024:.1f} KiB" if count < 1024**2 else f"{count / 1024**2:.1f} MiB"


def said(text: Any) -> str:
    """A text that exists in both languages (``{"zh", "en"}``) in the reader's; any other as it is."""
    if isinstance(text, Mapping):
        return str(text.get("en" if english() else "zh") or text.get("zh") or "")
    return "" if text is None else str(text)


def fill(text: str | LazyString, params: Mapping[str, Any]) -> str:
    """The text with its ``{named}`` places filled; a place without a value stays visible."""
    return str(text).format_map(_Places(params))


class _Places(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "{" + key + "}"
