"""``kapok period``: a period and why it ends on that day, by its own words or by a key of the rule table."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import click

from engine.cli.output import format_option, print_json, read_object
from engine.domain import periods
from engine.domain.calendar import shipped_calendar
from engine.domain.deadlines import Extension, compute_deadline, shipped_rules
from engine.domain.period_request import parse_day, parse_length, parse_pause, parse_request
from engine.domain.periods import Interruption, Period

WORDS = ("profile", "length", "unit")


@click.command("period")
@click.option("--profile", help="CNIPA, CIVIL, TM, WORKDAY, WORKDAY_BACK, DAY_BACK or NOROLL.")
@click.option("--event", required=True, help="Day of dispatch or of the triggering act, YYYY-MM-DD.")
@click.option("--length", type=int)
@click.option("--unit", help="day, month, year or workday.")
@click.option("--delivery", default="none", show_default=True,
              help="A delivery rule such as cnipa.post (docs/periods.md).")
@click.option("--pause", "pauses", multiple=True, metavar="FROM..TO", help="A pause; TO is not part of it.")
@click.option("--rule", "key", metavar="KEY", help="A key of the rule table, in place of profile, length and unit.")
@click.option("--variables", default="{}", help="With --rule: what the rule takes from the case, as JSON.")
@click.option("--extend", nargs=2, metavar="COUNT UNIT", help="With --rule: an extension.")
@click.option("--asked", metavar="DAY", help="With --extend: the day it was asked for.")
@click.option("--interrupted", metavar="DAY", help="With --rule: the day of an act from which it runs anew.")
@click.option("--proven", metavar="DAY", help="With --rule: receipt proven on another day than the presumed one.")
@click.option("--lang", "--language", "language", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
@format_option
def period_command(event: str, language: str, style: str, key: str | None, **words: Any) -> None:
    """Compute a period and say why it ends on that day."""
    if key is None:
        period = _of_words(event, words)
    else:
        period = _of_rule(key, parse_day(event, "event"), words)
    report = periods.report(period, language)
    if style == "json":
        print_json(report)
        return
    for step in report["steps"]:
        click.echo(step)
    click.echo(f"{report['start']} → {report['nominal']} → {report['due']}"
               + ("  (provisional)" if report["provisional"] else ""))


def _of_words(event: str, words: Mapping[str, Any]) -> Period:
    for word in WORDS:
        if words[word] is None:
            raise click.UsageError(f"Missing option '--{word}'.")
    request = parse_request(words["profile"], event, words["length"], words["unit"], words["delivery"], words["pauses"])
    return periods.compute(request, shipped_calendar())


def _of_rule(key: str, event_on: date, words: Mapping[str, Any]) -> Period:
    """As a diagram and an officer would have it; refused, with the article, where the law refuses it."""
    asked, proven, acted = (_day(words, name) for name in ("asked", "proven", "interrupted"))
    extension = Extension(parse_length(*words["extend"]), asked) if words["extend"] else None
    return compute_deadline(
        shipped_rules(), shipped_calendar(), key, event_on, read_object(words["variables"], "--variables"),
        words["delivery"], [parse_pause(pause) for pause in words["pauses"]], extension, proven_on=proven,
        interruptions=[Interruption(acted)] if acted is not None else ()).period


def _day(words: Mapping[str, Any], name: str) -> date | None:
    return parse_day(words[name], f"--{name}") if words[name] is not None else None
