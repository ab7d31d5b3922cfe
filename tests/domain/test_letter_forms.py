"""Every message of the catalogue can be entered by hand: its form takes its own example, and gives it back."""

from __future__ import annotations

import re
from typing import Any

import pytest

from engine.domain.forms import keys, validate
from engine.domain.letter_forms import form, letter
from webhooks.catalogue import load

CATALOGUE = load()
MOMENT = re.compile(r"(T\d\d:\d\d):\d\d(\+\d\d:\d\d)")
INCOMING = [name for name in CATALOGUE.types if CATALOGUE.message(name).comes_in]


def made(name: str) -> dict[str, Any]:
    message = CATALOGUE.message(name)
    return form(message.schema, message.correlates_on, CATALOGUE.correlation_names, lambda what, named: named)


def typed(schema: Any, value: Any) -> Any:
    """A value of the schema as the form holds it: booleans as choices, lists of texts as lines."""
    if schema.get("type") == "boolean":
        return "true" if value else "false"
    if schema.get("type") == "array":
        items = schema["items"]
        return [typed(items, row) for row in value] if items.get("type") == "object" else "\n".join(value)
    if schema.get("type") == "object":
        return {name: typed(schema["properties"][name], part) for name, part in value.items()
                if name in schema["properties"] and part is not None}
    return MOMENT.sub(r"\1\2", value) if schema.get("format") == "date-time" else value


@pytest.mark.parametrize("name", INCOMING)
def test_a_form_takes_the_example_of_its_message_and_gives_it_back(name: str) -> None:
    """Numbers that belong to the content are asked for there, not beside it."""
    schema, example = CATALOGUE.message(name).schema, CATALOGUE.example(name)
    shown = set(keys(made(name)))
    inside = {key: value for key, value in example["correlation"].items() if f"payload.{key}" in shown}
    beside = {key: value for key, value in example["correlation"].items() if f"correlation.{key}" in shown}
    whole = {**inside, **example["payload"]}
    values = {"received_on": "2026-03-02", "correlation": beside, "payload": typed(schema, whole)}
    clean, problems = validate(made(name), values)
    assert problems == []
    numbers, payload = letter(schema, clean)
    assert without_seconds(payload) == without_seconds({key: item for key, item in whole.items() if item is not None})
    assert CATALOGUE.validate_message(example | {"correlation": numbers, "payload": payload}) == []


def without_seconds(value: Any) -> Any:
    """Forms know no seconds."""
    if isinstance(value, dict):
        return {name: without_seconds(part) for name, part in value.items()}
    if isinstance(value, list):
        return [without_seconds(part) for part in value]
    return MOMENT.sub(r"\1:00\2", value) if isinstance(value, str) else value


def test_what_is_left_empty_is_not_there() -> None:
    schema = CATALOGUE.message("court.confirm.result").schema
    clean, problems = validate(made("court.confirm.result"), {
        "received_on": "2026-03-02", "correlation": {"center_case_no": " TJ-1 ", "court_case_no": ""},
        "payload": {"status": "valid", "decided_at": "2026-03-01", "clause": "", "enforcement": {"from": None}}})
    assert problems == []
    assert letter(schema, clean) == ({"center_case_no": "TJ-1"}, {"status": "valid", "decided_at": "2026-03-01"})


def test_what_the_message_requires_the_form_requires() -> None:
    _, problems = validate(made("court.confirm.result"), {"payload": {"enforcement": {"limit_years": 2}}})
    assert {(problem.field, problem.code) for problem in problems} == {
        ("received_on", "required"), ("payload.status", "required"), ("payload.decided_at", "required")}
