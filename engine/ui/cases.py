"""案件: the search list and the case page, its diagram, and what else may be done with a case now."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from itertools import chain
from typing import Any
from uuid import uuid4

from flask import (
    Blueprint,
    Response,
    abort,
    copy_current_request_context,
    redirect,
    render_template,
    request,
)
from flask_babel import gettext, lazy_gettext

from engine.clock import LOCAL_ZONE
from engine.domain.actors import Actor
from engine.domain.administration import RequestApproval
from engine.domain.permissions import is_staff, may
from engine.domain.search_terms import terms
from engine.errors import KapokError, NotFound
from engine.services.views.exports import MEDIA, MOST, written
from engine.ui import action_texts, diagrams, entry, fields, kept, rearranging, receipts, shell, texts
from engine.ui.accounts import acting
from engine.ui.contract import Services
from engine.ui.entry import Entry
from engine.ui.inbox import page_number

COLUMNS = (lazy_gettext("案号"), lazy_gettext("名称"), lazy_gettext("事项"), lazy_gettext("阶段"), lazy_gettext("状态"),
           lazy_gettext("当事人"), lazy_gettext("期限"), lazy_gettext("届满日"), lazy_gettext("剩余工作日"),
           lazy_gettext("受理"))
"""Of the list as a file."""
WHOLE = 100_000
"""Lines of a timeline that is asked for whole."""
LINES = 200
"""Lines of one that is not."""
NARROWING = ("stage", "process", "state", "overdue")


def install(blueprint: Blueprint, services: Services) -> None:
    _search(blueprint, services)

    @blueprint.get("/cases/<number>")
    def case(number: str) -> str:
        whole = request.args.get("timeline") == "all"
        only_mine = request.args.get("timeline") == "mine"
        view = services.queries.case(acting(), number, *([WHOLE] if whole or only_mine else []))
        return render_template("case.html", case=view, called=action_texts.name, staff=is_staff(acting()),
                               only_mine=only_mine, lines=WHOLE if whole else LINES,
                               state=diagrams.state(view.diagram) if view.diagram else None)

    @blueprint.get("/diagrams/<number>")
    def diagram(number: str) -> Response:
        view = services.queries.case(acting(), number)
        if view.diagram is None:
            abort(404)
        return Response(view.diagram.xml, content_type="application/xml; charset=utf-8")

    @blueprint.get("/cases/<number>/do/<code>")
    def action(number: str, code: str) -> str:
        view = services.queries.case(acting(), number)
        return show(view, _offered(services, view, code) or abort(404))

    @blueprint.post("/cases/<number>/do/<code>", endpoint="action_post")
    def action_post(number: str, code: str) -> Any:
        view = services.queries.case(acting(), number)
        wanted = _offered(services, view, code)
        if wanted is None:
            return kept.page(409, gettext("这一步现在不能办理：可能已有人办过，或期限已届满。没有任何改动。"))
        sent = entry.read(wanted.schema, wanted.values)
        if sent.problems:
            return show(view, wanted, sent), 422
        try:
            done = _carry_out(services, view, wanted, sent)
        except KapokError as error:
            return _refused(services, view, wanted, sent, error)
        shell.toast(done)
        return redirect(receipts.onward(services, view.case_no or view.id))


def _offered(services: Services, view: Any, code: str) -> Any:
    found = next((action for action in view.actions if action.code == code), None)
    if found is not None and found.schema and found.instance is not None:
        found = replace(found, values=services.queries.beside_form(acting(), view.id, found.instance, found.schema))
    return found and rearranging.completed(found, services.people.colleagues(acting()))


def _refused(services: Services, view: Any, wanted: Any, sent: Entry, error: KapokError) -> Any:
    """The form again as long as the case offers it; else what was typed, and why it came too late."""
    try:
        now = services.queries.case(acting(), view.id)
    except NotFound:
        now = None
    if now is not None and _offered(services, now, wanted.code) is not None:
        return show(now, wanted, entry.refused(sent, error)), kept.status(error)
    return kept.page(kept.status(error), texts.error(error), kept.lines(wanted.schema, sent.sent))


def _search(blueprint: Blueprint, services: Services) -> None:
    def typed() -> str:
        return request.args.get("q", "").strip()[:fields.LONGEST]

    @blueprint.get("/cases")
    def case_list() -> str:
        text, filters, actor = typed(), _narrowed(), acting()
        page = services.queries.cases(actor, text, page_number(), filters)
        return render_template("cases.html", page=page, q=text, terms=terms(text), filters=filters,
                               staff=is_staff(actor), processes=services.queries.processes(actor),
                               export=may(actor, "case.export"), most=MOST)

    @blueprint.get("/cases/export")
    def case_export() -> Response:
        actor = acting()
        found = services.exports.cases(actor, typed(), _narrowed())
        lines = chain(map(_line, found.rows), _told(found, actor, services))
        name = f"cases-{services.clock.now().astimezone(LOCAL_ZONE):%Y%m%d-%H%M}.csv"
        part = copy_current_request_context(partial(next, written([str(head) for head in COLUMNS], lines), None))
        return Response(iter(part, None), headers={
            "Content-Type": f"{MEDIA}; charset=utf-8", "Content-Disposition": f"attachment; filename={name}",
            "Cache-Control": "no-store"})


def _line(row: Any) -> list[object]:
    due = row.deadline
    return [row.case_no or row.id, row.title, row.process_name, row.stage, texts.CASE_STATES.get(
        row.state, ("", row.state))[1], row.parties, due and due.name, due and due.due_on, due and due.workdays_left,
            row.started_at.astimezone(LOCAL_ZONE).date()]


def _told(found: Any, actor: Actor, services: Services) -> Iterator[list[object]]:
    """The last line: who took the list out and when, and what is not in it."""
    said = [gettext("%(name)s 于 %(at)s 导出，共 %(count)s 件。", name=actor.name, count=found.count,
                    at=f"{services.clock.now().astimezone(LOCAL_ZONE):%Y-%m-%d %H:%M}")]
    if found.withheld:
        said.append(gettext("未公布的专利申请 %(count)s 件按保密规定不导出。", count=found.withheld))
    if found.more:
        said.append(gettext("只导出最新的 %(most)s 件，其余请缩小查找范围另行导出。", most=MOST))
    yield ["".join(map(str, said))]


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
        values={**wanted.values, **(sent.sent if sent else {})}, facts=rearranging.facts(view, wanted.code),
        problems=sent.told() if sent else [], fresh_key=uuid4().hex)
