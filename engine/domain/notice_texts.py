"""Notices in words: on screens in one language, in an e-mail in both, because it is not known who reads it."""

from collections.abc import Mapping
from typing import Any

from engine.domain.period_texts import Text, day_in, days_said

TEMPLATES: Mapping[str, Text] = {
    "deadline.near": Text("期限临近：{name}，{due_on} 届满", "Deadline near: {name}, due {due_on}"),
    "deadline.due": Text("期限届满：{name}（{due_on}）。后果：{consequence}",
                         "Deadline expired: {name} ({due_on}). Consequence: {consequence}"),
    "deadline.late": Text("逾期未处理：{name}，已于 {due_on} 届满", "Still open after expiry: {name}, due {due_on}"),
    "deadline.moved": Text("期限变更：{name}，现于 {due_on} 届满", "Deadline moved: {name}, now due {due_on}"),
    "case.escalated": Text("案件升级督办：{escalation}", "Escalated: {escalation}"),
    "recusal.effective": Text("{user} 已回避案件 {case_no}，其任务已退回待认领",
                              "{user} is recused from case {case_no}; the tasks are free again"),
    "recusal.disclose": Text("{user} 与案件 {case_no} 有应当披露的关系（{about}），须征得双方同意",
                             "{user} has a relation to disclose in case {case_no} ({about}): both parties must agree"),
    "recusal.requested": Text("收到对 {user} 的回避申请（案件 {case_no}），请在 {due_on} 前决定",
                              "Recusal of {user} requested in case {case_no}: decide by {due_on}"),
    "recusal.decided": Text("案件 {case_no} 的回避申请已决定：{result}",
                            "The request for recusal in case {case_no} is decided: {result}"),
    "recusal.lifted": Text("{user} 在案件 {case_no} 的回避已解除", "The recusal of {user} in case {case_no} is lifted"),
    "paper.submitted": Text("案件 {case_no} 的文书“{title}”请您核准",
                            "“{title}” of case {case_no} waits for your approval"),
    "paper.approved": Text("案件 {case_no} 的文书“{title}”已核准，可以签发",
                           "“{title}” of case {case_no} is approved and may be issued"),
    "paper.returned": Text("案件 {case_no} 的文书“{title}”被退回：{reason}",
                           "“{title}” of case {case_no} was sent back: {reason}"),
    "hearing.planned": Text("案件 {case_no} 定于 {at} 开庭", "Hearing of case {case_no} on {at}"),
    "hearing.moved": Text("案件 {case_no} 的开庭改至 {at}", "Hearing of case {case_no} moved to {at}"),
    "hearing.off": Text("案件 {case_no} 原定 {at} 的开庭不再进行",
                        "Hearing of case {case_no} on {at} does not take place"),
    "document.served": Text("案件 {case_no} 有文书送达，请查阅", "A paper was served on you in case {case_no}"),
    "participant.joined": Text("您已参加案件 {case_no}，请查看要办的事项和送达的文书",
                               "You take part in case {case_no}: see what is to be done and what was served"),
    "participant.came": Text("{who} 已参加案件 {case_no}", "{who} takes part in case {case_no}"),
    "participant.removed": Text("您不再参加案件 {case_no}：{reason}",
                                "You no longer take part in case {case_no}: {reason}"),
    "glass.broken": Text("应急查阅：{holder} 获准查阅案件 {case_no}，至 {until} 止。事由：{reason}",
                         "Break-glass: {holder} may look into case {case_no} until {until}. Reason: {reason}"),
    "grant.revoked": Text("对 {scope} 的临时授权已提前收回。事由：{reason}",
                          "Your access to {scope} was closed before its time. Reason: {reason}"),
    "comment.mentioned": Text("{by} 在案件 {case_no} 的留言中提到了您",
                              "{by} mentioned you in a note in case {case_no}"),
    "task.delegated": Text("{by} 把案件 {case_no} 的“{name}”转交给您",
                           "{by} has handed “{name}” of case {case_no} to you"),
    "case.merged": Text("案件 {case_no} 已并入 {into}", "Case {case_no} was merged into {into}"),
    "case.transferred": Text("案件 {case_no} 已移送{unit}", "Case {case_no} was transferred to {unit}"),
    "wire.conflict": Text("{partner} 来的 {type} 与案件 {case_no} 的进度不符，须人工处理",
                          "{type} from {partner} does not fit case {case_no}: somebody has to decide"),
    "wire.unmatched": Text("{partner} 来的 {type} 满 72 小时仍未对应案件",
                           "{type} from {partner} has found no case in 72 hours"),
    "wire.dead": Text("发往 {partner} 的 {type} 未能送达（案件 {case_no}）",
                      "{type} to {partner} could not be delivered (case {case_no})"),
    "approval.asked": Text("{by} 提出一项申请，待您或同岗的人核准。理由：{reason}",
                           "{by} has asked for something that you or a peer decide. Reason: {reason}"),
    "approval.approved": Text("您提出的申请已核准并办理。{reason}",
                              "What you asked for is approved and done. {reason}"),
    "approval.rejected": Text("您提出的申请被驳回。{reason}", "What you asked for is rejected. {reason}"),
    "approval.expired": Text("您提出的申请无人决定，已过期", "What you asked for has expired undecided"),
    "suspension.over": Text("中止期限已到（{until_on}），请决定是否恢复案件",
                            "The suspension was to last until {until_on}: decide whether the case goes on"),
}
"""Every code with its words. A code that was ever stored stays here."""


def said(code: str, params: Mapping[str, Any], language: str) -> str:
    """One line; the code itself when it has no words."""
    if code not in TEMPLATES:
        return code
    words = {name: _in(value, language) for name, value in params.items()}
    return days_said(TEMPLATES[code].text(language).format_map(_Missing(words)), language)


class _Missing(dict[str, str]):
    """A parameter that an older notice does not have."""

    def __missing__(self, key: str) -> str:
        return "–"


def _in(value: Any, language: str) -> str:
    if isinstance(value, Mapping):
        return str(value.get("zh" if language.startswith("zh") else "en") or "")
    on = day_in(value)
    if on is None:
        return str(value)
    return f"{on.year}年{on.month}月{on.day}日" if language.startswith("zh") else f"{on.day} {on:%b} {on.year}"


def composed(row: Any) -> tuple[str, str]:
    """Subject and text of a notice with its case."""
    number = row.case_no or ""
    lines = [said(row.code, row.params, language) for language in ("zh", "en")]
    subject = " ".join(filter(None, (f"[{number}]" if number else "", lines[0])))
    case = [f"{number} {row.title}".strip()] if row.case_no or row.title else []
    return subject, "\n".join([*lines, *case, ""])
