"""What may be done with a case as a whole: link it, put it together with another, take a part out, give it away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.domain.actors import Actor
from engine.domain.desk_commands import MergeCases, SplitCase, TransferCase
from engine.domain.permissions import may
from engine.domain.recusal_commands import LinkCases
from engine.services.views.models import ActionView

Field = dict[str, Any]
_TWO = "须另一人核准后生效。"


def offers(row: Any, actor: Actor, units: Sequence[tuple[str, str]]) -> list[ActionView]:
    """For those who may link cases; of a case that is over only the link."""
    if not row.sees_inside or not may(actor, "case.link"):
        return []
    found = [ActionView("link", "关联案件", "两案涉及同一事项。关联后双方可见彼此的案号和理由，回避随之核查。",
                        _form("link", _text("other", "另一案件的案号"), _REASON), False,
                        lambda values, _files: LinkCases(row.id, _said(values, "other"), _said(values, "reason")))]
    if row.state == "active":
        found += [_merge(row), _split(row)]
    if row.state in ("active", "suspended") and units:
        found.append(_transfer(row, units))
    return found


def _merge(row: Any) -> ActionView:
    return ActionView("merge", "并案", f"本案终止，材料并入另一案件继续办理。{_TWO}",
                      _form("merge", _text("into", "并入案件的案号"), _REASON), True,
                      lambda values, _files: MergeCases(row.id, _said(values, "into"), _said(values, "reason")), True)


def _split(row: Any) -> ActionView:
    return ActionView("split", "分案", f"本案的一部分另立一案，从头办理，带走全部材料。{_TWO}",
                      _form("split", _text("title", "新案件的名称"), _REASON), False,
                      lambda values, _files: SplitCase(row.id, _said(values, "title"), _said(values, "reason")), True)


def _transfer(row: Any, units: Sequence[tuple[str, str]]) -> ActionView:
    choices = [{"label": name, "value": key} for key, name in units if key != row.unit]
    unit = {"type": "select", "key": "unit", "label": "移送至", "id": "Field_unit", "values": choices,
            "validate": {"required": True}}
    return ActionView("transfer", "移送", f"由另一单位承办；已认领的任务退回待认领。{_TWO}",
                      _form("transfer", unit, _REASON), False, lambda values, _files: TransferCase(
                          row.id, _said(values, "unit"), None, _said(values, "reason")), True)


def _said(values: Mapping[str, Any], name: str) -> str:
    return str(values.get(name, "")).strip()


def _text(key: str, label: str) -> Field:
    return {"type": "textfield", "key": key, "label": label, "id": f"Field_{key}",
            "validate": {"required": True, "maxLength": 255}}


_REASON: Field = {"type": "textarea", "key": "reason", "label": "理由", "id": "Field_reason",
                  "validate": {"required": True, "maxLength": 250}}


def _form(key: str, *components: Field) -> Field:
    return {"type": "default", "id": key, "schemaVersion": 16, "components": list(components)}
