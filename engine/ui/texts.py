"""Words for codes: errors, form problems, states, history. The edge where codes become language."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask_babel import LazyString, gettext, lazy_gettext

from engine.domain import phrases
from engine.domain.forms import Problem
from engine.domain.period_texts import day_in, days_said
from engine.errors import KapokError
from engine.services.wire import catalogue
from engine.ui import action_texts, deadline_texts, hearing_texts, paper_texts, participant_texts
from engine.ui.i18n import english, fill, full_moment

ERRORS: Mapping[str, LazyString] = {
    "error": lazy_gettext("出错了：{reason}"),
    "invalid_input": lazy_gettext("{where}：应为{expected}，收到的是{found}。"),
    "rejected": lazy_gettext("这项操作现在不能进行，没有任何改动。"),
    "not_found": lazy_gettext("找不到“{key}”，或您无权查看。请核对编号。"),
    "not_allowed": lazy_gettext("您没有办理这项操作的权限，没有任何改动。"),
    "conflict": lazy_gettext("“{key}”的状态已变为“{state}”，这项操作没有执行。可能刚有人办过，请刷新后查看。"),
    "idempotency_conflict": lazy_gettext("同一请求已用不同内容提交过，本次没有执行。请刷新后重试。"),
    "busy": lazy_gettext("另一项操作正在处理同一案件，请稍后再试。"),
    "sign_in_refused": lazy_gettext("账号或密码不正确。"),
    "sign_in_locked": lazy_gettext("已连续输错 {failures} 次，账号暂时锁定，请稍后再试。"),
    "code_refused": lazy_gettext("验证码不正确或已用过。请用验证器上现在显示的数字。"),
    "session_ended": lazy_gettext("登录已结束，请重新登录；草稿仍在。"),
    "weak_password": lazy_gettext("密码至少 {least} 个字符，不能含账号名，也不能是常见的密码或与原密码相同。"),
    "provider_refused": lazy_gettext("统一身份认证没有完成：{reason}。请重新登录。"),
    "second_person_needed": lazy_gettext("这项操作须由另一人核准，请提出申请。"),
    "own_request": lazy_gettext("申请人、开设该账号的人和账号本人不能核准这项申请，请由另一人办理。"),
    "roles_conflict": lazy_gettext("这些角色不能由同一人担任：{roles}。"),
    "no_stand_in": lazy_gettext("代理人须是当日在岗、角色相同或为上级的另一位同事，且不能是替他人登记的人自己。"),
    "task_completed": lazy_gettext("这项已由{by_name}于 {at} 办结，不能再次提交，没有任何改动。"),
    "task_claimed": lazy_gettext("这项自 {at} 起由{by_name}办理，没有任何改动。"),
    "task_over": lazy_gettext("这项已于 {at} 终止（{by_name}），不再需要办理，没有任何改动。"),
    "case_stopped": lazy_gettext("案件 {key} 已于 {at} 变为“{state}”（{by_name}），现在不能办理，没有任何改动。"),
    "duty_separation": lazy_gettext("同一案件的前后两步须由不同的人办理，您不能办理这一步。"),
    "recused": lazy_gettext("{user} 应当回避本案，不能承办，没有任何改动。"),
    "disclosure_needed": lazy_gettext("{user} 与本案有应当披露的关系，须先征得各方当事人同意。"),
    "recusal_pending": lazy_gettext("回避申请决定前，被申请人暂停办理本案。"),
    "cannot_take_over": lazy_gettext("“{name}”不能转给 {found}：须是可以承办这一步的另一位同事。"),
    "form_refused": lazy_gettext("表单有不符合要求的内容，没有任何改动。请检查后重新提交。"),
    "message_refused": lazy_gettext("内容不符合这类消息的要求（{where}），请对照原件改正。"),
    "malformed": lazy_gettext("请求应为{expected}，收到的是{found}。"),
    "wrong_media_type": lazy_gettext("请求正文应为{expected}，收到的是{found}。"),
    "fields_invalid": lazy_gettext("有 {count} 个字段与接口说明不符，没有任何改动。"),
    "not_authenticated": lazy_gettext("令牌不存在、已撤销或已过期。"),
    "scope_missing": lazy_gettext("令牌没有“{scope}”这项权限范围。"),
    "nothing_waits": lazy_gettext("案件 {case} 现在没有等待“{key}”，它在等：{waits}。可以只存卷，或等案件走到那一步。"),
    "storage_down": lazy_gettext(
        "文件存储暂时没有应答（{reason}），没有保存任何内容。请稍后重试；仍不行请联系管理员。"),
    "seal_broken": lazy_gettext("这份文件与收到时记录的摘要不一致，可能被改动，系统没有给出。请联系管理员。"),
    "key_missing": lazy_gettext("打开这份内容的密钥不在密钥文件中。请联系管理员。"),
    "configuration": lazy_gettext("系统设置有误，请联系管理员。"),
    "invariant_broken": lazy_gettext("系统发现数据不一致，已停止并且没有写入。请联系管理员。"),
    **deadline_texts.ERRORS, **paper_texts.ERRORS, **participant_texts.ERRORS, **hearing_texts.ERRORS,
    **action_texts.ERRORS,
}

PROBLEMS: Mapping[str, LazyString] = {
    "required": lazy_gettext("请填写此项。"),
    "not_text": lazy_gettext("请填写文字。"),
    "too_short": lazy_gettext("至少填写 {min} 个字。"),
    "too_long": lazy_gettext("最多填写 {max} 个字。"),
    "pattern": lazy_gettext("格式不符，应符合 {pattern}。"),
    "not_email": lazy_gettext("请填写有效的电子邮箱，例如 name@example.com。"),
    "not_phone": lazy_gettext("请填写带国家代码的电话号码，例如 +8620xxxxxxxx。"),
    "not_number": lazy_gettext("请填写数字。"),
    "not_integer": lazy_gettext("请填写整数。"),
    "too_many_decimals": lazy_gettext("小数最多 {digits} 位。"),
    "not_increment": lazy_gettext("应为 {increment} 的倍数。"),
    "too_small": lazy_gettext("不能小于 {min}。"),
    "too_large": lazy_gettext("不能大于 {max}。"),
    "not_boolean": lazy_gettext("请勾选或不勾选。"),
    "not_list": lazy_gettext("请从选项中选择。"),
    "twice": lazy_gettext("“{value}”选了两次。"),
    "not_offered": lazy_gettext("所选不在选项之内，可选：{offered}。"),
    "not_listed": lazy_gettext("所选不在名单之内，请从名单中选择。"),
    "not_date": lazy_gettext("请填写日期，例如 2026-10-30。"),
    "not_time": lazy_gettext("请填写时间，例如 14:30。"),
    "not_datetime": lazy_gettext("请填写日期和时间。"),
    "not_files": lazy_gettext("请重新上传文件。"),
    "too_many_files": lazy_gettext("最多上传 {max} 个文件。"),
    "wrong_kind": lazy_gettext("“{name}”的类型不符，可上传：{accept}。"),
    "not_rows": lazy_gettext("清单格式不符，最多 {max} 行。"),
    "unknown_field": lazy_gettext("表单没有这一项，不能提交。"),
    "not_object": lazy_gettext("收到的内容不是表单，请刷新后重试。"),
    "message": lazy_gettext("这一项不符合消息的格式要求，请对照原件填写。"),
}

HTTP: Mapping[int, LazyString] = {
    400: lazy_gettext("收到的内容不完整或格式不符，没有任何改动。"),
    401: lazy_gettext("登录已结束，请重新登录；草稿仍在。"),
    403: lazy_gettext("您没有办理这项操作的权限，没有任何改动。"),
    404: lazy_gettext("没有这个页面。可能地址有误，或页面已移走。"),
    405: lazy_gettext("这个地址不接受这种操作。"),
    413: lazy_gettext("文件超过大小上限，没有保存。"),
    429: lazy_gettext("操作太频繁，请稍后再试。"),
    500: lazy_gettext("系统出错，已记录。本次操作没有生效，请稍后再试。"),
}

TITLES: Mapping[int, LazyString] = {
    400: lazy_gettext("没有办成"), 401: lazy_gettext("请重新登录"), 403: lazy_gettext("没有权限"),
    404: lazy_gettext("找不到"), 409: lazy_gettext("状态已变"), 413: lazy_gettext("文件太大"),
    422: lazy_gettext("内容有误"), 503: lazy_gettext("正忙"), 500: lazy_gettext("系统出错"),
}

CASE_STATES: Mapping[str, tuple[str, LazyString]] = {
    "active": ("ok", lazy_gettext("办理中")), "suspended": ("hold", lazy_gettext("已中止")),
    "completed": ("none", lazy_gettext("已办结")), "cancelled": ("none", lazy_gettext("已撤销")),
}

INCIDENTS: Mapping[str, LazyString] = {
    "job_failed": lazy_gettext("系统代办的一步没有办成。请管理员按下面的说明排除原因后重试。"),
    "timer_failed": lazy_gettext("到时应办的一步没有办成。请管理员按下面的说明排除原因后重试。"),
    "called_element": lazy_gettext("调用的流程没有发布，或不能从这里开始。"),
    "expression": lazy_gettext("流程中的算式没有得出所需的值。"),
    "decision": lazy_gettext("决策表没有发布，或没有得出结果。"),
    "message_name": lazy_gettext("没有写明等待或发出哪种消息。"),
    "signal_name": lazy_gettext("没有写明等待或发出哪种信号。"),
    "timer": lazy_gettext("定时的值不是有效的时间。"),
    "link": lazy_gettext("找不到同名的链接事件。"),
    "uncaught_error": lazy_gettext("流程报告了错误，但没有安排由谁处理。"),
    "cancel": lazy_gettext("不在事务中，无法取消。"),
    "no_matching_flow": lazy_gettext("没有一条分支的条件成立，也没有默认分支。"),
    "step_limit": lazy_gettext("自动步骤太多，已停下以免无休止地循环。"),
    "step_time": lazy_gettext("自动步骤用时太长，已停下。"),
    "stuck": lazy_gettext("没有任何事项能使案件继续。"),
}
"""What an incident is, for those who work the case; what exactly was expected is said in English beside it."""
MESSAGE_STATES: Mapping[str, tuple[str, LazyString]] = {
    "received": ("ok", lazy_gettext("已收到")), "waiting": ("soon", lazy_gettext("等待处理")),
    "processed": ("ok", lazy_gettext("已处理")), "queued": ("prov", lazy_gettext("待发送")),
    "delivered": ("ok", lazy_gettext("对方已接收")), "retrying": ("soon", lazy_gettext("重发中")),
    "dead": ("late", lazy_gettext("未送达")), "acknowledged": ("ok", lazy_gettext("已有回执")),
    "unmatched": ("soon", lazy_gettext("未对应案件")), "rejected": ("late", lazy_gettext("已拒收")),
    "conflict": ("late", lazy_gettext("冲突")), "noted": ("none", lazy_gettext("仅存卷")),
    "late": ("none", lazy_gettext("迟到的旧消息，不适用")),
}

CATEGORIES: Mapping[str, LazyString] = {
    "document": lazy_gettext("文书"), "evidence": lazy_gettext("证据"), "attachment": lazy_gettext("材料"),
    "draft": lazy_gettext("文稿"),
}

LEVELS: Mapping[str, LazyString] = {
    "L1": lazy_gettext("L1 公开"), "L2": lazy_gettext("L2 内部不公开"), "L3": lazy_gettext("L3 未公开申请"),
}

HISTORY: Mapping[str, LazyString] = {
    "completed": lazy_gettext("完成：{name}"), "completed:userTask": lazy_gettext("办结：{name}"),
    "completed:startEvent": lazy_gettext("开始：{name}"), "completed:endEvent": lazy_gettext("结束：{name}"),
    "completed:boundaryEvent": lazy_gettext("触发：{name}"), "terminated": lazy_gettext("不再进行：{name}"),
    "task:claimed": lazy_gettext("认领：{name}"), "task:released": lazy_gettext("退回待认领：{name}"),
    "task:stood_in": lazy_gettext("代 {for_name} 办理：{name}"),
    "task:assigned": lazy_gettext("指派：{name}"), "decision": lazy_gettext("规则判断：{name}"),
    "deadlineArmed": lazy_gettext("期限起算：{name}，届满日 {due_on}"),
    "messageThrown": lazy_gettext("发出：{name}"), "signalThrown": lazy_gettext("发布信号：{name}"),
    "messageReceived": lazy_gettext("收到：{message}"), "message:delivered": lazy_gettext("对方已接收：{message}"),
    "message:dead": lazy_gettext("未能送达：{message}"), "escalationThrown": lazy_gettext("提醒升级：{name}"),
    "incident": lazy_gettext("故障：{message}"), "incidentResolved": lazy_gettext("故障已处理"),
    "case:suspended": lazy_gettext("案件中止：{reason}"), "case:active": lazy_gettext("案件恢复：{reason}"),
    "caseEnded": lazy_gettext("案件结束"), "reason": lazy_gettext("理由：{reason}"),
    "levelChanged": lazy_gettext("密级改为 {level}"), "held": lazy_gettext("依法保留：{reason}"),
    "holdLifted": lazy_gettext("解除保留"), "erased": lazy_gettext("个人信息已删除：{reason}"),
    "recusal:requested": lazy_gettext("申请回避：{user}"), "recusal:decided": lazy_gettext("回避申请已决定：{user}"),
    "recusal:effective": lazy_gettext("回避：{user}，任务已退回待认领"),
    "recusal:kept_away": lazy_gettext("因回避未指派：{user}"), "recusal:disclosed": lazy_gettext("披露意见：{party}"),
    "recusal:lifted": lazy_gettext("解除回避：{user}"), "case:linked": lazy_gettext("关联案件：{other}"),
    "document:served": lazy_gettext("文书送达：{party}"),
    "task:delegated": lazy_gettext("转办：{name}"), "task:follow_up": lazy_gettext("跟进日：{name} {on}"),
    "task:priority": lazy_gettext("优先级 {priority}：{name}"), "case:merged": lazy_gettext("并入 {other}：{reason}"),
    "case:merged_in": lazy_gettext("{other} 并入本案：{reason}"), "case:split": lazy_gettext("分出 {other}：{reason}"),
    "case:split_off": lazy_gettext("自 {other} 分出：{reason}"),
    "case:transferred": lazy_gettext("移送 {unit}：{reason}"),
    "message:acknowledged": lazy_gettext("对方已受理：{message}"),
    "message:refused": lazy_gettext("对方退回：{message}"),
    "message:replayed": lazy_gettext("死信重发：{message}"), "message:handedOver": lazy_gettext("人工送达：{message}"),
    "messageDecided:match": lazy_gettext("人工匹配来件：{message}"),
    "messageDecided:note": lazy_gettext("来件存卷：{message}"),
    "messageDecided:reject": lazy_gettext("退回来件：{message}"),
    "attachmentFetched": lazy_gettext("附件归卷：{name}"),
    "purged": lazy_gettext("保管期满，内容已销毁"), **deadline_texts.HISTORY,
    **paper_texts.HISTORY, **participant_texts.HISTORY, **hearing_texts.HISTORY,
}

ROLES: Mapping[str, LazyString] = {
    "applicant": lazy_gettext("备案主体"), "intake": lazy_gettext("受理岗"), "classifier": lazy_gettext("分类岗"),
    "examiner": lazy_gettext("预审员"), "quality": lazy_gettext("质检岗"), "supervisor": lazy_gettext("预审主管"),
    "party": lazy_gettext("当事人"), "agent": lazy_gettext("代理人"), "coordinator": lazy_gettext("案件协调岗"),
    "hearing_operator": lazy_gettext("审理庭技术岗"), "adjudicator": lazy_gettext("行政裁决合议组"),
    "invalidation_panel": lazy_gettext("复审无效合议组"), "department_head": lazy_gettext("部门负责人"),
    "leadership": lazy_gettext("中心领导"), "director": lazy_gettext("裁决机关负责人"),
    "technical_investigator": lazy_gettext("技术调查官"), "mediator": lazy_gettext("调解员"),
    "committee": lazy_gettext("调委会"), "specialist": lazy_gettext("特派专员"), "mentor": lazy_gettext("导师"),
    "host": lazy_gettext("接收单位"), "hr": lazy_gettext("人事岗"), "data": lazy_gettext("数据岗"),
    "partner": lazy_gettext("外部机构系统账号"), "security": lazy_gettext("安全管理员"),
    "designer": lazy_gettext("流程设计员"), "deployer": lazy_gettext("发布员"), "admin": lazy_gettext("系统管理员"),
    "auditor": lazy_gettext("审计员"), "worker": lazy_gettext("外部作业"),
}
SILENT = ("Gateway", "subProcess", "SubProcess", "businessRuleTask")
"""Kinds of elements whose completion tells a reader nothing, or nothing that the decision beside it does not tell."""


ACTS = ("userTask", "manualTask", "startEvent")
"""Kinds of elements that are completed by somebody."""
WORDED = frozenset({"expected", "found", "where", "state", "unit", "by_name", "what"})
"""Parameters of errors that hold words of ours; all others are data."""
BY_ITSELF = ("terminated", "decision", "deadlineArmed", "messageThrown", "signalThrown", "escalationThrown", "incident",
             "caseEnded", "deadline:expired", "deadlineEscalated", "caseEscalated", "suspensionOver")
"""Lines of the timeline that follow from another one."""


def error(fault: KapokError) -> str:
    """The error in the reader's language; its own English message when the code is not known here."""
    if fault.code in ERRORS:
        return fill(ERRORS[fault.code], {name: _word(name, value) for name, value in fault.params.items()})
    return fault.message if english() else gettext("没有办成：%(message)s", message=fault.message)


