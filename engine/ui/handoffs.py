"""对接: how far messages to each partner have got, what came in and waits for a person, and what is done about both."""

from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from engine.domain.permissions import may
from engine.domain.wire_commands import CloseCircuit, DecideInbound, HandOver, ReplayDeadLetter
from engine.ui import shell, wire_texts
from engine.ui.accounts import acting
from engine.ui.contract import Services
from engine.ui.fields import required_day, text
from engine.ui.inbox import page_number
from engine.ui.people import attempt, propose

SHOWN = ("open", "missing", "dead", "done")
Answer = str | Response | tuple[str, int]


def install(blueprint: Blueprint, services: Services) -> None:
    blueprint.app_context_processor(lambda: {"wire": wire_texts} if request.blueprint == blueprint.name else {})
    _board(blueprint, services)
    _sent(blueprint, services)
    _came(blueprint, services)


def _board(blueprint: Blueprint, services: Services) -> None:
    @blueprint.get("/handoffs")
    def handoff_board() -> str:
        actor = acting()
        return render_template("handoffs.html", board=services.handoffs.board(actor), tab="board",
                               may_enter=may(actor, "handoff.enter"))

    @blueprint.post("/handoffs/partners/<code>/circuit")
    def circuit_close(code: str) -> Response:
        services.run(CloseCircuit(code), acting())
        shell.toast(gettext("已恢复发送。"))
        return redirect(url_for("ui.handoff_board"))


def _sent(blueprint: Blueprint, services: Services) -> None:
    @blueprint.get("/handoffs/outbox")
    def outbox_list() -> str:
        show = request.args.get("show", "open")
        show = show if show in SHOWN else "open"
        return render_template("outbox.html", page=services.handoffs.outbox(acting(), show, page_number()), show=show,
                               tab="outbox", two=services.settings.two_persons)

    @blueprint.post("/handoffs/outbox/<key>/replay")
    def outbox_replay(key: str) -> Response:
        propose(services, ReplayDeadLetter(key, text("reason")), gettext("已重新排入发件箱。"))
        return redirect(url_for("ui.outbox_list", show="dead"))

    @blueprint.post("/handoffs/outbox/<key>/hand-over")
    def outbox_hand_over(key: str) -> Response:
        services.run(HandOver(key, required_day("on"), text("note")), acting())
        shell.toast(gettext("已登记送达。"))
        return redirect(url_for("ui.outbox_list"))


def _came(blueprint: Blueprint, services: Services) -> None:
    def page(partner: str, message_id: str, problem: str = "") -> str:
        return render_template("letter.html", letter=services.handoffs.letter(acting(), partner, message_id),
                               problem=problem, form=request.form)

    @blueprint.get("/handoffs/in/<partner>/<message_id>")
    def letter(partner: str, message_id: str) -> str:
        return page(partner, message_id)

    @blueprint.post("/handoffs/in/<partner>/<message_id>/<decision>")
    def letter_decide(partner: str, message_id: str, decision: str) -> Any:
        if decision not in ("match", "note", "reject"):
            abort(404)
        chosen = text("case", 128) or text("chosen", 128) or None
        return attempt(
            services, lambda: DecideInbound(partner, message_id, decision, chosen, text("reason")),
            str(wire_texts.DECISIONS[decision]), lambda problem: page(partner, message_id, problem),
            url_for("ui.handoff_board"))
