"""``kapok feel``: one FEEL expression."""

from __future__ import annotations

import sys

import click

from engine.cli.output import format_option, print_json, read_object, tell_value
from engine.clock import SystemClock
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
