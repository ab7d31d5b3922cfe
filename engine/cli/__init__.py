"""The command line. ``--format json`` prints one JSON document on standard output and nothing else; messages go to
standard error. Exit 0 = fine, 1 = findings or failure, 2 = the command was called wrongly.

Each command's module is loaded when it is asked for, so that ``kapok feel`` does not wait for the web.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping

import click

from engine.errors import KapokError

COMMANDS: Mapping[str, tuple[str, str]] = {
    "demo": ("service", "demo_command"),
    "serve": ("service", "serve_command"),
    "work": ("service", "work_command"),
    "deploy": ("publishing", "deploy_command"),
    "lint": ("models", "lint_command"),
    "run": ("sandboxes", "run_command"),
    "scenario": ("scenarios", "scenario_command"),
    "verify": ("models", "verify_command"),
    "decide": ("models", "decide_command"),
    "feel": ("expressions", "feel_command"),
    "period": ("periods", "period_command"),
    "user": ("admin", "user"),
    "token": ("admin", "token"),
    "partner": ("partners", "partner"),
    "audit": ("evidence", "audit"),
    "calendar": ("calendars", "calendar"),
    "rule": ("calendars", "rule"),
    "backup": ("keeping", "backup_command"),
    "restore": ("keeping", "restore_command"),
    "keys": ("keeping", "keys_group"),
    "purge": ("retaining", "purge_command"),
    "hold": ("retaining", "hold_command"),
    "release": ("retaining", "release_command"),
    "erase": ("retaining", "erase_command"),
    "search": ("searching", "search_group"),
    "doctor": ("admin", "doctor"),
}
"""Command → its module in this package and its name there."""


class _Group(click.Group):
    """Loads commands when they are asked for, and turns our errors into one line and exit status 1."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name]
        command: click.Command = getattr(importlib.import_module(f"engine.cli.{module}"), name)
        return command

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except KapokError as error:
            click.echo(f"kapok: {error.message}", err=True)
            sys.exit(1)
        except BrokenPipeError:
            raise
        except OSError as error:  # a port in use, a folder that cannot be written, a disk that is full
            click.echo(f"kapok: {error}", err=True)
            sys.exit(1)
        except UnicodeError:
            click.echo("kapok: Expected text in UTF-8, but found other bytes in a file or an argument.", err=True)
            sys.exit(1)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="kapok")
def main() -> None:
    """Kapok (木棉): a case engine for intellectual-property protection centres."""
