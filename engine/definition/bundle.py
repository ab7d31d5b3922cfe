"""Files deployed together: read, checked, and bound to one another and to what is already deployed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.definition import schema, soundness
from engine.definition.checks import check_file, check_links, check_together
from engine.definition.decisions import Decision as DmnDecision
from engine.definition.decisions import is_dmn, read_models
from engine.definition.markup import BPMN, Node, local, namespace, parse
from engine.definition.model import Decision, Definition, Finding, Model, Process, form_ids
from engine.definition.read import read
from engine.definition.report import Report
from engine.errors import DeploymentRefused, NotFound


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file as uploaded; ``name`` is only for messages and to tell forms from XML."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Deployed:
    """What is deployed already and may be referred to, each by id."""

    processes: Mapping[str, Process] = field(default_factory=dict)
    decisions: Mapping[str, Decision] = field(default_factory=dict)
    forms: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Bundle:
    """Everything that a set of files holds. ``findings`` are warnings: errors never get this far."""

    models: tuple[Model, ...]
    decisions: Mapping[str, Decision]
    forms: Mapping[str, Mapping[str, Any]]
    findings: tuple[Finding, ...]

    @property
    def processes(self) -> dict[str, Process]:
        return {process.id: process for model in self.models for process in model.processes}

    def definition(self, process_id: str, *, key: str | None = None, also: Deployed | None = None) -> Definition:
        """The process with everything it is bound to; own files come before what is deployed already."""
        also = also or Deployed()
        known = {**also.processes, **self.processes}
        if process_id not in known:
            raise NotFound(noun="process", key=process_id)
        bound = _called(process_id, known)
        elements = [element for process in bound.values() for element in process.elements.values()]
        decisions = {**also.decisions, **self.decisions}
        forms = {**also.forms, **self.forms}
        return Definition(
            key=key or process_id, root=known[process_id], processes=bound,
            decisions={item.decision.decision_id: decisions[item.decision.decision_id] for item in elements
                       if item.decision and item.decision.decision_id in decisions},
            forms={name: forms[name] for item in elements for name in form_ids(item) if name in forms})


def load(files: Sequence[SourceFile], *, also: Deployed | None = None, published: bool = False) -> Bundle:
    """Reads and checks files together; DeploymentRefused carries every finding in ``params["findings"]``.

    ``published``: these very files were checked when they were deployed, so they are only read again.
    """
    bundle, findings = _examine(files, also or Deployed(), published)
    errors = [finding for finding in findings if finding.severity == "error"]
    if errors:
        first = errors[0]
        raise DeploymentRefused(
            f"Expected a deployable model, but found {len(errors)} problem(s); first, {first.file} line {first.line}: "
            f"{first.message}", count=len(errors), findings=findings)
    return bundle


def lint(files: Sequence[SourceFile], *, also: Deployed | None = None) -> tuple[Finding, ...]:
    """All findings, errors and warnings, in file order; never raises for content."""
    return _examine(files, also or Deployed())[1]


def _examine(files: Sequence[SourceFile], also: Deployed,
             published: bool = False) -> tuple[Bundle, tuple[Finding, ...]]:
    reports = {file.name: Report(file.name) for file in files}
    models: list[Model] = []
    tables: list[tuple[Node, Report]] = []
    forms: dict[str, Mapping[str, Any]] = {}
    for file in files:
        report = reports[file.name]
        root = None if _is_form(file) else parse(file.content, report)
        if _is_form(file):
            _read_form(file, forms, report)
        elif root is not None and namespace(root) == BPMN and local(root) == "definitions":
            models.append(_read_model(root, report, published))
        elif root is not None and is_dmn(root):
            tables.append((root, report))
        elif root is not None:
            report.add("file-kind", line=1, found=local(root))
    decisions = _decisions(tables, reports)
    known = Deployed({**also.processes, **_unique(models, reports)}, {**also.decisions, **decisions},
                     {**also.forms, **forms})
    for model in () if published else models:
        check_links(model, known.processes, known.decisions, known.forms, reports[model.file])
    if not published:
        check_together([(process, reports[model.file]) for model in models for process in model.processes
                        if process.executable])
    findings = tuple(finding for name in sorted(reports) for finding in reports[name].sorted())
    warnings = tuple(finding for finding in findings if finding.severity != "error")
    return Bundle(tuple(models), decisions, forms, warnings), findings


def _read_model(root: Node, report: Report, published: bool) -> Model:
    if published:
        return read(root, report)
    schema.validate(root, report)
    model = read(root, report)
    check_file(root, model, report)
    if not report.refused:
        for process in model.processes:
            soundness.check(process, report)
    return model


def _decisions(tables: Sequence[tuple[Node, Report]], reports: Mapping[str, Report]) -> dict[str, Decision]:
    """Decisions and decision services by id."""
    found: dict[str, DmnDecision] = {}
    models = read_models(tables)
    for model in models:
        for node in model.nodes.values():
            if node.kind not in ("decision", "decisionService"):
                continue
            if node.id in found:
                other = found[node.id].model.file
                reports[model.file].add("duplicate-decision", node.id, node.line, other=other)
            found.setdefault(node.id, DmnDecision(model, node, models))
    return dict(found)


def _unique(models: Iterable[Model], reports: Mapping[str, Report]) -> dict[str, Process]:
    found: dict[str, tuple[str, Process]] = {}
    for model in models:
        for process in model.processes:
            if process.id in found:
                reports[model.file].add("duplicate-process", process.id, process.line, other=found[process.id][0])
            found.setdefault(process.id, (model.file, process))
    return {name: process for name, (_, process) in found.items()}


def _called(process_id: str, known: Mapping[str, Process]) -> dict[str, Process]:
    """The process and, transitively, every known process that it calls."""
    bound: dict[str, Process] = {}
    ahead = [process_id]
    while ahead:
        name = ahead.pop()
        if name in bound or name not in known:
            continue
        bound[name] = known[name]
        ahead += [element.called.process_id for element in known[name].elements.values() if element.called]
    return bound


def _is_form(file: SourceFile) -> bool:
    return file.name.endswith((".form", ".json"))


def _read_form(file: SourceFile, forms: dict[str, Mapping[str, Any]], report: Report) -> None:
    """A form-js document, known by its ``id`` (docs/dialect.md)."""
    try:
        form = json.loads(file.content)
    except (ValueError, RecursionError) as error:
        report.add("form-syntax", reason=f"it is not JSON: {error}")
        return
    if not isinstance(form, dict) or not isinstance(form.get("id"), str) or not form["id"]:
        report.add("form-syntax", reason="it has no id")
    elif form["id"] in forms:
        report.add("duplicate-form", form["id"], other="another file")
    else:
        forms[form["id"]] = form
