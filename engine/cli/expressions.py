"""Commands that compute one thing: a FEEL expression, a period."""

from __future__ import annotations

import sys

import click

from engine.cli.output import format_option, print_json, read_object, tell_value
from engine.clock import SystemClock
from engine.domain import periods
from engine.domain.calendar import shipped_calendar
from engine.domain.period_request import parse_request
from engine.feel import FeelLimitExceeded, FeelSyntaxError, compile_expression, describe, to_json


@click.command("feel")
@click.argument("expression")
@click.option("--context", default="{}", help="Variables as JSON.")
@click.option("--lang", "--language", "language", type=click.Choice(["zh", "en"]), default="en", show_default=True)
@format_option
def feel_command(expression: str, context: str, language: str, style: str) -> None:
    """Evaluate one FEEL expression."""
    variables = read_object(context, "--context")
    try:
        result = compile_expression(expression, variables).evaluate(variables, now=SystemClock().now())
    except (FeelSyntaxError, FeelLimitExceeded) as error:
        found = {"message": describe(error, language), "line": error.line, "column": error.column}
        if style == "json":
            print_json({"error": found})
        click.echo(f"{error.line}:{error.column}: {found['message']}", err=True)
        sys.exit(1)
    tell_value(to_json(result.value), [describe(item, language) for item in result.warnings], style)


@click.command("period")
@click.option("--profile", required=True, help="CNIPA, CIVIL, TM, WORKDAY, WORKDAY_BACK, DAY_BACK or NOROLL.")
@click.option("--event", required=True, help="Day of dispatch or of the triggering act, YYYY-MM-DD.")
@click.option("--length", required=True, type=int)
@click.option("--unit", required=True, help="day, month, year or workday.")
@click.option("--delivery", default="none", show_default=True,
              help="A delivery rule such as cnipa.post (docs/periods.md).")
@click.option("--pause", "pauses", multiple=True, metavar="FROM..TO", help="A pause; TO is not part of it.")
@click.option("--lang", "--language", "language", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
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
