"""Signing in and out, the language of the session, and who is acting.

The browser holds the secret of a session row; a sign-in that is not finished (code, first password, enrolment) opens
the pages of ``gate`` and no others.
"""

from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Flask, abort, redirect, render_template, request, session, url_for
from flask_babel import gettext
from flask_login import LoginManager, current_user, login_user, logout_user
from flask_wtf.csrf import CSRFProtect
from werkzeug.wrappers import Response

from engine.domain.actors import Actor
from engine.domain.permissions import PARTIES
from engine.errors import KapokError
from engine.ui import i18n, kept, texts
from engine.ui.contract import Services

OPEN = frozenset({
    "ui.static", "ui.sign_in", "ui.sign_in_post", "ui.choose_language", "ui.gate", "ui.gate_code", "ui.gate_password",
    "ui.gate_enrol", "ui.sign_in_elsewhere", "ui.signed_in_elsewhere", "ui.sign_out",
    "ui.feed", "ui.join", "ui.join_account"})
"""Endpoints that need no signed-in person."""
HALF = "signing_in"

csrf = CSRFProtect()


class SignedIn:
    """What flask-login keeps for us: the session behind the cookie."""

    is_authenticated = is_active = True
    is_anonymous = False

    def __init__(self, found: Any) -> None:
        self.session = found

    def get_id(self) -> str:
        return str(self.session.secret)


def prepare(app: Flask, services: Services) -> None:
    """Sessions, sign-in and CSRF on the app; tokens live as long as the session, so a long form can still be sent."""
    app.config["SESSION_COOKIE_SAMESITE"] = app.config.get("SESSION_COOKIE_SAMESITE") or "Lax"
    app.config.setdefault("WTF_CSRF_CHECK_DEFAULT", False)
    app.config.setdefault("WTF_CSRF_TIME_LIMIT", None)
    csrf.init_app(app)
    LoginManager(app).user_loader(lambda secret: _load(services, secret))


def _load(services: Services, secret: str) -> SignedIn | None:
    found = services.identity.load(secret, client())
    return SignedIn(found) if found else None


def current() -> Actor | None:
    """The signed-in person, or None."""
    return current_user.session.actor if current_user.is_authenticated else None


def current_session() -> Any:
    """The session of the signed-in person."""
    if not current_user.is_authenticated:
        abort(401)
    return current_user.session


def client() -> str:
    """The address asked from, for the audit trail."""
    return request.remote_addr or ""


def agent() -> str:
    """What the browser calls itself."""
    return request.user_agent.string


def acting() -> Actor:
    """The signed-in person; pages that call it are never reached without one."""
    actor = current()
    if actor is None:
        abort(401)
    return actor


def install(blueprint: Blueprint, services: Services) -> None:
    blueprint.before_request(_guard)

    @blueprint.get("/sign-in")
    def sign_in() -> str | Response:
        if current():
            return redirect(after(request.args.get("next")))
        return _gate(services)

    @blueprint.post("/sign-in", endpoint="sign_in_post")
    def sign_in_post() -> str | Response | tuple[str, int]:
        name, password = request.form.get("name", "").strip(), request.form.get("password", "")
        if not name or not password:
            return _gate(services, problem=gettext("请填写账号和密码。")), 422
        try:
            found = services.identity.sign_in(name, password, client(), agent())
        except KapokError as error:
            return _gate(services, problem=texts.error(error)), 401
        return enter(found, request.form.get("next"))

    @blueprint.post("/sign-out")
    def sign_out() -> Response:
        secret = session.get(HALF) or (current_user.get_id() if current_user.is_authenticated else None)
        if secret:
            services.identity.sign_out(secret, client())
        logout_user()
        _forget()
        return redirect(url_for("ui.sign_in"))

    @blueprint.get("/language/<code>")
    def choose_language(code: str) -> Response:
        if code not in i18n.LANGUAGES:
            abort(404)
        session["language"] = code
        return redirect(after(request.args.get("next")))


def enter(found: Any, wanted: str | None) -> Response:
    """Into the house with a full session, else to the page of the stage it is at. Nothing of before is kept."""
    _forget()
    if found.stage == "full":
        login_user(SignedIn(found))
        return redirect(after(wanted))
    session[HALF], session["wanted"] = found.secret, wanted or ""
    return redirect(url_for("ui.gate"))


def _forget() -> None:
    chosen = i18n.language()
    session.clear()
    session["language"] = chosen


def _guard() -> Any:
    """CSRF on every change; a session that ended leads to the sign-in page and back to where one was. That is told
    first: whose session ended has no token that fits any more."""
    if request.endpoint in OPEN or current():
        csrf.protect()
        return None
    if kept.wants_json() or request.method == "PUT" or "HX-Request" in request.headers:
        abort(401)
    if request.method not in ("GET", "HEAD"):
        return kept.ended()
    wanted = request.full_path.rstrip("?")
    return redirect(url_for("ui.sign_in", next=wanted if wanted != "/" else None))


def _gate(services: Services, problem: str = "") -> str:
    accounts = services.settings.demo_accounts if services.settings.demo else ()
    elsewhere = services.single_sign_on.name if services.single_sign_on is not None else ""
    return render_template("sign_in.html", problem=problem, accounts=accounts, name=request.form.get("name", ""),
                           next=request.values.get("next", ""), elsewhere=elsewhere)


def home() -> str:
    """Where somebody begins: a party at its own cases, everybody else at what there is to do."""
    actor = current()
    return url_for("ui.portal" if actor and actor.has(*PARTIES) else "ui.inbox")


def after(wanted: str | None) -> str:
    """Where to go next: only a path of ours, never another host; home when nothing is wanted."""
    path = wanted or ""
    parts = urlsplit(path)
    ours = path.startswith("/") and not path.startswith(("//", "/\\")) and not parts.netloc and not parts.scheme
    return path if ours and "\n" not in path else home()
