"""The index of the search: pairs of characters and numbers that cases are found by."""

from __future__ import annotations

from typing import Any

import click

from engine import config
from engine.app import create_kapok
from engine.cli.output import format_option, print_json
from engine.domain.actors import SHELL
from engine.errors import Busy
from engine.services.desk.searching import BATCH, RebuildSearch

_TRIES = 10
"""How often a batch is begun anew whose cases are being worked on."""


@click.group("search")
def search_group() -> None:
    """What cases are found by."""


@search_group.command("rebuild")
@click.option("--after", default="", metavar="CASE", help="Go on after this case, where an earlier run stopped.")
@click.option("--batch", default=BATCH, show_default=True, type=click.IntRange(1, 10_000), help="Cases in a step.")
@format_option
def rebuild_command(after: str, batch: int, style: str) -> None:
    """Write the words and numbers that cases are found by anew from the cases.

    A step at a time, while the service runs. When it is stopped, --after goes on where it was; to do a case twice does
    no harm.
    """
    kapok = create_kapok(config.from_environment())
    done, last = 0, after
    try:
        while True:
            found = _step(kapok, RebuildSearch(last, batch))
            done += found["cases"]
            if found["last"] is None:
                break
            last = found["last"]
            click.echo(f"{done} cases; to go on from here: kapok search rebuild --after {last}", err=True)
        kapok.runner.audit(SHELL, "RebuildSearch", {"after": after, "cases": done})
    finally:
        kapok.close()
    if style == "json":
        print_json({"cases": done})
    else:
        click.echo(f"cases: {done}")


def _step(kapok: Any, command: RebuildSearch) -> Any:
    for _ in range(_TRIES - 1):
        try:
            return kapok.run(command, SHELL)
        except Busy:
            click.echo("waiting for cases that are being worked on", err=True)
    return kapok.run(command, SHELL)
