"""The only one who commits. ``run`` carries out one command in one transaction, then the follow-ups it left behind.

A repeated idempotency key returns the first outcome. A follow-up that fails stays a durable row, which the workers try
again; the command that left it has succeeded all the same.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import asdict, is_dataclass
from datetime import datetime
from typing import Any

import structlog

from engine.clock import Clock
from engine.domain.actors import SYSTEM, Actor
from engine.domain.commands import Command
from engine.errors import IdempotencyConflict, KapokError, Rejection
from engine.services.context import Context, Outcome, Parts
from engine.services.files import StagedFile
from engine.services.partners import find_first_receipt
from engine.services.trail import record_refusal, record_system
from engine.store import partners, records
from engine.store.database import Database
from engine.store.schema import encode_json

Handler = Callable[[Context, Any], Outcome]

_log = structlog.get_logger(__name__)
_FOLLOW_UP_LIMIT = 10_000


class Runner:
    """Wired by ``app`` with a database, a clock, the parts of the house and the table of handlers."""

    def __init__(self, database: Database, clock: Clock, parts: Parts, handlers: Mapping[type, Handler]) -> None:
        self.database = database
        self.clock = clock
        self.parts = parts
        self._handlers = handlers

    def run(self, command: Command, actor: Actor, idempotency_key: str | None = None) -> Outcome:
        """Carry out a command for an actor.

        Raises a ``Rejection`` when it is lawfully refused (nothing is changed, the refusal is audited), ``InvalidInput``
        for bad input, ``Busy`` when the case is held by another command for too long.
        """
        try:
            outcome, follow_ups = self._transaction(command, actor, idempotency_key)
        except KapokError as error:
            if actor is not SYSTEM:
                self._audit_refusal(command, actor, error)
            raise
        self._drain(follow_ups)
        return outcome

    def claim_outbox(self, until: datetime, limit: int) -> list[Any]:
        """Lease due outbox entries to a sender until an instant; here, because only the runner commits."""
        with self.database.writing() as connection:
            return partners.claim_outbox(self.database, connection, self.clock.now(), until, limit)

    def _transaction(self, command: Command, actor: Actor, key: str | None) -> tuple[Outcome, list[Command]]:
        with self.database.writing() as connection:
            context = Context(connection, self.database, self.clock.now(), actor, self.parts, type(command).__name__)
            if key is not None:
                earlier = self._reserve(context, command, key)
                if earlier is not None:
                    return earlier, []
            outcome = self._handlers[type(command)](context, command)
            if key is not None:
                records.finish_command(connection, actor.id, key, outcome)
        return outcome, context.follow_ups

    def _reserve(self, context: Context, command: Command, key: str) -> Outcome | None:
        """Take the idempotency key, or give the outcome of the command that had it before."""
        digest = hashlib.sha256(encode_json([type(command).__name__, _plain(command)]).encode()).hexdigest()
        row = {"actor": context.actor.id, "idempotency_key": key, "request_hash": digest, "at": context.now}
        if records.reserve_command(self.database, context.connection, row):
            return None
        earlier = records.find_command(context.connection, context.actor.id, key)
        if earlier is None or earlier.request_hash != digest:
            raise IdempotencyConflict(key=key)
        return dict(earlier.outcome)

    def _drain(self, follow_ups: list[Command]) -> None:
        queue = deque(follow_ups)
        for _ in range(_FOLLOW_UP_LIMIT):
            if not queue:
                return
            command = queue.popleft()
            try:
                _, more = self._transaction(command, SYSTEM, None)
                queue.extend(more)
            except Exception as error:  # the row stays pending; a worker tries again
                _log.warning("follow_up_failed", command=type(command).__name__, error=str(error))

    def register_file(self, staged: StagedFile, actor: Actor) -> None:
        """Make a staged file known, so that a command may refer to it and its uploader may see it."""
        with self.database.writing() as connection:
            records.add_file(self.database, connection, staged.sha256, staged.size, staged.media, self.clock.now(),
                             actor.id)

    def move_partner(self, code: str, endpoint: str) -> None:
        """A partner's address has changed."""
        with self.database.writing() as connection:
            partners.update_partner(connection, code, endpoint=endpoint)

    def audit(self, actor: Actor, action: str, detail: Mapping[str, Any]) -> None:
        """Write one entry of the system chain, in its own transaction."""
        with self.database.writing() as connection:
            record_system(Context(connection, self.database, self.clock.now(), actor, self.parts, action), detail)

    def first_receipt(self, partner: str, message_id: str) -> dict[str, Any] | None:
        """What a partner was answered when it first sent this id."""
        with self.database.reading() as connection:
            return find_first_receipt(connection, partner, message_id)

    def _audit_refusal(self, command: Command, actor: Actor, error: KapokError) -> None:
        with self.database.writing() as connection:
            context = Context(connection, self.database, self.clock.now(), actor, self.parts, type(command).__name__)
            record_refusal(context, error, isinstance(error, Rejection))


def _plain(command: Command) -> Any:
    if not is_dataclass(command) or isinstance(command, type):
        return str(command)
    return _hashable(asdict(command))


def _hashable(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(name): _hashable(item) for name, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_hashable(item) for item in value]
    if isinstance(value, bytes):
        return hashlib.sha256(value).hexdigest()
    if value is None or isinstance(value, (bool, int, str)):
        return value
    return str(value)
