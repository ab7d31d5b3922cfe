"""Commands for designers: check, run, play scenarios, decide, evaluate, compute a period. None needs a server."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import click

from engine.app import create_kapok
from engine.cli.output import format_option, model_files, print_json, progress, read_json, with_neighbours
from engine.clock import VirtualClock
from engine.config import Settings
from engine.definition import SourceFile, lint, load
from engine.domain import periods
from engine.domain.calendar import shipped_calendar
from engine.domain.deadline_rules import shipped_rules
from engine.domain.deadlines import feel_functions
from engine.domain.identifiers import SeededIds
from engine.domain.period_request import parse_request
from engine.errors import KapokError
from engine.execution import Environment
from engine.feel import FeelLimitExceeded, FeelSyntaxError, compile_expression, describe, to_json
from engine.services.context import Parts
from engine.services.operations.registry import OPERATIONS
from engine.workbench import run as runs
from engine.workbench import verify as second_engine
from engine.workbench.sandbox import House, Sandbox
from engine.workbench.scenario import ScenarioFile, play_files

_START = date(2026, 1, 1)
existing = click.Path(exists=True, path_type=Path)


@click.command("lint")
@click.argument("paths", nargs=-1, required=True, type=existing)
@format_option
def lint_command(paths: tuple[Path, ...], style: str) -> None:
    """Check diagrams, decisions and forms; exit 1 when there is an error."""
    files = model_files(paths, (".bpmn", ".dmn", ".form"))
    findings = lint([SourceFile(str(path), path.read_bytes()) for path in files])
    errors = sum(finding.severity == "error" for finding in findings)
    if style == "json":
        print_json({"files": len(files), "findings": [
            {"file": item.file, "element": item.element, "rule": item.rule, "severity": item.severity,
             "message": item.message, "line": item.line} for item in findings]})
    else:
        for item in findings:
            click.echo(f"{item.file}:{item.line}: {item.severity} {item.rule} [{item.element}] {item.message}")
        click.echo(f"{len(files)} files, {errors} errors, {len(findings) - errors} warnings", err=True)
    sys.exit(1 if errors else 0)


def sandbox_house(clock: VirtualClock, step_limit: int = 10_000, *, operations: bool = False,
                  on_flow: Callable[[str], None] | None = None) -> House:
    """A house over a store in memory, with a virtual clock and seeded ids."""
    folder = Path(tempfile.mkdtemp(prefix="kapok-sandbox-"))
    house = create_kapok(Settings(database_url="sqlite://", folder=folder), clock=clock, ids=SeededIds(),
                         operations=OPERATIONS if operations else {})
    parts: Parts = replace(house.parts, step_limit=step_limit, on_flow=on_flow)
    house.runner.parts = parts
    return replace(house, parts=parts)


@click.command("run")
@click.argument("model", type=existing)
@click.option("--process", "process_id", help="The process to start; default: the first with a none start.")
@click.option("--variables", default="{}", help="Start variables as JSON.")
@click.option("--script", type=existing, help="A JSON list of actions (docs/dialect.md).")
@click.option("--max-steps", default=10_000, show_default=True, help="Automatic elements between two rests.")
@format_option
def run_command(model: Path, process_id: str | None, variables: str, script: Path | None, max_steps: int,
                style: str) -> None:
    """Run one model as far as it goes, with no server, in a throw-away store with a virtual clock."""
    clock = VirtualClock()
    house = sandbox_house(clock, max_steps)
    actions = read_json(script.read_text("utf-8"), str(script)) if script is not None else []
    files = [(path.name, path.read_bytes()) for path in with_neighbours(model)]
    report = runs.run(Sandbox(house, clock), files, process_id=process_id,
                      variables=read_json(variables, "--variables"), script=actions)
    if style == "json":
        print_json(report)
    else:
        _tell_run(report)
    sys.exit(0 if report["outcome"] in ("completed", "waiting") else 1)


def _tell_run(report: dict[str, Any]) -> None:
    for entry in report["trace"]:
        click.echo(f"{entry['at']}  {entry['event']:<10} {entry['type']:<24} {entry['element']}")
    for entry in report["waiting"]:
        click.echo(f"{'':20}  waiting    {entry['kind']:<24} {entry['element']}")
    for entry in (*report["incidents"], *report["rejected"]):
        click.echo(f"! {entry['element']}: {entry['message']}")
    click.echo(report["outcome"])


@click.command("scenario")
@click.argument("paths", nargs=-1, required=True, type=existing)
@click.option("--coverage", is_flag=True, help="Report the share of elements and flows visited.")
@format_option
def scenario_command(paths: tuple[Path, ...], coverage: bool, style: str) -> None:
    """Play scenario files through the real services."""
    files = [_scenario_file(path) for path in model_files(paths, (".yaml",)) if path.name.endswith(".scenario.yaml")]
    with progress("scenario") as tell:
        report = play_files(files, _scenario_house, tell)
    if not coverage:
        report.pop("coverage")
    if style == "json":
        print_json(report)
    else:
        _tell_scenarios(report)
    sys.exit(1 if report["failed"] else 0)


def _scenario_house(clock: VirtualClock, on_flow: Callable[[str], None]) -> House:
    return sandbox_house(clock, operations=True, on_flow=on_flow)


def _scenario_file(path: Path) -> ScenarioFile:
    models = tuple((str(item.relative_to(path.parent)), item.read_bytes()) for item in model_files((path.parent,)))
    return ScenarioFile(str(path), path.read_text("utf-8"), models)


def _tell_scenarios(report: dict[str, Any]) -> None:
    for item in report["failed"]:
        click.echo(f"{item['file']}: {item['case']}: step {item['step']}: {item['message']}")
    for name, share in report.get("coverage", {}).items():
        click.echo(f"{name}: elements {share['elements']:.0%}, flows {share['flows']:.0%}"
                   + (f", missed {', '.join(share['missed'])}" if share["missed"] else ""))
    click.echo(f"{report['passed']} of {report['cases']} cases passed")


@click.command("verify")
@click.argument("models", nargs=-1, required=True, type=existing)
@click.option("--paths", default=50, show_default=True, help="Random paths for each process.")
@click.option("--seed", default=0, show_default=True)
@format_option
def verify_command(models: tuple[Path, ...], paths: int, seed: int, style: str) -> None:
    """Play random paths in Kapok and in SpiffWorkflow and report any difference."""
    files = model_files(models, (".bpmn", ".dmn", ".form"))
    if len(files) == 1:
        files = with_neighbours(files[0])
    bundle = load([SourceFile(str(path), path.read_bytes()) for path in files])
    env = Environment(functions=feel_functions(shipped_rules(), shipped_calendar(), dict, _START))
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


@click.command("decide")
@click.argument("model", type=existing)
@click.option("--decision", "decision_id", required=True)
@click.option("--context", default="{}", help="Inputs as JSON.")
@format_option
def decide_command(model: Path, decision_id: str, context: str, style: str) -> None:
    """Evaluate one decision of a DMN file."""
    bundle = load([SourceFile(model.name, model.read_bytes())])
    if decision_id not in bundle.decisions:
        known = ", ".join(bundle.decisions) or "none"
        raise KapokError(f"Expected decision '{decision_id}' in {model.name}, but found {known}.")
    result = bundle.decisions[decision_id].evaluate(read_json(context, "--context"))
    warnings = [describe(item, "en") if not isinstance(item, str) else item for item in result.warnings]
    _tell_value(to_json(result.value), warnings, style)


@click.command("feel")
@click.argument("expression")
@click.option("--context", default="{}", help="Variables as JSON.")
@click.option("--language", type=click.Choice(["zh", "en"]), default="en", show_default=True)
@format_option
def feel_command(expression: str, context: str, language: str, style: str) -> None:
    """Evaluate one FEEL expression."""
    variables = read_json(context, "--context")
    try:
        result = compile_expression(expression, variables).evaluate(variables, now=None)
    except FeelSyntaxError as error:
        found = {"message": describe(error, language), "line": error.line, "column": error.column}
        if style == "json":
            print_json({"error": found})
        click.echo(f"{error.line}:{error.column}: {found['message']}", err=True)
        sys.exit(1)
    except FeelLimitExceeded as error:
        if style == "json":
            print_json({"error": {"message": str(error), "line": 1, "column": 1}})
        click.echo(str(error), err=True)
        sys.exit(1)
    _tell_value(to_json(result.value), [describe(item, language) for item in result.warnings], style)


def _tell_value(value: Any, warnings: list[str], style: str) -> None:
    if style == "json":
        print_json({"result": value, **({"warnings": warnings} if warnings else {})})
        return
    print_json(value)
    for warning in warnings:
        click.echo(f"warning: {warning}", err=True)


@click.command("period")
@click.option("--profile", required=True, help="CNIPA, CIVIL, TM, WORKDAY, WORKDAY_BACK, DAY_BACK or NOROLL.")
@click.option("--event", required=True, help="Day of dispatch or of the triggering act, YYYY-MM-DD.")
@click.option("--length", required=True, type=int)
@click.option("--unit", required=True, help="day, month, year or workday.")
@click.option("--delivery", default="none", show_default=True, help="A delivery rule such as cnipa.post (docs/periods.md).")
@click.option("--pause", "pauses", multiple=True, metavar="FROM..TO", help="A pause; TO is not part of it.")
@click.option("--language", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
@format_option
def period_command(profile: str, event: str, length: int, unit: str, delivery: str, pauses: tuple[str, ...],
                   language: str, style: str) -> None:
    """Compute a period and say why it ends on that day."""
    request = parse_request(profile, event, length, unit, delivery, pauses)
    report = periods.report(periods.compute(request, shipped_calendar()), language)
    if style == "json":
        print_json(report)
        return
    for step in report["steps"]:
        click.echo(step)
    click.echo(f"{report['start']} → {report['nominal']} → {report['due']}"
               + ("  (provisional)" if report["provisional"] else ""))


COMMANDS = (lint_command, run_command, scenario_command, verify_command, decide_command, feel_command, period_command)
