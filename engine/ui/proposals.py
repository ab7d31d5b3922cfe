"""What a request for a second person is about, in words: who or what, from what to what, and what follows.

The summary is the command without its secrets; its ``preview`` is what the command answered when it was tried.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from flask_babel import LazyString, gettext, lazy_gettext

from engine.definition.wording import kept_said
from engine.ui import i18n, texts

Line = tuple[str, str]
"""(label, text) in the reader's language."""
Values = Mapping[str, Any]
MOST = 12
"""Entries of a list that are named; of the rest their number."""

EFFECTS: Mapping[str, LazyString] = {
    "ResetPassword": lazy_gettext("原密码作废，所有登录退出，首次登录须更换密码"),
    "ResetSecondFactor": lazy_gettext("原验证器和恢复码作废，所有登录退出，须重新设置"),
    "LinkIdentity": lazy_gettext("此后可由该标识经统一身份认证登录此账号"),
    "CreateToken": lazy_gettext("程序可凭令牌以此账号的身份调用接口"),
    "LiftRecusal": lazy_gettext("此人重新看得到案件，可再承办；不自动恢复原任务"),
    "RotateKeys": lazy_gettext("生成新的主密钥，数据密钥改由它包裹，内容不重写；旧密钥须保留"),
}
TITLES: Mapping[str, LazyString] = {
    "Deploy": lazy_gettext("发布流程"), "AddUser": lazy_gettext("开设账号并授予角色"),
    "SetRoles": lazy_gettext("变更角色"),
    "ResetPassword": lazy_gettext("重置密码"), "ResetSecondFactor": lazy_gettext("重置第二步验证"),
    "LinkIdentity": lazy_gettext("关联统一身份"), "CreateToken": lazy_gettext("为他人创建接口令牌"),
    "OverrideDeadline": lazy_gettext("人工改期"), "ShiftDeadlines": lazy_gettext("批量顺延期限"),
    "LoadCalendar": lazy_gettext("装入年度日历"), "ChangeRule": lazy_gettext("更改期限规则"),
    "AddPartner": lazy_gettext("登记伙伴及其密钥"), "LiftRecusal": lazy_gettext("解除回避"),
    "GrantAccess": lazy_gettext("限时开放查阅或导出"), "RotateKeys": lazy_gettext("更换主密钥"),
    "ChangePartner": lazy_gettext("更改伙伴"), "AddPartnerKey": lazy_gettext("增加伙伴密钥"),
    "RevokePartnerKey": lazy_gettext("吊销伙伴密钥"), "ReplayDeadLetter": lazy_gettext("重发死信"),
    "MergeCases": lazy_gettext("并案"), "SplitCase": lazy_gettext("分案"), "TransferCase": lazy_gettext("移送"),
}
WORDS: Mapping[str, LazyString] = {
    "user": lazy_gettext("账号"), "id": lazy_gettext("账号"), "name": lazy_gettext("名称"),
    "code": lazy_gettext("代码"), "kind": lazy_gettext("类型"), "endpoint": lazy_gettext("地址"),
    "may_send": lazy_gettext("可发报文"),
    "reason": lazy_gettext("理由"), "evidence": lazy_gettext("证据"), "case_id": lazy_gettext("案号"),
    "case_no": lazy_gettext("案号"), "case": lazy_gettext("案号"), "partner": lazy_gettext("伙伴"),
    "scope": lazy_gettext("范围"), "until": lazy_gettext("至"), "state": lazy_gettext("状态"),
    "key": lazy_gettext("编号"), "url": lazy_gettext("地址"), "enabled": lazy_gettext("启用"),
    "roles": lazy_gettext("角色"), "level": lazy_gettext("密级"), "into": lazy_gettext("并入"),
    "title": lazy_gettext("名称"), "unit": lazy_gettext("部门"), "owner": lazy_gettext("承办人"),
    "allowed_cidrs": lazy_gettext("允许网段"), "plain_http": lazy_gettext("允许明文"),
    "may_see": lazy_gettext("可见内容"),
    "contact": lazy_gettext("联系人"), "overlap": lazy_gettext("新旧并行"), "entry": lazy_gettext("报文"),
    "algorithm": lazy_gettext("算法"), "use": lazy_gettext("用途"),
}
GRANTS: Mapping[str, LazyString] = {
    "export": lazy_gettext("批量导出"), "break_glass": lazy_gettext("应急查阅")}
UNITS: Mapping[str, LazyString] = {
    "workday": lazy_gettext("个工作日"), "day": lazy_gettext("日"), "month": lazy_gettext("个月"),
    "year": lazy_gettext("年")}
YES_NO = (lazy_gettext("否"), lazy_gettext("是"))


def title(row: Any) -> str:
    """What is asked for."""
    return str(TITLES.get(row.command, row.command))


