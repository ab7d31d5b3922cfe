"""The only one who commits. ``run`` carries out one command in one transaction, then the follow-ups it left behind.

A repeated idempotency key returns the first outcome. A follow-up that fails stays a durable row, which the workers try
again; the command that left it has succeeded all the same.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import asdict, is_dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

import structlog

from engine.clock import Clock
from engine.domain.actors import SYSTEM, Actor
from engine.domain.commands import Command
from engine.domain.plausible import require_days
from engine.errors import Busy, IdempotencyConflict, KapokError, Rejection
from engine.services.context import Context, Outcome, Parts
from engine.services.files import StagedFile
from engine.services.people import approvals
from engine.services.trail import record_access, record_refusal, record_system
from engine.store import partners, records
from engine.store.cases import CaseRow
from engine.store.database import Collision, Connection, Database
from engine.store.schema import encode_json

Handler = Callable[[Context, Any], Outcome]
C = TypeVar("C")
Claim = Callable[[Connection], Iterable[tuple[C, CaseRow, Any]]]

_log = structlog.get_logger(__name__)
_FOLLOW_UP_LIMIT = 1_000
"""Follow-ups that a command waits for; what is left is a durable row, and the workers bring it home."""
_TRIES = 3
BATCH_SECONDS = 0.25
"""After which a batch takes up no more: who waits for one of its cases does not wait longer."""
SLOW_STEP = 5.0
"""Seconds after which a command is worth a warning; steps take milliseconds."""


class Runner:
    """Wired by ``app`` with a database, a clock, the parts of the house and the table of handlers."""

    def __init__(self, database: Database, clock: Clock, parts: Parts, handlers: Mapping[type, Handler]) -> None:
        self.database = database
        self.clock = clock
        self.parts = parts
        self._handlers = handlers

    def run(self, command: Command, actor: Actor, idempotency_key: str | None = None) -> Outcome:
        """Carry out a command for an actor.

        Raises a ``Rejection`` when it is lawfully refused (nothing is changed, the refusal is audited),
        ``InvalidInput`` for bad input, ``Busy`` when the case is held by another command for too long.
        """
        try:
            require_days(command)
            outcome, follow_ups = self._transaction(command, actor, idempotency_key)
        except KapokError as error:
            if actor is not SYSTEM:
                self._audit_refusal(command, actor, error)
            raise
        self._drain(follow_ups)
        return outcome

    def run_batch(self, claim: Claim[C]) -> dict[C, Outcome | Exception]:
        """Carry out commands of the engine itself, each on one case, in one transaction with one commit.

        ``claim`` finds them, locks their cases, and says what it has read ahead for each. Each runs in a savepoint: one
        that fails leaves nothing, spoils nothing, and its error is its result. What the time of a batch does not
        suffice for is left where it was.
        """
        results: dict[C, Outcome | Exception] = {}
        follow_ups: list[Command] = []
        with self.database.writing() as connection:
            locked: dict[str, CaseRow] = {}
            until = self.clock.monotonic() + BATCH_SECONDS
            for command, row, ahead in claim(connection):
                context = self._context(connection, command, SYSTEM)
                context.locked[row.id] = replace(locked.get(row.id, row))
                context.ahead = ahead if row.id not in locked else None  # the case has moved since
                try:
                    with self.database.attempting(connection):
                        results[command] = self._handlers[type(command)](context, command)
                except Exception as error:
                    if connection.invalidated:
                        raise
                    results[command] = error
                else:
                    locked |= context.locked
                    follow_ups += context.follow_ups
                if self.clock.monotonic() > until:
                    break
        self._drain(follow_ups)
        return results

    def claim_outbox(self, until: datetime, resting: Collection[str] = ()) -> Any:
        """Lease one due outbox entry to a sender until an instant; here, because only the runner commits.

        None when nothing is due, apart from what goes to the partners that are ``resting``.
        """
        with self.database.writing() as connection:
            return partners.claim_outbox(self.database, connection, self.clock.now(), until, resting)

    def _transaction(self, command: Command, actor: Actor, key: str | None) -> tuple[Outcome, list[Command]]:
        """One transaction, begun anew when it collided with another: nothing of the first try is left."""
        began = self.clock.monotonic()
        try:
            for _ in range(_TRIES - 1):
                try:
                    return self._try(command, actor, key)
                except Collision as collision:
                    _log.info("collision", command=type(command).__name__, error=str(collision.__cause__))
            return self._try(command, actor, key)
        finally:
            took = self.clock.monotonic() - began
            if took > SLOW_STEP:
                _log.warning("slow_step", command=type(command).__name__, seconds=round(took, 1))

    def _try(self, command: Command, actor: Actor, key: str | None) -> tuple[Outcome, list[Command]]:
        with self.database.writing() as connection:
            context = self._context(connection, command, actor)
            if key is not None:
                earlier = self._reserve(context, command, key)
                if earlier is not None:
                    return earlier, []
            approvals.guard(context, command)
            outcome = self._handlers[type(command)](context, command)
            if key is not None:
                records.finish_command(connection, actor.id, key, outcome)
        return outcome, context.follow_ups

    def _context(self, connection: Connection, command: Command, actor: Actor) -> Context:
        return Context(connection, self.database, self.clock.now(), actor, self.parts, type(command).__name__,
                       monotonic=self.clock.monotonic)

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
        if queue:
            _log.warning("follow_ups_left", count=len(queue), first=type(queue[0]).__name__)

    def register_file(self, staged: StagedFile, actor: Actor) -> None:
        """Make a staged file known, so that a command may refer to it and its uploader may see it.

        Raises ``Busy`` when the cleaner has just swept an older upload of the same content.
        """
        with self.database.writing() as connection:
            records.add_file(self.database, connection, staged.sha256, staged.size, staged.media, self.clock.now(),
                             actor.id)
            if not self.parts.files.holds(staged.sha256):
                raise Busy(noun="file", key=staged.sha256)

    def move_partner(self, code: str, endpoint: str) -> None:
        """A partner's address has changed."""
        with self.database.writing() as connection:
            partners.update_partner(connection, code, endpoint=endpoint)

    def audit(self, actor: Actor, action: str, detail: Mapping[str, Any]) -> None:
        """Write one entry of the system chain, in its own transaction."""
        with self.database.writing() as connection:
            record_system(Context(connection, self.database, self.clock.now(), actor, self.parts, action), detail)

    def audit_access(self, actor: Actor, action: str, detail: Mapping[str, Any]) -> None:
        """Write one entry of the access chain, in its own transaction: it waits for no case."""
        with self.database.writing() as connection:
            record_access(Context(connection, self.database, self.clock.now(), actor, self.parts, action), detail)

    def _audit_refusal(self, command: Command, actor: Actor, error: KapokError) -> None:
        try:
            with self.database.writing() as connection:
                record_refusal(self._context(connection, command, actor), error, isinstance(error, Rejection))
            error.audited = True
        except Exception:  # the refusal itself is what the caller must hear
            _log.exception("refusal_not_audited", command=type(command).__name__, actor=actor.id)


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
