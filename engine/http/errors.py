"""Which status an error gets, in one place; and its ``application/problem+json`` (RFC 9457)."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from flask import Flask, request
from flask.typing import ResponseReturnValue
from flask.wrappers import Response
from werkzeug.exceptions import HTTPException

from engine.definition.wording import say
from engine.errors import (
    Busy,
    Conflict,
    DeploymentRefused,
    InvalidInput,
    KapokError,
    NotAllowed,
    NotFound,
    Rejection,
)
from engine.http import wire

PROBLEM = "application/problem+json"
MACHINES = ("/api/", "/webhooks/", "/healthz", "/readyz", "/metrics")
"""Paths of programs: whatever goes wrong there is answered with a problem document, never with a page."""


class NotAuthenticated(Rejection):
    """Expected a bearer token that is known, not revoked and not expired, but found {found}."""

    code = "not_authenticated"


class ScopeMissing(NotAllowed):
    """Expected the token to have the scope {scope}, but it has not."""

    code = "scope_missing"


STATUS: tuple[tuple[type[KapokError], HTTPStatus], ...] = (
    (NotAuthenticated, HTTPStatus.UNAUTHORIZED),
    (wire.Malformed, HTTPStatus.BAD_REQUEST),
    (wire.WrongMediaType, HTTPStatus.UNSUPPORTED_MEDIA_TYPE),
    (NotFound, HTTPStatus.NOT_FOUND),
    (NotAllowed, HTTPStatus.FORBIDDEN),
    (Busy, HTTPStatus.SERVICE_UNAVAILABLE),
    (Conflict, HTTPStatus.CONFLICT),
    (DeploymentRefused, HTTPStatus.UNPROCESSABLE_ENTITY),
    (InvalidInput, HTTPStatus.UNPROCESSABLE_ENTITY),
    (Rejection, HTTPStatus.CONFLICT),
)
"""The first class that fits decides; anything else of ours is a fault of the server."""


def status_of(error: KapokError) -> HTTPStatus:
    for kind, status in STATUS:
        if isinstance(error, kind):
            return status
    return HTTPStatus.INTERNAL_SERVER_ERROR


def problem(error: KapokError) -> Response:
    """The problem document of an error: ``type``, ``title``, ``status``, ``detail``, ``code``, what helps."""
    status = status_of(error)
    response = _document(status, error.message, error.code, _details(error.params))
    if isinstance(error, Busy):
        response.headers["Retry-After"] = "1"
    elif isinstance(error, NotAuthenticated):
        response.headers["WWW-Authenticate"] = 'Bearer realm="kapok"'
    elif isinstance(error, ScopeMissing):
        response.headers["WWW-Authenticate"] = f'Bearer error="insufficient_scope", scope="{error.params["scope"]}"'
    return response


def http_problem(error: HTTPException) -> ResponseReturnValue:
    """What Flask refuses by itself (404, 405, 413, a fault of ours), for programs; its headers (``Allow``) are kept."""
    if not request.path.startswith(MACHINES) or error.code is None or error.code < HTTPStatus.BAD_REQUEST:
        return error
    status = HTTPStatus(error.code)
    response = _document(status, error.description or status.phrase, status.phrase.lower().replace(" ", "_"), {})
    for name, value in error.get_headers():
        if name != "Content-Type":
            response.headers[name] = value
    return response


def _document(status: HTTPStatus, detail: str, code: str, more: Mapping[str, Any]) -> Response:
    body = {"type": f"urn:kapok:problem:{code}", "title": status.phrase, "status": int(status), "detail": detail,
            "code": code, **more}
    return Response(wire.encode(body), int(status), content_type=PROBLEM)


def _details(params: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if "problems" in params:
        found["problems"] = [{"field": item.field, "code": item.code, "params": dict(item.params)}
                             for item in params["problems"]]
    if "findings" in params:
        found["findings"] = [{"file": item.file, "element": item.element, "rule": item.rule, "severity": item.severity,
                              "message": say(item, _language()), "line": item.line} for item in params["findings"]]
    return found


def _language() -> str:
    """What the caller asks for (RFC 9110, 12.5.4), else English."""
    return request.accept_languages.best_match(("en", "zh"), "en")


def install(app: Flask) -> None:
    app.register_error_handler(KapokError, problem)
    app.register_error_handler(HTTPException, http_problem)
