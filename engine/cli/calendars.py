"""Commands for the calendar and the rule table: load a year, shift under an announcement, show and change rules."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from engine import config
from engine.app import Kapok, create_kapok
from engine.cli.output import existing_file, format_option, print_json, progress
from engine.domain.actors import SHELL
from engine.domain.calendar_files import read_year
from engine.domain.deadline_commands import ChangeRule, ContinueMove, LoadCalendar, ShiftDeadlines
from engine.errors import InvalidInput
from engine.services.legal_time import calendars

_day = click.DateTime(formats=["%Y-%m-%d"])


@click.group("calendar")
def calendar() -> None:
    """Working days: the yearly notice of the State Council, and shifts under an announcement."""


@calendar.command("load")
@click.argument("file", type=existing_file)
@click.option("--preview", is_flag=True, help="Only tell what would move; nothing is written.")
@format_option
def load(file: Path, preview: bool, style: str) -> None:
    """Load one year's table (TOML or CSV); open deadlines are computed anew, closed ones never."""
    text = file.read_text("utf-8")
    kapok = create_kapok(config.from_environment())
    if preview:
        with kapok.database.reading() as connection:
            held = kapok.parts.almanac.calendar(connection)
            answer = calendars.preview(connection, kapok.parts, held.merged(read_year(text, file.name)))
    else:
        answer = dict(kapok.run(LoadCalendar(text, file.name), SHELL))
        answer["applied"] = _carry_out(kapok, answer["move"])
    _tell(answer, style)


@calendar.command("shift")
@click.option("--from", "first", type=_day, required=True, help="First due day that is moved.")
@click.option("--until", "last", type=_day, required=True, help="Last due day that is moved.")
@click.option("--to", "due", type=_day, required=True, help="The day they are moved to.")
@click.option("--announcement", required=True, help="Number and title of the announcement.")
@click.option("--key", "keys", multiple=True, help="Only rules whose key begins so, as dl.cnipa.")
@format_option
def shift(first: datetime, last: datetime, due: datetime, announcement: str, keys: tuple[str, ...],
          style: str) -> None:
    """Move every open deadline due in a span to one later day, under an announcement."""
    kapok = create_kapok(config.from_environment())
    command = ShiftDeadlines(first.date(), last.date(), due.date(), announcement, keys=keys)
    answer = dict(kapok.run(command, SHELL))
    answer["applied"] = _carry_out(kapok, answer["move"])
    _tell(answer, style)


def _carry_out(kapok: Kapok, move: str) -> int:
    """All batches of a bulk move; a running service may do some of them."""
    applied, done = 0, False
    with progress("deadlines") as tell:
        while not done:
            outcome = kapok.run(ContinueMove(move), SHELL)
            applied, done = applied + int(outcome["moved"]), bool(outcome["done"])
            tell(str(applied))
    return applied


def _tell(answer: Mapping[str, Any], style: str) -> None:
    if style == "json":
        print_json(answer)
        return
    for row in answer["deadlines"]:
        click.echo(f"{row['case_no'] or row['deadline']}  {row['key']:<28} {row['before']} → {row['after']}")
    counts = (name for name in ("touched", "moved", "firm", "applied") if name in answer)
    click.echo(", ".join(f"{name} {answer[name]}" for name in counts))


@click.group("rule")
def rule() -> None:
    """The rule table of deadlines."""


@rule.command("show")
@click.argument("key", required=False)
@format_option
def show(key: str | None, style: str) -> None:
    """The versions of one key, or all keys, as they are in force."""
    kapok = create_kapok(config.from_environment())
    with kapok.database.reading() as connection:
        table = kapok.parts.almanac.rules(connection)
    keys = [key] if key is not None else sorted(table.versions)
    found = [{**version.content, "digest": version.version} for name in keys for version in table.versions_of(name)]
    if style == "json":
        print_json(found)
        return
    for one in found:
        length = one.get("length", "…")
        click.echo(f"{one['key']:<30} {length!s:>3} {one['unit']:<8} {one['profile']:<12} {one['name']['zh']}")


@rule.command("change")
@click.argument("file", type=existing_file)
@click.option("--reason", required=True)
@format_option
def change(file: Path, reason: str, style: str) -> None:
    """Replace all versions of the keys in a TOML file of [[rule]] blocks. Cases keep the versions they froze."""
    try:
        content = tomllib.loads(file.read_text("utf-8"), parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise InvalidInput(expected="a TOML file of [[rule]] blocks", found=str(error), where=file.name) from error
    versions: dict[str, list[Mapping[str, Any]]] = {}
    for one in content.get("rule", ()):
        versions.setdefault(str(one.get("key", "")), []).append(one)
    kapok = create_kapok(config.from_environment())
    done = [dict(kapok.run(ChangeRule(key, tuple(found), reason), SHELL)) for key, found in versions.items()]
    if style == "json":
        print_json(done)
        return
    for outcome in done:
        click.echo(f"{outcome['key']}: change {outcome['change']}")
