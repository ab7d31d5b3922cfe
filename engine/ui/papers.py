"""文书、证据与送达: the papers' room of a case, one paper with its versions, and what waits for a receipt."""

from collections.abc import Callable, Mapping
from typing import Any, cast

from flask import Blueprint, abort, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from engine.domain import paper_commands as c
from engine.domain.commands import FileRef
from engine.ui.accounts import acting
from engine.ui.contract import Services
from engine.ui.fields import day, required_day, text
from engine.ui.people import attempt


def install(blueprint: Blueprint, services: Services) -> None:
    _pages(blueprint, services)
    _papers(blueprint, services)
    _evidence(blueprint, services)
    _service(blueprint, services)


def _pages(blueprint: Blueprint, services: Services) -> None:
    @blueprint.get("/cases/<number>/papers")
    def paper_room(number: str) -> str:
        return room(services, number)

    @blueprint.get("/cases/<number>/papers/<paper>")
    def paper(number: str, paper: str) -> str:
        return one(services, number, paper)

    @blueprint.get("/service")
    def service_list() -> str:
        return render_template("service.html", rows=services.papers.waiting(acting()))


def _papers(blueprint: Blueprint, services: Services) -> None:
    def called(number: str, template: str) -> str:
        return str(dict(services.papers.room(acting(), number).templates).get(template, ""))

    @blueprint.post("/cases/<number>/papers", endpoint="paper_draft")
    def draft(number: str) -> Any:
        return in_room(services, number, gettext("已起草，可以修改、核准。"), lambda: c.DraftPaper(
            number, text("template", 200), text("title", 100) or called(number, text("template", 200)),
            text("series", 64),
            request.form.get("internal") == "1"))

    @blueprint.post("/cases/<number>/papers/<paper>/<act>", endpoint="paper_act")
    def act(number: str, paper: str, act: str) -> Any:
        if act not in ACTS:
            abort(404)
        return attempt(services, lambda: ACTS[act](services, number, paper), gettext("已办理。"),
                       lambda problem: one(services, number, paper, problem),
                       url_for("ui.paper", number=number, paper=paper))


def _evidence(blueprint: Blueprint, services: Services) -> None:
    @blueprint.post("/cases/<number>/evidence", endpoint="evidence_add")
    def add(number: str) -> Any:
        return in_room(services, number, gettext("已收入证据，收到时间和摘要已记录。"), lambda: c.AddEvidence(
            number, text("title", 200), text("source", 32), (upload(services),), request.form.get("seen") == "1"))

    @blueprint.post("/cases/<number>/evidence/<document>/seen", endpoint="evidence_seen")
    def seen(number: str, document: str) -> Any:
        return in_room(services, number, gettext("已记录与原件核对一致。"),
                       lambda: c.MarkOriginalSeen(number, document))


def _service(blueprint: Blueprint, services: Services) -> None:
    @blueprint.post("/cases/<number>/addresses", endpoint="address_confirm")
    def address(number: str) -> Any:
        return in_room(services, number, gettext("送达地址已确认。"), lambda: c.ConfirmAddress(
            number, text("recipient", 200), request.form.get("electronic") == "1", text("postal"), text("email", 254),
            text("phone", 40), text("user", 64)))

    @blueprint.post("/cases/<number>/deliveries", endpoint="delivery_send")
    def send(number: str) -> Any:
        return in_room(services, number, gettext("已登记送达。"), lambda: c.Dispatch(
            number, text("document", 64), text("recipient", 200), text("mode", 16), day("on"), text("tracking", 64),
            text("deadline", 64)))

    @blueprint.post("/cases/<number>/deliveries/<delivery>", endpoint="delivery_receipt")
    def receipt(number: str, delivery: str) -> Any:
        return in_room(services, number, gettext("送达回证已登记。"), lambda: c.RecordReceipt(
            number, delivery, text("state", 16), required_day("on"), text("note"),
            upload(services) if request.files.get("file") else None))


ACTS: Mapping[str, Callable[[Services, str, str], Any]] = {
    "write": lambda services, number, paper: c.WritePaper(number, paper, upload(services)),
    "submit": lambda services, number, paper: c.SubmitPaper(number, paper),
    "approve": lambda services, number, paper: c.ApprovePaper(number, paper, text("sha256", 64)),
    "return": lambda services, number, paper: c.ReturnPaper(number, paper, text("reason")),
    "issue": lambda services, number, paper: c.IssuePaper(number, paper),
    "withdraw": lambda services, number, paper: c.WithdrawPaper(number, paper, text("reason")),
}
"""What may be sent from the page of a paper."""


# --- parts ------------------------------------------------------------------------------------------------------------
def room(services: Services, number: str, problem: str = "") -> str:
    view = services.papers.room(acting(), number)
    return render_template("papers.html", view=view, problem=problem, form=request.form)


def one(services: Services, number: str, paper: str, problem: str = "") -> str:
    view = services.papers.paper(acting(), number, paper, request.args.get("version", "")[:36])
    return render_template("paper.html", view=view, problem=problem, form=request.form)


def in_room(services: Services, number: str, done: str, made: Callable[[], Any]) -> Response | tuple[str, int]:
    return attempt(services, made, done, lambda problem: room(services, number, problem),
                   url_for("ui.paper_room", number=number), text("key", 64) or None)


def upload(services: Services) -> FileRef:
    """The one file of a form, staged. A form without a file answers 400."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        abort(400)
    staged = services.files.stage(cast(Any, sent.stream), sent.filename, sent.mimetype, acting())
    return FileRef(staged.sha256, staged.name)
