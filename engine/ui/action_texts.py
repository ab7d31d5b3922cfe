"""What the house itself offers on a case, in both languages; what a diagram offers is called as the diagram says."""

from collections.abc import Mapping
from typing import Any

from flask_babel import LazyString, gettext, lazy_gettext

from engine.ui.i18n import said

ACTIONS: Mapping[str, tuple[LazyString, LazyString]] = {
    "recuse": (lazy_gettext("申请回避"), lazy_gettext("三日内决定；被驳回的可申请复议一次。")),
    "link": (lazy_gettext("关联案件"), lazy_gettext("写明两案的关系。关联后双方可见彼此的案号和理由，回避随之核查。")),
    "merge": (lazy_gettext("并案"), lazy_gettext("本案终止，材料并入另一案件继续办理。须另一人核准后生效。")),
    "split": (lazy_gettext("分案"), lazy_gettext("本案的一部分另立一案；不选待办的从头办理。须另一人核准后生效。")),
    "transfer": (lazy_gettext("移送"),
                 lazy_gettext("由另一单位承办；已认领的任务退回待认领，期限照常。须另一人核准后生效。")),
    "suspend": (lazy_gettext("中止案件"), lazy_gettext("依法可停的期限停止计算，其余照常进行。")),
    "resume": (lazy_gettext("恢复案件"), lazy_gettext("停止的期限继续计算。")),
    "cancel": (lazy_gettext("终止案件"), lazy_gettext("案件就此结束，等待中的事项随之结束。")),
}
"""Code → (name, hint)."""
ERRORS: Mapping[str, LazyString] = {
    "period_runs": lazy_gettext("“{name}”有期限正在计算，转到新案件会重新起算，不能一并转出。没有任何改动。"),
    "cannot_go_over": lazy_gettext(
        "“{name}”不能单独转出：案件的其余部分会随之变动，或本案会因此没有待办。没有任何改动。"),
}
LABELS = (
    lazy_gettext("回避人员"), lazy_gettext("事由"), lazy_gettext("理由"), lazy_gettext("另一案件的案号"),
    lazy_gettext("并入案件的案号"), lazy_gettext("新案件的名称"), lazy_gettext("移送至"),
    lazy_gettext("新的承办人（可不填）"), lazy_gettext("带走的材料和证据"), lazy_gettext("一并转出的当事人"),
    lazy_gettext("一并转出的待办（在本案中随之结束）"), lazy_gettext("依据（条文）"),
    lazy_gettext("证据（文号、文件名或存证编号）"), lazy_gettext("第一个不计入的日（不填为今日）"),
    lazy_gettext("到哪一日提醒恢复"), lazy_gettext("近亲属关系"), lazy_gettext("曾任职于当事人或其代理机构"),
    lazy_gettext("持股或其他利害关系"), lazy_gettext("师徒关系"), lazy_gettext("派驻关系"),
    lazy_gettext("参与过此前的程序"), lazy_gettext("其他可能影响公正的关系"),
    lazy_gettext("处理"), lazy_gettext("确认后果"), lazy_gettext("受理逾期行为，须说明理由"),
)
"""Labels of the forms of these actions and of what is asked when a period has ended, named here so that they are
translated."""


def name(offered: Any) -> str:
    """An action of a case in the reader's language."""
    return str(ACTIONS[offered.code][0]) if offered.code in ACTIONS else said(offered.name)


def hint(offered: Any) -> str:
    return str(ACTIONS[offered.code][1]) if offered.code in ACTIONS else said(offered.hint)


def form(schema: Any) -> Any:
    """A form with those labels that are ours in the reader's language."""
    if isinstance(schema, Mapping):
        return {key: gettext(value) if key in ("label", "dateLabel") and isinstance(value, str) and value
                else form(value) for key, value in schema.items()}
    return [form(item) for item in schema] if isinstance(schema, (list, tuple)) else schema
