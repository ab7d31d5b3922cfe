"""What one does beside filling in a form: hand a task on, put it off, put it first, write to colleagues."""

from collections.abc import Sequence

from flask import Blueprint, jsonify, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from engine.domain.commands import AssignUserTask
from engine.domain.desk_commands import Comment, DelegateUserTask, SetFollowUp, SetPriority
from engine.domain.permissions import may
from engine.ui import fields, shell
from engine.ui.accounts import acting
from engine.ui.contract import Services

LONGEST_NOTE = 2_000


def install(blueprint: Blueprint, services: Services) -> None:
    @blueprint.post("/tasks/<key>/hand-on")
    def hand_on(key: str) -> Response:
        to, reason, actor = fields.required("to"), fields.required("reason"), acting()
        mine = services.queries.task(actor, key).mine
        assign = may(actor, "task.assign") and not mine
        services.run((AssignUserTask if assign else DelegateUserTask)(key, to, reason), actor)
        shell.toast(gettext("已转办。"))
        return redirect(url_for("ui.inbox"))

    @blueprint.post("/tasks/<key>/follow-up")
    def follow_up(key: str) -> Response:
        services.run(SetFollowUp(key, fields.day("on")), acting())
        shell.toast(gettext("已保存。"))
        return redirect(url_for("ui.task", key=key))

    @blueprint.post("/tasks/<key>/priority")
    def priority(key: str) -> Response:
        services.run(SetPriority(key, fields.number("priority")), acting())
        shell.toast(gettext("已保存。"))
        return redirect(url_for("ui.task", key=key))

    @blueprint.get("/cases/<number>/colleagues")
    def mention_list(number: str) -> Response:
        """Whom a note can call: asked by the page while one writes ``@``."""
        found = services.mentions.of(acting(), number, request.args.get("q", "")[:64])
        return jsonify(items=[{"mention": one.mention, "name": one.name, "id": one.id} for one in found])

    @blueprint.post("/cases/<number>/notes")
    def note(number: str) -> Response:
        view, task = services.queries.case(acting(), number), request.form.get("task") or None
        told = services.run(Comment(view.id, fields.required("text", LONGEST_NOTE), task), acting())
        shell.toast(_told(told.get("unseen", ())))
        place = url_for("ui.task", key=task) if task else url_for("ui.case", number=number)
        return redirect(f"{place}#notes")


def _told(unseen: Sequence[str]) -> str:
    if not unseen:
        return str(gettext("已留言。"))
    return str(gettext("已留言；没有通知 %(names)s：看不到本案。", names="、".join(unseen)))
