"""新建: choose a procedure, fill in its start form, hand in the files."""

import re
from dataclasses import replace
from typing import Any
from uuid import uuid4

from flask import Blueprint, abort, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from engine.domain.commands import StartCase
from engine.domain.desk_commands import DropStartDraft, SaveStartDraft
from engine.errors import IdempotencyConflict, KapokError
from engine.ui import entry, kept, receipts, shell
from engine.ui.accounts import acting
from engine.ui.contract import Services
from engine.ui.entry import Entry
from engine.ui.tasks import clock_time

_SENTENCE = re.compile(r".+?(?:。|[.:] )", re.DOTALL)


def first_sentence(text: str) -> str:
    """What a list says of a procedure; its page says the rest."""
    found = _SENTENCE.match(text)
    return found[0] if found else text


def install(blueprint: Blueprint, services: Services) -> None:
    def wanted(process_id: str) -> Any:
        found = [view for view in shell.startable(services, acting()) if view.process_id == process_id]
        return found[0] if found else abort(404)

    def lists(view: Any) -> entry.Values:
        return services.queries.beside_start(view.schema) if view.schema else {}

    @blueprint.get("/start")
    def start_list() -> str:
        return render_template("start_list.html", processes=shell.startable(services, acting()),
                               begun=services.start_drafts.listed(acting()), first_sentence=first_sentence)

    @blueprint.get("/start/<process_id>")
    def start(process_id: str) -> str:
        view = wanted(process_id)
        return show(view, lists(view), draft=services.start_drafts.get(acting(), process_id))

    @blueprint.post("/start/<process_id>", endpoint="start_post")
    def start_post(process_id: str) -> Any:
        view = wanted(process_id)
        beside = lists(view)
        sent = entry.read(view.schema, beside)
        if sent.problems:
            return show(view, beside, sent), 422
        command = StartCase(process_id, sent.clean, sent.files, form_checked=True)
        try:
            outcome = services.run(command, acting(), entry.key())
        except IdempotencyConflict:
            note = gettext("这张表单刚才已经提交，案件已建立（见“案件”）。确要另建一件的，核对后再次提交。")
            return show(view, beside, replace(sent, note=note)), 409
        except KapokError as error:
            return show(view, beside, entry.refused(sent, error)), kept.status(error)
        shell.toast(gettext("已提交，案件已建立。"))
        return redirect(receipts.onward(services, outcome["case_id"]))

    _drafts(blueprint, services)


def _drafts(blueprint: Blueprint, services: Services) -> None:
    @blueprint.put("/start/<process_id>/draft", endpoint="start_draft")
    def draft(process_id: str) -> Any:
        values = entry.decode(request.get_data(as_text=True))
        if values is None:
            abort(400)
        services.run(SaveStartDraft(process_id, values), acting())
        return jsonify(at=clock_time(services.clock.now()))

    @blueprint.post("/start/<process_id>/draft/drop", endpoint="start_draft_drop")
    def drop(process_id: str) -> Response:
        services.run(DropStartDraft(process_id), acting())
        shell.toast(gettext("草稿已删除。"))
        return redirect(url_for("ui.start_list"))


def show(view: Any, beside: entry.Values, sent: Entry | None = None, draft: Any = None) -> str:
    """``beside``: the lists that the form offers, whatever was typed under their names."""
    typed = sent.sent if sent else draft.values if draft else {}
    return render_template(
        "start.html", process=view, encode=entry.encode, values={**typed, **beside}, draft=draft,
        problems=sent.told() if sent else [], fresh_key=uuid4().hex, clock_time=clock_time)
