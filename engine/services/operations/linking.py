"""``case.link``: two cases are about one matter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.errors import Conflict, InvalidInput
from engine.services import steps
from engine.services.operations import OperationCall
from engine.services.people import links
from engine.store import cases


def link_cases(call: OperationCall) -> Mapping[str, Any]:
    """Inputs ``other``: the other case's number or id, null for none; ``relation`` and ``reason``. Output ``linked``
    {case_no, relation}; null when none is named or the number is another house's. To link twice is to link once.

    Raises ``Conflict`` for a case that would be linked to itself.
    """
    relation, reason = call.text("relation"), call.text("reason")
    other_id = _other(call)
    if other_id is None:
        return {"linked": None}
    if other_id == call.case.id:
        raise Conflict(action="link", noun="case", key=call.case.case_no or call.case.id, state="the same")
    other = steps.lock_case(call.context, other_id, active=False)
    if not links.are_linked(call.context, call.case, other):
        links.connect(call.context, call.case, other, f"{relation}：{reason}")
        call.context.looked_at += [call.case, other]
    return {"linked": {"case_no": other.case_no, "relation": relation}}


def _other(call: OperationCall) -> str | None:
    key = call.variables.get("other")
    if key is None or key == "":
        return None
    if not isinstance(key, str):
        raise InvalidInput(expected="input 'other' to be a text or null", found=repr(key), where=call.job.element)
    return cases.id_of(call.context.connection, key)
