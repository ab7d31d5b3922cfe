"""Every diagram, form and decision under ``bpmn/`` opens in its editor in a real Chromium and is saved as it was meant.

One page for all of them. What is compared is what we read: our model of a diagram or decision but for line numbers, and
a form as it is; of a diagram also where everything is drawn.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from lxml import etree
from playwright.sync_api import Page

from engine.definition.decisions import read_models
from engine.definition.markup import parse
from engine.definition.read import read
from engine.definition.report import Report
from tests.ui.browser import chromium, served, watched

ROOT = Path(__file__).parents[2]
BPMN = ROOT / "bpmn"
PAGE = """<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>往返</title>
<link rel="icon" href="/static/favicon.svg">
<link rel="stylesheet" href="/static/vendor/modeler.css"><link rel="stylesheet" href="/static/vendor/decisions.css">
<link rel="stylesheet" href="/static/vendor/form-editor.css"><div id="host"></div>
<script src="/static/vendor/modeler.js"></script><script src="/static/vendor/decisions.js"></script>
<script src="/static/vendor/form-editor.js"></script></html>"""
EDITORS = {".bpmn": "KapokModeler", ".dmn": "KapokDecisions", ".form": "KapokForms"}
ROUND_TRIP = """async ([editor, content]) => {
    const host = document.getElementById('host');
    host.style = 'height: 600px';
    const opened = await globalThis[editor].open(host, editor === 'KapokForms' ? JSON.parse(content) : content);
    const saved = await opened.save();
    await new Promise(requestAnimationFrame); // what is still being drawn is not torn down under the painter
    opened.close();
    return {warnings: opened.warnings, saved};
}"""
UNTOLD = frozenset({"line", "reachable", "file", "file_name"})
"""What is not meaning: where in the file it stands, and what is worked out from the rest."""


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    app = Flask(__name__, static_folder=str(ROOT / "engine" / "ui" / "static"))
    app.add_url_rule("/", "page", lambda: PAGE)
    with served(app) as base, chromium() as browser, watched(browser, base) as view:
        view.open("/")
        yield view.page
        view.quiet()


def saved(page: Page, path: Path) -> Any:
    answer = page.evaluate(ROUND_TRIP, [EDITORS[path.suffix], path.read_text("utf-8")])
    assert answer["warnings"] == []
    return answer["saved"]


def meaning(value: Any) -> Any:
    """Plain data without line numbers, to compare with ==."""
    if is_dataclass(value) and not isinstance(value, type):
        return type(value).__name__, {field.name: meaning(getattr(value, field.name)) for field in fields(value)
                                      if field.name not in UNTOLD}
    if isinstance(value, Mapping):
        return {key: meaning(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [meaning(item) for item in value]
    return value


def model(content: bytes) -> Any:
    found = parse(content, report := Report("a"))
    assert found is not None
    return meaning(read(found, report))


def drawn(content: bytes) -> dict[str, Any]:
    """Element → the numbers of its shape or edge, rounded as editors do."""
    places = {}
    for item in etree.fromstring(content).iterfind(".//{*}BPMNPlane/*"):
        parts = [*item.iterfind("{*}Bounds"), *item.iterfind("{*}waypoint")]
        places[item.get("bpmnElement")] = [
            round(float(part.get(name))) for part in parts for name in ("x", "y", "width", "height") if part.get(name)]
    return places


def decisions(content: bytes) -> Any:
    found = parse(content, report := Report("a.dmn"))
    assert found is not None
    return meaning(read_models([(found, report)]))


def form(schema: Mapping[str, Any]) -> dict[str, Any]:
    """All of a form but the edition of form-js that wrote it."""
    return {key: value for key, value in schema.items() if key != "schemaVersion"}


def differing(pattern: str, same: Any, page: Page) -> list[str]:
    found = sorted(BPMN.rglob(pattern))
    assert found
    return [path.name for path in found if not same(path.read_bytes(), saved(page, path))]


def test_every_diagram_is_saved_as_it_was_opened(page: Page) -> None:
    def same(before: bytes, after: str) -> bool:
        return model(before) == model(after.encode()) and drawn(before) == drawn(after.encode())

    assert differing("*.bpmn", same, page) == []


def test_every_decision_is_saved_as_it_was_opened(page: Page) -> None:
    assert differing("*.dmn", lambda before, after: decisions(before) == decisions(after.encode()), page) == []


def test_every_form_is_saved_as_it_was_opened(page: Page) -> None:
    assert differing("*.form", lambda before, after: form(json.loads(before)) == form(after), page) == []


def test_a_change_of_meaning_would_be_seen() -> None:
    content = next(BPMN.rglob("recusal.bpmn")).read_bytes()
    assert model(content) == model(content.replace(b"\n", b"\n\n"))
    assert model(content) != model(content.replace(b"recusal_decide", b"recusal_undecided"))
    table = next(BPMN.rglob("recusal.dmn")).read_bytes()
    assert decisions(table) != decisions(table.replace(b'"block"', b'"clear"'))
    assert decisions(table) == decisions(b"\n".join(table.split(b"\n")).replace(b"</rule>", b"</rule>\n"))
    assert drawn(content) != drawn(content.replace(b'width="36"', b'width="40"'))
