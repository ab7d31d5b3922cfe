"""Words of the wire: stages, reasons, kinds of partners, and what the fields of messages are called."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from flask_babel import LazyString, gettext, lazy_gettext

from engine.domain.period_texts import day_in
from engine.services.wire.catalogue import WORDS, title
from engine.ui.i18n import day, english

KINDS: Mapping[str, LazyString] = {
    "court": lazy_gettext("法院"), "notary": lazy_gettext("公证机构"), "arbitration": lazy_gettext("仲裁机构"),
    "appraiser": lazy_gettext("鉴定机构"), "cnipa": lazy_gettext("国家知识产权局"), "station": lazy_gettext("工作站"),
    "bank": lazy_gettext("银行"), "mediation": lazy_gettext("调解组织"), "authority": lazy_gettext("行政机关")}
CHANNELS: Mapping[str, LazyString] = {
    "api": lazy_gettext("接口"), "manual": lazy_gettext("人工"), "webhook": lazy_gettext("接口")}
SENT: Mapping[str, tuple[str, LazyString]] = {
    "sent": ("prov", lazy_gettext("待发送")), "retrying": ("soon", lazy_gettext("重发中")),
    "by_hand": ("hold", lazy_gettext("待人工送达")), "received": ("ok", lazy_gettext("对方收到")),
    "missing": ("soon", lazy_gettext("缺回执")),
    "accepted": ("ok", lazy_gettext("已受理")), "decided": ("none", lazy_gettext("已办结")),
    "dead": ("late", lazy_gettext("死信"))}
CAME: Mapping[str, tuple[str, LazyString]] = {
    "accepted": ("ok", lazy_gettext("已归入案件")), "unmatched": ("prov", lazy_gettext("待匹配")),
    "conflict": ("late", lazy_gettext("冲突")), "noted": ("none", lazy_gettext("仅存卷")),
    "rejected": ("none", lazy_gettext("已退回"))}
PAPERS: Mapping[str, tuple[str, LazyString]] = {
    "entered": ("hold", lazy_gettext("待复核")), "released": ("ok", lazy_gettext("已放行")),
    "rejected": ("late", lazy_gettext("已退回")), "withdrawn": ("none", lazy_gettext("已撤回"))}
FILES: Mapping[str, tuple[str, LazyString]] = {
    "pending": ("prov", lazy_gettext("正在取件")), "fetched": ("ok", lazy_gettext("已取到，待归卷")),
    "filed": ("ok", lazy_gettext("已归卷")), "refused": ("late", lazy_gettext("未取到"))}
CIRCUITS: Mapping[str, tuple[str, LazyString]] = {
    "closed": ("ok", lazy_gettext("正常")), "open": ("late", lazy_gettext("已断开")),
    "half_open": ("soon", lazy_gettext("试探中"))}
KEYS: Mapping[str, tuple[str, LazyString]] = {
    "active": ("ok", lazy_gettext("有效")), "ending": ("soon", lazy_gettext("即将停用")),
    "over": ("none", lazy_gettext("已到期")), "revoked": ("none", lazy_gettext("已吊销"))}
USES: Mapping[str, LazyString] = {
    "shared": lazy_gettext("双方共用"), "verify": lazy_gettext("验对方签名"), "sign": lazy_gettext("我方签名")}
WHY: Mapping[str, LazyString] = {
    "case_over": lazy_gettext("案件已经结束"), "several_cases": lazy_gettext("不止一个案件对得上"),
    "other_partner": lazy_gettext("本案是向另一单位发出的，来信单位不是收件单位"),
    "not_expected": lazy_gettext("本案流程中没有等待这类消息的步骤"),
    "not_taken": lazy_gettext("满 72 小时，案件仍没有走到等待它的步骤"),
    "overdue": lazy_gettext("满 72 小时仍没有同号案件，须人工处理"),
    "late": lazy_gettext("迟到的旧消息，不适用")}
ANSWERS: Mapping[str, LazyString] = {
    "timeout": lazy_gettext("对方没有在时限内回答"), "connection": lazy_gettext("没有连上对方"),
    "cannot_send": lazy_gettext("地址或密钥不全，发不出去"), "unexpected": lazy_gettext("发送时出错，已记入日志"),
    "answer_too_large": lazy_gettext("对方的回答过长")}
STATUSES: Mapping[int, LazyString] = {
    400: lazy_gettext("请求有误"), 401: lazy_gettext("签名未被接受"), 403: lazy_gettext("没有权限"),
    404: lazy_gettext("地址不存在"), 409: lazy_gettext("与对方的记录冲突"), 410: lazy_gettext("对方已停止接收"),
    413: lazy_gettext("消息过大"), 422: lazy_gettext("内容不合要求"), 429: lazy_gettext("发送过于频繁"),
    500: lazy_gettext("对方系统出错"), 502: lazy_gettext("对方系统出错"), 503: lazy_gettext("对方系统暂停服务")}
"""Why a partner refused, as HTTP says it."""
DECISIONS: Mapping[str, LazyString] = {
    "match": lazy_gettext("已匹配到案件"), "note": lazy_gettext("仅存卷，不推进流程"),
    "reject": lazy_gettext("已退回对方")}
FORM: Mapping[str, LazyString] = {
    "received_on": lazy_gettext("收到日期"), "correlation": lazy_gettext("对应案件的号码"),
    "payload": lazy_gettext("消息内容"), "files": lazy_gettext("扫描件"), "note": lazy_gettext("备注"),
    "true": lazy_gettext("是"), "false": lazy_gettext("否"), "time": lazy_gettext("时间"),
    "one_per_line": lazy_gettext("每行一项")}
SHAPES: Mapping[str, LazyString] = {
    "string": lazy_gettext("文字"), "integer": lazy_gettext("整数"), "number": lazy_gettext("数字"),
    "boolean": lazy_gettext("是或否"), "object": lazy_gettext("一组字段"), "array": lazy_gettext("清单"),
    "date": lazy_gettext("日期"), "date-time": lazy_gettext("日期时间"), "uri": lazy_gettext("网址"),
    "email": lazy_gettext("电子邮箱")}
CASE_STATES: Mapping[str, LazyString] = {
    "active": lazy_gettext("办理中"), "suspended": lazy_gettext("已中止"), "completed": lazy_gettext("已办结"),
    "cancelled": lazy_gettext("已撤销")}


def language() -> str:
    return "en" if english() else "zh"


def kind(code: str) -> str:
    return str(KINDS.get(code, code))


def message(code: str) -> str:
    return title(code, language())


def field(name: str) -> str:
    return WORDS.field(name, language())


def say(what: str, name: str) -> str:
    """What a form made from a schema calls its fields, codes and parts."""
    if what == "word":
        return str(FORM[name])
    if what == "pattern":
        return str(gettext("格式不符，请对照原件填写。"))
    return field(name) if what == "field" else WORDS.code(name, language())


def value(found: Any) -> str:
    """One value of a message on a page."""
    if isinstance(found, bool):
        return str(FORM["true" if found else "false"])
    on = day_in(found)
    if on is not None:
        return day(on)
    return WORDS.code(found, language())


def answer(found: str) -> str:
    """What came back from a partner: a code of ours in words, the partner's own words as they are."""
    if (status := found.removeprefix("http_")) != found and status.isdigit():
        why = STATUSES.get(int(status))
        said = gettext("对方以 %(status)s 拒收", status=status)
        return str(gettext("%(said)s：%(why)s", said=said, why=why) if why else said)
    return str(ANSWERS.get(found, found))


def shape(part: Mapping[str, Any]) -> str:
    """What a field of a message holds, in words."""
    kind = str(part.get("format") or part.get("type") or "")
    return str(SHAPES[kind]) if kind in SHAPES else str(part.get("const") or kind)


def age(since: datetime | None, now: datetime) -> str:
    """``3 日``, ``5 小时``: how long something has waited."""
    if since is None:
        return ""
    passed = max(now - since, timedelta(0))
    if passed >= timedelta(days=1):
        return str(gettext("%(count)s 日", count=passed.days))
    hours = int(passed / timedelta(hours=1))
    return str(gettext("%(count)s 小时", count=hours) if hours else gettext("不到 1 小时"))


def left(span: timedelta) -> str:
    """How many hours something is kept."""
    return str(gettext("剩 %(count)s 小时", count=max(0, int(span / timedelta(hours=1)))))
