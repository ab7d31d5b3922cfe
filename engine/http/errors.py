"""Errors of the API: the statuses that only programs meet, and the ``application/problem+json`` (RFC 9457)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from flask import Flask, current_app, request
from flask.typing import ResponseReturnValue
from flask.wrappers import Response
from werkzeug.exceptions import HTTPException

from engine.definition.wording import say
from engine.errors import Busy, KapokError, NotAllowed, Rejection
from engine.http import wire
from engine.statuses import MACHINES
from engine.statuses import status_of as common

PROBLEM = "application/problem+json"


class NotAuthenticated(Rejection):
    """Expected a bearer token that is known, not revoked and not expired, but found {found}."""

    code = "not_authenticated"


class ScopeMissing(NotAllowed):
    """Expected the token to have the scope {scope}, but it has not."""

    code = "scope_missing"


_OF_PROGRAMS: tuple[tuple[type[KapokError], HTTPStatus], ...] = (
    (NotAuthenticated, HTTPStatus.UNAUTHORIZED),
    (wire.Malformed, HTTPStatus.BAD_REQUEST),
    (wire.WrongMediaType, HTTPStatus.UNSUPPORTED_MEDIA_TYPE),
)
"""What no screen meets; all else is in ``engine.statuses``."""


def status_of(error: KapokError) -> HTTPStatus:
    return next((status for kind, status in _OF_PROGRAMS if isinstance(error, kind)), None) or common(error)


def problem(error: KapokError) -> Response:
    """The problem document of an error: ``type``, ``title``, ``status``, ``detail``, ``code``, what helps."""
    status = status_of(error)
    response = _document(status, said(error), error.code, _details(error.params))
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
                              "message": say(item, language()), "line": item.line} for item in params["findings"]]
    return found


def language() -> str:
    """What the caller asks for (RFC 9110, 12.5.4), else English."""
    return request.accept_languages.best_match(("en", "zh"), "en")


def said(error: KapokError) -> str:
    """The error in the language that the caller asks for."""
    chinese: Callable[[KapokError], str] = current_app.extensions["kapok.chinese"]
    return chinese(error) if language() == "zh" else error.message


def install(app: Flask, chinese: Callable[[KapokError], str]) -> None:
    """``chinese``: the words that people read on screens."""
    app.extensions["kapok.chinese"] = chinese
    app.register_error_handler(KapokError, problem)
    app.register_error_handler(HTTPException, http_problem)
