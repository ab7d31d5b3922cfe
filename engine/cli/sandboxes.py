"""A throw-away house, and the command that runs one model in it."""

from __future__ import annotations

import atexit
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from engine.cli.output import (
    existing_file,
    format_option,
    language_option,
    print_json,
    read_json,
    read_object,
    with_neighbours,
)
from engine.clock import VirtualClock
from engine.config import Settings
from engine.domain.identifiers import SeededIds
from engine.house import Kapok, wire
from engine.services.operations import Operation
from engine.store.database import Database
from engine.workbench import run as runs
from engine.workbench.sandbox import Sandbox


def sandbox_house(clock: VirtualClock, step_limit: int = 10_000, *, operations: Mapping[str, Operation] | None = None,
                  on_flow: Callable[[str], None] | None = None, like: Kapok | None = None) -> Kapok:
    """A house over a store in memory, with a virtual clock and seeded ids; ``like`` another one, with all it holds."""
    folder = tempfile.TemporaryDirectory(prefix="kapok-sandbox-")
    atexit.register(folder.cleanup)
    settings = Settings(database_url="sqlite://", folder=Path(folder.name))

    def prepare(database: Database) -> None:
        database.copy_from(like.database) if like is not None else database.create_schema()

    return wire(settings, prepare, operations or {}, clock=clock, ids=SeededIds(), step_limit=step_limit,
                on_flow=on_flow, definitions=like.parts.definitions if like is not None else None)


@click.command("run")
@click.argument("model", type=existing_file)
@click.option("--process", "process_id", help="The process to start; default: the first with a none start.")
@click.option("--variables", default="{}", help="Start variables as JSON.")
@click.option("--script", type=existing_file, help="A JSON list of actions (docs/dialect.md).")
@click.option("--max-steps", default=10_000, show_default=True, help="Automatic elements between two rests.")
@format_option
@language_option
def run_command(model: Path, process_id: str | None, variables: str, script: Path | None, max_steps: int,
                style: str, language: str) -> None:
    """Run one model as far as it goes, with no server, in a throw-away store with a virtual clock."""
    clock = VirtualClock()
    house = sandbox_house(clock, max_steps)
    actions = read_json(script.read_text("utf-8"), str(script)) if script is not None else []
    files = [(path.name, path.read_bytes()) for path in with_neighbours(model)]
    report = runs.run(Sandbox(house, clock), files, process_id=process_id,
                      variables=read_object(variables, "--variables"), script=actions, language=language)
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
