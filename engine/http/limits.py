"""How often one address may ask: sign-in, API and webhooks each have their own count.

Counts are in the memory of a process: a limit holds for each web process by itself, and a restart forgets it. What must
not be forgotten, failed sign-ins, are rows (``services.users.note_failure``).
"""

from __future__ import annotations

from collections.abc import Mapping

from flask import Flask, request
from flask_limiter import Limiter
from limits import parse_many

from engine.errors import ConfigurationError


def install(app: Flask, rates: Mapping[str, str]) -> None:
    """``rates``: ``sign_in``, ``api`` and ``webhooks``, such as ``30 per minute``; empty: no limit.

    Raises ``ConfigurationError`` for what is no limit.
    """
    for name, rate in rates.items():
        _require_limit(name, rate)
    limiter = Limiter(key_func=lambda: f"{_door()} {request.remote_addr}", storage_uri="memory://",
                      headers_enabled=True, application_limits=[lambda: rates[_door()]])
    limiter.request_filter(lambda: not rates.get(_door()))
    limiter.init_app(app)


def _door() -> str:
    """Which of the counted doors a request comes through; none: it is not counted."""
    if request.path.startswith("/api/"):
        return "api"
    if request.path.startswith("/webhooks/"):
        return "webhooks"
    signing_in = request.path.startswith("/sign-in") and (request.method == "POST" or "elsewhere" in request.path)
    return "sign_in" if signing_in else ""


def _require_limit(name: str, rate: str) -> None:
    try:
        parse_many(rate or "1 per second")
    except ValueError as error:
        raise ConfigurationError(setting=f"KAPOK_RATE_{name.upper()}", expected="a limit such as 30 per minute",
                                 found=rate) from error
