"""The command that publishes models: checked, deployed, and played by the second engine."""

from __future__ import annotations

from pathlib import Path

import click

from engine import config
from engine.app import create_kapok
from engine.cli.output import format_option, language_option, model_files, print_json, tell_finding
from engine.definition.wording import kept_said
from engine.domain.actors import SHELL
from engine.domain.commands import Deploy, Resource
from engine.errors import DeploymentRefused
from engine.workbench import publishing


@click.command("deploy")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--verify/--no-verify", default=True, help="Let the second engine play what was published.")
@format_option
@language_option
def deploy_command(paths: tuple[Path, ...], verify: bool, style: str, language: str) -> None:
    """Check and publish diagrams, forms and decisions as a new version."""
    kapok = create_kapok(config.from_environment())
    resources = tuple(Resource(str(path), path.read_bytes()) for path in model_files(paths))
    try:
        outcome = publishing.publish(kapok, Deploy(resources), SHELL) if verify else kapok.run(Deploy(resources), SHELL)
    except DeploymentRefused as refused:
        for finding in refused.params["findings"]:
            click.echo(tell_finding(finding, language), err=True)
        raise
    finally:
        kapok.close()
    for item in outcome.get("differences", ()):
        click.echo(f"warning: the second engine differs: {item}", err=True)
    if style == "json":
        found = [{**item, "message": kept_said(item, language)} for item in outcome["findings"]]
        print_json({**outcome, "findings": found, "differences": outcome.get("differences", [])})
        return
    for key in outcome["definitions"]:
        click.echo(f"deployed   {key}")
    for key in outcome["unchanged"]:
        click.echo(f"unchanged  {key}")
