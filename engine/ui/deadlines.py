"""期限: those at risk, a month of due days, and one: why it is this day, line by line, what happens when it passes, and
what may be done about it."""

import secrets
from datetime import date
from typing import Any

from flask import Blueprint, Response, abort, render_template, request
from flask_babel import LazyString, lazy_gettext

from engine.ui import shell
from engine.ui.accounts import acting
from engine.ui.contract import Services
from engine.ui.deadline_acts import ACTS
from engine.ui.inbox import page_number

FILTERS: dict[str, LazyString] = {
    "all": lazy_gettext("全部"), "overdue": lazy_gettext("逾期"), "three": lazy_gettext("3 个工作日内"),
    "seven": lazy_gettext("7 个工作日内"), "paused": lazy_gettext("中止"), "provisional": lazy_gettext("暂定"),
}


def install(blueprint: Blueprint, services: Services) -> None:
    @blueprint.get("/deadlines")
    def deadline_list() -> str:
        wanted = request.args.get("show", "all")
        wanted = wanted if wanted in FILTERS else "all"
        return render_template("deadlines.html", filters=FILTERS, show=wanted,
                               page=services.deadline_pages.listed(acting(), wanted, page_number()))

    @blueprint.get("/deadlines/calendar")
    def deadline_month() -> str:
        first = _month(request.args.get("month", ""), shell.today(services))
        return render_template("month.html", month=services.deadline_pages.month(acting(), first))

    @blueprint.get("/deadlines/<key>")
    def deadline(key: str) -> str:
        return render_template("deadline.html", deadline=services.queries.deadline(acting(), key), acts=ACTS,
                               about=services.deadline_pages.explain(acting(), key), fresh_key=secrets.token_hex(16),
                               two=services.settings.two_persons)

    @blueprint.get("/feeds/<secret>.ics")
    def feed(secret: str) -> Response:
        """The address is the key: a calendar program signs in nowhere."""
        found = services.deadline_pages.feed(secret)
        if found is None:
            abort(404)
        return Response(found, content_type="text/calendar; charset=utf-8")


def _month(text: str, today: Any) -> date:
    """``2026-10`` as its first day; this month for anything else."""
    try:
        first = date.fromisoformat(f"{text}-01")
    except ValueError:
        first = today.replace(day=1)
    return first if 2000 <= first.year < 2100 else today.replace(day=1)
