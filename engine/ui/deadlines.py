"""期限: all that run, the next first; and one: why it is this day, line by line, and what happens when it passes."""

from flask import Blueprint, Response, abort, render_template

from engine.ui.accounts import acting
from engine.ui.contract import Services
from engine.ui.inbox import page_number


def install(blueprint: Blueprint, services: Services) -> None:
    @blueprint.get("/deadlines")
    def deadline_list() -> str:
        return render_template("deadlines.html", page=services.queries.deadlines(acting(), page_number()))

    @blueprint.get("/deadlines/<key>")
    def deadline(key: str) -> str:
        return render_template("deadline.html", deadline=services.queries.deadline(acting(), key),
                               about=services.deadline_pages.explain(acting(), key))

    @blueprint.get("/feeds/<secret>.ics")
    def feed(secret: str) -> Response:
        """The address is the key: a calendar program signs in nowhere."""
        found = services.deadline_pages.feed(secret)
        if found is None:
            abort(404)
        return Response(found, content_type="text/calendar; charset=utf-8")
