"""``deadline.pause`` and ``deadline.resume``: a diagram stops running deadlines of its case and lets them go on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from engine.domain.reading import as_day
from engine.errors import InvalidInput, Phrase
from engine.services.legal_time import deadline_life
from engine.services.operations import OperationCall

ALL = "*"


def pause_deadlines(call: OperationCall) -> Mapping[str, Any]:
    """Inputs ``deadline``: a key or a list of keys, or ``*`` for those that run before the step and that the law lets
    stop, be it none; ``reason``, ``evidence``; ``from``: the first day that does not count, default the legal day of
    the step. Output ``paused`` [{deadline, from_on}]. What the step itself has armed may be paused by its key too.

    Raises ``PauseForbidden`` with the article where the law lets nothing stop, ``NotFound`` where none runs.
    """
    from_on, reason, evidence = _day(call, "from"), call.text("reason"), call.text("evidence")
    if call.variables.get("deadline") == ALL:
        stopped = deadline_life.pause_all(call.context, call.case, from_on, reason, evidence, deadline_life.BY_DIAGRAM)
        return {"paused": [{"deadline": key, "from_on": from_on.isoformat()} for key in stopped]}
    return {"paused": deadline_life.pause_named(call.context, call.case, _keys(call), from_on, reason, evidence,
                                                call.events)}


def resume_deadlines(call: OperationCall) -> Mapping[str, Any]:
    """Inputs ``deadline``: as above, ``*`` for all that a diagram of the case has paused; ``evidence``; ``on``: the
    first day that counts again, default the legal day of the step. Output ``resumed`` [{deadline, due_on, before}]."""
    on, evidence = _day(call, "on"), str(call.variables.get("evidence") or "")
    if call.variables.get("deadline") == ALL:
        return {"resumed": deadline_life.resume_all(call.context, call.case, on, evidence, deadline_life.BY_DIAGRAM)}
    return {"resumed": deadline_life.resume_named(call.context, call.case, _keys(call), on, evidence)}


def _keys(call: OperationCall) -> list[str]:
    value = call.variables.get("deadline")
    keys = value if isinstance(value, list) else [call.text("deadline")]
    if not keys or not all(isinstance(key, str) for key in keys):
        raise InvalidInput(expected=Phrase("input '{name}' to be a text", name="deadline"), found=repr(value),
                           where=call.job.element)
    return list(dict.fromkeys(keys))


def _day(call: OperationCall, name: str) -> date:
    value = call.variables.get(name)
    return call.context.legal_day if value is None else as_day(value, name)
