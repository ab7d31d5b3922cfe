"""The rest of a sign-in: the authenticator's code, a first password, setting up the second factor, another provider."""

from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, session, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from engine.errors import KapokError
from engine.ui import texts
from engine.ui.accounts import HALF, after, agent, client, enter
from engine.ui.contract import Services

ELSEWHERE = "elsewhere"
Answer = str | Response | tuple[str, int]


def install(blueprint: Blueprint, services: Services) -> None:
    @blueprint.get("/sign-in/next")
    def gate() -> Answer:
        found = _half(services)
        return _page(services, found) if found else redirect(url_for("ui.sign_in"))

    @blueprint.post("/sign-in/code")
    def gate_code() -> Answer:
        return _go_on(services, lambda secret: services.identity.give_code(
            secret, request.form.get("code", "")[:64], client()))

    @blueprint.post("/sign-in/password")
    def gate_password() -> Answer:
        if request.form.get("new") != request.form.get("again"):
            return _problem(services, gettext("两次输入的新密码不一致。"))
        return _go_on(services, lambda secret: services.identity.change_password(
            secret, request.form.get("old", ""), request.form.get("new", ""), client()))

    @blueprint.post("/sign-in/enrol")
    def gate_enrol() -> Answer:
        wanted = session.get("wanted")
        try:
            found, codes = services.identity.enrol(session.get(HALF, ""), request.form.get("code", "")[:64], client())
        except KapokError as error:
            return _problem(services, texts.error(error))
        enter(found, wanted)
        return render_template("recovery_codes.html", codes=codes, after=after(wanted))

    _elsewhere(blueprint, services)


def _elsewhere(blueprint: Blueprint, services: Services) -> None:
    @blueprint.get("/sign-in/elsewhere")
    def sign_in_elsewhere() -> Response:
        if services.single_sign_on is None:
            abort(404)
        address, remembered = services.single_sign_on.begin(url_for("ui.signed_in_elsewhere", _external=True))
        session[ELSEWHERE], session["wanted"] = dict(remembered), request.args.get("next", "")
        return redirect(address)

    @blueprint.get("/sign-in/elsewhere/back")
    def signed_in_elsewhere() -> Answer:
        if services.single_sign_on is None:
            abort(404)
        remembered, wanted = session.pop(ELSEWHERE, {}), session.pop("wanted", "")
        try:
            found = services.single_sign_on.finish(request.args.to_dict(), remembered, client(), agent())
        except KapokError as error:
            return render_template("sign_in.html", problem=texts.error(error), accounts=(), name="", next=wanted,
                                   elsewhere=services.single_sign_on.name), 401
        return enter(found, wanted)


def _half(services: Services) -> Any:
    """The sign-in that is under way, or None."""
    secret = session.get(HALF)
    return services.identity.session(secret, client()) if secret else None


def _go_on(services: Services, step: Any) -> Answer:
    wanted = session.get("wanted")
    try:
        return enter(step(session.get(HALF, "")), wanted)
    except KapokError as error:
        return _problem(services, texts.error(error))


def _problem(services: Services, problem: str) -> Answer:
    found = _half(services)
    if found is None:
        return redirect(url_for("ui.sign_in"))
    return _page(services, found, problem), 422


def _page(services: Services, found: Any, problem: str = "") -> str:
    shown = services.identity.enrolment(found.secret, client()) if found.stage == "enrol" else None
    return render_template("gate.html", stage=found.stage, problem=problem, enrolment=shown, name=found.actor.id,
                           least=services.settings.password_length)
