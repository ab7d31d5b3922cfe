"""``case.assign``: choose who works on a case; ``case.stage``: say where it stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.services.operations import OperationCall
from engine.store import absences, assignments


def assign_case(call: OperationCall) -> Mapping[str, Any]:
    """Input ``role``. Output ``assignee``: the enabled account with this role, not the applicant, not away
    today and not named in ``except``, that has the fewest open tasks; null when there is none: the task then goes to the
    group."""
    away = {row.user for row in absences.on(call.context.connection, call.context.today)}
    excluded = {call.case.applicant, *_texts(call.variables.get("except")), *away}
    chosen = assignments.least_busy(call.context.connection, call.text("role"), excluded)
    call.case.owner = chosen or call.case.owner
    return {"assignee": chosen}


def _texts(value: Any) -> list[str]:
    return [item for item in (value if isinstance(value, list) else [value]) if isinstance(item, str)]


def set_stage(call: OperationCall) -> Mapping[str, Any]:
    """Input ``stage``: a stage name of the process."""
    call.case.stage = call.text("stage")[:64]
    return {}
