"""Signing in: argon2id passwords, back-off in rows, bearer tokens hashed. The only other one to open transactions
beside the runner, because a failed sign-in must be written although it is refused.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from engine.clock import Clock
from engine.domain.actors import Actor
from engine.services import trail
from engine.services.context import Context, Parts
from engine.services.users import SignInLocked, SignInRefused, actor_of, note_failure
from engine.store import users
from engine.store.database import Database

_hasher = PasswordHasher()
_DUMMY = ("$argon2id$v=19$m=65536,t=3,p=4$a2Fwb2trYXBva2thcG9r"
          "$mSMRn0sTKVLlCkDGEAnXgr7ZWPMfvPMRbeJPzPoDHXo")
"""Verified when the name is unknown, so that the answer takes as long as for a known one; no password has this hash."""


def hash_password(password: str) -> str:
    return _hasher.hash(password)


def new_password() -> str:
    return secrets.token_urlsafe(12)


def new_token() -> tuple[str, str]:
    """(secret shown once, its hash)."""
    secret = "kpk_" + secrets.token_urlsafe(32)
    return secret, token_hash(secret)


def token_hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Bearer:
    """The actor of a token and its scopes; no scopes: all rights of the actor."""

    actor: Actor
    scopes: frozenset[str]


class Identity:
    """Who signs in; wired by ``app``."""

    def __init__(self, database: Database, clock: Clock, parts: Parts) -> None:
        self._database = database
        self._clock = clock
        self._parts = parts

    def sign_in(self, name: str, password: str, client: str = "") -> Actor:
        """The actor with this name and password. Raises ``SignInRefused`` or ``SignInLocked``; both are audited."""
        now = self._clock.now()
        with self._database.reading() as connection:
            row = users.get(connection, name[:255])
        if row is not None and row.locked_until is not None and row.locked_until > now:
            raise SignInLocked(until=row.locked_until.isoformat(), failures=row.failed_sign_ins)
        matches = self._matches(row.password_hash if row is not None else _DUMMY, password)
        if row is None or not row.enabled or not matches:
            self._failed(name, row, client)
            raise SignInRefused
        actor = actor_of(row, client)
        self._succeeded(actor, row.failed_sign_ins)
        return actor

    def load(self, user_id: str, client: str = "") -> Actor | None:
        """The actor of a running session; None when the account is gone or disabled."""
        with self._database.reading() as connection:
            row = users.get(connection, user_id)
        return actor_of(row, client) if row is not None and row.enabled else None

    def with_token(self, secret: str, client: str = "") -> Bearer | None:
        """Who bears a token, and what for; None when it is unknown, expired or revoked."""
        with self._database.reading() as connection:
            token = users.token_with_hash(connection, token_hash(secret))
            if token is None or token.revoked_at is not None:
                return None
            if token.expires_at is not None and token.expires_at <= self._clock.now():
                return None
            row = users.get(connection, token.user)
        return Bearer(actor_of(row, client), frozenset(token.scopes)) if row is not None and row.enabled else None

    def _matches(self, digest: str, password: str) -> bool:
        try:
            return _hasher.verify(digest, password)
        except (VerifyMismatchError, InvalidHashError):
            return False

    def _failed(self, name: str, row: object, client: str) -> None:
        with self._database.writing() as connection:
            actor = Actor(id=name[:255], name=name[:255], client=client)
            context = Context(connection, self._database, self._clock.now(), actor, self._parts, "SignIn")
            if row is not None:
                note_failure(context, users.get(connection, name[:255]))
            trail.record_system(context, {"refused": SignInRefused.code})

    def _succeeded(self, actor: Actor, failures: int) -> None:
        with self._database.writing() as connection:
            context = Context(connection, self._database, self._clock.now(), actor, self._parts, "SignIn")
            if failures:
                users.update(connection, actor.id, failed_sign_ins=0, locked_until=None)
            trail.record_system(context, {"signed_in": actor.id})
