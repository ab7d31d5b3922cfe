"""Who asks and what for: bearer tokens, their scopes, and the way of a command to the runner."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from threading import BoundedSemaphore
from typing import Any, BinaryIO, Protocol, cast

from flask import current_app, g, request

from engine.clock import Clock
from engine.domain.actors import Actor
from engine.domain.administration import DecideApproval
from engine.domain.commands import Command
from engine.domain.forms import Problem
from engine.errors import InvalidInput, Phrase
from engine.http.errors import NotAuthenticated, ScopeMissing
from engine.services.context import Outcome, Parts
from engine.services.people.identity import Identity
from engine.services.proof.archive import Archive
from engine.services.runner import Runner
from engine.services.views import Views
from engine.services.views.exports import Exports
from engine.services.views.handoffs import Handoffs
from engine.services.views.hearings import HearingPages
from engine.services.views.papers import PaperPages
from engine.services.views.participants import Participants
from engine.services.views.people import People
from engine.services.views.recusals import Recusals
from engine.store.database import Database

KEY_LENGTH = 255
_EXTENSION = "kapok.api"


class Uploads(Protocol):
    def stage(self, stream: BinaryIO, name: str, media: str, actor: Actor) -> Any: ...


class Services(Protocol):
    """What the API asks of the wired house."""

    @property
    def runner(self) -> Runner: ...
    @property
    def identity(self) -> Identity: ...
    @property
    def queries(self) -> Views: ...
    @property
    def people(self) -> People: ...
    @property
    def recusals(self) -> Recusals: ...
    @property
    def participants(self) -> Participants: ...
    @property
    def handoffs(self) -> Handoffs: ...
    @property
    def papers(self) -> PaperPages: ...
    @property
    def hearings(self) -> HearingPages: ...
    @property
    def files(self) -> Uploads: ...
    @property
    def database(self) -> Database: ...
    @property
    def archive(self) -> Archive: ...
    @property
    def exports(self) -> Exports: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def parts(self) -> Parts: ...
    def decide(self, decision: DecideApproval, actor: Actor, idempotency_key: str | None = None) -> Outcome: ...


@dataclass(frozen=True, slots=True)
class Desk:
    """The services, how a request waits (seconds), and how many may wait at once."""

    services: Services
    wait: Callable[[float], object]
    places: BoundedSemaphore


def open_desk(desk: Desk) -> None:
    current_app.extensions[_EXTENSION] = desk


def desk() -> Desk:
    return cast(Desk, current_app.extensions[_EXTENSION])


def services() -> Services:
    return desk().services


def reading() -> AbstractContextManager[Any]:
    """A connection that only reads."""
    return services().database.reading()


def actor() -> Actor:
    """Who asks; every operation has made sure."""
    return cast(Actor, g.api_actor)


def admit(scopes: tuple[str, ...]) -> None:
    """Let a request in by its bearer token. Raises ``NotAuthenticated`` or ``ScopeMissing``; both are audited."""
    found = request.authorization
    secret = found.token if found is not None and found.type == "bearer" else None
    if not secret:
        raise NotAuthenticated(found="none")
    client = request.remote_addr or ""
    bearer = services().identity.with_token(secret, client)
    if bearer is None:
        _refused(Actor(id="", name="", client=client), NotAuthenticated.code)
        raise NotAuthenticated(found="another")
    if bearer.scopes and bearer.scopes.isdisjoint(scopes):
        _refused(bearer.actor, ScopeMissing.code)
        raise ScopeMissing(scope=" or ".join(scopes))
    g.api_actor = bearer.actor


def _refused(who: Actor, code: str) -> None:
    services().runner.audit(who, "BearerToken", {"refused": code, "operation": request.endpoint or ""})


def act(command: Command) -> Outcome:
    """Carry out a command for who asks, once for each ``Idempotency-Key``."""
    return services().runner.run(command, actor(), idempotency_key())


def decide(decision: DecideApproval) -> Outcome:
    """Decide on a request for a second person, once for each ``Idempotency-Key``; the same way as the screens."""
    return services().decide(decision, actor(), idempotency_key())


def idempotency_key() -> str | None:
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    if not 0 < len(key) <= KEY_LENGTH or not (key.isascii() and key.isprintable()):
        raise InvalidInput(expected=Phrase("1 to {most} printable ASCII characters", most=KEY_LENGTH),
                           found=Phrase("{count} of any kind", count=len(key)),
                           where="Idempotency-Key", problems=(Problem("Idempotency-Key", "invalid"),))
    return key
