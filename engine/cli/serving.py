"""The web server: waitress, in this process, or in several that gunicorn watches where the database lets several write.

Waitress takes a request whole before a thread has to do with it, so that slow clients hold none; gunicorn starts the
processes, shares the door among them, and replaces one that dies.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
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
    from gunicorn.workers.base import Worker
except ImportError:  # where a process cannot fork
    BaseApplication = Worker = object

CAN_FORK = BaseApplication is not object
THREADS = 8
"""That answer requests, in each process."""
BEYOND = 256 * 1024 * 1024
"""Bytes beyond the largest upload that are taken all the same, so that who sends too much is told so by a page of ours;
the server itself would cut the connection."""
STOPPING_SECONDS = 20
"""For requests under way when the service is told to stop."""


def in_this_process(app: WSGIApplication, settings: Settings) -> None:
    """Serve until Ctrl-C or SIGTERM, then finish what is under way."""
    log_to_stderr(settings.log_level)
    try:
        _serve(app, settings, host=settings.host, port=settings.port)
    finally:
        click.echo("Kapok stops.", err=True)


def in_processes(make: Callable[[], WSGIApplication], settings: Settings) -> None:
    """Serve from ``settings.processes`` processes until Ctrl-C or SIGTERM.

    ``make`` builds the application anew in each: no connection, thread or lock is older than its process.
    """
    _Service(make, settings).run()


def _serve(app: WSGIApplication, settings: Settings, **door: Any) -> None:
    server = waitress.create_server(app, threads=THREADS, ident="kapok", **door,
                                    max_request_body_size=settings.max_upload + BEYOND)
    settle()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell that starts us in the background has it ignored
    try:
        server.run()
    except (KeyboardInterrupt, SystemExit):
        pass
    finally:
        server.close()


class _Process(Worker):
    """One of several."""

    def run(self) -> None:
        os.close(self.app.alive[1])
        threading.Thread(target=self._follow_parent, daemon=True).start()
        _serve(self.wsgi, self.app.settings, sockets=[listening.sock for listening in self.sockets])

    def _follow_parent(self) -> None:
        """A process whose parent was killed gives the door free at once."""
        os.read(self.app.alive[0], 1)  # nobody writes: it ends when the parent does
        os._exit(1)


class _Service(BaseApplication):
    def __init__(self, make: Callable[[], WSGIApplication], settings: Settings) -> None:
        self._make, self.settings = make, settings
        self.alive = os.pipe()
        super().__init__()

    def load_config(self) -> None:
        host = f"[{self.settings.host}]" if ":" in self.settings.host else self.settings.host
        for name, value in {
            "bind": f"{host}:{self.settings.port}", "workers": self.settings.processes or os.cpu_count() or 1,
            "worker_class": _Process, "timeout": 0, "graceful_timeout": STOPPING_SECONDS, "proc_name": "kapok",
            "loglevel": "warning", "control_socket_disable": True,  # it would lie in the home, which may be read-only
        }.items():
            self.cfg.set(name, value)

    def load(self) -> WSGIApplication:
        log_to_stderr(self.settings.log_level)
        return self._make()


def log_to_stderr(level: str) -> None:
    """One JSON object a line."""
    chosen = structlog.make_filtering_bound_logger(level)
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr), wrapper_class=chosen, processors=[
        structlog.processors.add_log_level, structlog.processors.TimeStamper(fmt="iso"),
        structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)])
