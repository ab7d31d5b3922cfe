"""The command line. ``--format json`` prints one JSON document on standard output and nothing else; messages go to
standard error. Exit 0 = fine, 1 = findings or failure, 2 = the command was called wrongly.
"""

from __future__ import annotations

import sys

import click

from engine.cli import admin, models, service
from engine.errors import KapokError


class _Group(click.Group):
    """Turns our errors into one line on standard error and exit status 1."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except KapokError as error:
            click.echo(f"kapok: {error.message}", err=True)
            sys.exit(1)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="kapok")
def main() -> None:
    """Kapok (木棉): a case engine for intellectual-property protection centres."""


for command in (*service.COMMANDS, *models.COMMANDS, *admin.COMMANDS):
    main.add_command(command)
