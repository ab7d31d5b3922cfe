"""案件: the search list and the case page, its diagram, and what else may be done with a case now."""

from typing import Any
from uuid import uuid4

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as Answer

from engine.errors import KapokError
from engine.ui import diagrams, entry, i18n, shell
from engine.ui.accounts import acting
from engine.ui.contract import Services
from engine.ui.entry import Entry
from engine.ui.inbox import page_number


def install(blueprint: Blueprint, services: Services) -> None:
    @blueprint.get("/cases")
    def case_list() -> str:
        text = request.args.get("q", "").strip()[:100]
        return render_template("cases.html", page=services.queries.cases(acting(), text, page_number()), q=text)

    @blueprint.get("/cases/<number>")
    def case(number: str) -> str:
        view = services.queries.case(acting(), number)
        return render_template("case.html", case=view, state=diagrams.state(view.diagram) if view.diagram else None)

    @blueprint.get("/diagrams/<number>")
    def diagram(number: str) -> Response:
        view = services.queries.case(acting(), number)
        if view.diagram is None:
            abort(404)
        return Response(view.diagram.xml, content_type="application/xml; charset=utf-8")

    def found(number: str, code: str) -> tuple[Any, Any]:
        view = services.queries.case(acting(), number)
        return view, next((action for action in view.actions if action.code == code), None) or abort(404)

    @blueprint.get("/cases/<number>/do/<code>")
    def action(number: str, code: str) -> str:
        return show(*found(number, code))

    @blueprint.post("/cases/<number>/do/<code>", endpoint="action_post")
    def action_post(number: str, code: str) -> Answer | tuple[str, int]:
        view, wanted = found(number, code)
        sent = entry.read(wanted.schema, {})
        if sent.problems:
            return show(view, wanted, sent), 422
        try:
            services.act(view, wanted, sent.clean, sent.files, acting(), entry.key())
        except KapokError as error:
            return show(view, wanted, entry.refused(sent, error)), 422
        shell.toast(gettext("已提交：%(name)s。", name=i18n.said(wanted.name)))
        return redirect(url_for("ui.case", number=view.case_no or view.id))


def show(view: Any, wanted: Any, sent: Entry | None = None) -> str:
    return render_template(
        "action.html", case=view, action=wanted, encode=entry.encode, values=sent.sent if sent else {},
        problems=sent.told() if sent else [], fresh_key=uuid4().hex)
