"""我的通知: where one is written to, and the secret address from which one's own calendar program reads deadlines."""

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext

from engine.domain.deadline_commands import SetContact
from engine.errors import InvalidInput
from engine.ui import texts
from engine.ui.accounts import acting
from engine.ui.contract import Services
from engine.ui.fields import text
from engine.ui.shell import toast


def install(blueprint: Blueprint, services: Services) -> None:
    def page(problem: str = "", feed: str = "") -> str:
        email, has_feed = services.notices.contact(acting())
        return render_template("contact.html", email=text("email", 255) if problem else email, has_feed=has_feed,
                               problem=problem, feed=feed)

    @blueprint.get("/account/notices")
    def contact() -> str:
        return page()

    @blueprint.post("/account/notices")
    def contact_post() -> str | tuple[str, int]:
        change = request.form.get("change")
        try:
            if change == "new":
                secret = services.run(SetContact(new_feed=True), acting())["feed"]
                return page(feed=url_for("ui.feed", secret=secret, _external=True))
            if change == "end":
                services.run(SetContact(end_feed=True), acting())
            else:
                services.run(SetContact(text("email", 255)), acting())
        except InvalidInput as error:
            return page(texts.error(error)), 422
        toast(gettext("已保存。"))
        return page()
