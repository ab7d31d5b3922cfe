"""并案、分案、移送 as they are asked for: how the case stands now, and what will become of it."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from flask_babel import gettext

from engine.ui import i18n

Line = tuple[str, str]
MOST = 12
"""Of a list that is said in one line."""


def completed(offered: Any, colleagues: Sequence[tuple[str, str]]) -> Any:
    """An action with those among whom a new owner of the case is chosen."""
    if offered.code != "transfer":
        return offered
    choices = [{"label": name, "value": key} for key, name in colleagues]
    parts = [{**part, "values": choices} if part["key"] == "owner" else part for part in offered.schema["components"]]
    return replace(offered, schema={**offered.schema, "components": parts})


def facts(case: Any, code: str) -> list[Line]:
    """Before it is asked for: how things stand, and what becomes of them."""
    nobody = gettext("未指定")
    if code == "transfer":
        held = [f"{task.name}（{task.assignee_name}）" for task in case.tasks if task.assignee]
        return [(gettext("现承办单位"), case.unit_name or gettext("本中心（未分单位）")),
                (gettext("现承办人"), case.owner_name or nobody),
                (gettext("将退回待认领"), some(held) or gettext("没有已认领的任务"))]
    if code == "merge":
        running = [f"{item.name} {i18n.day(item.due_on)}" for item in case.deadlines
                   if item.state in ("running", "paused")]
        return [(gettext("将随本案终止的待办"), some(task.name for task in case.tasks) or gettext("没有")),
                (gettext("将随本案结束的期限"), some(running) or gettext("没有")),
                (gettext("将转入另一案的材料"), some(item.title or item.name for item in case.documents)
                 or gettext("没有"))]
    return []


def some(found: Iterable[str]) -> str:
    """The first of a list, and how many more there are."""
    named = [item for item in found if item]
    said = ("; " if i18n.english() else "；").join(named[:MOST])
    more = len(named) - MOST
    return f"{said} {gettext('等，另有 %(count)s 项', count=more)}" if more > 0 else said
