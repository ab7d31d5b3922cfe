"""What else may be done with a case now: answer a wait that a person may answer, and what supervision may do.

A catching element offers itself to people by properties: ``role`` (who), ``form`` (what they fill in), ``action`` (the
words on the button), ``danger``. What they send is published as the message that the element waits for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any

from engine.definition.model import Definition
from engine.domain.actors import Actor
from engine.domain.commands import AnswerWait, CancelCase, ResumeCase, SuspendCase, task_key
from engine.domain.permissions import PARTIES, is_staff, may
from engine.domain.recusal_commands import RequestRecusal
from engine.services.people import seats
from engine.services.views import rearranging
from engine.services.views.models import ActionView
from engine.services.views.tasks import spoken

Held = frozenset[tuple[str, bool]]
"""(capacity, may settle) of somebody's seats in a case."""
_REASON_FORM: Mapping[str, Any] = {
    "type": "default", "id": "reason", "schemaVersion": 16,
    "components": [{"type": "textarea", "key": "reason", "label": "理由", "id": "Field_reason",
                    "validate": {"required": True, "maxLength": 500}}]}


_SUSPEND_FORM: Mapping[str, Any] = {
    "type": "default", "id": "suspend", "schemaVersion": 16,
    "components": [
        {"type": "textfield", "key": "basis", "label": "依据（条文）", "id": "Field_basis",
         "validate": {"required": True, "maxLength": 500}},
        {"type": "textfield", "key": "evidence", "label": "证据（文号、文件名或存证编号）", "id": "Field_evidence",
         "validate": {"maxLength": 500}},
        {"type": "datetime", "subtype": "date", "key": "from_on", "dateLabel": "第一个不计入的日（不填为今日）",
         "id": "Field_from", "layout": {"row": "Row_days", "columns": 8}},
        {"type": "datetime", "subtype": "date", "key": "until_on", "dateLabel": "到哪一日提醒恢复",
         "id": "Field_until", "layout": {"row": "Row_days", "columns": 8}},
        *_REASON_FORM["components"]]}


def actions(row: Any, actor: Actor, definition: Definition, subscriptions: Sequence[Any],
            workers: Sequence[tuple[str, str]] = (),
            contents: rearranging.Contents = rearranging.NOTHING, held: Held = frozenset()) -> tuple[ActionView, ...]:
    """The actions of one actor on one case the actor sees; ``workers``: (id, name) of those who work on it;
    ``contents``: what may be chosen of it, and to whom it may be given; ``held``: the actor's seats in it."""
    found: list[ActionView] = []
    if row.state == "active":
        offered = (_answer(row, actor, definition, wait, held) for wait in subscriptions)
        found += [action for action in offered if action is not None]
    return (*found, *_recusal(row, actor, workers), *rearranging.offers(row, actor, contents),
            *_supervision(row, actor))


def answers(row: Any, actor: Actor, definition: Definition, subscriptions: Sequence[Any], held: Held) -> list[int]:
    """The element instances of those waits that are offered to the actor."""
    return [wait.instance for wait in subscriptions if _answer(row, actor, definition, wait, held) is not None]


def _recusal(row: Any, actor: Actor, workers: Sequence[tuple[str, str]]) -> list[ActionView]:
    """Whoever sees a running case may ask that one who works on it be recused."""
    known = [{"label": name, "value": person} for person, name in workers if person != row.applicant]
    if row.state not in ("active", "suspended") or not known or row.procedure == "recusal":
        return []
    if not (is_staff(actor) or row.applicant == actor.id or not PARTIES.isdisjoint(actor.roles)):
        return []
    form = {"type": "default", "id": "recuse", "schemaVersion": 16, "components": [
        {"type": "select", "key": "person", "label": "回避人员", "id": "Field_person", "values": known,
         "validate": {"required": True}},
        {"type": "select", "key": "ground", "label": "事由", "id": "Field_ground", "validate": {"required": True},
         "values": [{"label": label, "value": kind} for kind, label in _GROUNDS.items()]},
        {"type": "textarea", "key": "reason", "label": "理由", "id": "Field_reason",
         "validate": {"required": True, "maxLength": 2000}}]}
    hint = "三日内决定；被驳回的可申请复议一次。"
    return [ActionView("recuse", "申请回避", hint, form, False, lambda values, _files: RequestRecusal(
        row.id, str(values["person"]), str(values["ground"]), str(values["reason"])))]


_GROUNDS = {"relative": "近亲属关系", "employer": "曾任职于当事人或其代理机构", "shareholding": "持股或其他利害关系",
            "mentor": "师徒关系", "posting": "派驻关系", "past_case": "参与过此前的程序",
            "other": "其他可能影响公正的关系"}


def _answer(row: Any, actor: Actor, definition: Definition, wait: Any, held: Held) -> ActionView | None:
    element = definition.processes[wait.process].elements.get(wait.element)
    if element is None or not seats.answers(element, actor, held):
        return None
    name = element.properties.get("action") or element.name or wait.name
    key = task_key(row.id, wait.wait)
    return ActionView(
        code=f"answer-{wait.wait}", name=name, hint=spoken(element.documentation),
        schema=definition.forms.get(element.properties.get("form", "")), danger="danger" in element.properties,
        command=lambda values, files: AnswerWait(key, values, tuple(files)), instance=wait.instance,
        asked=element.attached_to is None)


def _supervision(row: Any, actor: Actor) -> list[ActionView]:
    def view(code: str, name: str, command: Any, danger: bool) -> ActionView:
        return ActionView(code, name, "", _REASON_FORM, danger, partial(_with_reason, command, row.id))

    found: list[ActionView] = []
    if row.state == "active" and may(actor, "case.suspend"):
        found.append(ActionView("suspend", "中止案件", "依法可停的期限停止计算，其余照常进行。", _SUSPEND_FORM, False,
                                partial(_suspend, row.id)))
    if row.state == "suspended" and may(actor, "case.suspend"):
        found.append(view("resume", "恢复案件", ResumeCase, False))
    if row.state in ("active", "suspended") and may(actor, "case.cancel"):
        found.append(view("cancel", "终止案件", CancelCase, True))
    return found


def _with_reason(command: Any, case_id: str, values: Mapping[str, Any], _files: Sequence[Any]) -> Any:
    return command(case_id, str(values.get("reason", "")))


def _suspend(case_id: str, values: Mapping[str, Any], _files: Sequence[Any]) -> SuspendCase:
    from_on, until_on = (date.fromisoformat(str(values[name])) if values.get(name) else None
                         for name in ("from_on", "until_on"))
    return SuspendCase(case_id, str(values.get("reason", "")), str(values.get("basis", "")),
                       str(values.get("evidence", "")), from_on, until_on)
