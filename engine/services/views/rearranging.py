"""What may be done with a case as a whole: link it, put it together with another, take a part out, give it away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.domain.actors import Actor
from engine.domain.desk_commands import MergeCases, SplitCase, TransferCase
from engine.domain.permissions import may
from engine.domain.recusal_commands import LinkCases
from engine.services.views.models import ActionView, DocumentRow, TaskRow

Field = dict[str, Any]
_TWO = "须另一人核准后生效。"
_CHOSEN = {"documents": "带走的材料和证据", "parties": "一并转出的当事人",
           "tasks": "一并转出的待办（在本案中随之结束）"}


@dataclass(frozen=True, slots=True)
class Contents:
    """What may be chosen of a case, and to whom it may be given. ``units``: (id, name); ``people``: (capacity,
    name)."""

    units: Sequence[tuple[str, str]]
    documents: Sequence[DocumentRow]
    people: Sequence[tuple[str, str]]
    tasks: Sequence[TaskRow]


NOTHING = Contents((), (), (), ())


def offers(row: Any, actor: Actor, contents: Contents) -> list[ActionView]:
    """For those who may link cases; of a case that is over only the link."""
    if not row.sees_inside or not may(actor, "case.link"):
        return []
    found = [ActionView("link", "关联案件", "写明两案的关系。关联后双方可见彼此的案号和理由，回避随之核查。",
                        _form("link", _text("other", "另一案件的案号"), _REASON), False,
                        lambda values, _files: LinkCases(row.id, _said(values, "other"), _said(values, "reason")))]
    if row.state == "active":
        found += [_merge(row), _split(row, contents)]
    if row.state in ("active", "suspended") and contents.units:
        found.append(_transfer(row, contents))
    return found


def _merge(row: Any) -> ActionView:
    return ActionView("merge", "并案", f"本案终止，材料并入另一案件继续办理。{_TWO}",
                      _form("merge", _text("into", "并入案件的案号"), _REASON), True,
                      lambda values, _files: MergeCases(row.id, _said(values, "into"), _said(values, "reason")), True)


def _split(row: Any, contents: Contents) -> ActionView:
    parties = dict.fromkeys(name for _, name in contents.people)
    offered = {"documents": [(item.key, item.title or item.name) for item in contents.documents],
               "parties": [(name, name) for name in parties],
               "tasks": [(task.key, task.name) for task in contents.tasks]}
    lists = [_choices(key, label, offered[key], key == "parties") for key, label in _CHOSEN.items() if offered[key]]
    return ActionView("split", "分案", f"本案的一部分另立一案；不选待办的从头办理。{_TWO}",
                      _form("split", _text("title", "新案件的名称"), *lists, _REASON), False,
                      lambda values, _files: SplitCase(
                          row.id, _said(values, "title"), _said(values, "reason"),
                          _chosen(values, "documents", offered), _chosen(values, "parties", offered),
                          _chosen(values, "tasks", offered) or ()), True,
                      values={key: [value for value, _ in offered[key]] for key in ("documents", "parties")})


def _chosen(values: Mapping[str, Any], name: str, offered: Mapping[str, Sequence[Any]]) -> tuple[str, ...] | None:
    """What was ticked; None where nothing was there to be ticked."""
    return tuple(map(str, values.get(name) or ())) if offered[name] else None


def _transfer(row: Any, contents: Contents) -> ActionView:
    """Who may answer for it there is filled in by the page."""
    unit = _select("unit", "移送至", [item for item in contents.units if item[0] != row.unit], True)
    owner = _select("owner", "新的承办人（可不填）", (), False)
    return ActionView("transfer", "移送", f"由另一单位承办；已认领的任务退回待认领，期限照常。{_TWO}",
                      _form("transfer", unit, owner, _REASON), False, lambda values, _files: TransferCase(
                          row.id, _said(values, "unit"), _said(values, "owner") or None, _said(values, "reason")), True)


def _select(key: str, label: str, options: Sequence[tuple[str, str]], required: bool) -> Field:
    return {"type": "select", "key": key, "label": label, "id": f"Field_{key}", "searchable": True,
            "values": [{"label": name, "value": value} for value, name in options], "validate": {"required": required}}


def _choices(key: str, label: str, options: Sequence[tuple[str, str]], required: bool) -> Field:
    return {**_select(key, label, options, required), "type": "checklist"}


def _said(values: Mapping[str, Any], name: str) -> str:
    return str(values.get(name) or "").strip()


def _text(key: str, label: str) -> Field:
    return {"type": "textfield", "key": key, "label": label, "id": f"Field_{key}",
            "validate": {"required": True, "maxLength": 255}}


_REASON: Field = {"type": "textarea", "key": "reason", "label": "理由", "id": "Field_reason",
                  "validate": {"required": True, "maxLength": 250}}


def _form(key: str, *components: Field) -> Field:
    return {"type": "default", "id": key, "schemaVersion": 16, "components": list(components)}
