"""Commands for designers that only read models: check, compare with the second engine, decide."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import click

from engine.cli.output import (
    existing,
    existing_file,
    format_option,
    language_option,
    model_files,
    print_json,
    read_object,
    tell_finding,
    tell_value,
    with_neighbours,
)
from engine.clock import SystemClock
from engine.definition import SourceFile, lint, load
from engine.definition.decisions import Decision
from engine.definition.wording import say
from engine.domain.calendar import shipped_calendar
from engine.domain.deadline_functions import feel_functions
from engine.domain.rule_reader import shipped_rules
from engine.errors import KapokError
from engine.execution import Environment
from engine.feel import to_json
from engine.workbench import verify as second_engine
from engine.workbench.states import MAX_STATES, Proof, prove

_START = date(2026, 1, 1)
_IMPORT = re.compile(rb"<(?:\w+:)?import\s")


@click.command("lint")
@click.argument("paths", nargs=-1, required=True, type=existing)
@format_option
@language_option
def lint_command(paths: tuple[Path, ...], style: str, language: str) -> None:
    """Check diagrams, decisions and forms; exit 1 when there is an error."""
    files = model_files(paths, (".bpmn", ".dmn", ".form"))
    findings = lint([SourceFile(str(path), path.read_bytes()) for path in files])
    errors = sum(finding.severity == "error" for finding in findings)
    if style == "json":
        print_json({"files": len(files), "findings": [
            {"file": item.file, "element": item.element, "rule": item.rule, "severity": item.severity,
             "message": say(item, language), "line": item.line} for item in findings]})
    else:
        for item in findings:
            click.echo(tell_finding(item, language))
        click.echo(f"{len(files)} files, {errors} errors, {len(findings) - errors} warnings")
    sys.exit(1 if errors else 0)


@click.command("verify")
@click.argument("models", nargs=-1, required=True, type=existing)
@click.option("--paths", default=50, show_default=True, help="Random paths for each process.")
@click.option("--seed", default=0, show_default=True)
@click.option("--states", is_flag=True, help="Prove by all states instead: can always end, nothing dead or left over.")
@click.option("--bound", default=MAX_STATES, show_default=True, help="With --states: at most so many for each scope.")
@format_option
def verify_command(models: tuple[Path, ...], paths: int, seed: int, states: bool, bound: int, style: str) -> None:
    """Play random paths in Kapok and in SpiffWorkflow and report any difference; or prove by all states."""
    files = model_files(models, (".bpmn", ".dmn", ".form"))
    if len(files) == 1:
        files = with_neighbours(files[0])
    bundle = load([SourceFile(str(path), path.read_bytes()) for path in files])
    if states:
        _tell_states(prove(bundle.processes, bound), bound, style)
        return
    env = Environment(functions=feel_functions(lambda: (shipped_rules(), shipped_calendar()), dict, _START))
    total: dict[str, Any] = {"paths": 0, "agreed": 0, "outside_subset": [], "differences": []}
    for process in bundle.processes.values():
        found = second_engine.verify(bundle.definition(process.id), paths, seed, env).as_json()
        total["paths"] += found["paths"]
        total["agreed"] += found["agreed"]
        total["outside_subset"] += [item for item in found["outside_subset"] if item not in total["outside_subset"]]
        total["differences"] += found["differences"]
    if style == "json":
        print_json(total)
    else:
        click.echo(f"{total['agreed']} of {total['paths']} paths agreed")
        for item in total["outside_subset"]:
            click.echo(f"outside the subset: {item}")
        for item in total["differences"]:
            click.echo(f"difference: {item}")
    sys.exit(1 if total["differences"] else 0)


def _tell_states(proofs: Sequence[Proof], bound: int, style: str) -> None:
    if style == "json":
        print_json({"states": sum(proof.states for proof in proofs), "bound": bound,
                    "holds": all(proof.holds for proof in proofs), "scopes": [proof.as_json() for proof in proofs]})
    else:
        for proof in proofs:
            click.echo(proof.told(bound))
    sys.exit(0 if all(proof.holds for proof in proofs) else 1)


@click.command("decide")
@click.argument("model", type=existing_file)
@click.option("--decision", "decision_id", required=True)
@click.option("--context", default="{}", help="Inputs as JSON.")
@language_option
@format_option
def decide_command(model: Path, decision_id: str, context: str, language: str, style: str) -> None:
    """Evaluate one decision of a DMN file, by its id or name; what it imports is looked for beside it."""
    content = model.read_bytes()
    beside = [path for path in with_neighbours(model)[1:] if path.suffix == ".dmn"] if _IMPORT.search(content) else []
    bundle = load([SourceFile(path.name, path.read_bytes()) for path in (model, *beside)])
    own = [one for one in bundle.decisions.values() if isinstance(one, Decision) and one.model.file == model.name]
    found = next((one for one in own if decision_id in (one.id, one.name)), None)
    if found is None:
        known = ", ".join(one.id for one in own) or "none"
        raise KapokError(f"Expected decision '{decision_id}' in {model.name}, but found {known}.")
    result = found.evaluate(read_object(context, "--context"), now=SystemClock().now())
    tell_value(to_json(result.value), [item.told(language) for item in result.warnings], style)
