"""Every form is Chinese, helps, validates, and is understood by the server that checks it again."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from engine.domain.forms import validate
from engine.services.uploads.kinds import KINDS
from tests.bpmn.procedures import chinese, files, name_of

each_form = pytest.mark.parametrize("path", files("*.form"), ids=name_of)


def _fields(components: list[dict[str, Any]], *, rows: bool = True) -> Iterator[Mapping[str, Any]]:
    """The fields; ``rows`` with those of rows that people add as they need them."""
    for item in components:
        if "key" in item:
            yield item
        yield from _fields(item.get("components", []), rows=rows) if rows or not item.get("isRepeating") else ()


@each_form
def test_id_is_the_file_name_and_keys_are_unique(path: Path) -> None:
    form = json.loads(path.read_text("utf-8"))
    keys = [field["key"] for field in _fields(form["components"])]
    assert form["id"] == path.stem
    assert form["schemaVersion"] >= 16
    assert len(keys) == len(set(keys))


@each_form
def test_labels_and_choices_are_chinese(path: Path) -> None:
    for field in _fields(json.loads(path.read_text("utf-8"))["components"]):
        named = ("dateLabel", "timeLabel") if field.get("subtype") == "datetime" else ("label",)
        assert all(chinese(field[name]) for name in named), field["key"]
        assert all(chinese(choice["label"]) for choice in field.get("values", [])), field["key"]
        if field["type"] in ("textfield", "textarea"):
            assert field["validate"]["maxLength"], field["key"]


@each_form
def test_it_asks_for_the_kinds_of_files_that_are_taken(path: Path) -> None:
    taken = {ending for _, _, endings, _ in KINDS for ending in endings}
    for field in _fields(json.loads(path.read_text("utf-8"))["components"]):
        if field["type"] == "filepicker":
            assert set(field["accept"].split(",")) == taken, field["key"]


@each_form
def test_the_server_reads_it_and_asks_for_what_is_required(path: Path) -> None:
    form = json.loads(path.read_text("utf-8"))
    required = {field["key"] for field in _fields(form["components"], rows=False)
                if field.get("validate", {}).get("required") and "conditional" not in field}
    _, problems = validate(form, {})
    assert {problem.field for problem in problems if problem.code == "required"} == required
