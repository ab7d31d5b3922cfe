"""``recusal.apply``: a decision on a request for recusal takes effect in the case it is about, in the same step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.errors import NotFound
from engine.services.operations import OperationCall
from engine.services.people import recusals
from engine.store import cases
from engine.store import recusals as rows


def apply_decision(call: OperationCall) -> Mapping[str, Any]:
    """Input ``outcome`` granted | refused, ``final``: after reconsideration. Output ``applied``; false when the case
    decides on nobody's request, as in a sandbox."""
    context, outcome = call.context, call.text("outcome")
    request = rows.of_request(context.connection, call.case.id)
    if request is None:
        return {"applied": False}
    row = context.locked.get(request.case_id) or cases.lock(context.connection, request.case_id)
    if row is None:
        raise NotFound(noun="case", key=request.case_id)
    context.locked[row.id] = row
    recusals.settle(context, row, request, outcome, final=call.variables.get("final") is True)
    return {"applied": True}
