"""What people do to a deadline from its page: a small form for each act, each one command."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, redirect, url_for
from flask_babel import LazyString, gettext, lazy_gettext
from werkzeug.wrappers import Response

from engine.domain import deadline_commands as c
from engine.ui.contract import Services
from engine.ui.fields import day, number, required_day, text
from engine.ui.people import propose


@dataclass(frozen=True)
class Field:
    """``kind``: day, text, area, number, or the options of a choice."""

    name: str
    label: LazyString
    kind: str = "text"
    required: bool = False
    options: tuple[tuple[str, LazyString], ...] = ()


@dataclass(frozen=True)
class Act:
    """``article`` of the rule is shown under ``hint``; ``command`` reads the form for the deadline of a key."""

    name: LazyString
    hint: LazyString
    fields: tuple[Field, ...]
    command: Callable[[str], Any]


_REASON = Field("reason", lazy_gettext("理由"), "area", required=True)
_EVIDENCE = Field("evidence", lazy_gettext("证据（文号、文件名或存证编号）"))
_UNITS = (("month", lazy_gettext("个月")), ("day", lazy_gettext("日")), ("workday", lazy_gettext("个工作日")),
          ("year", lazy_gettext("年")))
_GROUNDS = (("due_cause", lazy_gettext("正当理由")), ("force_majeure", lazy_gettext("不可抗拒的事由")))
_ENDS = (("met", lazy_gettext("已按期办结")), ("cancelled", lazy_gettext("不再需要")))

ACTS: Mapping[str, Act] = {
    "confirm": Act(
        lazy_gettext("确认届满后果"), lazy_gettext("确认后流程沿届满的路径继续。"),
        (Field("reason", lazy_gettext("说明"), "area"),), lambda key: c.ConfirmExpiry(key, text("reason"))),
    "accept": Act(
        lazy_gettext("受理逾期行为"), lazy_gettext("受理后流程继续等候那份文件；您的姓名和理由留存在案。"),
        (_REASON, _EVIDENCE), lambda key: c.AcceptLate(key, text("reason"), text("evidence"))),
    "restore": Act(
        lazy_gettext("恢复权利"), lazy_gettext("另起一个恢复权利的期限。"),
        (Field("ground", lazy_gettext("事由"), "choice", True, _GROUNDS),
         Field("from_on", lazy_gettext("收到权利丧失通知或障碍消除之日"), "day", True), _REASON),
        lambda key: c.RestoreRight(key, text("ground"), required_day("from_on"), text("reason"))),
    "extend": Act(
        lazy_gettext("准予延长"), lazy_gettext("须在届满前申请，只能延长一次，自原起算日合并计算。"),
        (Field("count", lazy_gettext("延长多少"), "number", True),
         Field("unit", lazy_gettext("单位"), "choice", True, _UNITS),
         Field("requested_on", lazy_gettext("申请日（不填为今日）"), "day"), _REASON),
        lambda key: c.ExtendDeadline(key, number("count"), text("unit"), text("reason"), day("requested_on"))),
    "pause": Act(
        lazy_gettext("中止计算"),
        lazy_gettext("须有法定事由和证据；恢复后按剩余时间重算。已经结束的中止填写恢复计算日。"),
        (_REASON, _EVIDENCE, Field("from_on", lazy_gettext("第一个不计入的日（不填为今日）"), "day"),
         Field("to_on", lazy_gettext("恢复计算日（已结束的才填）"), "day")),
        lambda key: c.PauseDeadline(key, text("reason"), text("evidence"), day("from_on"), day("to_on"))),
    "resume": Act(
        lazy_gettext("恢复计算"), lazy_gettext("恢复计算的那一日计入。"),
        (Field("on", lazy_gettext("恢复计算日（不填为今日）"), "day"), _EVIDENCE),
        lambda key: c.ResumeDeadline(key, text("evidence"), day("on"))),
    "prove": Act(
        lazy_gettext("证明另日送达"), lazy_gettext("实际收到日取代推定的送达日，届满日随之重算。"),
        (Field("proven_on", lazy_gettext("实际收到日"), "day", True), _EVIDENCE),
        lambda key: c.ProveService(key, required_day("proven_on"), text("evidence"))),
    "interrupt": Act(
        lazy_gettext("中断并重新计算"), lazy_gettext("自事由之日起重新计算全长；该事由开启程序的，自程序终结之日起。"),
        (Field("on", lazy_gettext("事由之日"), "day", True), Field("ended_on", lazy_gettext("程序终结之日"), "day"),
         _REASON), lambda key: c.InterruptDeadline(key, required_day("on"), text("reason"), day("ended_on"))),
    "override": Act(
        lazy_gettext("人工改定届满日"), lazy_gettext("须由另一人核准后才生效。"),
        (Field("due_on", lazy_gettext("改定为"), "day", True), _REASON, _EVIDENCE),
        lambda key: c.OverrideDeadline(key, required_day("due_on"), text("reason"), text("evidence"))),
    "close": Act(
        lazy_gettext("登记办结"), lazy_gettext("人工登记的期限由人办结。"),
        (Field("state", lazy_gettext("结果"), "choice", True, _ENDS), Field("reason", lazy_gettext("说明"), "area")),
        lambda key: c.CloseDeadline(key, text("state"), text("reason"))),
}


def install(blueprint: Blueprint, services: Services) -> None:
    @blueprint.post("/deadlines/<key>/<act>")
    def deadline_act(key: str, act: str) -> Response:
        if act not in ACTS:
            abort(404)
        propose(services, ACTS[act].command(key), gettext("已办理，届满日、计时和提醒已随之更新。"),
                text("key", 64) or None)
        return redirect(url_for("ui.deadline", key=key), 303)
