"""回避: who keeps away from which case and why, what people have declared, what was opened to somebody for a time."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask_babel import LazyString, gettext, lazy_gettext
from werkzeug.wrappers import Response

from engine.domain.administration import GrantAccess, RequestApproval, RevokeGrant, RotateKeys
from engine.domain.permissions import is_staff, may
from engine.domain.recusal import DECLARED
from engine.domain.recusal_commands import Declare, LiftRecusal, LinkCases, RecordDisclosure, WithdrawDeclaration
from engine.services.people.approvals import LONGEST_GRANT
from engine.ui.accounts import acting
from engine.ui.contract import Services
from engine.ui.fields import day, number, text
from engine.ui.people import propose
from engine.ui.proposals import GRANTS
from engine.ui.shell import toast

STATES: Mapping[str, tuple[str, LazyString]] = {
    "recused": ("late", lazy_gettext("生效中")), "requested": ("soon", lazy_gettext("待决定")),
    "refused": ("none", lazy_gettext("已驳回")), "reconsidered": ("none", lazy_gettext("复议维持")),
    "lifted": ("ok", lazy_gettext("已解除"))}
GROUNDS: Mapping[str, LazyString] = {
    "relative": lazy_gettext("近亲属"), "employer": lazy_gettext("曾任职单位"),
    "shareholding": lazy_gettext("持股或其他利益"), "mentor": lazy_gettext("师徒关系"),
    "posting": lazy_gettext("派驻单位"), "past_case": lazy_gettext("参与过的案件"),
    "other": lazy_gettext("其他可能影响公正的关系"), "earlier_role": lazy_gettext("在关联案件中的职责"),
    "duty_separation": lazy_gettext("本案职责分离"), "own_cause": lazy_gettext("是被申请人本人"),
    "recused": lazy_gettext("已回避")}
BLOCKS: Mapping[str, LazyString] = {
    "see": lazy_gettext("不能查看"), "work": lazy_gettext("不能办理"), "notices": lazy_gettext("不收通知")}
LONGEST_HOURS = int(LONGEST_GRANT.total_seconds() // 3600)


def install(blueprint: Blueprint, services: Services) -> None:
    _recusals(blueprint, services)
    _declarations(blueprint, services)
    _grants(blueprint, services)


def _require(*rights: str) -> None:
    """A page that somebody has no use for is not there."""
    if not any(may(acting(), right) for right in rights):
        abort(404)


def _recusals(blueprint: Blueprint, services: Services) -> None:
    @blueprint.get("/recusals")
    def recusal_list() -> str:
        _require("recusal.see")
        wanted = request.args.get("state", "recused")
        wanted = wanted if wanted in (*STATES, "all") else "recused"
        rows = services.recusals.listed(acting(), () if wanted == "all" else (wanted,))
        return render_template(
            "recusals.html", rows=rows, wanted=wanted, states=STATES, grounds=GROUNDS, blocks=BLOCKS,
            two=services.settings.two_persons, colleagues=services.people.colleagues(acting()),
            disclose=may(acting(), "recusal.disclose"), link=may(acting(), "case.link"))

    @blueprint.post("/recusals/<key>/lift")
    def recusal_lift(key: str) -> Response:
        row = services.recusals.get(acting(), key)
        propose(services, LiftRecusal(row.case_no or row.case_id, row.user, text("reason")), gettext("回避已解除。"))
        return redirect(url_for("ui.recusal_list"))

    @blueprint.post("/recusals/disclosures")
    def disclosure_add() -> Response:
        services.run(RecordDisclosure(text("case"), text("user"), text("party"), request.form.get("accepted") == "1",
                                      text("evidence", 255)), acting())
        toast(gettext("披露意见已登记。"))
        return redirect(url_for("ui.recusal_list"))

    @blueprint.post("/recusals/links")
    def link_add() -> Response:
        services.run(LinkCases(text("case"), text("other"), text("reason", 255)), acting())
        toast(gettext("案件已关联，承办人已重新核查。"))
        return redirect(url_for("ui.recusal_list"))


def _declarations(blueprint: Blueprint, services: Services) -> None:
    @blueprint.get("/declarations")
    def declaration_list() -> str:
        actor, others = acting(), may(acting(), "declaration.see")
        wanted = request.args.get("user", "")[:64] if others else ""
        found = services.recusals.declarations(actor, wanted or ("" if others and "all" in request.args else None))
        return render_template("declarations.html", rows=found, kinds={kind: GROUNDS[kind] for kind in DECLARED},
                               others=others, wanted=wanted, everybody=others and "all" in request.args,
                               colleagues=services.people.colleagues(actor), staff=is_staff(actor))

    @blueprint.post("/declarations")
    def declaration_add() -> Response:
        services.run(Declare(text("user", 64) or acting().id, text("kind", 16), text("subject", 255), text("detail"),
                             day("ended_on")), acting())
        toast(gettext("申报已登记，在办案件已重新核查。"))
        return redirect(url_for("ui.declaration_list"))

    @blueprint.post("/declarations/<key>/withdraw")
    def declaration_withdraw(key: str) -> Response:
        services.run(WithdrawDeclaration(key), acting())
        toast(gettext("申报已撤回；已生效的回避不受影响。"))
        return redirect(url_for("ui.declaration_list"))


def _grants(blueprint: Blueprint, services: Services) -> None:
    @blueprint.get("/access")
    def grant_list() -> str:
        _require("access.see", "access.ask")
        actor = acting()
        return render_template("grants.html", rows=services.recusals.grants(actor), kinds=GRANTS, longest=LONGEST_HOURS,
                               **{what: may(actor, right) for what, right in {
                                   "ask": "access.ask", "audit": "audit.see", "rotate": "key.rotate"}.items()})

    @blueprint.post("/access/<key>/revoke")
    def grant_revoke(key: str) -> Response:
        services.run(RevokeGrant(key, text("reason")), acting())
        toast(gettext("临时授权已收回，即时失效。"))
        return redirect(url_for("ui.grant_list"))

    @blueprint.post("/access/keys")
    def keys_rotate() -> Response:
        services.run(RequestApproval(RotateKeys(), text("reason")), acting())
        toast(gettext("已提出申请，待另一人核准后生效。"))
        return redirect(url_for("ui.grant_list"))

    @blueprint.post("/access")
    def grant_ask() -> Response:
        """Always two persons: looking into a case as an administrator is never done alone."""
        command: Any = GrantAccess(text("kind", 16), acting().id, text("scope", 64), text("reason"),
                                   timedelta(hours=number("hours")))
        services.run(RequestApproval(command, text("reason")), acting())
        toast(gettext("已提出申请，待另一人核准后生效。"))
        return redirect(url_for("ui.grant_list"))
