"""Commands for those who run the service: demo, serve, work."""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import click
import structlog
import waitress

from engine import config
from engine.app import Kapok, create_app, create_kapok, create_pollers, settle
from engine.cli import demo, secrets
from engine.cli.output import progress
from engine.config import Settings
from engine.errors import ConfigurationError
from engine.workers.loop import Loop

_THREADS = 8


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
    kapok.database.own()
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


def _serve(app: Any, settings: Settings) -> None:
    """Serve until Ctrl-C or SIGTERM, then finish what is under way."""
    _log_to_stderr(settings.log_level)
    server = waitress.create_server(app, host=settings.host, port=settings.port, threads=_THREADS, ident="kapok",
                                    max_request_body_size=settings.max_upload + 2 * 1024 * 1024)
    settle()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell that starts us in the background has it ignored
    try:
        server.run()
    except (KeyboardInterrupt, SystemExit):
        click.echo("Kapok stops.", err=True)
    finally:
        server.close()


def _log_to_stderr(level: str) -> None:
    chosen = structlog.make_filtering_bound_logger(level)
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr), wrapper_class=chosen, processors=[
        structlog.processors.add_log_level, structlog.processors.TimeStamper(fmt="iso"),
        structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)])