def who(name: str, key: str) -> str:
    """Somebody by name and account."""
    return f"{name} ({key})" if i18n.english() else f"{name}（{key}）"


def lines(row: Any) -> list[Line]:
    """The change of one ``ApprovalRow``; why is said once."""
    summary = {name: value for name, value in row.summary.items() if name != "preview"}
    preview = row.summary.get("preview") or {}
    found = _SAID.get(row.command, _plainly)(summary, preview)
    if row.subject is not None and row.subject_name:
        found.insert(0, (gettext("涉及账号"), who(row.subject_name, row.subject)))
    if row.command in EFFECTS:
        found.append((gettext("生效后"), str(EFFECTS[row.command])))
    return [(label, text) for label, text in found if text and text != row.reason]


def _deploy(summary: Values, preview: Values) -> list[Line]:
    files = [who(item["name"], i18n.size(item["content"]["bytes"])) for item in summary["resources"]]
    found = [f"{item['file']} {kept_said(item, i18n.language())}" for item in preview.get("findings", ())]
    return [(gettext("文件"), _some(files)), (gettext("成为新版本"), _some(preview.get("definitions", ()))),
            (gettext("内容未变"), _some(preview.get("unchanged", ()))), (gettext("检查提示"), _some(found))]


def _roles(summary: Values, preview: Values) -> list[Line]:
    wanted, before = set(summary["roles"]), set(preview.get("before", ()))
    nothing = gettext("没有角色")
    return [(gettext("原有角色"), (texts.roles(before) or nothing) if "before" in preview else ""),
            (gettext("变更为"), texts.roles(wanted) or nothing),
            (gettext("增加"), texts.roles(wanted - before)), (gettext("去除"), texts.roles(before - wanted))]


def _account(summary: Values, preview: Values) -> list[Line]:
    return [(gettext("账号"), who(summary["name"], summary["id"])),
            (gettext("角色"), texts.roles(summary["roles"]))]


def _token(summary: Values, preview: Values) -> list[Line]:
    return [(gettext("可用于"), ", ".join(summary["scopes"]) or gettext("全部权限")),
            (gettext("有效期"), _lasts(summary.get("expires_in")) or gettext("不限"))]


def _identity(summary: Values, preview: Values) -> list[Line]:
    return [(gettext("统一身份认证"), summary["issuer"]), (gettext("标识"), summary["subject"])]


def _override(summary: Values, preview: Values) -> list[Line]:
    return [(gettext("案号"), preview.get("case_no") or ""), (gettext("哪项期限"), i18n.said(preview.get("name"))),
            (gettext("届满日"), _changed(_day(preview.get("before")), _day(summary["due_on"]))),
            (gettext("理由"), summary["reason"]), (gettext("证据"), summary["evidence"])]


def _shift(summary: Values, preview: Values) -> list[Line]:
    span = f"{_day(summary['first_on'])} – {_day(summary['last_on'])}"
    return [(gettext("届满于"), span), (gettext("顺延至"), _day(summary["due_on"])),
            (gettext("公告"), summary["announcement"]), (gettext("证据"), summary["evidence"]),
            (gettext("只限规则"), ", ".join(summary["keys"])), *_moves(preview)]


def _calendar(summary: Values, preview: Values) -> list[Line]:
    return [(gettext("来源"), summary["source"]), (gettext("年度"), str(preview.get("year", ""))), *_moves(preview)]


def _moves(preview: Values) -> list[Line]:
    """Which deadlines get another day."""
    found = [f"{item['case_no'] or '–'} {item['key']} {_changed(item['before'], item['after'])}"
             for item in preview.get("deadlines", ())]
    return [(gettext("变动的期限"), gettext("%(count)s 个", count=preview.get("moved", 0))),
            (gettext("其中"), _some(found))]


def _rule(summary: Values, preview: Values) -> list[Line]:
    versions = [_version(item) for item in summary["versions"]]
    return [(gettext("规则"), summary["key"]), (gettext("理由"), summary["reason"]),
            (gettext("更改后的版本"), " / ".join(versions)),
            (gettext("版本摘要"), _changed(_digests(preview.get("before")), _digests(preview.get("after"))))]


def _version(item: Values) -> str:
    """One version of a rule, the fields that people look at first."""
    since = item.get("effective_from")
    lengths = [str(one["length"]) for one in (item, *item.get("variants", ())) if "length" in one]
    unit = str(UNITS.get(item.get("unit", ""), item.get("unit", "")))
    begins = gettext("%(day)s 起", day=_day(since)) if since else gettext("最初版本")
    return " ".join(filter(None, (begins, "/".join(lengths), unit)))


def _digests(found: Any) -> str:
    return ", ".join(digest[:12] for digest in found or ())


