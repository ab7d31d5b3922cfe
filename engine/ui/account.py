"""我的账号: password, second factor, where one is signed in, tokens for programs; and absences with their stand-ins."""

from datetime import date, timedelta

from flask import Blueprint, Response, redirect, render_template, request, session, url_for
from flask_babel import gettext
from flask_login import login_user
from werkzeug.wrappers import Response as Redirect

from engine.domain.administration import CancelAbsence, EndSessions, RecordAbsence, RevokeToken
from engine.domain.commands import CreateToken
from engine.domain.permissions import SCOPES, is_staff, may
from engine.errors import InvalidInput, KapokError
from engine.services.people.identity import new_token
from engine.ui import texts
from engine.ui.accounts import SignedIn, acting, client, current_session
from engine.ui.contract import Services
from engine.ui.shell import toast

TOKEN_DAYS = (30, 90, 180, 366)
Answer = str | Redirect | tuple[str, int]


def install(blueprint: Blueprint, services: Services) -> None:
    def page(problem: str = "", token: str = "") -> str:
        actor = acting()
        return render_template(
            "account.html", view=services.people.user(actor, actor.id), here_id=current_session().id, problem=problem,
            token=token, scopes=SCOPES, days=TOKEN_DAYS, staff=is_staff(actor),
            least=services.settings.password_length)

    @blueprint.get("/account")
    def account() -> str:
        return page()

    @blueprint.post("/account/password")
    def account_password() -> Answer:
        if request.form.get("new") != request.form.get("again"):
            return page(gettext("两次输入的新密码不一致。")), 422
        try:
            found = services.identity.change_password(
                current_session().secret, request.form.get("old", ""), request.form.get("new", ""), client())
        except KapokError as error:
            return page(texts.error(error)), 422
        login_user(SignedIn(found))
        toast(gettext("密码已更换，其他登录已退出。"))
        return redirect(url_for("ui.account"))

    @blueprint.post("/account/sessions")
    def account_sessions() -> Redirect:
        services.run(EndSessions(acting().id, keep=current_session().id), acting())
        toast(gettext("其他登录已全部退出。"))
        return redirect(url_for("ui.account"))

    @blueprint.post("/account/tokens")
    def account_token() -> Answer:
        secret, digest = new_token()
        days = request.form.get("days", "")
        lasts = timedelta(days=int(days)) if days in map(str, TOKEN_DAYS) else None
        services.run(CreateToken(acting().id, digest, tuple(request.form.getlist("scope")), lasts), acting())
        return page(token=secret)

    @blueprint.post("/account/tokens/<key>/revoke")
    def account_revoke(key: str) -> Redirect:
        services.run(RevokeToken(key), acting())
        toast(gettext("令牌已停用。"))
        return redirect(url_for("ui.account"))

    _second_factor(blueprint, services)
    _absences(blueprint, services)


def _second_factor(blueprint: Blueprint, services: Services) -> None:
    def shown(problem: str = "") -> str:
        return render_template("second_factor.html", problem=problem,
                               enrolment=services.identity.enrolment(current_session().secret, client()))

    @blueprint.get("/account/second-factor")
    def account_factor() -> str:
        return shown()

    @blueprint.post("/account/second-factor")
    def account_factor_post() -> Answer:
        try:
            found, codes = services.identity.enrol(
                current_session().secret, request.form.get("code", "")[:64], client())
        except KapokError as error:
            return shown(texts.error(error)), 422
        login_user(SignedIn(found))
        session.pop("toast", None)
        return render_template("recovery_codes.html", codes=codes, after=url_for("ui.account"))


def _absences(blueprint: Blueprint, services: Services) -> None:
    @blueprint.get("/absences")
    def absence_list() -> str:
        actor = acting()
        return render_template("absences.html", rows=services.people.absences(actor), staff=is_staff(actor),
                               colleagues=services.people.colleagues(actor), others=may(actor, "absence.manage"))

    @blueprint.post("/absences")
    def absence_add() -> Response | Redirect:
        form = request.form
        services.run(RecordAbsence(form.get("user") or acting().id, form.get("stand_in", ""), _day("from_on"),
                                   _day("to_on")), acting())
        toast(gettext("缺勤已登记，代理人在此期间可办理其待办。"))
        return redirect(url_for("ui.absence_list"))

    @blueprint.post("/absences/<key>/cancel")
    def absence_cancel(key: str) -> Redirect:
        services.run(CancelAbsence(key), acting())
        toast(gettext("缺勤已取消。"))
        return redirect(url_for("ui.absence_list"))


def _day(name: str) -> date:
    text = request.form.get(name, "")
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput(expected=gettext("日期，例如 2026-10-30"), found=text[:20], where=name) from error
