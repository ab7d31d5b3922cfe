"""Scripts of ``kapok run`` (INTERFACES §4): a list of actions, read strictly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from engine.errors import InvalidInput
from engine.feel import compile_expression

VERBS = ("complete", "fail", "error", "message", "signal", "advance", "hold")
ACTIONS = ("message", "signal", "advance")
"""Verbs that can always be applied and name no element."""

_KEYS = {"complete": {"with"}, "fail": {"message"}, "error": {"code", "with"}, "message": {"key", "with"},
         "signal": {"with"}, "advance": set(), "hold": set()}


@dataclass(frozen=True, slots=True)
class Action:
    """``element`` is what the verb applies to: an element id, a message or signal name, or a duration."""

    verb: str
    element: str
    values: Mapping[str, Any] = field(default_factory=dict)
    key: str = ""
    code: str = ""
    text: str = ""


def read_script(script: Any) -> list[Action]:
    """Actions out of JSON. Raises ``InvalidInput`` that names the action by its place in the list."""
    if not isinstance(script, Sequence) or isinstance(script, str):
        raise InvalidInput(expected="a list of actions", found=type(script).__name__, where="script")
    return [_read(action, f"script[{place}]") for place, action in enumerate(script)]


def _read(action: Any, where: str) -> Action:
    verb = next((name for name in VERBS if name in action), None) if isinstance(action, Mapping) else None
    if verb is None or not isinstance(action[verb], str):
        raise InvalidInput(expected=f"an action with one of {', '.join(VERBS)}", found=repr(action), where=where)
    extra = sorted(action.keys() - {verb} - _KEYS[verb])
    if extra:
        allowed = ", ".join(sorted(_KEYS[verb])) or verb
        raise InvalidInput(expected=f"only {allowed}", found=", ".join(extra), where=where)
    values = action.get("with") or {}
    if not isinstance(values, Mapping):
        raise InvalidInput(expected="an object", found=repr(values), where=f"{where}.with")
    if verb == "advance":
        duration(action[verb], where)
    text = action.get("message", "") if verb == "fail" else ""
    return Action(verb, action[verb], values, str(action.get("key", "") if action.get("key") is not None else ""),
                  str(action.get("code", "")), str(text))


def duration(text: str, where: str) -> timedelta:
    """A days-and-time duration such as PT2H or P3D. Raises ``InvalidInput``."""
    value = compile_expression("duration(text)").evaluate({"text": text}).value
    if not isinstance(value, timedelta) or value < timedelta(0):
        raise InvalidInput(expected="a duration such as PT2H or P3D", found=repr(text), where=where)
    return value
