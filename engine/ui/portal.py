"""我的案件: what a party must do by when and what follows if not, where each case stands, what was served, choices."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from engine.domain import paper_commands as c
from engine.domain.permissions import PARTIES
from engine.ui import shell
from engine.ui.accounts import acting
from engine.ui.contract import Services
from engine.ui.fields import text
from engine.ui.inbox import page_number

OPENED = 5
"""Cases shown whole; the others are a line each."""


@dataclass(frozen=True)
class Own:
    """A case of the reader. ``todo``: (deadline or None, (name, address) of what may be done by then), the next first;
    ``choices``: what else can be done; ``address``: the confirmed one, or None; ``hearings``: to come."""

    case: Any
    todo: Sequence[tuple[Any, Sequence[tuple[Any, str]]]]
    choices: Sequence[Any]
    deliveries: Sequence[Any]
    address: Any
    hearings: Sequence[Any]


def install(blueprint: Blueprint, services: Services) -> None:
    @blueprint.get("/mine")
    def portal() -> str:
        actor = acting()
        if not actor.has(*PARTIES):
            abort(404)
        page = services.queries.cases(actor, "", page_number())
        running = [row for row in page.items if row.state in ("active", "suspended")]
        shown = running[:OPENED]
        deliveries, addresses = services.papers.own(actor)
        ahead = services.hearings.ahead(actor)
        own = [_own(services.queries.case(actor, row.id), deliveries, addresses, ahead) for row in shown]
        kept = {row.id for row in shown}
        return render_template("portal.html", own=own, page=page,
                               others=[row for row in page.items if row.id not in kept])

    @blueprint.post("/mine/<number>/receipts/<delivery>")
    def portal_receipt(number: str, delivery: str) -> Response:
        services.run(c.Acknowledge(number, delivery), acting(), text("key", 64) or None)
        shell.toast(gettext("已签收。"))
        return redirect(url_for("ui.portal"), 303)

    @blueprint.post("/mine/<number>/address")
    def portal_address(number: str) -> Response:
        services.run(c.ConfirmAddress(number, "", request.form.get("electronic") == "1", text("postal"),
                                      text("email", 254), text("phone", 40)), acting())
        shell.toast(gettext("送达地址已确认。"))
        return redirect(url_for("ui.portal"), 303)


def _own(case: Any, deliveries: Sequence[Any], addresses: Sequence[Any], ahead: Sequence[Any]) -> Own:
    number = case.case_no or case.id
    due = {row.instance: row for row in case.deadlines if row.state == "running"}
    asked = [action for action in case.actions
             if action.code.startswith("answer-") and action.asked and not action.danger]
    todo = [(task.deadline, (task.name, url_for("ui.task", key=task.key))) for task in case.tasks if task.may_work]
    todo += [(due.get(action.instance), (action.name, url_for("ui.action", number=number, code=action.code)))
             for action in asked]
    return Own(case, by_deadline(todo), [action for action in case.actions if action not in asked],
               [row for row in deliveries if row.case_id == case.id],
               next((row for row in addresses if row.case_id == case.id), None),
               [row for row in ahead if row.case_id == case.id])


def by_deadline(asked: Sequence[tuple[Any, Any]]) -> list[tuple[Any, list[Any]]]:
    """What answers one deadline stands below it together: to agree and to refuse are one thing to do by one day."""
    together: dict[str, tuple[Any, list[Any]]] = {}
    for at, (deadline, item) in enumerate(asked):
        together.setdefault(deadline.key if deadline else str(at), (deadline, []))[1].append(item)
    return sorted(together.values(), key=lambda item: item[0].due_on if item[0] else date.max)
