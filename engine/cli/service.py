"""Commands for those who run the service: demo, serve, work, deploy."""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import structlog
import waitress

from engine import config
from engine.app import Kapok, create_app, create_kapok, create_pollers
from engine.cli import demo, secrets
from engine.cli.output import format_option, model_files, print_json, progress
from engine.config import Settings
from engine.domain.actors import SHELL
from engine.domain.commands import Deploy, Resource
from engine.errors import ConfigurationError, DeploymentRefused
from engine.workbench import publishing
from engine.workers.loop import Loop

_THREADS = 8


@click.command("demo")
@click.option("--port", type=int, help="Default: KAPOK_PORT or 8080.")
def demo_command(port: int | None) -> None:
    """Samples on SQLite under var/, served on http://127.0.0.1:8080 until Ctrl-C."""
    settings = config.from_environment()
    settings = replace(settings, demo=True, secure_cookies=False, port=port or settings.port, poll_seconds=0.5,
                       secret_key=secrets.session_key(settings), demo_accounts=demo.ACCOUNTS)
    kapok = create_kapok(settings)
    with demo.partner(kapok) as stand_in, _workers(kapok):
        with progress("demo") as tell:
            demo.load(kapok, stand_in, tell)
        click.echo(demo.welcome(settings))
        _serve(create_app(settings, kapok), settings)


@click.command("serve")
@click.option("--host", help="Default: KAPOK_HOST or 127.0.0.1.")
@click.option("--port", type=int, help="Default: KAPOK_PORT or 8080.")
def serve_command(host: str | None, port: int | None) -> None:
    """Web and API. On SQLite the workers run in this one process; on PostgreSQL run `kapok work` beside it."""
    settings = config.from_environment()
    settings = replace(settings, host=host or settings.host, port=port or settings.port,
                       secret_key=secrets.session_key(settings))
    kapok = create_kapok(settings)
    in_process = _workers(kapok) if kapok.database.dialect == "sqlite" else contextlib.nullcontext()
    with in_process:
        click.echo(f"Kapok serves on http://{settings.host}:{settings.port}", err=True)
        _serve(create_app(settings, kapok), settings)


@click.command("work")
def work_command() -> None:
    """Background workers only, for PostgreSQL; any number of them may run."""
    settings = config.from_environment()
    kapok = create_kapok(settings)
    if kapok.database.dialect == "sqlite":
        raise ConfigurationError(setting="KAPOK_DATABASE_URL", expected="postgresql:// for workers of their own "
                                 "(on SQLite `kapok serve` runs them)", found="sqlite://")
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    with _workers(kapok):
        click.echo("Kapok works.", err=True)
        stopped.wait()


@click.command("deploy")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--verify/--no-verify", default=True, help="Let the second engine play what was published.")
@format_option
def deploy_command(paths: tuple[Path, ...], verify: bool, style: str) -> None:
    """Check and publish diagrams, forms and decisions as a new version."""
    kapok = create_kapok(config.from_environment())
    resources = tuple(Resource(str(path), path.read_bytes()) for path in model_files(paths))
    try:
        outcome = kapok.run(Deploy(resources), SHELL)
        differences = publishing.compare(kapok, outcome["definitions"]) if verify else []
    except DeploymentRefused as refused:
        for finding in refused.params["findings"]:
            click.echo(f"{finding.file}:{finding.line}: {finding.severity} {finding.rule} [{finding.element}] "
                       f"{finding.message}", err=True)
        raise
    finally:
        kapok.close()
    for item in differences:
        click.echo(f"warning: the second engine differs: {item}", err=True)
    if style == "json":
        print_json({**outcome, "differences": differences})
        return
    for key in outcome["definitions"]:
        click.echo(f"deployed   {key}")
    for key in outcome["unchanged"]:
        click.echo(f"unchanged  {key}")


@contextlib.contextmanager
def _workers(kapok: Kapok) -> Iterator[None]:
    loop = Loop(create_pollers(kapok), kapok.clock)
    loop.start()
    try:
        yield
    finally:
        loop.stop()
        kapok.close()


def _serve(app: Any, settings: Settings) -> None:
    """Serve until Ctrl-C or SIGTERM, then finish what is under way."""
    _log_to_stderr()
    server = waitress.create_server(app, host=settings.host, port=settings.port, threads=_THREADS, ident="kapok",
                                    max_request_body_size=settings.max_upload + 2 * 1024 * 1024)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        server.run()
    except (KeyboardInterrupt, SystemExit):
        click.echo("Kapok stops.", err=True)
    finally:
        server.close()


def _log_to_stderr() -> None:
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr), processors=[
        structlog.processors.add_log_level, structlog.processors.TimeStamper(fmt="iso"),
        structlog.processors.JSONRenderer(ensure_ascii=False)])
