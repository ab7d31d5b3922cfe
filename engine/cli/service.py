"""Commands for those who run the service: demo, serve, work."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from dataclasses import replace

import click

from engine import config
from engine.app import Kapok, create_app, create_kapok, create_pollers, settle
from engine.cli import demo, secrets, serving
from engine.cli.output import progress
from engine.errors import ConfigurationError
from engine.workers.loop import Loop


@click.command("demo")
@click.option("--port", type=int, help="Default: KAPOK_PORT or 8080.")
def demo_command(port: int | None) -> None:
    """Samples on SQLite under var/, served on http://127.0.0.1:8080 until Ctrl-C."""
    settings = config.from_environment()
    settings = replace(settings, demo=True, secure_cookies=False, second_factor=False,
                       port=port or settings.port, poll_seconds=0.5, secret_key=secrets.session_key(settings),
                       demo_accounts=demo.ACCOUNTS)
    kapok = create_kapok(settings)
    kapok.database.own()
    with demo.partner(kapok) as stand_in:
        with progress("demo") as tell:
            demo.load(kapok, stand_in, tell)  # before the workers: samples begin in the past, with a clock of theirs
        with _workers(kapok):
            click.echo(demo.welcome(settings))
            serving.in_this_process(create_app(settings, kapok), settings)


@click.command("serve")
@click.option("--host", help="Default: KAPOK_HOST or 127.0.0.1.")
@click.option("--port", type=int, help="Default: KAPOK_PORT or 8080.")
def serve_command(host: str | None, port: int | None) -> None:
    """Web and API. On SQLite one process does everything; on PostgreSQL several serve, and `kapok work` beside them."""
    settings = config.from_environment()
    settings = replace(settings, host=host or settings.host, port=port or settings.port,
                       secret_key=secrets.session_key(settings))
    kapok = create_kapok(settings)
    kapok.database.own()
    greeting = f"Kapok serves on http://{settings.host}:{settings.port}"
    if kapok.database.dialect == "sqlite":
        with _workers(kapok):
            click.echo(greeting, err=True)
            serving.in_this_process(create_app(settings, kapok), settings)
    elif serving.CAN_FORK:
        kapok.close()  # before the processes part: each has a house and connections of its own
        click.echo(greeting, err=True)
        serving.in_processes(lambda: create_app(settings, create_kapok(settings)), settings)
    else:
        click.echo(greeting, err=True)
        serving.in_this_process(create_app(settings, kapok), settings)


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
        settle()
        click.echo("Kapok works.", err=True)
        stopped.wait()


@contextlib.contextmanager
def _workers(kapok: Kapok) -> Iterator[None]:
    loop = Loop(create_pollers(kapok), kapok.clock)
    loop.start()
    try:
        yield
    finally:
        loop.stop()
        kapok.close()
