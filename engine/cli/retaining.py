"""What is kept and what goes: the retention schedule, legal holds, erasure on request."""

from __future__ import annotations

from typing import Any

import click

from engine import config
from engine.app import create_kapok
from engine.cli.output import format_option, print_json
from engine.domain.actors import SHELL
from engine.domain.commands import Command
from engine.services.proof.retention import EraseRows, HoldCase, KeepFiles, LiftHold


@click.command("purge")
@click.option("--dry-run", is_flag=True, help="Only tell what is due.")
@format_option
def purge_command(dry_run: bool, style: str) -> None:
    """Apply the retention schedule now: destroy the content of cases that are due, and open what is published.

    With --dry-run at most one batch of each kind is shown.
    """
    kapok = create_kapok(config.from_environment())
    done: dict[str, list[str]] = {"published": [], "purged": []}
    while True:
        found = kapok.run(KeepFiles(dry=dry_run), SHELL)
        for name, cases in done.items():
            cases += found[name]
        if dry_run or not (found["published"] or found["purged"]):
            break
    kapok.close()
    _tell({"dry_run": dry_run, **done}, style)


@click.command("hold")
@click.argument("case")
@click.option("--reason", required=True)
@format_option
def hold_command(case: str, reason: str, style: str) -> None:
    """Keep a case whatever the schedule or a request says, until it is released."""
    _tell(_run(HoldCase(case, reason)), style)


@click.command("release")
@click.argument("case")
@format_option
def release_command(case: str, style: str) -> None:
    """Lift the legal holds on a case."""
    _tell(_run(LiftHold(case)), style)


@click.command("erase")
@click.argument("case")
@click.option("--rows", required=True, metavar="3,4", help="Numbers of the history rows.")
@click.option("--reason", required=True, help="For example the number of the request.")
@format_option
def erase_command(case: str, rows: str, reason: str, style: str) -> None:
    """Take the content of history rows out of a case, on the request of whom it is about; refused under a hold."""
    numbers = [part.strip() for part in rows.split(",")]
    if not all(part.isascii() and part.isdigit() for part in numbers):
        raise click.BadParameter(f"expected numbers separated by commas, such as 3,4, but found {rows!r}",
                                 param_hint="--rows")
    _tell(_run(EraseRows(case, tuple(map(int, numbers)), reason)), style)


def _run(command: Command) -> dict[str, Any]:
    kapok = create_kapok(config.from_environment())
    outcome = dict(kapok.run(command, SHELL))
    kapok.close()
    return outcome


def _tell(value: dict[str, Any], style: str) -> None:
    if style == "json":
        print_json(value)
        return
    for name, item in value.items():
        click.echo(f"{name}: {', '.join(item) or '-' if isinstance(item, list) else item}")
