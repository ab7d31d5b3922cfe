"""待办: what waits for me and my groups, by next due date; claimed, given back, handed on, put off, one or many."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from engine.domain.commands import ClaimUserTask, ReleaseUserTask
from engine.domain.desk_commands import DelegateUserTask, DropFilter, SaveFilter, SetFollowUp
from engine.domain.permissions import PARTIES, is_staff
from engine.errors import KapokError
from engine.ui import fields, lamps, shell, texts
from engine.ui.accounts import acting, after
from engine.ui.contract import Services

VIEWS = ("mine", "all", "done")
NARROWING = ("lamp", "q", "group", "process", "free", "week", "follow", "urgent")
MOST_AT_ONCE = 100


@dataclass(frozen=True)
class Told:
    """What became of many tasks at once: how many were done; (key, number, reason) of the others."""

    done: int
    problems: Sequence[tuple[str, str, str]]

    @property
    def failed(self) -> frozenset[str]:
        return frozenset(key for key, _, _ in self.problems)


def install(blueprint: Blueprint, services: Services) -> None:
    @blueprint.get("/")
    def inbox() -> str:
        return show(services, asked(request.args), page_number())

    @blueprint.post("/tasks/<key>/claim")
    def claim(key: str) -> Response:
        services.run(ClaimUserTask(key), acting())
        shell.toast(gettext("已认领 %(number)s。", number=_number()), undo=url_for("ui.release", key=key))
        return redirect(url_for("ui.task", key=key) if request.form.get("open") else back())

    @blueprint.post("/tasks/<key>/release")
    def release(key: str) -> Response:
        services.run(ReleaseUserTask(key), acting())
        shell.toast(gettext("已退回待认领。"), undo=url_for("ui.claim", key=key))
        return redirect(back())

    _many(blueprint, services)
    _filters(blueprint, services)


def _number() -> str:
    """The number of the case, as the form of the row says it."""
    return request.form.get("number", "")[:64]


def show(services: Services, filters: Mapping[str, str], number: int, told: Told | None = None) -> str:
    actor = acting()
    page = services.queries.inbox(actor, filters, number)
    staff = is_staff(actor)
    g.waiting = page.counts.get("mine")
    return render_template(
        "inbox.html", page=page, filters=filters, words=lamps.words(), told=told, staff=staff,
        kept=services.queries.filters(actor), groups=sorted(actor.roles - PARTIES) if staff else (),
        processes=services.queries.processes(actor), colleagues=services.people.colleagues(actor),
        narrowed={name: filters[name] for name in NARROWING if filters[name]})


def _many(blueprint: Blueprint, services: Services) -> None:
    @blueprint.post("/tasks")
    def bulk() -> Any:
        """Each of the chosen tasks by itself; what was refused is told row by row, on the same list."""
        keys, filters = request.form.getlist("key")[:MOST_AT_ONCE], asked(request.form)
        make = _bulk_command(request.form.get("act", ""))
        problems = []
        for key in keys:
            try:
                services.run(make(key), acting())
            except KapokError as error:
                problems.append((key, request.form.get(f"no-{key}", "")[:128], texts.error(error)))
        if problems:
            return show(services, filters, 1, Told(len(keys) - len(problems), problems)), 409
        shell.toast(gettext("已办 %(count)s 项。", count=len(keys)) if keys else gettext("没有选中事项。"))
        wanted: dict[str, Any] = {name: item for name, item in filters.items() if item}
        return redirect(url_for("ui.inbox", **wanted))


def _bulk_command(act: str) -> Callable[[str], Any]:
    """What is done with each of the chosen tasks; each in its own transaction, so that one refusal stops no other."""
    if act == "claim":
        return ClaimUserTask
    if act == "release":
        return ReleaseUserTask
    if act == "delegate":
        to, reason = fields.required("to"), fields.required("reason")
        return lambda key: DelegateUserTask(key, to, reason)
    if act == "follow":
        on = fields.day("on")
        return lambda key: SetFollowUp(key, on)
    return abort(400)


def _filters(blueprint: Blueprint, services: Services) -> None:
    @blueprint.post("/filters")
    def filter_save() -> Response:
        filters = asked(request.form)
        services.run(SaveFilter(fields.required("name"), {name: item for name, item in filters.items() if item},
                                fields.text("role", 64) or None), acting())
        shell.toast(gettext("已保存筛选。"))
        wanted: dict[str, Any] = {name: item for name, item in filters.items() if item}
        return redirect(url_for("ui.inbox", **wanted))

    @blueprint.post("/filters/<key>/drop")
    def filter_drop(key: str) -> Response:
        services.run(DropFilter(key), acting())
        shell.toast(gettext("已删除筛选。"))
        return redirect(here())


def asked(sent: MultiDict[str, str] | Mapping[str, str]) -> dict[str, str]:
    """The filters of an address or a form; what makes no sense is left out."""
    view = sent.get("view", "mine")
    return {"view": view if view in VIEWS else "mine",
            **{name: sent.get(name, "").strip()[:fields.LONGEST] for name in NARROWING}}


def page_number() -> int:
    text = request.args.get("page", "1")
    return max(1, int(text)) if text.isdecimal() and len(text) < 7 else 1


def back() -> str:
    """The list the button was on."""
    view = request.form.get("view", "mine")
    return url_for("ui.inbox", view=view if view in VIEWS else "mine")


def here() -> str:
    """The list as it was narrowed, where the form was sent from."""
    referrer = urlsplit(request.referrer or "")
    return after(f"{referrer.path}?{referrer.query}" if referrer.query else referrer.path)
