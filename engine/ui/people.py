"""管理: accounts, roles, the organisation's tree, and what waits for a second person."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from flask_babel import LazyString, gettext, lazy_gettext
from werkzeug.wrappers import Response

from engine.domain.actors import Actor
from engine.domain.administration import (
    AddUnit,
    ChangeUnit,
    DecideApproval,
    EndSessions,
    LinkIdentity,
    RequestApproval,
    ResetPassword,
    ResetSecondFactor,
    SetEnabled,
    SetRoles,
    SetUnit,
    WithdrawApproval,
)
from engine.domain.approvals import TWO_PERSONS
from engine.domain.commands import AddUser, CreateToken
from engine.domain.permissions import ROLES, SCOPES, may
from engine.errors import KapokError
from engine.services.people.identity import hash_password, new_password, new_token
from engine.services.people.organisation import KINDS
from engine.ui import kept, proposals, texts
from engine.ui.accounts import acting
from engine.ui.contract import Services
from engine.ui.fields import number
from engine.ui.inbox import page_number
from engine.ui.shell import toast

UNIT_KINDS: Mapping[str, LazyString] = {
    "centre": lazy_gettext("中心"), "department": lazy_gettext("处室"), "node": lazy_gettext("节点"),
    "host": lazy_gettext("依托单位")}
ACCOUNT_KINDS: Mapping[str, LazyString] = {
    "person": lazy_gettext("人员"), "machine": lazy_gettext("本中心的程序"),
    "partner": lazy_gettext("外部机构系统账号")}
TOKEN_DAYS = (30, 90, 180, 366)
APPROVAL_KINDS: Mapping[str, LazyString] = {
    "deployment": lazy_gettext("发布流程"), "roles": lazy_gettext("角色变更"), "credential": lazy_gettext("登录凭据"),
    "key": lazy_gettext("伙伴密钥"), "access": lazy_gettext("导出与紧急查阅"), "deadline": lazy_gettext("人工改期"),
    "rule": lazy_gettext("期限规则与日历"), "recusal": lazy_gettext("解除回避"),
    "master_key": lazy_gettext("主密钥"), "replay": lazy_gettext("重发死信"), "case": lazy_gettext("并案、分案与移送")}
APPROVAL_STATES: Mapping[str, tuple[str, LazyString]] = {
    "pending": ("soon", lazy_gettext("待核准")), "approved": ("ok", lazy_gettext("已核准")),
    "rejected": ("late", lazy_gettext("已驳回")), "withdrawn": ("none", lazy_gettext("已撤回")),
    "expired": ("none", lazy_gettext("已过期"))}


def install(blueprint: Blueprint, services: Services) -> None:
    _users(blueprint, services)
    _user(blueprint, services)
    _organisation(blueprint, services)
    _approvals(blueprint, services)


Done = str | Callable[[Any], str]
"""What is said when something was done; some of it depends on the outcome."""


def propose(services: Services, command: Any, done: Done, key: str | None = None) -> None:
    """Run a command, or ask a second person for it where two are needed; says which. ``key``: of the page, so that
    sending it twice does it once."""
    rule, actor = TWO_PERSONS.get(type(command)), acting()
    if services.settings.two_persons and rule is not None and rule.when(command, actor):
        services.run(RequestApproval(command, request.form.get("reason", "")[:500]), actor, key)
        toast(gettext("已提出申请，待另一人核准后生效。"))
        return
    outcome = services.run(command, actor, key)
    toast(done if isinstance(done, str) else done(outcome))


def attempt(services: Services, made: Callable[[], Any], done: Done, refused: Callable[[str], str],
            onward: str | Callable[[], str], key: str | None = None) -> Response | tuple[str, int]:
    """Propose the command that a form makes, and go ``onward``, or show what is seen this once; a refusal, of the form
    itself too, is told on the page that ``refused`` shows, with what was typed still there."""
    try:
        propose(services, made(), done, key)
    except KapokError as error:
        try:
            return refused(texts.error(error)), kept.status(error)
        except KapokError:  # what the page is about is gone, too: the first error says more
            raise error from None
    return redirect(onward, 303) if isinstance(onward, str) else make_response(onward())


def _users(blueprint: Blueprint, services: Services) -> None:
    def listed(**more: Any) -> str:
        text = request.args.get("q", "").strip()
        page = services.people.users(acting(), text, page_number())
        return render_template("users.html", page=page, text=text, manage=may(acting(), "user.manage"),
                               kinds=ACCOUNT_KINDS, **more)

    @blueprint.get("/admin/users")
    def user_list() -> str:
        return listed()

    @blueprint.post("/admin/users")
    def user_add() -> str:
        password, name = new_password(), request.form.get("id", "").strip()[:64]
        if not name:
            abort(400)
        kind = request.form.get("kind", "person")
        services.run(AddUser(name, request.form.get("name", "").strip()[:64] or name, (), hash_password(password),
                             kind=kind, must_change=True), acting())
        return listed(made=name, password=password if kind == "person" else "")


def _user(blueprint: Blueprint, services: Services) -> None:
    @blueprint.get("/admin/users/<key>")
    def user(key: str) -> str:
        return _user_page(services, acting(), key)

    @blueprint.post("/admin/users/<key>/<change>")
    def user_change(key: str, change: str) -> str | Response:
        form, password, (token, digest) = request.form, new_password(), new_token()
        days = number("days") if change == "token" else 0
        commands: dict[str, Callable[[], Any]] = {
            "roles": lambda: SetRoles(key, tuple(form.getlist("role"))),
            "enabled": lambda: SetEnabled(key, form.get("enabled") == "1", form.get("reason", "")[:500]),
            "unit": lambda: SetUnit(key, form.get("unit") or None),
            "password": lambda: ResetPassword(key, hash_password(password)),
            "second-factor": lambda: ResetSecondFactor(key),
            "identity": lambda: LinkIdentity(key, services.settings.oidc_issuer, form.get("subject", "")[:255]),
            "token": lambda: CreateToken(key, digest, tuple(form.getlist("scope")), timedelta(days=days)),
            "sessions": lambda: EndSessions(key),
        }
        if change not in commands:
            abort(404)
        propose(services, commands[change](), gettext("已保存。"))
        once = {"password": password, "token": token}
        if change in once:
            return _user_page(services, acting(), key, {change: once[change]})
        return redirect(url_for("ui.user", key=key))


def _user_page(services: Services, actor: Actor, key: str, once: Mapping[str, str] = MappingProxyType({})) -> str:
    """``once``: a password or a token that is shown now and never again."""
    return render_template(
        "user.html", view=services.people.user(actor, key), roles=ROLES, units=services.people.units(actor),
        password=once.get("password", ""), token=once.get("token", ""), scopes=SCOPES, days=TOKEN_DAYS,
        manage=may(actor, "user.manage"), organise=may(actor, "organisation.manage"),
        two=services.settings.two_persons, issuer=services.settings.oidc_issuer)


def _organisation(blueprint: Blueprint, services: Services) -> None:
    @blueprint.get("/admin/organisation")
    def organisation() -> str:
        actor = acting()
        return render_template("organisation.html", units=services.people.units(actor), kinds=UNIT_KINDS,
                               colleagues=services.people.colleagues(actor), manage=may(actor, "organisation.manage"))

    @blueprint.post("/admin/organisation")
    def unit_add() -> Response:
        form = request.form
        kind = form.get("kind", "")
        services.run(AddUnit(form.get("name", "").strip()[:64], kind if kind in KINDS else "",
                             form.get("parent") or None, form.get("head") or None), acting())
        toast(gettext("已保存。"))
        return redirect(url_for("ui.organisation"))

    @blueprint.post("/admin/organisation/<key>")
    def unit_change(key: str) -> Response:
        form = request.form
        services.run(ChangeUnit(key, form.get("name", "").strip()[:64], form.get("parent") or None,
                                form.get("head") or None), acting())
        toast(gettext("已保存。"))
        return redirect(url_for("ui.organisation"))


def _approvals(blueprint: Blueprint, services: Services) -> None:
    @blueprint.get("/approvals")
    def approval_list() -> str:
        state = request.args.get("state", "pending")
        state = state if state in (*APPROVAL_STATES, "all") else "pending"
        rows = services.people.approvals(acting(), None if state == "all" else state)
        return render_template("approvals.html", rows=rows, state=state, kinds=APPROVAL_KINDS, states=APPROVAL_STATES,
                               lines=proposals.lines, title=proposals.title, who=proposals.who)

    @blueprint.post("/approvals/<key>/<decision>")
    def approval_decide(key: str, decision: str) -> Response:
        reason = request.form.get("reason", "")[:500]
        if decision == "withdraw":
            services.run(WithdrawApproval(key), acting())
        elif decision in ("approve", "reject"):
            outcome = services.decide(DecideApproval(key, decision == "approve", reason), acting())
            differences = (outcome.get("outcome") or {}).get("differences")
            if differences:
                toast(gettext("已核准并办理；另一引擎有 %(count)s 处不同，已记入审计。", count=len(differences)))
                return redirect(url_for("ui.approval_list"))
        else:
            abort(404)
        toast({"approve": gettext("已核准并办理。"), "reject": gettext("已驳回。")}.get(decision, gettext("已撤回。")))
        return redirect(url_for("ui.approval_list"))
