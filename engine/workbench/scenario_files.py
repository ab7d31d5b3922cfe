"""Scenario files as they are read (INTERFACES §5): what is wrong is said by place, before anything is played."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from engine.errors import InvalidInput

_TEXT, _DATA = {"type": "string"}, {"type": ["object", "null"]}
_NAMES = {"type": ["array", "null"]}
_MESSAGE = {"message": _TEXT, "key": {"type": ["string", "number"]}, "with": _DATA,
            "legal_on": {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"}}
_STEP = {
    "type": "object", "additionalProperties": False, "dependentRequired": {"error": ["code"]},
    "properties": {
        **_MESSAGE, "complete": _TEXT, "fail": _TEXT, "error": _TEXT, "signal": _TEXT, "advance": _TEXT,
        "advance_to": _TEXT, "as": _TEXT, "reason": {}, "confirm": {"type": "boolean"},
        "code": {"type": ["string", "number"]},
        "expect": {"type": ["object", "null"], "additionalProperties": False, "properties": {
            "waiting": _NAMES, "documents": _NAMES, "messages_sent": _NAMES, "incidents": _NAMES, "deadlines": _DATA,
            "variables": _DATA, "stage": {}, "state": {}}}}}
_CASE = {
    "type": "object", "additionalProperties": False,
    "properties": {"name": {}, "process": _TEXT, "at": _TEXT, "start": _DATA, "as": _TEXT, "ends": _TEXT,
                   "start_by": {"type": "object", "required": ["message"], "properties": _MESSAGE},
                   "steps": {"type": ["array", "null"], "items": _STEP}}}
_FILE = Draft202012Validator({
    "type": "object", "required": ["cases"],
    "properties": {"process": _TEXT, "cases": {"type": "array", "items": _CASE}}})


@dataclass(frozen=True, slots=True)
class ScenarioFile:
    """A scenario file with the model files of its folder: (name, content)."""

    path: str
    content: bytes
    models: tuple[tuple[str, bytes], ...]


def read_cases(file: ScenarioFile) -> list[dict[str, Any]]:
    """The cases of a file. Raises ``InvalidInput`` that names the line or the place."""
    try:
        content = yaml.load(file.content, Loader=Loader)
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidInput(expected="YAML", found=" ".join(str(error).split()), where=file.path) from error
    fault = best_match(_FILE.iter_errors(content))
    if fault is not None:
        raise InvalidInput(expected="a scenario", found=fault.message, where=_place(fault.absolute_path))
    return [{"process": content.get("process"), **case} for case in content["cases"]]


def _place(path: Sequence[str | int]) -> str:
    """``cases[2].steps[1].with``, counted from 1 as people do."""
    return "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".") or "the file"


class Loader(yaml.SafeLoader):
    """Dates and times stay texts: a scenario says them as ISO 8601."""


Loader.yaml_implicit_resolvers = {
    key: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for key, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()}
