"""The composition root: the only place where the parts of the house are wired together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, BinaryIO

import httpx
from flask import Flask
from flask_talisman import Talisman

from engine import ui
from engine.clock import Clock, SystemClock
from engine.config import Settings
from engine.domain.actors import Actor
from engine.domain.calendar import shipped_calendar
from engine.domain.commands import Command, FileRef
from engine.domain.deadline_rules import shipped_rules
from engine.domain.identifiers import IdSource, RandomIds
from engine.http import errors, health, webhooks
from engine.services.context import Authority, Outcome, Parts
from engine.services.definitions import Definitions
from engine.services.files import FileStore, StagedFile
from engine.services.handlers import HANDLERS
from engine.services.identity import Identity
from engine.services.operations import Operation
from engine.services.operations.registry import OPERATIONS
from engine.services.runner import Runner
from engine.services.views import Views
from engine.store import migrate
from engine.store.database import Database
from engine.workers.correlator import Correlator
from engine.workers.dispatcher import Dispatcher
from engine.workers.loop import Poller
from engine.workers.starts import StartPoller
from engine.workers.timers import TimerPoller
from webhooks.addresses import AddressPolicy
from webhooks.catalogue import load as load_catalogue
from webhooks.transport import GuardedTransport


@dataclass(frozen=True, slots=True)
class StagedFiles:
    """Uploads: written to the store of files, and known to the database before any command refers to them."""

    store: FileStore
    runner: Runner

    def stage(self, stream: BinaryIO, name: str, media: str, actor: Actor) -> StagedFile:
        staged = self.store.stage(stream, name)
        self.runner.register_file(staged, actor)
        return staged


@dataclass(frozen=True, slots=True)
class Kapok:
    """A wired house. ``ui``, ``http``, ``cli`` and tests use it; each has what it needs by name."""

    settings: Settings
    database: Database
    clock: Clock
    parts: Parts
    runner: Runner
    identity: Identity
    queries: Views
    files: StagedFiles
    pollers: Sequence[Poller] = field(default_factory=tuple)

    def run(self, command: Command, actor: Actor, idempotency_key: str | None = None) -> Outcome:
        return self.runner.run(command, actor, idempotency_key)

    def act(self, case: Any, action: Any, values: Mapping[str, Any], files: Sequence[FileRef], actor: Actor,
            idempotency_key: str | None = None) -> Outcome:
        """Carry out one of the actions that the case offered to the actor."""
        return self.runner.run(action.command(values, files), actor, idempotency_key)

    def close(self) -> None:
        self.database.close()


def create_kapok(settings: Settings, clock: Clock | None = None, ids: IdSource | None = None,
                 operations: Mapping[str, Operation] = OPERATIONS, language: Callable[[], str] = lambda: "zh") -> Kapok:
    """Wire the parts on a database whose schema is brought up to date first."""
    clock = clock or SystemClock()
    settings.folder.mkdir(parents=True, exist_ok=True)
    database = Database(settings.database_url)
    database.require_durability()
    migrate.upgrade(database)
    files = FileStore(settings.folder / "files", settings.max_upload)
    authority = Authority(settings.authority_name, settings.authority_code, settings.document_series)
    parts = Parts(definitions=Definitions(), calendar=shipped_calendar(), rules=shipped_rules(), files=files,
                  operations=operations, ids=ids or RandomIds(), authority=authority)
    runner = Runner(database, clock, parts, HANDLERS)
    return Kapok(
        settings=settings, database=database, clock=clock, parts=parts, runner=runner,
        identity=Identity(database, clock, parts), queries=Views(database, clock, parts, language),
        files=StagedFiles(files, runner), pollers=_pollers(settings, runner, database, clock))


def _pollers(settings: Settings, runner: Runner, database: Database, clock: Clock) -> tuple[Poller, ...]:
    rest = timedelta(seconds=settings.poll_seconds)

    def transport_for(partner: Any) -> httpx.BaseTransport:
        plain = frozenset(settings.plain_hosts) | ({httpx.URL(partner.endpoint).netloc.decode()} if partner.plain_http
                                                   else frozenset())
        return GuardedTransport(AddressPolicy.of(partner.allowed_cidrs, plain))

    return (TimerPoller(runner, database, clock, rest), StartPoller(runner, database, clock, rest),
            Correlator(runner, database, clock, rest), Dispatcher(runner, database, clock, rest, transport_for))


def create_app(settings: Settings, kapok: Kapok | None = None) -> Flask:
    """The WSGI application over a wired house."""
    kapok = kapok or create_kapok(settings, language=ui.language)
    app = Flask("engine")
    app.config.update(SECRET_KEY=settings.secret_key, MAX_CONTENT_LENGTH=settings.max_upload + 1024 * 1024,
                      SESSION_COOKIE_HTTPONLY=True, SESSION_COOKIE_SAMESITE="Lax",
                      SESSION_COOKIE_SECURE=settings.secure_cookies)
    Talisman(app, force_https=settings.secure_cookies, strict_transport_security=settings.secure_cookies,
             session_cookie_secure=settings.secure_cookies, frame_options="DENY",
             content_security_policy={"default-src": "'self'", "img-src": "'self' data:", "script-src": "'self'",
                                      "style-src": "'self'", "object-src": "'none'", "frame-ancestors": "'none'",
                                      "base-uri": "'self'", "form-action": "'self'"})
    app.register_blueprint(webhooks.create_blueprint(
        kapok.runner, kapok.database, kapok.clock, load_catalogue(), settings.authority_code))
    app.register_blueprint(health.create_blueprint(kapok.database, kapok.clock))
    app.register_blueprint(ui.create_blueprint(kapok))
    errors.install(app)
    app.extensions["kapok"] = kapok
    return app
