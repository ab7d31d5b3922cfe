"""Who somebody is: sign-in by password, second factor or identity provider, sessions, bearer tokens. The only other one
to open transactions beside the runner, because a failed sign-in must be written although it is refused.

A session is a row; the browser holds its secret. It grows by stages, and only a full one is somebody:

    password ──▶ code ──▶ password change ──▶ enrolment ──▶ full      (each stage only where the account asks for it)
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from engine.clock import Clock, local_date
from engine.domain.actors import Actor, actor_of
from engine.domain.ciphers import FieldCipher, SealBroken
from engine.domain.permissions import is_staff
from engine.errors import Rejection
from engine.services import trail
from engine.services.context import Context, Parts
from engine.services.people import second_factor
from engine.services.people.passwords import UNKNOWN, WeakPassword, hash_password, matches, new_password, require_strong
from engine.services.people.users import SignInLocked, SignInRefused, note_failure
from engine.store import absences, approvals, organisation, sessions, users
from engine.store.database import Connection, Database

__all__ = ["Bearer", "Identity", "Session", "SignInRules", "hash_password", "new_password", "new_token", "token_hash"]

CODE, PASSWORD, ENROL, FULL = "code", "password", "enrol", "full"
HALF_SIGNED_IN = timedelta(minutes=10)
"""How long the way from the password to the full session may take."""
_SEEN_EVERY = timedelta(minutes=1)


class CodeRefused(Rejection):
    """Expected the code that the authenticator shows now, or a recovery code that was not used before."""

    code = "code_refused"


class SessionEnded(Rejection):
    """Expected a session that has not ended."""

    code = "session_ended"


@dataclass(frozen=True, slots=True)
class SignInRules:
    """``idle``, ``longest``: of a session; ``second_factor``: staff need one; ``password_days`` 0: no forced change."""

    idle: timedelta = timedelta(minutes=30)
    longest: timedelta = timedelta(hours=12)
    second_factor: bool = True
    password_length: int = 12
    password_days: int = 0
    issuer: str = "Kapok"


@dataclass(frozen=True, slots=True)
class Session:
    """``secret``: what the browser holds; ``stage``: code | password | enrol | full."""

    id: str
    secret: str
    stage: str
    actor: Actor


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What is shown once while a second factor is set up."""

    secret: str
    picture: str


@dataclass(frozen=True, slots=True)
class Bearer:
    """The actor of a token and its scopes; no scopes: all rights of the actor."""

    actor: Actor
    scopes: frozenset[str]


def new_token() -> tuple[str, str]:
    """(secret shown once, its hash)."""
    secret = "kpk_" + secrets.token_urlsafe(32)
    return secret, token_hash(secret)


def token_hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


