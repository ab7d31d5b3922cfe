"""The lamp of a deadline: shape, word and colour say the same (SCREENS: green > 7 d, amber ≤ 7 d or ≤ 20 %, …)."""

from typing import Any, cast

from flask import g, has_request_context
from flask_babel import LazyString, lazy_gettext

from engine.domain.deadlines import lamp
from engine.ui.i18n import quickly as gettext

WORDS: dict[str, LazyString] = {
    "late": lazy_gettext("逾期"),
    "soon": lazy_gettext("临近"),
    "ok": lazy_gettext("充裕"),
    "prov": lazy_gettext("暂定"),
    "hold": lazy_gettext("中止"),
    "none": lazy_gettext("无期限"),
}
ENDED: dict[str, tuple[str, LazyString]] = {
    "met": ("ok", lazy_gettext("按期办结")),
    "expired": ("late", lazy_gettext("已届满")),
    "cancelled": ("none", lazy_gettext("已撤销")),
    "superseded": ("none", lazy_gettext("已由新期限代替")),
}


def words() -> dict[str, str]:
    """``WORDS`` in the reader's language, said once a request: a list says one in each row."""
    if not has_request_context():
        return {kind: str(word) for kind, word in WORDS.items()}
    if "lamps" not in g:
        g.lamps = {kind: str(word) for kind, word in WORDS.items()}
    return cast(dict[str, str], g.lamps)


def of(deadline: Any) -> tuple[str, str]:
    """(lamp, word) of a DeadlineRow or None."""
    if deadline is None:
        return "none", words()["none"]
    if deadline.state in ENDED:
        ended, word = ENDED[deadline.state]
        return ended, str(word)
    running = _running(deadline)
    return running, words()[running]


def _running(deadline: Any) -> str:
    left = None if deadline.state == "paused" else deadline.workdays_left
    return lamp(left, deadline.workdays_total or 0, deadline.provisional)


def left_parts(deadline: Any) -> tuple[str, str]:
    """How many working days are left: the part shown large, and the rest. Both empty when nothing is counted."""
    days = deadline.workdays_left
    if days is None:
        return "", ""
    if days < 0:
        text = gettext("逾期 %(days)s|个工作日", days=-days)
    else:
        text = gettext("剩 %(days)s|个工作日", days=days) if days else gettext("今日到期|")
    large, _, small = str(text).partition("|")
    return large, small


def left(deadline: Any) -> str:
    """The same in one piece, for lists; the word of the lamp when nothing is counted."""
    return " ".join(part for part in left_parts(deadline) if part) or of(deadline)[1]
