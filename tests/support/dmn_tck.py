"""Runs test cases in the format of the DMN Technology Compatibility Kit: a folder of models with cases beside them.

    results = run_folder(Path("…/TestCases"))
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from lxml import etree

from engine.definition.decisions import Decision, read_models
from engine.definition.decisions.model import ItemDefinition
from engine.definition.report import Report
from engine.feel import FeelLimitExceeded, compile_expression, to_text

XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
TEMPORAL = {"date": "date", "time": "time", "dateTime": "date and time", "duration": "duration",
            "dayTimeDuration": "duration", "yearMonthDuration": "duration"}

DECLARED = {**TEMPORAL, "date and time": "date and time", "days and time duration": "duration",
            "years and months duration": "duration"}


@dataclass(frozen=True)
class Unknown:
    """An expected value beyond what we can hold: equal to no result, so that a null cannot pass for it."""

    text: str


@dataclass(frozen=True)
class Outcome:
    file: str
    case: str
    node: str
    passed: bool
    expected: Any = None
    actual: Any = None
    level: str = ""


def run_folder(folder: Path) -> Iterator[Outcome]:
    """Every case of every test file below ``folder``, in order of their names."""
    for file in sorted(folder.rglob("*.xml")):
        try:
            root = etree.parse(file).getroot()
        except etree.XMLSyntaxError:
            continue
        if local(root) == "testCases":
            yield from run_file(file, root)


def run_file(file: Path, root: Any) -> Iterator[Outcome]:
    decisions = load(file.parent, (root.findtext("{*}modelName") or "").strip())
    level = next((part for part in file.parts if part.startswith("compliance-level-")), "")
    for case in root.iterfind("{*}testCase"):
        invoked = case.get("invocableName")
        for node in case.iterfind("{*}resultNode"):
            name = node.get("name") or ""
            if node.find("{*}expected") is None:
                continue  # what an engine once computed is no expectation
            expected = value_of(node.find("{*}expected"))
            try:
                actual = evaluate(decisions, invoked or name, inputs(case, decisions))
            except FeelLimitExceeded as refusal:
                actual = None if node.get("errorResult") == "true" else refusal
            if invoked and isinstance(actual, dict) and name in actual and name != invoked:
                actual = actual[name]
            yield Outcome(file.name, case.get("id") or "", name, same(expected, actual), expected, actual, level)


def load(folder: Path, named: str) -> dict[str, Decision]:
    """The decisions of the named model by name; models beside it, or in folders below it, can be imported."""
    files = sorted(folder.rglob("*.dmn"), key=lambda path: (path.name != named, path))
    models = read_models([(etree.parse(path).getroot(), Report(str(path.relative_to(folder)))) for path in files])
    if not models:
        return {}
    return {node.name: Decision(models[0], node, models) for node in models[0].nodes.values()}


def evaluate(decisions: Mapping[str, Decision], name: str, variables: Mapping[str, Any]) -> Any:
    decision = decisions.get(" ".join(name.split()))
    if decision is None:
        return Unknown(f"no decision, service or knowledge model '{name}'")
    if decision.node.kind == "businessKnowledgeModel":
        function = decision.evaluate({}).value
        return function.call_named(None, {key: variables.get(key) for key, _ in function.parameters})
    return decision.evaluate(variables, now=NOW).value


def inputs(case: Any, decisions: Mapping[str, Decision]) -> dict[str, Any]:
    return {" ".join((node.get("name") or "").split()): value_of(node, _declared(decisions, node.get("name") or ""))
            for node in case.iterfind("{*}inputNode")}


@dataclass(frozen=True)
class Declared:
    """What the model says of an input. Old test files give no types, so the model tells numbers from texts."""

    types: Mapping[str, ItemDefinition]
    type: str = ""

    def item(self) -> ItemDefinition | None:
        return self.types.get(self.type.rpartition(":")[2].strip())

    def inner(self) -> Declared:
        """Of the elements of a list."""
        item = self.item()
        return Declared(self.types, item.type or "") if item is not None and item.collection and item.type else self

    def part(self, name: str) -> Declared:
        """Of a component."""
        item = self.item()
        if item is not None and not item.components and item.type:
            return Declared(self.types, item.type).part(name)
        found = next((one for one in (item.components if item is not None else ()) if one.name == name), None)
        return Declared(self.types, found.type or "" if found is not None else "")

    def read(self, text: str) -> Any:
        item = self.item()
        if item is not None and item.type:
            return Declared(self.types, item.type).read(text)
        kind = self.type.rpartition(":")[2].strip()
        if kind == "string":
            return text
        return _temporal(DECLARED[kind], text) if kind in DECLARED else _guess(text)


def _declared(decisions: Mapping[str, Decision], name: str) -> Declared:
    decision = decisions.get(" ".join(name.split()))
    return Declared(decision.model.types, decision.node.type or "") if decision is not None else Declared({})


def _guess(text: str) -> Any:
    if text in ("true", "false"):
        return text == "true"
    try:
        return Decimal(text)
    except InvalidOperation:
        return text


def value_of(node: Any, declared: Declared | None = None) -> Any:
    """The value of an inputNode, expected, component or item element."""
    if node is None or node.get(f"{XSI}nil") == "true":
        return None
    components = node.findall("{*}component")
    if components:
        return {item.get("name"): value_of(item, declared and declared.part(item.get("name") or ""))
                for item in components}
    listed = node.find("{*}list")
    if listed is not None:
        if listed.get(f"{XSI}nil") == "true":
            return None
        return [value_of(item, declared and declared.inner()) for item in listed.iterfind("{*}item")]
    return scalar(node.find("{*}value"), declared)


def scalar(node: Any, declared: Declared | None) -> Any:
    if node is None or node.get(f"{XSI}nil") == "true":
        return None
    text, kind = node.text or "", (node.get(f"{XSI}type") or "").rpartition(":")[2]
    if not text and not kind:
        return None
    if kind == "boolean":
        return text.strip() in ("true", "1")
    if kind in ("decimal", "double", "integer", "int", "float", "long", "short", "number"):
        return Decimal(text.strip())
    if kind in TEMPORAL:
        return _temporal(TEMPORAL[kind], text)
    return text if kind or declared is None else declared.read(text)


def _temporal(function: str, text: str) -> Any:
    value = compile_expression(f'{function}("{text.strip()}")').evaluate({}, now=NOW).value
    return Unknown(text) if value is None else value


def same(expected: Any, actual: Any) -> bool:
    if isinstance(expected, dict):
        return isinstance(actual, dict) and all(key in actual and same(value, actual[key])
                                                for key, value in expected.items()) and len(expected) == len(actual)
    if isinstance(expected, list):
        return isinstance(actual, list) and len(expected) == len(actual) and all(
            same(one, other) for one, other in zip(expected, actual, strict=True))
    if isinstance(expected, str) and isinstance(actual, bool | int | Decimal):
        return same(_guess(expected), actual)
    if isinstance(expected, str) and not isinstance(actual, str | dict | list | Unknown | None):
        return expected.strip() == to_text(actual)
    if isinstance(expected, bool) or isinstance(actual, bool) or expected is None or actual is None:
        return expected is actual
    if isinstance(expected, Decimal) and isinstance(actual, int | Decimal):
        return abs(expected - actual) <= Decimal("0.00000001") * max(1, abs(expected))
    return type(expected) is type(actual) and expected == actual


def local(node: Any) -> str:
    return str(node.tag).rpartition("}")[2]
