"""Which status an error gets, in one place; and its ``application/problem+json`` (RFC 9457)."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from flask import Flask, jsonify
from flask.wrappers import Response

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

STATUS: tuple[tuple[type[KapokError], HTTPStatus], ...] = (
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
    """The problem document of an error: ``type``, ``title``, ``status``, ``detail``, ``code`` and what helps to mend it."""
    status = status_of(error)
    body: dict[str, Any] = {"type": f"urn:kapok:problem:{error.code}", "title": status.phrase, "status": int(status),
                            "detail": error.message, "code": error.code, **_details(error.params)}
    response = jsonify(body)
    response.status_code = int(status)
    response.content_type = "application/problem+json"
    if isinstance(error, Busy):
        response.headers["Retry-After"] = "1"
    return response


def _details(params: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if "problems" in params:
        found["problems"] = [{"field": item.field, "code": item.code, "params": dict(item.params)}
                             for item in params["problems"]]
    if "findings" in params:
        found["findings"] = [{"file": item.file, "element": item.element, "rule": item.rule, "severity": item.severity,
                              "message": item.message, "line": item.line} for item in params["findings"]]
    return found


def install(app: Flask) -> None:
    app.register_error_handler(KapokError, problem)
