"""The composition root of the service: the house with its web, its webhooks and its workers."""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Any

import httpx
from flask import Flask
from flask_talisman import Talisman
from werkzeug.middleware.proxy_fix import ProxyFix

from engine import ui
from engine.clock import Clock
from engine.config import Settings
from engine.domain.identifiers import IdSource
from engine.house import Kapok, timestamp_authority, wire
from engine.http import api, errors, forms, health, limits, webhooks
from engine.services.operations import Operation
from engine.services.operations.registry import OPERATIONS
from engine.services.people.oidc import Provider, ProviderRefused, SingleSignOn
from engine.store import migrate
from engine.workers.anchor import Anchorer
from engine.workers.attachments import AttachmentPoller
from engine.workers.cleaner import Cleaner
from engine.workers.correlator import Correlator
from engine.workers.dispatcher import Dispatcher
from engine.workers.escalations import EscalationPoller
from engine.workers.handoffs import HandoffPoller
from engine.workers.keeper import Keeper
from engine.workers.loop import Poller
from engine.workers.mail import MailPoller, Post
from engine.workers.moves import MovePoller
from engine.workers.starts import StartPoller
from engine.workers.timers import TimerPoller
from engine.workers.witness import Witness
from webhooks.addresses import AddressPolicy
from webhooks.catalogue import load as load_catalogue
from webhooks.transport import TOTAL_SECONDS, GuardedTransport

__all__ = ["Kapok", "create_app", "create_kapok", "create_pollers", "settle"]

NEW_OBJECTS = 10_000
"""That may gather before the collector looks for cycles among them; a page makes some thousands."""
FILE_SECONDS = 120.0
"""For a file of a partner, from the first byte to the last."""
_POLICY = {"default-src": "'self'", "img-src": "'self' data:", "script-src": "'self'", "style-src": "'self'",
           "object-src": "'none'", "frame-ancestors": "'none'", "base-uri": "'none'", "form-action": "'self'"}


def create_kapok(settings: Settings, clock: Clock | None = None, ids: IdSource | None = None,
                 operations: Mapping[str, Operation] = OPERATIONS, language: Callable[[], str] = ui.language) -> Kapok:
    """The house on a database whose schema is brought up to date first."""
    return wire(settings, migrate.upgrade, operations, clock=clock, ids=ids, language=language)


def settle() -> None:
    """What a process has made when it begins to serve it keeps: the collector passes over it from now on, else one
    request in fifty would wait for it to look at everything (150 ms)."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS, *gc.get_threshold()[1:])


def create_pollers(kapok: Kapok) -> tuple[Poller, ...]:
    """The background work of a house."""
    rest = timedelta(seconds=kapok.settings.poll_seconds)
    common = (kapok.runner, kapok.database, kapok.clock, rest)

    def transport_for(partner: Any, seconds: float = TOTAL_SECONDS) -> httpx.BaseTransport:
        plain = set(kapok.settings.plain_hosts)
        if partner.plain_http and partner.endpoint:
            plain.add(httpx.URL(partner.endpoint).netloc.decode())
        return GuardedTransport(AddressPolicy.of(partner.allowed_cidrs, plain), total_seconds=seconds)

    files = AttachmentPoller(*common, partial(transport_for, seconds=FILE_SECONDS), kapok.parts.files)
    return (TimerPoller(*common), StartPoller(*common), Correlator(*common), Dispatcher(*common, transport_for),
            files, HandoffPoller(*common), Cleaner(kapok.runner), EscalationPoller(*common), MovePoller(*common),
            *_mail(kapok, rest), *_evidence(kapok))


def _mail(kapok: Kapok, rest: timedelta) -> tuple[Poller, ...]:
    settings = kapok.settings
    if not settings.smtp_url:
        return ()
    post = Post.of(settings.smtp_url, settings.mail_from)
    return (MailPoller(kapok.runner, kapok.database, kapok.clock, rest, post),)


def _evidence(kapok: Kapok) -> tuple[Poller, ...]:
    always = Anchorer(kapok.runner, kapok.clock), Keeper(kapok.runner)
    authority = timestamp_authority(kapok.settings)
    if authority is None:
        return always
    return *always, Witness(kapok.runner, kapok.database, kapok.clock, authority, kapok.settings.tsa_evidence)


def create_app(settings: Settings, kapok: Kapok | None = None) -> Flask:
    """The WSGI application over a wired house."""
    kapok = _with_provider(kapok or create_kapok(settings), settings)
    app = Flask("engine")
    app.request_class = forms.Request
    app.config.update(SECRET_KEY=settings.secret_key, MAX_CONTENT_LENGTH=settings.max_upload + 1024 * 1024,
                      SESSION_COOKIE_HTTPONLY=True, SESSION_COOKIE_SAMESITE="Lax",
                      SESSION_COOKIE_SECURE=settings.secure_cookies,
                      SESSION_COOKIE_NAME="__Host-kapok" if settings.secure_cookies else "kapok")
    if settings.proxies:
        hops = settings.proxies
        wrapped = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)
        setattr(app, "wsgi_app", wrapped)  # noqa: B010 - Flask's own way; its stub calls it a method
    limits.install(app, {"sign_in": settings.rate_sign_in, "api": settings.rate_api,
                         "webhooks": settings.rate_webhooks})
    Talisman(app, force_https=settings.secure_cookies, strict_transport_security=settings.secure_cookies,
             session_cookie_secure=settings.secure_cookies, frame_options="DENY", content_security_policy=_POLICY)
    app.register_blueprint(webhooks.create_blueprint(
        kapok.runner, kapok.database, kapok.clock, load_catalogue(), settings.authority_code))
    app.register_blueprint(health.create_blueprint(kapok.database, kapok.clock))
    app.register_blueprint(ui.create_blueprint(kapok))
    api.register(app, kapok)
    errors.install(app, ui.texts.error)
    app.extensions["kapok"] = kapok
    return app


@dataclass(frozen=True, slots=True)
class _Web:
    """How an identity provider is asked: JSON or nothing, no redirects, ten seconds."""

    def get(self, url: str) -> Mapping[str, Any]:
        return self._json(lambda web: web.get(url))

    def post(self, url: str, form: Mapping[str, str], user: str, password: str) -> Mapping[str, Any]:
        return self._json(lambda web: web.post(url, data=dict(form), auth=(user, password)))

    def _json(self, ask: Callable[[httpx.Client], httpx.Response]) -> Mapping[str, Any]:
        try:
            with httpx.Client(timeout=10, follow_redirects=False) as web:
                answer = ask(web)
                found = answer.json() if answer.status_code == httpx.codes.OK else None
        except (httpx.HTTPError, ValueError) as error:
            raise ProviderRefused(reason="it does not answer") from error
        if not isinstance(found, dict):
            raise ProviderRefused(reason=f"it answers {answer.status_code}")
        return found


def _with_provider(kapok: Kapok, settings: Settings) -> Kapok:
    if not settings.oidc_issuer:
        return kapok
    provider = Provider(settings.oidc_issuer, settings.oidc_client_id, settings.oidc_client_secret, settings.oidc_name,
                        settings.oidc_provision)
    return replace(kapok, single_sign_on=SingleSignOn(provider, kapok.identity, kapok.runner, kapok.clock, _Web()))
