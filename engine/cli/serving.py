"""The web server: waitress in one process, or gunicorn with several where the database lets several write."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from typing import Any
from wsgiref.types import WSGIApplication

import click
import structlog
import waitress

from engine.app import settle
from engine.config import Settings

try:
    from gunicorn.app.base import BaseApplication
except ImportError:  # where a process cannot fork
    BaseApplication = object

CAN_FORK = BaseApplication is not object
THREADS = 8
"""That answer requests, in each process."""
STOPPING_SECONDS = 20
"""For requests under way when the service is told to stop."""


def in_this_process(app: WSGIApplication, settings: Settings) -> None:
    """Serve until Ctrl-C or SIGTERM, then finish what is under way."""
    log_to_stderr(settings.log_level)
    server = waitress.create_server(app, host=settings.host, port=settings.port, threads=THREADS, ident="kapok",
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


def in_processes(make: Callable[[], WSGIApplication], settings: Settings) -> None:
    """Serve from ``settings.processes`` processes, of which one that dies is replaced, until Ctrl-C or SIGTERM.

    ``make`` builds the application anew in each: no connection, thread or lock is older than its process.
    """
    _Service(make, settings).run()


class _Service(BaseApplication):
    def __init__(self, make: Callable[[], WSGIApplication], settings: Settings) -> None:
        self._make, self._settings = make, settings
        super().__init__()

    def load_config(self) -> None:
        for name, value in _gunicorn(self._settings).items():
            self.cfg.set(name, value)

    def load(self) -> WSGIApplication:
        log_to_stderr(self._settings.log_level)
        return self._make()


def _gunicorn(settings: Settings) -> dict[str, Any]:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return {
        "bind": f"{host}:{settings.port}", "workers": settings.processes or os.cpu_count() or 1, "threads": THREADS,
        "worker_class": "gthread", "graceful_timeout": STOPPING_SECONDS, "proc_name": "kapok", "loglevel": "warning",
        "control_socket_disable": True,  # it would lie in the home directory, which may be read-only
        "post_worker_init": lambda worker: settle(),
    }


def log_to_stderr(level: str) -> None:
    """One JSON object a line."""
    chosen = structlog.make_filtering_bound_logger(level)
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr), wrapper_class=chosen, processors=[
        structlog.processors.add_log_level, structlog.processors.TimeStamper(fmt="iso"),
        structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)])
