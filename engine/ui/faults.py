"""Errors as pages (``kept``): what went wrong, that nothing was changed, and where to go; JSON where a script asked."""

from typing import Any

from flask import Blueprint, abort, current_app, g, request
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, InternalServerError
from werkzeug.wrappers import Response

from engine.errors import KapokError
from engine.statuses import MACHINES
from engine.ui import kept, texts
from engine.ui.accounts import current
from engine.ui.contract import Services


def install(blueprint: Blueprint, services: Services) -> None:
    def witness(response: Response) -> Response:
        """What a person tried and was refused here goes into the audit trail, unless a command has seen to it."""
        actor = current()
        tried = request.method not in ("GET", "HEAD", "OPTIONS")
        if tried and actor is not None and 400 <= response.status_code < 500 and not g.get("audited"):
            services.refused(actor, str(request.endpoint), {"path": request.path, "status": response.status_code})
        return response

    blueprint.before_request(_legible)
    blueprint.after_request(witness)
    blueprint.register_error_handler(KapokError, _ours)
    blueprint.register_error_handler(CSRFError, _stale)
    blueprint.register_error_handler(HTTPException, _http)
    blueprint.app_errorhandler(404)(_unknown)


def _ours(error: KapokError) -> Any:
    return kept.page(kept.status(error), texts.error(error))


def _legible() -> None:
    """U+0000 is in no key, no name and nothing one searches for, and PostgreSQL cannot even compare with it."""
    if "\0" in request.path:
        abort(404)
    if any("\0" in text for text in request.values.values()):
        abort(400)


def _stale(error: CSRFError) -> Any:
    return kept.page(400, gettext("页面停留太久或登录已变更，本次操作没有执行。请回到刚才的页面再提交；内容仍在。"))


def _http(error: HTTPException) -> Any:
    if error.code is not None and 300 <= error.code < 400:
        return error
    return kept.page(error.code or InternalServerError.code, texts.http_error(error.code or InternalServerError.code))


def _unknown(error: HTTPException) -> Any:
    """An address nobody has: our page for people; programs get what their own handler says."""
    if not request.path.startswith(MACHINES):
        return _http(error)
    handler = current_app.error_handler_spec[None][None].get(HTTPException)
    return handler(error) if handler else Response(str(error), status=404, content_type="text/plain")
