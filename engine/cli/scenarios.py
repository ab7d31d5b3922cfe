"""The command that plays scenario files through the real services, with the real operations."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from engine.cli.output import existing, format_option, model_files, print_json, progress
from engine.cli.sandboxes import sandbox_house
from engine.clock import VirtualClock
from engine.house import Kapok
from engine.services.operations.registry import OPERATIONS
from engine.workbench.scenario import play_files
from engine.workbench.scenario_files import ScenarioFile


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


def _scenario_house(clock: VirtualClock, on_flow: Callable[[str], None], like: Kapok | None) -> Kapok:
    return sandbox_house(clock, operations=OPERATIONS, on_flow=on_flow, like=like)


def _scenario_file(path: Path) -> ScenarioFile:
    models = tuple((str(item.relative_to(path.parent)), item.read_bytes()) for item in model_files((path.parent,)))
    return ScenarioFile(str(path), path.read_bytes(), models)


def _tell_scenarios(report: dict[str, Any]) -> None:
    for item in report["failed"]:
        where = f"{item['case']}: step {item['step']}: " if item["case"] else ""
        click.echo(f"{item['file']}: {where}{item['message']}")
    for name, share in report.get("coverage", {}).items():
        click.echo(f"{name}: elements {share['elements']:.0%}, flows {share['flows']:.0%}"
                   + (f", missed {', '.join(share['missed'])}" if share["missed"] else ""))
    click.echo(f"{report['passed']} of {report['cases']} cases passed")
