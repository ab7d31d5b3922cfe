"""人工来件: what came on paper, entered in a form made from the message's schema, and checked by another person; and
the catalogue of all messages as pages."""

import json
from typing import Any
from uuid import uuid4

from flask import Blueprint, abort, redirect, render_template, request, send_file, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from engine.domain.letter_forms import form, letter
from engine.domain.permissions import may
from engine.domain.wire_commands import CheckMessage, EnterMessage, WithdrawMessage
from engine.errors import KapokError
from engine.services.wire.catalogue import CATALOGUE
from engine.ui import entry, kept, shell, wire_texts
from engine.ui.accounts import acting
from engine.ui.contract import Services
from engine.ui.entry import Entry
from engine.ui.fields import day_of, text
from engine.ui.files import INLINE
from engine.ui.people import attempt


def install(blueprint: Blueprint, services: Services) -> None:
    _enter(blueprint, services)
    _check(blueprint, services)
    _catalogue(blueprint)


def _schema(kind: str) -> Any:
    message = CATALOGUE.message(kind)
    return form(message.schema, message.correlates_on, CATALOGUE.correlation_names, wire_texts.say)


def _enter(blueprint: Blueprint, services: Services) -> None:
    def wanted(code: str, kind: str) -> Any:
        found = [one for one in services.handoffs.partners(acting()) if one.code == code]
        return found[0] if found and kind in found[0].may_send and kind in CATALOGUE.types else abort(404)

    def show(code: str, kind: str, sent: Entry | None = None) -> str:
        return render_template(
            "manual_new.html", partner=wanted(code, kind), kind=kind, schema=_schema(kind), encode=entry.encode,
            values=sent.sent if sent else {}, problems=sent.told() if sent else [], fresh_key=uuid4().hex)

    @blueprint.get("/handoffs/paper/new")
    def manual_new() -> str:
        if not may(acting(), "handoff.enter"):
            abort(404)
        code, kind = request.args.get("partner", ""), request.args.get("type", "")
        if code and kind:
            return show(code, kind)
        return render_template("manual_choose.html", partners=services.handoffs.partners(acting()), code=code)

    @blueprint.get("/handoffs/paper/new/<code>/<kind>")
    def manual_begin(code: str, kind: str) -> str:
        return show(code, kind) if may(acting(), "handoff.enter") else abort(404)

    @blueprint.post("/handoffs/paper/new/<code>/<kind>")
    def manual_enter(code: str, kind: str) -> Any:
        wanted(code, kind)
        sent = entry.read(_schema(kind), {})
        if sent.problems:
            return show(code, kind, sent), 422
        numbers, payload = letter(CATALOGUE.message(kind).schema, sent.clean)
        command = EnterMessage(code, kind, numbers, payload, day_of(str(sent.clean["received_on"]), "received_on"),
                               sent.files, str(sent.clean.get("note") or ""))
        try:
            outcome = services.run(command, acting(), entry.key())
        except KapokError as error:
            return show(code, kind, entry.refused(sent, error)), kept.status(error)
        shell.toast(gettext("已登记，待另一人复核。"))
        return redirect(url_for("ui.manual", key=outcome["entry"]))


def _check(blueprint: Blueprint, services: Services) -> None:
    def page(key: str, problem: str = "") -> str:
        return render_template("manual.html", paper=services.handoffs.paper(acting(), key), problem=problem)

    @blueprint.get("/handoffs/paper/<key>")
    def manual(key: str) -> str:
        return page(key)

    @blueprint.get("/handoffs/paper/<key>/files/<int:position>")
    def manual_file(key: str, position: int) -> Any:
        """What the second person compares the entry with; it is in no case yet."""
        found = services.handoffs.paper_file(acting(), key, position)
        return send_file(found.open(), mimetype=found.media, as_attachment=found.media not in INLINE,
                         download_name=found.name, etag=False, max_age=0)

    @blueprint.post("/handoffs/paper/<key>/<step>")
    def manual_check(key: str, step: str) -> Any:
        commands: dict[str, Any] = {"release": CheckMessage(key, True, text("reason")),
                    "reject": CheckMessage(key, False, text("reason")), "withdraw": WithdrawMessage(key)}
        if step not in commands:
            abort(404)
        return attempt(services, lambda: commands[step], lambda outcome: _said(step, outcome.get("case_no")),
                       lambda problem: page(key, problem), url_for("ui.handoff_board"))


def _said(step: str, number: str | None) -> str:
    if step == "release" and number:
        return str(gettext("已放行，归入案件 %(number)s。", number=number))
    return str({"release": gettext("已放行，等待对应案件。"), "reject": gettext("已退回录入人。")}.get(
        step, gettext("已撤回。")))


def _catalogue(blueprint: Blueprint) -> None:
    @blueprint.get("/handoffs/messages")
    def message_list() -> str:
        _require_reader()
        return render_template("messages.html", messages=[CATALOGUE.message(name) for name in CATALOGUE.types],
                               tab="messages")

    @blueprint.get("/handoffs/messages/<kind>")
    def message_type(kind: str) -> str | Response:
        _require_reader()
        if kind not in CATALOGUE.types:
            abort(404)
        message, example = CATALOGUE.message(kind), CATALOGUE.example(kind)
        return render_template("message.html", message=message, rows=list(_rows(message.schema)),
                               example=json.dumps(example, ensure_ascii=False, indent=2))


def _require_reader() -> None:
    if not any(may(acting(), right) for right in ("handoff.see", "partner.see", "definition.see")):
        abort(404)


def _rows(schema: Any, depth: int = 0) -> Any:
    """(depth, name, schema, required) of every field, each before those inside it."""
    for name, part in schema.get("properties", {}).items():
        yield depth, name, part, name in schema.get("required", ())
        yield from _rows(part.get("items", part), depth + 1)
