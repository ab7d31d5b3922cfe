"""规则与日历: the rule table and its versions, the years of the calendar, changes of both by two persons; what a new
table or an announcement would move is shown before anybody confirms it."""

import json
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from engine.domain.deadline_commands import ChangeRule, LoadCalendar, ShiftDeadlines
from engine.domain.permissions import may
from engine.errors import InvalidInput
from engine.ui import texts
from engine.ui.accounts import acting
from engine.ui.contract import Services
from engine.ui.deadline_texts import profile
from engine.ui.fields import number, required_day, text
from engine.ui.people import propose

MOST_BYTES = 256 * 1024
MARKS = ("a", "b", "c")
Answer = str | Response | tuple[str, int]


def install(blueprint: Blueprint, services: Services) -> None:
    _rules(blueprint, services)
    _calendar(blueprint, services)


def _rules(blueprint: Blueprint, services: Services) -> None:
    @blueprint.get("/rules")
    def rule_list() -> str:
        wanted = request.args.get("q", "").strip()[:64]
        return render_template("rules.html", rows=services.almanac_pages.rules(acting(), wanted), text=wanted,
                               profile=profile)

    def page(key: str, problem: str = "") -> str:
        return render_template(
            "rule.html", rule=services.almanac_pages.rule(acting(), key), change=may(acting(), "rule.change"),
            two=services.settings.two_persons, marks=MARKS, problem=problem, form=request.form, profile=profile)

    @blueprint.get("/rules/<key>")
    def rule(key: str) -> str:
        return page(key)

    @blueprint.post("/rules/<key>")
    def rule_change(key: str) -> Answer:
        try:
            versions = _written() if "content" in request.form else services.almanac_pages.successor(
                acting(), key, required_day("from_on"), number("count"), text("article"), text("mark"))
            propose(services, ChangeRule(key, versions, text("reason")), gettext("规则已更改，在办案件沿用原版本。"))
        except InvalidInput as error:
            return page(key, texts.error(error)), 422
        return redirect(url_for("ui.rule", key=key), 303)


def _written() -> tuple[dict[str, Any], ...]:
    """All versions of a key as JSON."""
    try:
        found = json.loads(request.form["content"][:MOST_BYTES])
    except (ValueError, RecursionError) as error:
        raise InvalidInput(expected=gettext("JSON 数组，每个版本一项"), found=str(error), where="content") from error
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise InvalidInput(expected=gettext("JSON 数组，每个版本一项"), found=type(found).__name__, where="content")
    return tuple(found)


def _calendar(blueprint: Blueprint, services: Services) -> None:
    def page(problem: str = "", **more: Any) -> str:
        actor = acting()
        return render_template(
            "almanac.html", years=services.almanac_pages.years(actor), load=may(actor, "calendar.load"),
            shift=may(actor, "deadline.shift"), two=services.settings.two_persons, problem=problem, form=request.form,
            **more)

    @blueprint.get("/calendar")
    def almanac() -> str:
        return page()

    @blueprint.post("/calendar/load")
    def almanac_load() -> Answer:
        content, source = _table()
        try:
            if "sure" in request.form:
                propose(services, LoadCalendar(content, source), gettext("已装入，进行中的期限正在重算。"))
                return redirect(url_for("ui.almanac"), 303)
            answer = services.almanac_pages.preview(acting(), content, source)
        except InvalidInput as error:
            return page(texts.error(error)), 422
        return page(preview=answer, content=content, source=source)

    @blueprint.post("/calendar/shift")
    def almanac_shift() -> Answer:
        try:
            days = required_day("first_on"), required_day("last_on"), required_day("due_on")
            keys = tuple(text("keys").replace(",", " ").replace("，", " ").split())
            if "sure" in request.form:
                propose(services, ShiftDeadlines(*days, text("announcement"), text("evidence"), keys),
                        gettext("已受理，期限正在顺延。"))
                return redirect(url_for("ui.almanac"), 303)
            moved = services.almanac_pages.preview_shift(acting(), *days, keys)
        except InvalidInput as error:
            return page(texts.error(error)), 422
        return page(shifted=moved)


def _table() -> tuple[str, str]:
    """The file chosen, or the one that was looked at before."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        return request.form.get("content", "")[:MOST_BYTES], text("source", 255)
    try:
        return sent.stream.read(MOST_BYTES).decode("utf-8"), sent.filename[-255:]
    except UnicodeDecodeError:
        return "", sent.filename[-255:]
