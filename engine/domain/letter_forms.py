"""A form for a message, made from its JSON Schema: what an officer fills in when the message came on paper.

``form`` gives form-js JSON whose values are ``{"correlation": {…}, "payload": {…}, "received_on", "files", "note"}``;
``letter`` turns what was filled in back into what the schema asks for: nothing empty, booleans as such, lists of texts
from the lines of a text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

Schema = Mapping[str, Any]
Say = Callable[[str, str], str]
"""(``field`` | ``code`` | ``word``, name) → how it is called on the page."""

ACCEPT = ".pdf,.docx,.ofd,.png,.jpg,.jpeg"
SHORT = frozenset({"textfield", "select", "number", "datetime", "radio", "checkbox"})
COLUMNS = 16
"""Of a row, as form-js counts."""
LONG_TEXT = 1000


def form(schema: Schema, correlates_on: Sequence[str], known: Mapping[str, Schema], say: Say) -> dict[str, Any]:
    """``known``: schemas of the names that a message may be correlated by; of these the type's own come first."""
    names = [*correlates_on, *(name for name in ("center_case_no",) if name not in correlates_on)]
    numbers = [_field(name, known.get(name, {"type": "string", "maxLength": 128}), False, say)
               for name in names if name not in schema["properties"]]
    parts = [
        {"type": "datetime", "subtype": "date", "key": "received_on", "dateLabel": say("word", "received_on"),
         "validate": {"required": True}},
        {"type": "group", "label": say("word", "correlation"), "path": "correlation", "showOutline": True,
         "components": numbers} if numbers else None,
        {"type": "group", "label": say("word", "payload"), "path": "payload", "showOutline": True,
         "components": _fields(schema, say)},
        {"type": "filepicker", "key": "files", "label": say("word", "files"), "multiple": True, "accept": ACCEPT},
        {"type": "textarea", "key": "note", "label": say("word", "note"), "validate": {"maxLength": 1000}}]
    return {"type": "default", "schemaVersion": 18, "id": "letter",
            "components": _numbered([part for part in parts if part is not None])}


def letter(schema: Schema, values: Mapping[str, Any]) -> tuple[dict[str, str], dict[str, Any]]:
    """(correlation, payload) out of the values of the form."""
    numbers = {name: value.strip() for name, value in (values.get("correlation") or {}).items()
               if isinstance(value, str) and value.strip()}
    return numbers, _object(schema, values.get("payload") or {})


def _fields(schema: Schema, say: Say) -> list[dict[str, Any]]:
    required = schema.get("required", ())
    return [_field(name, part, name in required, say) for name, part in schema["properties"].items()]


def _field(name: str, schema: Schema, required: bool, say: Say) -> dict[str, Any]:
    label, rules = say("field", name), {"required": True} if required else {}
    if "enum" in schema:
        offered = [{"label": say("code", str(one)), "value": one} for one in schema["enum"] if one is not None]
        return {"type": "select", "key": name, "label": label, "values": offered, "validate": rules}
    if "const" in schema:
        return {"type": "checkbox", "key": name, "label": label, "validate": rules}
    kind = schema.get("type", "string")
    made = _MAKERS.get(kind, _text)(name, schema, required, say)
    return {"label": label, "key": name, "validate": rules | made.pop("validate", {}), **made}


def _text(name: str, schema: Schema, required: bool, say: Say) -> dict[str, Any]:
    if schema.get("format") in ("date", "date-time"):
        day = schema["format"] == "date"
        return {"type": "datetime", "subtype": "date" if day else "datetime", "dateLabel": say("field", name),
                **({} if day else {"timeLabel": say("word", "time"), "timeSerializingFormat": "utc_offset"})}
    rules: dict[str, Any] = {"maxLength": schema["maxLength"]} if "maxLength" in schema else {}
    if "pattern" in schema:
        rules |= {"pattern": schema["pattern"], "patternErrorMessage": say("pattern", name)}
    return {"type": "textarea" if schema.get("maxLength", 0) >= LONG_TEXT else "textfield", "validate": rules}


def _number(name: str, schema: Schema, required: bool, say: Say) -> dict[str, Any]:
    rules = {ours: schema[theirs] for theirs, ours in (("minimum", "min"), ("maximum", "max")) if theirs in schema}
    whole = {"decimalDigits": 0} if schema["type"] == "integer" else {}
    return {"type": "number", "validate": rules, **whole}


def _boolean(name: str, schema: Schema, required: bool, say: Say) -> dict[str, Any]:
    return {"type": "radio", "values": [{"label": say("word", one), "value": one} for one in ("true", "false")]}


def _group(name: str, schema: Schema, required: bool, say: Say) -> dict[str, Any]:
    """Inside an object that may be left out nothing is required by the form; the schema judges what was filled in."""
    inner = schema if required else {**schema, "required": ()}
    return {"type": "group", "path": name, "components": _fields(inner, say), "key": None}


def _list(name: str, schema: Schema, required: bool, say: Say) -> dict[str, Any]:
    items = schema.get("items", {})
    if items.get("type") != "object":
        return {"type": "textarea", "description": say("word", "one_per_line")}
    return {"type": "dynamiclist", "path": name, "isRepeating": True, "allowAddRemove": True, "key": None,
            "defaultRepetitions": 1 if required else 0, "nonCollapsedItems": 5,
            "components": _fields(items, say), "disableCollapse": True}


_MAKERS: Mapping[str, Callable[[str, Schema, bool, Say], dict[str, Any]]] = {
    "string": _text, "integer": _number, "number": _number, "boolean": _boolean, "object": _group, "array": _list}


def _numbered(components: Sequence[Mapping[str, Any]], path: str = "Field") -> list[dict[str, Any]]:
    """With ids, which form-js wants, and without what is not set; short fields stand two in a row."""
    made: list[dict[str, Any]] = []
    half: dict[str, Any] | None = None
    for number, component in enumerate(components, 1):
        own = {name: value for name, value in component.items() if value not in (None, {}) or name == "values"}
        own["id"] = f"{path}_{number}"
        if "components" in own:
            own["components"] = _numbered(own["components"], own["id"])
        if own["type"] in SHORT:
            row = half["layout"]["row"] if half is not None else f"Row_{own['id']}"
            own["layout"] = {"row": row, "columns": COLUMNS // 2}
            half = own if half is None else None
        else:
            half = None
        made.append(own)
    return made


def _object(schema: Schema, values: Mapping[str, Any]) -> dict[str, Any]:
    found = {name: _value(schema["properties"].get(name, {}), value) for name, value in values.items()}
    return {name: value for name, value in found.items() if value not in (None, "", [], {})}


def _value(schema: Schema, value: Any) -> Any:
    kind = schema.get("type")
    if kind == "object" and isinstance(value, Mapping):
        return _object(schema, value)
    if kind == "array":
        return list(_items(schema.get("items", {}), value))
    if kind == "boolean":
        return {"true": True, "false": False}.get(value)
    if "const" in schema:
        return value or None
    if schema.get("format") == "date-time" and isinstance(value, str) and value:
        return datetime.fromisoformat(value).isoformat()  # forms know no seconds, messages want them
    return value.strip() if isinstance(value, str) else value


def _items(schema: Schema, value: Any) -> Iterator[Any]:
    if isinstance(value, str):
        yield from (line.strip() for line in value.splitlines() if line.strip())
    elif isinstance(value, Sequence):
        rows = (_value(schema, row) for row in value)
        yield from (row for row in rows if row not in (None, "", [], {}))
