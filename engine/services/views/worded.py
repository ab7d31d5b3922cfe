"""Read models in English: what a designer wrote is replaced by its translation, what people typed stays as it is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from html import escape, unescape
from typing import Any

from engine.services.views import models as m

Words = Mapping[str, str]
_TASK = ("name", "stage")
WRITTEN: Mapping[type, tuple[str, ...]] = {
    m.TaskRow: _TASK, m.TaskView: (*_TASK, "description"), m.StepRow: ("name",), m.StageRow: ("name",),
    m.CaseRowView: ("process_name", "stage"), m.CaseView: ("process_name", "stage", "result"),
    m.ActionView: ("name", "hint"), m.StartView: ("name", "description"), m.DocumentRow: ("title",),
    m.IncidentRow: ("element",),
}
"""Which fields of a read model hold words of a model."""
FORM_TEXTS = frozenset({"label", "description", "text", "dateLabel", "timeLabel", "patternErrorMessage"})
_NAME = re.compile(r'(\sname=")([^"]*)(")')


def english(view: Any, words: Words) -> Any:
    """A read model, or a sequence of them, with its words in English."""
    if isinstance(view, tuple | list):
        return type(view)(english(item, words) for item in view)
    if isinstance(view, m.DiagramView):
        view = replace(view, xml=_NAME.sub(lambda found: _renamed(found, words), view.xml.decode()).encode())
    if isinstance(view, m.HistoryRow):
        name = view.params.get("name")
        return replace(view, params={**view.params, "name": words.get(name, name)}) if isinstance(name, str) else view
    if not is_dataclass(view) or isinstance(view, type):
        return view
    changed = {item.name: _field(view, item.name, words) for item in fields(view)}
    return replace(view, **{name: value for name, value in changed.items() if value is not getattr(view, name)})


def _field(view: Any, name: str, words: Words) -> Any:
    value = getattr(view, name)
    if name in WRITTEN.get(type(view), ()):
        return words.get(value, value)
    if name == "schema":
        return form(value, words)
    if name == "next" and isinstance(view, m.TaskView):
        return ", ".join(words.get(part, part) for part in value.split("、"))
    if isinstance(value, tuple | list) or (is_dataclass(value) and not isinstance(value, type)):
        return english(value, words)
    return value


def form(schema: Any, words: Words) -> Any:
    """A form-js schema with its labels in English; keys and values stay."""
    if isinstance(schema, Mapping):
        return {key: words.get(value, value) if key in FORM_TEXTS and isinstance(value, str) else form(value, words)
                for key, value in schema.items()}
    return [form(item, words) for item in schema] if isinstance(schema, tuple | list) else schema


def _renamed(found: re.Match[str], words: Words) -> str:
    name = unescape(found[2])
    return f"{found[1]}{escape(words[name])}{found[3]}".replace("\n", "&#10;") if name in words else found[0]