def _word(name: str, value: Any) -> str:
    if isinstance(value, datetime):
        return full_moment(value)
    tag = "en" if english() else "zh"
    if name == "waits":
        return "、".join(message(kind) for kind in str(value).split(", "))
    words = phrases.said(value, tag) if name in WORDED else str(value)
    return days_said(words, tag) if name in WORDED or day_in(words) else words


def incident(code: str) -> str:
    return str(INCIDENTS.get(code, code))


def problem(found: Problem) -> str:
    if found.code == "pattern" and found.params.get("message"):
        return str(found.params["message"])
    return fill(PROBLEMS.get(found.code, PROBLEMS["not_object"]), found.params)


def http_error(code: int) -> str:
    return str(HTTP.get(code, HTTP[500] if code >= 500 else HTTP[400]))


def status_title(code: int) -> str:
    return str(TITLES.get(code, TITLES[500] if code >= 500 else TITLES[400]))


def history(row: Any) -> str:
    """One line of the timeline; empty for what tells a reader nothing (gateways, elements without a name)."""
    kind, params = str(row.params.get("type") or ""), dict(row.params)
    if row.code in ("completed", "terminated") and (kind.endswith(SILENT) or params["name"] == params["element"]):
        return ""
    if isinstance(params.get("name"), dict):
        params["name"] = params["name"].get("en" if english() else "zh") or ""
    words = HISTORY.get(f"{row.code}:{kind}") or HISTORY.get(row.code)
    params.setdefault("message", message(params.get("type", "")))
    return days_said(row.text or (fill(words, params) if words else str(row.code)), "en" if english() else "zh")


