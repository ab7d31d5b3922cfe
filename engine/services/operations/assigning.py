"""``case.assign``: choose who works on a case; ``case.stage``: say where it stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.services.operations import OperationCall
from engine.services.people import absences, recusals
from engine.store import assignments


def assign_case(call: OperationCall) -> Mapping[str, Any]:
    """Input ``role``. Output ``assignee``: the enabled account with this role, not the applicant, not away today, not
    named in ``except`` and clear to work on the case, that has the fewest open tasks; null when there is none: the task
    then goes to the group."""
    away = absences.absent_on(call.context.connection, call.context.today)
    excluded = {call.case.applicant, *_texts(call.variables.get("except")), *away}
    role = call.text("role")
    chosen = assignments.least_busy(call.context.connection, role, excluded)
    while chosen is not None and recusals.verdict(call.context, call.case, chosen, [role]).verdict:
        excluded.add(chosen)
        chosen = assignments.least_busy(call.context.connection, role, excluded)
    call.case.owner = chosen or call.case.owner
    return {"assignee": chosen}


def _texts(value: Any) -> list[str]:
    return [item for item in (value if isinstance(value, list) else [value]) if isinstance(item, str)]


def set_stage(call: OperationCall) -> Mapping[str, Any]:
    """Input ``stage``: a stage name of the process."""
    call.case.stage = call.text("stage")[:64]
    return {}
