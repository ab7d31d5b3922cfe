"""User tasks as people see them: whose they are, what the law says, what happens next."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from engine.definition.model import Definition, Element, Process
from engine.domain import masking
from engine.domain.actors import Actor
from engine.domain.commands import task_key
from engine.domain.laws import shipped_laws
from engine.domain.permissions import PARTIES, is_own, needs_names
from engine.services.views.models import DeadlineRow, LawNote, OwnDate, TaskRow

_BASIS = re.compile(r"[；;]\s*")
_NUMBERS = re.compile(r"^P\d\d\w?(?:（[^）]*）)?(?: S[\dxS–、]+)?(?: 总案)?：|（P\d\d[^）]*）")
"""Numbers that the catalogue of procedures gives to them and to their steps."""


def task_row(row: Any, actor: Actor, names: Mapping[str, str], deadline: DeadlineRow | None, own: OwnDate | None = None,
             subject: str = "") -> TaskRow:
    """The read model of a task row; ``names`` are the names of assignees by id."""
    mine = is_own(actor, row.assignee)
    open_now = row.state == "open" and row.case_state == "active"
    state = {"open": "assigned" if row.assignee else "created"}.get(row.state, row.state)
    return TaskRow(
        key=task_key(row.case_id, row.wait), name=row.name or row.element, element=row.element, state=state,
        case_id=row.case_id, case_no=row.case_no, case_title=row.title, stage=row.stage,
        parties=row.parties if needs_names(actor) else masking.parties(row.parties),
        assignee=row.assignee, assignee_name=names.get(row.assignee or "", row.assignee or ""), mine=mine,
        may_claim=open_now and bool(row.offered) and PARTIES.isdisjoint(actor.roles),
        may_work=open_now and (mine or bool(row.offered)), deadline=deadline,
        created_at=row.created_at, ended_at=row.ended_at, priority=row.priority,
        follow_up_at=row.follow_up_at, due_at=row.due_at, own=own, subject=subject)


def sources(element: Element) -> list[str]:
    """The sources a step stands on: ``legalBasis`` of its properties."""
    return [part.strip() for part in _BASIS.split(element.properties.get("legalBasis", "")) if part.strip()]


def law_notes(element: Element | None, language: str) -> tuple[LawNote, ...]:
    """What the law says on a step: its sources, and their words where they are known."""
    if element is None:
        return ()
    laws, evidence = shipped_laws().known, element.properties.get("evidence", "")[:1]
    return tuple(LawNote(source, law.words.text(language) if law else "", (law.mark if law else evidence) == "a",
                         "本地规则" in source)
                 for source in sources(element) for law in [laws.get(source)])


def spoken(documentation: str) -> str:
    """What a diagram says to the person who does a step: the basis and its evidence mark are shown beside it, numbers
    of the catalogue of procedures are for designers."""
    return _NUMBERS.sub("", documentation.split("依据：", maxsplit=1)[0].strip())


def what_next(definition: Definition, process_id: str, element_id: str) -> str:
    """One sentence: the named elements that follow, through gateways. Empty when nothing can be said."""
    process = definition.processes[process_id]
    if element_id not in process.elements:
        return ""
    found = list(dict.fromkeys(_following(process, process.elements[element_id])))
    return "、".join(found[:4])


def _following(process: Process, start: Element) -> list[str]:
    ahead, seen, names = [start.id], {start.id}, []
    while ahead and len(seen) < 50:
        for flow in process.elements[ahead.pop(0)].outgoing:
            target = process.elements[process.flows[flow].target]
            if target.id in seen:
                continue
            seen.add(target.id)
            if "Gateway" in str(target.kind):
                ahead.append(target.id)
            elif target.name:
                names.append(target.name)
    return names