class Identity:
    """Wired by ``app``."""

    def __init__(self, database: Database, clock: Clock, parts: Parts, cipher: FieldCipher, rules: SignInRules) -> None:
        self._database = database
        self._clock = clock
        self._parts = parts
        self._cipher = cipher
        self.rules = rules

    # --- signing in -------------------------------------------------------------------------------------------------
    def sign_in(self, name: str, password: str, client: str = "", agent: str = "") -> Session:
        """A session of the account with this name and password, as far as that alone goes.

        Raises ``SignInRefused`` or ``SignInLocked``; both are audited.
        """
        with self._database.reading() as connection:
            row = users.get(connection, name[:255])
        if self._is_locked(row):
            self._refused(name, SignInLocked.code, client)
            self._require_unlocked(row)
        fits = matches(row.password_hash if row is not None else UNKNOWN, password)
        if row is None or not row.enabled or row.kind != "person" or not fits:
            self._refused(name, SignInRefused.code, client, counted=True)
            raise SignInRefused
        return self._begin(row, self._after_password(row), client, agent)

    def sign_in_as(self, issuer: str, subject: str, client: str = "", agent: str = "") -> Session:
        """A full session of the account that an identity provider's subject is linked with: the provider has asked
        for the second factor. Raises ``SignInRefused``."""
        with self._database.reading() as connection:
            row = users.linked(connection, issuer, subject)
        if row is None or not row.enabled or row.kind != "person":
            self._refused(f"{issuer} {subject}", SignInRefused.code, client)
            raise SignInRefused
        return self._begin(row, FULL, client, agent)

    def give_code(self, secret: str, code: str, client: str = "") -> Session:
        """Go on with the authenticator's code or a recovery code. Raises ``CodeRefused`` or ``SignInLocked``."""
        with self._stage(secret, (CODE,), client) as (context, row, owner):
            good = self._use_code(context, owner, code)
            if good:
                users.update(context.connection, owner.id, failed_sign_ins=0, locked_until=None)
                session = self._advance(context, row, owner, self._after_code(owner))
            else:
                note_failure(context, owner)
                trail.record_system(context, {"refused": CodeRefused.code})
        if not good:
            raise CodeRefused
        return session

    def change_password(self, secret: str, old: str, new: str, client: str = "") -> Session:
        """A new password, asked for at sign-in or chosen freely; the account's other sessions end.

        Raises ``SignInRefused`` when the old one does not fit, ``WeakPassword`` when the new one is too easy.
        """
        with self._stage(secret, (PASSWORD, FULL), client) as (context, row, owner):
            fits = matches(owner.password_hash, old)
            if not fits:
                note_failure(context, owner)
                trail.record_system(context, {"refused": "password_change"})
            else:
                require_strong(new, owner.id, self.rules.password_length)
                if old == new:
                    raise WeakPassword(least=self.rules.password_length)
                users.update(context.connection, owner.id, password_hash=hash_password(new), must_change=False,
                             password_at=context.now)
                sessions.end(context.connection, owner.id, context.now, keep=row.id)
                trail.record_system(context, {"password": "changed"})
                session = self._advance(context, row, owner, FULL if row.stage == FULL else self._to_enrol(owner))
        if not fits:
            raise SignInRefused
        return session

    # --- second factor ------------------------------------------------------------------------------------------------
    def enrolment(self, secret: str, client: str = "") -> Enrolment:
        """A new secret for the authenticator, or the one begun before in this session."""
        with self._stage(secret, (ENROL, FULL), client) as (context, row, owner):
            begun = self._opened(row.pending, row.id)
            shared = begun or second_factor.new_secret()
            if begun is None:
                sessions.update(context.connection, row.id, pending=self._sealed(shared, row.id))
        text = second_factor.address(shared, owner.id, self.rules.issuer)
        return Enrolment(shared, second_factor.picture(text))

    def enrol(self, secret: str, code: str, client: str = "") -> tuple[Session, tuple[str, ...]]:
        """Take the second factor into use once a code proves it; gives the recovery codes, which are shown once."""
        codes: tuple[str, ...] = ()
        with self._stage(secret, (ENROL, FULL), client) as (context, row, owner):
            shared = self._opened(row.pending, row.id)
            step = second_factor.step_of(shared, code, context.now, None) if shared else None
            if shared is not None and step is not None:
                codes = second_factor.new_recovery_codes()
                users.update(context.connection, owner.id, totp=self._sealed(shared, owner.id), totp_step=step)
                users.replace_recovery_codes(context.connection, owner.id,
                                             [second_factor.recovery_hash(item) for item in codes])
                sessions.update(context.connection, row.id, pending=None)
                trail.record_system(context, {"second_factor": "enrolled"})
                session = self._advance(context, row, owner, FULL)
        if not codes:
            raise CodeRefused
        return session, codes

    def _use_code(self, context: Context, owner: Any, code: str) -> bool:
        """Check a code and use it up, in the transaction that holds the account."""
        shared = self._opened(owner.totp, owner.id)
        step = second_factor.step_of(shared, code, context.now, owner.totp_step) if shared else None
        if step is not None:
            users.update(context.connection, owner.id, totp_step=step)
            return True
        return users.use_recovery_code(context.connection, owner.id, second_factor.recovery_hash(code), context.now)

    def _sealed(self, shared: str, owner: str) -> str:
        """For its account or session alone: copied to another it does not open."""
        return self._cipher.seal_text(shared, f"second factor {owner}")

    def _opened(self, sealed: str | None, owner: str) -> str | None:
        try:
            return self._cipher.open_text(sealed, f"second factor {owner}") if sealed else None
        except SealBroken:
            return None

    # --- sessions -----------------------------------------------------------------------------------------------------
    def session(self, secret: str, client: str = "") -> Session | None:
        """A running session at whatever stage; None when it has ended, been idle or lasted too long."""
        now = self._clock.now()
        with self._database.reading() as connection:
            row, owner = sessions.with_hash(connection, token_hash(secret)) or (None, None)
            if row is None or owner is None or not owner.enabled or self._is_over(row, now):
                return None
            actor = self._actor(connection, owner, client)
        if now - row.seen_at >= _SEEN_EVERY:
            with self._database.writing() as connection:
                sessions.update(connection, row.id, seen_at=now)
        return Session(row.id, secret, row.stage, actor)

    def load(self, secret: str, client: str = "") -> Session | None:
        """A full session, or None."""
        found = self.session(secret, client)
        return found if found is not None and found.stage == FULL else None

    def sign_out(self, secret: str, client: str = "") -> None:
        found = self.session(secret, client)
        if found is not None:
            with self._writing(found.actor, "SignOut") as context:
                sessions.end(context.connection, found.actor.id, context.now, only=found.id)
                trail.record_system(context, {"signed_out": found.actor.id})

    def with_token(self, secret: str, client: str = "") -> Bearer | None:
        """Who bears a token, and what for; None when it is unknown, expired or revoked."""
        with self._database.reading() as connection:
            token = users.token_with_hash(connection, token_hash(secret))
            if token is None or token.revoked_at is not None:
                return None
            if token.expires_at is not None and token.expires_at <= self._clock.now():
                return None
            row = users.get(connection, token.user)
            if row is None or not row.enabled:
                return None
            return Bearer(self._actor(connection, row, client), frozenset(token.scopes))

    def _actor(self, connection: Connection, row: Any, client: str) -> Actor:
        now = self._clock.now()
        opened = [grant.scope for grant in approvals.grants_of(connection, row.id, "break_glass", now)]
        return actor_of(row, client, absences.absent_for(connection, row.id, local_date(now)),
                        organisation.below(connection, row.unit) if row.unit else (), opened)

    def _is_over(self, row: Any, now: datetime) -> bool:
        if row.stage != FULL:
            return bool(now - row.created_at > HALF_SIGNED_IN)
        return bool(now - row.seen_at > self.rules.idle or now - row.created_at > self.rules.longest)

    # --- stages -------------------------------------------------------------------------------------------------------
    def _after_password(self, row: Any) -> str:
        return CODE if row.totp else self._after_code(row)

    def _after_code(self, row: Any) -> str:
        days = self.rules.password_days
        old = days > 0 and self._clock.now() - (row.password_at or row.added_at) > timedelta(days=days)
        return PASSWORD if row.must_change or old else self._to_enrol(row)

    def _to_enrol(self, row: Any) -> str:
        return ENROL if self.rules.second_factor and not row.totp and is_staff(actor_of(row)) else FULL

    def _begin(self, row: Any, stage: str, client: str, agent: str) -> Session:
        secret = secrets.token_urlsafe(32)
        with self._writing(actor_of(row, client), "SignIn") as context:
            if row.failed_sign_ins and stage != CODE:
                users.update(context.connection, row.id, failed_sign_ins=0, locked_until=None)
            key = context.new_id()
            sessions.insert(context.connection, {
                "id": key, "hash": token_hash(secret), "user": row.id, "stage": stage, "client": client[:255],
                "agent": agent[:255], "created_at": context.now, "seen_at": context.now})
            trail.record_system(context, {"signed_in": row.id, "stage": stage})
            actor = self._actor(context.connection, row, client)
        return Session(key, secret, stage, actor)

    def _advance(self, context: Context, row: Any, owner: Any, stage: str) -> Session:
        """The session at its new stage, under a new secret: what was known before it rose is worth nothing."""
        secret = secrets.token_urlsafe(32)
        sessions.update(context.connection, row.id, hash=token_hash(secret), stage=stage, seen_at=context.now)
        if stage != row.stage:
            trail.record_system(context, {"signed_in": owner.id, "stage": stage})
        return Session(row.id, secret, stage, self._actor(context.connection, owner, context.actor.client))

    def _is_locked(self, row: Any) -> bool:
        return row is not None and row.locked_until is not None and row.locked_until > self._clock.now()

    def _require_unlocked(self, row: Any) -> None:
        if self._is_locked(row):
            raise SignInLocked(until=row.locked_until.isoformat(), failures=row.failed_sign_ins)

    @contextmanager
    def _stage(self, secret: str, stages: tuple[str, ...], client: str) -> Iterator[tuple[Context, Any, Any]]:
        """A transaction over a session at one of some stages, its account held.

        Raises ``SessionEnded`` or ``SignInLocked``.
        """
        found = self.session(secret, client)
        if found is None or found.stage not in stages:
            raise SessionEnded
        with self._writing(found.actor, "SignIn") as context:
            owner = users.lock(context.connection, found.actor.id)
            row = (sessions.with_hash(context.connection, token_hash(secret)) or (None, None))[0]
            if owner is None or row is None:
                raise SessionEnded
            self._require_unlocked(owner)
            yield context, row, owner

    @contextmanager
    def _writing(self, actor: Actor, action: str) -> Iterator[Context]:
        with self._database.writing() as connection:
            yield Context(connection, self._database, self._clock.now(), actor, self._parts, action)

    def _refused(self, name: str, code: str, client: str, counted: bool = False) -> None:
        with self._writing(Actor(id=name[:255], name=name[:255], client=client), "SignIn") as context:
            row = users.lock(context.connection, name[:255]) if counted else None
            if row is not None:
                note_failure(context, row)
            trail.record_system(context, {"refused": code})
