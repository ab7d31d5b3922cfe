"""参加人: parties and agents with accounts of their own, invited and taken out; how one takes up an invitation."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from engine.domain import participant_commands as c
from engine.domain.actors import NEWCOMER
from engine.domain.commands import FileRef
from engine.domain.permissions import PARTIES
from engine.errors import KapokError
from engine.services.people.participants import digest_of, new_code
from engine.services.people.passwords import hash_password, require_strong
from engine.ui import accounts, kept, shell, texts
from engine.ui.accounts import acting
from engine.ui.contract import Services
from engine.ui.fields import text
from engine.ui.papers import upload
from engine.ui.people import attempt


def install(blueprint: Blueprint, services: Services) -> None:
    _case(blueprint, services)
    _join(blueprint, services)


def _case(blueprint: Blueprint, services: Services) -> None:
    def room(number: str, problem: str = "", **more: Any) -> str:
        view = services.participants.of_case(acting(), number)
        return render_template("participants.html", view=view, problem=problem, form=request.form, **more)

    @blueprint.get("/cases/<number>/participants")
    def participant_list(number: str) -> str:
        return room(number)

    @blueprint.post("/cases/<number>/participants", endpoint="participant_invite")
    def invite(number: str) -> Response | str | tuple[str, int]:
        capacity, _, name = text("party").partition("|")
        user, agent, secret = text("user", 64), text("agent", 200), new_code()
        try:
            services.run(c.InviteParticipant(
                number, capacity, name, user, "" if user else digest_of(secret), agent,
                text("authority", 16) if agent else "", _proof(services)), acting())
        except KapokError as error:
            return room(number, texts.error(error)), kept.status(error)
        if user:
            shell.toast(gettext("已加入案件。"))
            return redirect(url_for("ui.participant_list", number=number), 303)
        return room(number, secret=secret, invited=agent or name)

    @blueprint.post("/cases/<number>/participants/<key>/remove", endpoint="participant_remove")
    def remove(number: str, key: str) -> Any:
        return attempt(services, lambda: c.RemoveParticipant(number, key, text("reason")), gettext("已移出案件。"),
                       lambda problem: room(number, problem), url_for("ui.participant_list", number=number))


def _proof(services: Services) -> FileRef | None:
    sent = request.files.get("file")
    return upload(services) if sent is not None and sent.filename else None


def _join(blueprint: Blueprint, services: Services) -> None:
    def page(problem: str = "", where: str = "") -> str:
        actor = accounts.current()
        return render_template("join.html", problem=problem, where=where, form=request.form, who=actor,
                               party=actor is not None and actor.has(*PARTIES),
                               least=services.settings.password_length)

    @blueprint.get("/join")
    def join() -> str:
        return page()

    @blueprint.post("/join", endpoint="join_post")
    def take_up() -> Response | tuple[str, int]:
        try:
            services.run(c.JoinCase(digest_of(text("code", 64))), acting())
        except KapokError as error:
            return page(texts.error(error)), kept.status(error)
        shell.toast(gettext("已参加案件。"))
        return redirect(url_for("ui.portal"), 303)

    @blueprint.post("/join/account", endpoint="join_account")
    def open_account() -> Response | tuple[str, int]:
        name, password = text("name", 64).lower(), request.form.get("password", "")
        try:
            if password != request.form.get("again"):
                return page(gettext("两次输入的密码不一致。"), "password"), 422
            require_strong(password, name or "?", services.settings.password_length)
            services.run(c.OpenAccount(digest_of(text("code", 64)), name, text("display_name", 64),
                                       hash_password(password)), NEWCOMER)
            found = services.identity.sign_in(name, password, accounts.client(), accounts.agent())
        except KapokError as error:
            return page(texts.error(error), "account"), kept.status(error)
        return accounts.enter(found, url_for("ui.portal"))
