"""Words about deadlines: refusals with their article, lines of the timeline, states."""

from collections.abc import Mapping

from flask_babel import LazyString, lazy_gettext

ERRORS: Mapping[str, LazyString] = {
    "period_refused": lazy_gettext("{where}：应为{expected}，收到的是{found}（{article}）。"),
    "extension_forbidden": lazy_gettext("该期限（{where}）依法不得延长：{article}。"),
    "extension_too_long": lazy_gettext("该期限（{where}）最多延长 {most} {unit}：{article}；申请的是 {found}。"),
    "extension_too_late": lazy_gettext("延长须在届满日 {due_on} 之前提出：{article}；申请日为 {found}。"),
    "extension_twice": lazy_gettext("该期限（{where}）已延长过一次，不能再延长：{article}。"),
    "pause_forbidden": lazy_gettext("该期限（{where}）依法照常进行，不能中止：{article}。"),
    "pause_backwards": lazy_gettext("中止的结束日 {found} 早于开始日 {from_on}：{article}。"),
    "interruption_forbidden": lazy_gettext("该期限（{where}）不因任何事由中断：{article}。"),
    "period_over": lazy_gettext("该期限（{where}）已于 {due_on} 届满，{found} 的事由不再影响它：{article}。"),
    "restoration_forbidden": lazy_gettext("该期限（{where}）届满后法律没有规定恢复权利：{article}。"),
    "deadline_passed": lazy_gettext("期限已于 {due_on} 届满，等待负责人决定是否受理逾期行为；没有任何改动。"),
}

RUNGS: Mapping[str, LazyString] = {
    "party": lazy_gettext("当事人"), "assignee": lazy_gettext("经办人"), "supervisor": lazy_gettext("主管"),
    "department_head": lazy_gettext("部门负责人"), "leadership": lazy_gettext("中心领导"),
    "director": lazy_gettext("负责人"),
}
RUNG_STATES: Mapping[str, LazyString] = {
    "planned": lazy_gettext("将提醒"), "fired": lazy_gettext("已提醒"), "skipped": lazy_gettext("不再需要"),
}

HISTORY: Mapping[str, LazyString] = {
    "deadline:armed": lazy_gettext("登记期限：{name}，届满日 {due_on}"),
    "deadline:paused": lazy_gettext("期限中止：{name}（{reason}）"),
    "deadline:resumed": lazy_gettext("期限恢复：{name}，届满日 {due_on}"),
    "deadline:excluded": lazy_gettext("不计入期限：{name}（{reason}），届满日 {due_on}"),
    "deadline:extended": lazy_gettext("准予延长：{name}，届满日 {due_on}"),
    "deadline:interrupted": lazy_gettext("期限中断并重新计算：{name}，届满日 {due_on}"),
    "deadline:service_proven": lazy_gettext("证明另日送达：{name}，届满日 {due_on}"),
    "deadline:service_announced": lazy_gettext("公告送达，期满之日起算：{name}，届满日 {due_on}"),
    "deadline:service_void": lazy_gettext("未能送达，起算日随之改正：{name}，届满日 {due_on}"),
    "deadline:overridden": lazy_gettext("两人核准改定届满日：{name}，{due_on}"),
    "deadline:calendar": lazy_gettext("放假安排更新：{name}，届满日 {due_on}"),
    "deadline:firm": lazy_gettext("放假安排公布，届满日由暂定变为确定：{name}，{due_on}"),
    "deadline:shift": lazy_gettext("依公告顺延：{name}，届满日 {due_on}"),
    "deadline:expired": lazy_gettext("期限届满：{name}，{due_on}"),
    "deadline:confirmed": lazy_gettext("确认届满后果：{name}"),
    "deadline:late_accepted": lazy_gettext("受理逾期行为：{name}（{reason}）"),
    "deadline:met": lazy_gettext("期限已按期办结：{name}"),
    "deadline:cancelled": lazy_gettext("期限不再需要：{name}"),
    "deadline:superseded": lazy_gettext("期限由新的期限代替：{name}"),
    "deadlineEscalated": lazy_gettext("期限提醒：{name}，{due_on} 届满"),
    "caseEscalated": lazy_gettext("升级督办：{escalation}"),
    "suspensionOver": lazy_gettext("中止期限已到：{until_on}"),
}
PROFILES: Mapping[str, LazyString] = {
    "CNIPA": lazy_gettext("专利期间，遇节假日顺延"), "CIVIL": lazy_gettext("民事期间，遇节假日顺延"),
    "TM": lazy_gettext("商标期间，遇节假日顺延"), "WORKDAY": lazy_gettext("按工作日"),
    "WORKDAY_BACK": lazy_gettext("往前数工作日"), "DAY_BACK": lazy_gettext("往前数自然日"),
    "NOROLL": lazy_gettext("按自然日，不顺延"),
}
"""How the end of a period is corrected."""


def profile(code: str) -> str:
    return str(PROFILES.get(code, code))