def by_somebody(row: Any) -> bool:
    """Whether a line of the timeline is somebody's act; what the engine does by itself names nobody."""
    if row.actor_name == "system":
        return False
    if row.code == "completed":
        return str(row.params.get("type") or "") in ACTS
    return row.code not in BY_ITSELF


def message(kind: str) -> str:
    """A message of the wire in words; its type when there are none."""
    return catalogue.title(kind, "en" if english() else "zh")


def rung(to: str) -> str:
    """Whom a rung of a ladder tells."""
    return str(deadline_texts.RUNGS.get(to) or ROLES.get(to, to))


def rung_place(one: Any) -> str:
    """When a rung of a ladder tells: a share of the period, days before its end, working days after it."""
    if one.percent is not None:
        return str(gettext("届满时") if one.percent == 100 else gettext("期间过%(percent)s%%", percent=one.percent))
    if one.days_before is not None:
        return str(gettext("届满前%(days)s日", days=one.days_before))
    return str(gettext("届满后%(days)s个工作日", days=one.workdays_after) if one.workdays_after else gettext("届满时"))


def rung_state(state: str) -> str:
    return str(deadline_texts.RUNG_STATES.get(state, state))


def roles(names: Any) -> str:
    return (", " if english() else "、").join(str(ROLES.get(name, name)) for name in sorted(names))
