"""通知: what one has been told, the newest first; looking at them marks them as read when asked to."""

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from engine.domain.deadline_commands import ReadNotices
from engine.ui.accounts import acting
from engine.ui.contract import Services
from engine.ui.inbox import page_number


def install(blueprint: Blueprint, services: Services) -> None:
    @blueprint.get("/notices")
    def notice_list() -> str:
        return render_template("notices.html", page=services.notices.page(acting(), page_number()))

    @blueprint.post("/notices/read")
    def read_notices() -> Response:
        services.run(ReadNotices(), acting())
        return redirect(url_for("ui.notice_list"))
