"""案件: the search list and the case page, its diagram, and what else may be done with a case now."""

from typing import Any
from uuid import uuid4

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as Answer

from engine.domain.administration import RequestApproval
from engine.domain.permissions import is_staff
from engine.errors import KapokError
from engine.ui import action_texts, diagrams, entry, fields, shell
from engine.ui.accounts import acting
from engine.ui.contract import Services
from engine.ui.entry import Entry
from engine.ui.inbox import page_number

WHOLE = 100_000
"""Lines of a timeline that is asked for whole."""
NARROWING = ("stage", "process", "state", "overdue")


def install(blueprint: Blueprint, services: Services) -> None:
    @blueprint.get("/cases")
    def case_list() -> str:
        text, filters, actor = request.args.get("q", "").strip()[:fields.LONGEST], _narrowed(), acting()
        page = services.queries.cases(actor, text, page_number(), filters)
        return render_template("cases.html", page=page, q=text, filters=filters, staff=is_staff(actor),
                               processes=services.queries.processes(actor))

    @blueprint.get("/cases/<number>")
    def case(number: str) -> str:
        whole = request.args.get("timeline") == "all"
        view = services.queries.case(acting(), number, *([WHOLE] if whole else []))
        return render_template("case.html", case=view, called=action_texts.name, staff=is_staff(acting()),
                               state=diagrams.state(view.diagram) if view.diagram else None)

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
            done = _carry_out(services, view, wanted, sent)
        except KapokError as error:
            return show(view, wanted, entry.refused(sent, error)), 422
        shell.toast(done)
        return redirect(url_for("ui.case", number=view.case_no or view.id))


def _carry_out(services: Services, view: Any, wanted: Any, sent: Entry) -> str:
    """Does what was asked, or asks a second person for it where two are needed; says which."""
    if wanted.two_persons and services.settings.two_persons:
        if "into" in sent.clean:
            services.queries.case(acting(), str(sent.clean["into"]).strip())  # what one does not see is not found
        command = wanted.command(sent.clean, sent.files)
        services.run(RequestApproval(command, str(sent.clean.get("reason", ""))), acting(), entry.key())
        return str(gettext("已提出申请，待另一人核准后生效。"))
    services.act(view, wanted, sent.clean, sent.files, acting(), entry.key())
    return str(gettext("已提交：%(name)s。", name=action_texts.name(wanted)))


def _narrowed() -> dict[str, str]:
    return {name: request.args.get(name, "").strip()[:fields.LONGEST] for name in NARROWING}


def show(view: Any, wanted: Any, sent: Entry | None = None) -> str:
    return render_template(
        "action.html", case=view, action=wanted, schema=action_texts.form(wanted.schema),
        name=action_texts.name(wanted), hint=action_texts.hint(wanted), encode=entry.encode,
        values=sent.sent if sent else {}, problems=sent.told() if sent else [], fresh_key=uuid4().hex)
