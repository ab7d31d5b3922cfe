"""Deadlines as people read them: how many working days are left, and why it is this day."""

from __future__ import annotations

from datetime import date
from typing import Any

from engine.domain.calendar import BusinessCalendar
from engine.domain.commands import task_key
from engine.domain.deadlines import workdays_left
from engine.services.views.models import DeadlineRow


def deadline_row(row: Any, today: date, calendar: BusinessCalendar, language: str) -> DeadlineRow:
    """The read model of a deadline row, its words in the reader's language (``zh`` or ``en``)."""
    computation = row.computation
    running = row.state == "running"
    return DeadlineRow(
        key=task_key(row.case_id, row.wait), rule=row.key, name=_said(computation.get("name"), language) or row.key,
        state=row.state, event_on=row.event_on, start_on=row.start_on, nominal_on=row.nominal_on, due_on=row.due_on,
        due_at=row.due_at, provisional=row.provisional, rule_version=row.rule_version,
        workdays_left=workdays_left(calendar, today, row.due_on) if running else None,
        workdays_total=calendar.workdays_between(row.start_on, row.due_on),
        basis=_basis(computation), local=_is_local(computation),
        consequence=_said(computation.get("consequence"), language),
        computation=computation, language=language,
        case_id=row.case_id, case_no=row.case_no, case_title=row.title, instance=row.instance)


def _said(value: Any, language: str) -> str:
    if isinstance(value, dict):
        return str(value.get(language) or value.get("zh") or "")
    return str(value or "")


def _basis(computation: dict[str, Any]) -> str:
    return "；".join(str(item.get("article", item)) if isinstance(item, dict) else str(item)
                    for item in computation.get("basis", ()))


def _is_local(computation: dict[str, Any]) -> bool:
    """Only assumptions and local practice behind it (evidence mark c), no statute."""
    marks = {item.get("mark") for item in computation.get("basis", ()) if isinstance(item, dict)}
    return marks == {"c"}