def _partner(summary: Values, preview: Values) -> list[Line]:
    keys = [f"{key['id']} {key['algorithm']}" for key in summary["keys"]]
    return [(gettext("伙伴"), who(summary["name"] or summary["code"], summary["code"])),
            (gettext("类型"), summary["kind"]), (gettext("地址"), summary["endpoint"] or ""),
            (gettext("可发报文"), ", ".join(summary["may_send"])), (gettext("密钥"), ", ".join(keys)),
            (gettext("允许明文"), str(YES_NO[1]) if summary["plain_http"] else "")]


def _lift(summary: Values, preview: Values) -> list[Line]:
    return [(gettext("案号"), summary["case_id"]), (gettext("理由"), summary["reason"])]


def _grant(summary: Values, preview: Values) -> list[Line]:
    scope = gettext("审计链") if summary["scope"] == "audit" else summary["scope"]
    return [(gettext("事项"), str(GRANTS.get(summary["kind"], summary["kind"]))), (gettext("范围"), scope),
            (gettext("时长"), _lasts(summary["lasts"])), (gettext("理由"), summary["reason"])]


def _merge(summary: Values, preview: Values) -> list[Line]:
    return [(gettext("终止的案件"), who(preview.get("ended") or "–", summary["case_id"])),
            (gettext("并入"), who(preview.get("title") or "–", preview.get("case_no") or summary["into"])),
            (gettext("转入的材料"), _some(preview.get("documents", ())) or gettext("没有")),
            (gettext("随之终止的待办"), _some(preview.get("tasks", ())) or gettext("没有"))]


def _split(summary: Values, preview: Values) -> list[Line]:
    return [(gettext("案号"), summary["case_id"]), (gettext("新案件的名称"), summary["title"]),
            (gettext("带走的材料和证据"), _some(preview.get("documents", ())) or gettext("没有")),
            (gettext("一并转出的当事人"), _some(preview.get("parties", ())) or gettext("没有")),
            (gettext("一并转出的待办（在本案中随之结束）"),
             _some(preview.get("tasks", ())) or gettext("没有，从头办理"))]


def _transfer(summary: Values, preview: Values) -> list[Line]:
    before, after = preview.get("before", {}), preview.get("after", {})
    return [(gettext("案号"), summary["case_id"]),
            (gettext("承办单位"), _changed(before.get("unit"), after.get("unit"))),
            (gettext("承办人"), _changed(before.get("owner"), after.get("owner"))),
            (gettext("将退回待认领"), _some(preview.get("tasks", ())) or gettext("没有已认领的任务"))]


def _nothing(summary: Values, preview: Values) -> list[Line]:
    return []


def _plainly(summary: Values, preview: Values) -> list[Line]:
    """Any other command: its fields by their names."""
    return [(str(WORDS.get(name, name)), _flat(value)) for name, value in summary.items()
            if value is not None and name != "user"]


def _flat(value: Any) -> str:
    if isinstance(value, bool):
        return str(YES_NO[value])
    if isinstance(value, Mapping):
        return "；".join(f"{WORDS.get(name, name)}：{_flat(item)}" for name, item in value.items() if item is not None)
    if isinstance(value, (list, tuple)):
        return _some(map(_flat, value))
    return "" if value is None else str(value)


def _some(found: Iterable[Any]) -> str:
    named = [str(item) for item in found]
    more = len(named) - MOST
    said = ("; " if i18n.english() else "；").join(named[:MOST])
    return f"{said} {gettext('等，另有 %(count)s 项', count=more)}" if more > 0 else said


def _lasts(text: str | None) -> str:
    """A duration as a summary has it (``90 days, 0:00:00``), in whole days and hours; another as it is."""
    found = re.fullmatch(r"(?:(\d+) days?, )?(\d+):00:00", text or "")
    if found is None:
        return text or ""
    days, hours = (int(part or 0) for part in found.groups())
    said = [gettext("%(count)s 日", count=days)] if days else []
    return " ".join([*said, gettext("%(count)s 小时", count=hours)] if hours else said)


def _day(text: Any) -> str:
    try:
        return i18n.day(date.fromisoformat(str(text)))
    except ValueError:
        return str(text or "")


def _changed(before: Any, after: Any) -> str:
    return str(gettext("由 %(before)s 改为 %(after)s", before=before or "–", after=after or "–"))


_SAID: Mapping[str, Callable[[Values, Values], list[Line]]] = {
    "Deploy": _deploy, "AddUser": _account, "SetRoles": _roles, "ResetPassword": _nothing,
    "ResetSecondFactor": _nothing, "LinkIdentity": _identity, "CreateToken": _token, "OverrideDeadline": _override,
    "ShiftDeadlines": _shift, "LoadCalendar": _calendar, "ChangeRule": _rule, "AddPartner": _partner,
    "LiftRecusal": _lift, "GrantAccess": _grant, "RotateKeys": _nothing,
    "MergeCases": _merge, "SplitCase": _split, "TransferCase": _transfer,
}
"""Command → how its change is said."""
