"""待办: what waits for me and my groups, by next due date; claim and release."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from engine.domain.commands import ClaimUserTask, ReleaseUserTask
from engine.ui import lamps, shell
from engine.ui.accounts import acting
from engine.ui.contract import Services

VIEWS = ("mine", "all", "done")


def install(blueprint: Blueprint, services: Services) -> None:
    @blueprint.get("/")
    def inbox() -> str:
        view = request.args.get("view", "mine")
        filters = {"view": view if view in VIEWS else "mine", "lamp": request.args.get("lamp", ""),
                   "q": request.args.get("q", "").strip()}
        page = services.queries.inbox(acting(), filters, page_number())
        return render_template("inbox.html", page=page, filters=filters, words=lamps.WORDS)

    @blueprint.post("/tasks/<key>/claim")
    def claim(key: str) -> Response:
        services.run(ClaimUserTask(key), acting())
        shell.toast(gettext("已认领。"))
        return redirect(url_for("ui.task", key=key) if request.form.get("open") else back())

    @blueprint.post("/tasks/<key>/release")
    def release(key: str) -> Response:
        services.run(ReleaseUserTask(key), acting())
        shell.toast(gettext("已退回待认领。"))
        return redirect(back())


def page_number() -> int:
    text = request.args.get("page", "1")
    return max(1, int(text)) if text.isdecimal() and len(text) < 7 else 1


def back() -> str:
    """The list the button was on."""
    view = request.form.get("view", "mine")
    return url_for("ui.inbox", view=view if view in VIEWS else "mine")
