"""What somebody typed into a form that was not carried out: never lost. It is shown to be copied, with the reason and
the way back; the tab keeps it as well, and fills it in again when the form is opened (``static/kapok.js``)."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from flask import current_app, g, jsonify, render_template, request
from flask_babel import LazyString, gettext, lazy_gettext
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from engine.errors import KapokError
from engine.statuses import status_of
from engine.ui import entry, texts

WRITTEN: Mapping[str, LazyString] = {
    "text": lazy_gettext("内容"), "note": lazy_gettext("说明"), "reason": lazy_gettext("理由"),
    "title": lazy_gettext("标题"), "name": lazy_gettext("名称"), "basis": lazy_gettext("依据"),
    "evidence": lazy_gettext("证据"), "waiver": lazy_gettext("说明"), "postal": lazy_gettext("邮寄地址"),
    "email": lazy_gettext("电子邮箱"), "phone": lazy_gettext("电话"), "party": lazy_gettext("当事人"),
    "subject": lazy_gettext("事由"), "detail": lazy_gettext("说明")}
"""Fields of plain forms that hold what people write; all others are chosen again in a moment."""
MOST = 20_000
Lines = list[tuple[str, str]]


def typed() -> Lines:
    """(label, text) of what the form of this request holds, whoever sent it and whatever became of it."""
    plain = [(str(WRITTEN[name]), text.strip()[:MOST]) for name in WRITTEN for text in request.form.getlist(name)
             if text.strip()]
    return plain or [("", text) for text in _prose(entry.decode(request.form.get("values", "")))]


def _prose(value: Any) -> Iterator[str]:
    """Texts in values whose form is not known: codes of choices are no prose."""
    if isinstance(value, str) and (not value.isascii() or " " in value.strip()):
        yield value[:MOST]
    elif isinstance(value, Mapping) and "sha256" not in value:
        for item in value.values():
            yield from _prose(item)
    elif isinstance(value, list):
        for item in value:
            yield from _prose(item)


def lines(schema: Mapping[str, Any] | None, values: Mapping[str, Any]) -> Lines:
    """(label, text) of what was filled into a form, in the form's own words."""
    found: Lines = []
    for part in (schema or {}).get("components", ()):
        if "components" in part:
            inner = values.get(part.get("path") or "", values)
            rows = inner if isinstance(inner, list) else [inner]
            found += [line for row in rows if isinstance(row, Mapping) for line in lines(part, row)]
        elif part.get("key") in values and values[part["key"]] not in (None, "", [], False):
            found.append((str(part.get("label") or part.get("dateLabel") or part["key"]),
                          _said(part, values[part["key"]])[:MOST]))
    return found


def _said(part: Mapping[str, Any], value: Any) -> str:
    """A value as its form shows it."""
    if isinstance(value, list):
        return "、".join(_said(part, item) for item in value)
    if isinstance(value, Mapping):
        name = str(value.get("name", ""))
        return str(gettext("%(name)s（文件，须重新选择）", name=name)) if "sha256" in value else name
    if value is True:
        return "✓"
    options = part.get("values") or ()
    return next((str(one.get("label")) for one in options if isinstance(one, Mapping) and one.get("value") == value),
                str(value))


def came_from() -> str:
    """The address of the page whose form was sent, as it can be opened again; "" when that is not known."""
    referrer = urlsplit(request.referrer or "")
    path, query = (referrer.path, referrer.query) if referrer.netloc == request.host else (request.path, "")
    pages = current_app.url_map.bind(request.host)
    while path.strip("/"):
        try:
            pages.match(path, method="GET")
        except RequestRedirect:
            pass
        except HTTPException:
            path, query = path.rpartition("/")[0], ""
            continue
        return f"{path}?{query}" if query else path
    return ""


def status(error: KapokError) -> int:
    """Of a refusal that a page tells; one that a command has put on record is not put there again (``faults``)."""
    g.audited = error.audited
    return status_of(error)


def wants_json() -> bool:
    return request.accept_mimetypes.best == "application/json" or request.is_json


def page(code: int, message: str, found: Lines | None = None, onward: str | None = None) -> Any:
    """An error as a page with what was typed, or as ``{"message"}`` for a script. ``onward``: where one can go on, else
    where the form was."""
    if wants_json():
        return jsonify(message=message), code
    sent = request.method == "POST"
    return render_template("error.html", code=code, title=texts.status_title(code), message=message,
                           typed=(typed() if found is None else found) if sent else [],
                           onward=(came_from() if onward is None else onward) if sent else ""), code


def ended() -> Any:
    """Something was sent after the session had ended: nothing was done, and after signing in one is back at it."""
    return page(401, str(gettext("登录已结束，这次没有提交。重新登录后会回到刚才的页面，内容仍在。")))
