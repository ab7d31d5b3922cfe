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
from engine.definition.report import Report
from engine.feel import compile_expression

XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
TEMPORAL = {"date": "date", "time": "time", "dateTime": "date and time", "duration": "duration",
            "dayTimeDuration": "duration", "yearMonthDuration": "duration"}


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
    """Every case of every test file below ``folder``."""
    for file in sorted(folder.rglob("*.xml")):
        root = etree.parse(file).getroot()
        if local(root) == "testCases":
            yield from run_file(file, root)


def run_file(file: Path, root: Any) -> Iterator[Outcome]:
    named = root.findtext("{*}modelName") or ""
    decisions = load(file.parent, named)
    for case in root.iterfind("{*}testCase"):
        invoked = case.get("invocableName")
        for node in case.iterfind("{*}resultNode"):
            name = node.get("name") or ""
            expected = value_of(node.find("{*}expected"))
            if node.find("{*}expected") is None:
                expected = None
            actual = evaluate(decisions, invoked or name, inputs(case, decisions))
            if invoked and isinstance(actual, dict) and name in actual and name != invoked:
                actual = actual[name]
            level = next((part for part in file.parts if part.startswith("compliance-level-")), "")
            yield Outcome(file.name, case.get("id") or "", name, same(expected, actual), expected, actual, level)


def load(folder: Path, named: str) -> dict[str, Decision]:
    """The decisions of the named model by name; models beside it can be imported."""
    roots = []
    for path in sorted(folder.glob("*.dmn"), key=lambda path: path.name != named):
        roots.append((etree.parse(path).getroot(), Report(path.name)))
    models = read_models(roots)
    return {node.name: Decision(models[0], node, models) for node in models[0].nodes.values()}


def evaluate(decisions: Mapping[str, Decision], name: str, variables: Mapping[str, Any]) -> Any:
    decision = decisions[" ".join(name.split())]
    if decision.node.kind == "businessKnowledgeModel":
        function = decision.evaluate({}).value
        return function.call_named(None, {key: variables.get(key) for key, _ in function.parameters})
    return decision.evaluate(variables, now=NOW).value


def inputs(case: Any, decisions: Mapping[str, Decision]) -> dict[str, Any]:
    return {" ".join((node.get("name") or "").split()): value_of(node, _typer(decisions, node.get("name") or ""))
            for node in case.iterfind("{*}inputNode")}


def _typer(decisions: Mapping[str, Decision], name: str) -> Any:
    """Old test files give no types: the input's own type tells numbers from texts."""
    decision = decisions.get(" ".join(name.split()))
    is_text = decision is not None and decision.node.type in ("string", "feel:string")
    return (lambda text: text) if is_text else _guess


def _guess(text: str) -> Any:
    if text in ("true", "false"):
        return text == "true"
    try:
        return Decimal(text)
    except InvalidOperation:
        return text


def value_of(node: Any, untyped: Any = None) -> Any:
    """The value of an inputNode, expected, component or item element."""
    if node is None:
        return None
    components = node.findall("{*}component")
    if components:
        return {item.get("name"): value_of(item, untyped) for item in components}
    listed = node.find("{*}list")
    if listed is not None:
        return [value_of(item, untyped) for item in listed.iterfind("{*}item")]
    return scalar(node.find("{*}value"), untyped)


def scalar(node: Any, untyped: Any) -> Any:
    if node is None or node.get(f"{XSI}nil") == "true":
        return None
    text, kind = node.text or "", (node.get(f"{XSI}type") or "").rpartition(":")[2]
    if not text and not kind:
        return None
    if kind == "boolean":
        return text.strip() == "true"
    if kind in ("decimal", "double", "integer", "int", "float", "long"):
        return Decimal(text.strip())
    if kind in TEMPORAL:
        value = compile_expression(f'{TEMPORAL[kind]}("{text.strip()}")').evaluate({}, now=NOW).value
        return Unknown(text) if value is None else value
    return text if kind or untyped is None else untyped(text)


def same(expected: Any, actual: Any) -> bool:
    if isinstance(expected, dict):
        return isinstance(actual, dict) and all(key in actual and same(value, actual[key])
                                                for key, value in expected.items()) and len(expected) == len(actual)
    if isinstance(expected, list):
        return isinstance(actual, list) and len(expected) == len(actual) and all(
            same(one, other) for one, other in zip(expected, actual, strict=True))
    if isinstance(expected, str) and isinstance(actual, bool | int | Decimal):
        return same(_guess(expected), actual)
    if isinstance(expected, bool) or isinstance(actual, bool) or expected is None or actual is None:
        return expected is actual
    if isinstance(expected, Decimal) and isinstance(actual, int | Decimal):
        return abs(expected - actual) < Decimal("0.00000001")
    return type(expected) is type(actual) and expected == actual


def local(node: Any) -> str:
    return str(node.tag).rpartition("}")[2]
