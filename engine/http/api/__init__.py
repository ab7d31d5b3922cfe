"""``/api/v1``: the JSON API for programs, one module a noun, over flask-smorest and marshmallow.

Owns: requests and answers as schemas, their description (OpenAPI 3.1), bearer tokens and scopes. Invariants: an
operation is schema in, one service call, schema out; reads take the actor, changes are one command through the runner;
sessions and cookies mean nothing here, so there is no CSRF; whatever is sent is answered by 2xx or by a problem
document that says what was expected.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from threading import BoundedSemaphore, Event
from typing import Any

from flask import Flask
from flask_smorest import Api

from engine.domain.permissions import SCOPES
from engine.http.api import (
    access,
    access_grants,
    approvals,
    bundles,
    case_people,
    cases,
    deadline_acts,
    deadlines,
    declarations,
    deliveries,
    deployments,
    description,
    files,
    filters,
    hearings,
    incidents,
    jobs,
    keys,
    messages,
    papers,
    participants,
    partners,
    process_definitions,
    rearranging,
    recusals,
    signals,
    user_tasks,
)
from engine.http.api.answers import Problem
from engine.http.api.fields import Content, Cursor, Duration
from engine.http.errors import PROBLEM
from webhooks.catalogue import load

_NO_NOUN = (bundles, case_people, papers, participants, rearranging)
"""Modules with further operations of another's noun."""
NOUNS = (approvals, deployments, process_definitions, cases, user_tasks, messages, signals, jobs, deadlines, incidents,
         partners, deadline_acts, recusals, declarations, access_grants, keys,
         files, deliveries, filters, hearings)
WAITING = 4
"""How many requests of a process may wait for jobs at once; its other threads stay free."""


def register(app: Flask, services: access.Services, wait: Callable[[float], object] | None = None) -> None:
    """Mount the API. ``wait`` is how a request that waits for jobs rests, in seconds."""
    desk = access.Desk(services, wait or Event().wait, BoundedSemaphore(WAITING))
    with app.app_context():
        access.open_desk(desk)
    api = _api(app)
    for module in NOUNS:
        api.register_blueprint(module.noun.blueprint)
    app.register_blueprint(description.create_blueprint(api.spec.to_dict()))


def _api(app: Flask) -> Any:
    app.config.update(API_TITLE=description.TITLE, API_VERSION=version("kapok"), OPENAPI_VERSION=description.OPENAPI)
    api = Api()
    api.ERROR_SCHEMA = Problem
    api.DEFAULT_RESPONSE_CONTENT_TYPE = PROBLEM
    api.DEFAULT_ERROR_RESPONSE_NAME = None
    scopes = "; ".join(f"`{name}` {text}" for name, text in SCOPES.items())
    bearer = {"type": "http", "scheme": "bearer", "description": f"A token of `kapok token create`. Scopes: {scopes}"}
    for field in (Content, Cursor):
        api.register_field(field, "string", None)
    api.register_field(Duration, "string", "duration")
    api.init_app(app, spec_kwargs={
        "info": {"description": description.ABOUT}, "servers": [{"url": "/"}], "webhooks": load().openapi_webhooks()})
    api.spec.components.security_scheme("bearer", bearer)
    return api
