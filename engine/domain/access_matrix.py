"""The access table as one asks of it: role × relation to a case × its state × operation. What ``docs/permissions.md``
shows and what the matrix test holds the house to, on both databases, is computed here from ``permissions`` alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from engine.domain.permissions import REACH, RIGHTS, ROLES, Scope, Sight

STATES = ("active", "suspended", "completed", "cancelled")
RELATIONS: Mapping[str, str] = {
    "elsewhere": "别的单位，没有任务", "unit": "本单位，没有任务", "own": "本人有任务或是申请人",
    "seated": "以账号参加案件", "recused": "已回避"}
"""How somebody may stand to a case."""


@dataclass(frozen=True, slots=True)
class Operation:
    """``right``: what it needs beside seeing the case from inside; None: the task must be one's own.

    ``states``: of the case, in which it can be done; in others it is refused as a conflict.
    """

    name: str
    right: str | None
    states: tuple[str, ...] = ("active",)


OPERATIONS: Mapping[str, Operation] = {
    "task.complete": Operation("办结任务", None),
    "task.release": Operation("退回任务", None),
    "task.assign": Operation("指派任务", "task.assign"),
    "case.suspend": Operation("中止", "case.suspend"),
    "case.resume": Operation("恢复", "case.suspend", ("suspended",)),
    "case.cancel": Operation("终止", "case.cancel", ("active", "suspended")),
    "case.modify": Operation("移动令牌", "case.modify"),
    "case.variables": Operation("更改变量", "case.variables"),
    "deadline.arm": Operation("起算期限", "deadline.arm"),
    "incident.resolve": Operation("处理故障", "incident.resolve"),
}


def sight(role: str, relation: str, level: str = "L2", procedure: str = "") -> Sight | None:
    """What a role sees of a case; None: for it the case does not exist."""
    reach = REACH.get(role)
    if reach is None or relation == "recused" and reach.scope is not Scope.NAMED:
        return None
    if reach.scope is Scope.NAMED:
        return Sight.PARTY if relation in ("own", "seated", "recused") else None
    if level > reach.clearance:
        return None
    return reach.sight if relation == "own" or _in_scope(role, relation, procedure) else None


def _in_scope(role: str, relation: str, procedure: str) -> bool:
    reach = REACH[role]
    if reach.scope is Scope.ALL:
        return True
    if reach.scope is Scope.WINDOW:
        return relation == "unit"
    return reach.scope is Scope.UNIT and relation == "unit" and procedure in (reach.procedures or ())


def may_do(role: str, relation: str, operation: str, level: str = "L2", procedure: str = "") -> bool:
    """Whether an operation is open to a role, if the case's state lets it be done."""
    found = OPERATIONS[operation]
    seen = sight(role, relation, level, procedure)
    if found.right is None:
        return relation == "own" and seen is not None
    return role in RIGHTS[found.right] and seen in (Sight.OUTLINE, Sight.WHOLE)


_SIGHTS = {None: "—", Sight.PARTY: "当事人所见", Sight.OUTLINE: "卷面", Sight.WHOLE: "全部"}


def page() -> str:
    """``docs/permissions.md``, with a line end."""
    return "\n".join([
        "# 权限表", "",
        "本页由 `engine.domain.access_matrix.page()` 从 `engine/domain/permissions.py` 的表生成，"
        "`tests/domain/test_access_matrix.py` 保证两者一致，"
        "`tests/services/test_matrix.py` 在两种数据库上逐格核对。", "",
        "“—”与案件不存在完全一样：同样的答复，同样的用时。", "", "## 看得到多少", "", *_sight_table(), "",
        "当事人所见：本人的任务、本人提交的和已向本人送达的文书、应告知当事人的期限、案件所处的阶段；"
        "看不到内部记录、他人的任务和未送达的文书。", "",
        "以账号参加案件：经办人邀请的当事人和代理人（参加人），每个账号只在被邀请的案件中、只属一方；移出后与从未参加一样。",
        "卷面：案件的文书、期限、往来与进度；看不到他人的表单、工作底稿和判断的依据。"
        "闭合空间（图中 `closed` 属性，如合议）只对其角色和审计员开放。", "",
        "“本单位”（受理岗为本窗口）以角色主管的程序为限，密级以角色的许可为限。"
        "系统管理员只能经两人核准、限时查阅一件案件，每次查阅留痕并告知审计员。", "",
        "## 能办什么", "", *_operation_table(), "",
        "办理前提：看得到案件（全部或卷面），且有所列权利；任务须为本人的。当事人只办理自己的任务。", "",
        "## 导出案件列表", "", f"{_holders('case.export')}可以把查找结果存成文件（CSV）：只有看得到的案件和列，"
        "不办案的角色看到的当事人是隐去的，未公布的专利申请（L3）不导出；每次导出记入审计。", ""])


def _sight_table() -> Iterable[str]:
    yield "| 角色 | 许可 | " + " | ".join(RELATIONS.values()) + " |"
    yield "|---|---|" + "---|" * len(RELATIONS)
    for role, name in ROLES.items():
        reach = REACH.get(role)
        procedure = next(iter(sorted(reach.procedures)), "") if reach is not None and reach.procedures else ""
        level = reach.clearance if reach is not None else "L1"
        cells = [_SIGHTS[sight(role, relation, level, procedure)] for relation in RELATIONS]
        yield f"| {name} `{role}` | {level if reach is not None else '—'} | " + " | ".join(cells) + " |"


def _operation_table() -> Iterable[str]:
    words = {"active": "办理中", "suspended": "已中止", "completed": "已办结", "cancelled": "已撤销"}
    yield "| 操作 | " + " | ".join(words[state] for state in STATES) + " | 角色 |"
    yield "|---|" + "---|" * (len(STATES) + 1)
    for operation in OPERATIONS.values():
        cells = ["可" if state in operation.states else "拒绝" for state in STATES]
        roles = "任务的承办人" if operation.right is None else _holders(operation.right)
        yield f"| {operation.name} | " + " | ".join(cells) + f" | {roles} |"


def _holders(right: str) -> str:
    return "、".join(ROLES[role] for role in ROLES if role in RIGHTS[right])
