"""办理: one user task: form, law, diagram, papers at hand; complete it, or keep a draft."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from flask import Blueprint, abort, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext

from engine.clock import LOCAL_ZONE
from engine.domain.commands import CompleteUserTask, SaveDraft
from engine.domain.permissions import is_staff, may
from engine.errors import KapokError, NotFound
from engine.services.legal_time.expiry import FORM_ID
from engine.ui import action_texts, diagrams, entry, kept, receipts, shell, texts
from engine.ui.accounts import acting
from engine.ui.contract import Services
from engine.ui.entry import Entry


def install(blueprint: Blueprint, services: Services) -> None:
    @blueprint.get("/tasks/<key>")
    def task(key: str) -> Any:
        try:
            return show(services, services.queries.task(acting(), key))
        except NotFound as error:
            return gone(services, key, error)

    @blueprint.get("/tasks/<key>/now")
    def task_now(key: str) -> Any:
        """Asked by the open page from time to time: what has become of its task meanwhile."""
        reason = services.standing.of(acting(), key)
        if reason is None:
            return jsonify(message="")
        return jsonify(message=f"{texts.error(reason)} {gettext('您填写的内容仍在本页，可以复制。')}")

    @blueprint.post("/tasks/<key>/complete")
    def complete(key: str) -> Any:
        try:
            view = services.queries.task(acting(), key)
        except NotFound as error:
            return gone(services, key, error)
        sent = entry.read(view.schema, view.values)
        if sent.problems and view.may_work:
            return show(services, view, sent), 422
        command = CompleteUserTask(key, sent.clean, sent.files, form_checked=True)
        try:
            services.run(command, acting(), entry.key())
        except KapokError as error:
            return refused(services, view, sent, error)
        shell.toast(gettext("已提交：%(name)s（%(number)s）。", name=view.name, number=view.case_no or ""))
        return redirect(receipts.onward(services, view.case_id, url_for("ui.inbox")))

    @blueprint.put("/tasks/<key>/draft")
    def draft(key: str) -> Any:
        values = entry.decode(request.get_data(as_text=True))
        if values is None:
            abort(400)
        services.run(SaveDraft(key, values), acting())
        return jsonify(at=clock_time(services.clock.now()))


def gone(services: Services, key: str, error: KapokError) -> Any:
    """A task that one does not see any more: to whom it was offered is told who has it or did it, and when."""
    reason = services.standing.of(acting(), key) or error
    return kept.page(kept.status(reason), texts.error(reason), onward="")


def refused(services: Services, view: Any, sent: Entry, error: KapokError) -> Any:
    """The form with what keeps it from being accepted, as long as it can still be sent; else what was typed, and who
    was quicker or what has changed meanwhile."""
    try:
        now = services.queries.task(acting(), view.key)
    except NotFound:
        now = None
    if now is not None and now.may_work and not now.may_claim and not now.passed:
        return show(services, now, entry.refused(sent, error)), kept.status(error)
    return kept.page(kept.status(error), texts.error(error), kept.lines(view.schema, sent.sent))


def show(services: Services, view: Any, sent: Entry | None = None) -> str:
    actor = acting()
    return render_template(
        "task.html", task=view, staff=is_staff(actor), may_assign=may(actor, "task.assign"),
        colleagues=services.people.colleagues(actor) if is_staff(actor) else (),
        schema=action_texts.form(view.schema) if view.schema and view.schema.get("id") == FORM_ID else view.schema,
        encode=entry.encode, values={**view.values, **(sent.sent if sent else {})},
        problems=sent.told() if sent else [], state=diagrams.state(view.diagram) if view.diagram else None,
        fresh_key=uuid4().hex, clock_time=clock_time)


def clock_time(at: datetime) -> str:
    return f"{at.astimezone(LOCAL_ZONE):%H:%M}"
