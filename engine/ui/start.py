"""新建: choose a procedure, fill in its start form, hand in the files."""

from typing import Any
from uuid import uuid4

from flask import Blueprint, abort, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from engine.domain.commands import StartCase
from engine.errors import KapokError
from engine.ui import entry, shell
from engine.ui.accounts import acting
from engine.ui.contract import Services
from engine.ui.entry import Entry


def install(blueprint: Blueprint, services: Services) -> None:
    def wanted(process_id: str) -> Any:
        found = [view for view in shell.startable(services, acting()) if view.process_id == process_id]
        return found[0] if found else abort(404)

    @blueprint.get("/start")
    def start_list() -> str:
        return render_template("start_list.html", processes=shell.startable(services, acting()))

    @blueprint.get("/start/<process_id>")
    def start(process_id: str) -> str:
        return show(wanted(process_id))

    @blueprint.post("/start/<process_id>", endpoint="start_post")
    def start_post(process_id: str) -> Response | tuple[str, int]:
        view = wanted(process_id)
        sent = entry.read(view.schema, {})
        if sent.problems:
            return show(view, sent), 422
        command = StartCase(process_id, sent.clean, sent.files, form_checked=True)
        try:
            outcome = services.run(command, acting(), entry.key())
        except KapokError as error:
            return show(view, entry.refused(sent, error)), 422
        shell.toast(gettext("已提交，案件已建立。"))
        return redirect(url_for("ui.case", number=outcome["case_id"]))


def show(view: Any, sent: Entry | None = None) -> str:
    return render_template(
        "start.html", process=view, encode=entry.encode, values=sent.sent if sent else {},
        problems=sent.told() if sent else [], fresh_key=uuid4().hex)
