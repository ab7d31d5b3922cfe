"""``recusal.apply``: a decision on a request for recusal takes effect in the case it is about, in the same step;
``recusal.check``: what the recusal engine finds about people before they take up work; ``recusal.accept``: all parties
have accepted them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from engine.domain.recusal import Verdict
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


def check_people(call: OperationCall) -> Mapping[str, Any]:
    """Inputs ``users``: an account or a list of accounts, ``role``: the one they would take up. Output ``findings``
    [{user, level, ground, source}], ``level`` block | disclose; who is clear is not in it. What was declared is not
    told: a ground is its kind."""
    role = call.text("role")
    if recusals.note_parties(call.context, call.case, call.variables):  # in the step that first names them, too
        call.context.looked_at.append(call.case)
    found = [(user, recusals.verdict(call.context, call.case, user, [role]))
             for user in dict.fromkeys(_accounts(call.variables.get("users")))]
    return {"findings": [
        {"user": user, "level": "block" if finding.verdict is Verdict.BLOCK else "disclose", "ground": finding.ground,
         "source": finding.source} for user, finding in found if finding.verdict is not Verdict.CLEAR]}


def accept_people(call: OperationCall) -> Mapping[str, Any]:
    """Inputs ``users``, and ``evidence`` of it: every party has accepted these people after disclosure, so that they
    may take up work. Output ``accepted``: the accounts."""
    users = list(dict.fromkeys(_accounts(call.variables.get("users"))))
    for user in users:
        recusals.accept(call.context, call.case, user, call.text("evidence", call.job.element)[:255])
    return {"accepted": users}


def _accounts(value: Any) -> Iterable[str]:
    return [item for item in (value if isinstance(value, list) else [value]) if isinstance(item, str) and item]
