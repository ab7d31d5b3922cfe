"""People: accounts, sign-in with back-off, API tokens."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from engine.domain.actors import Actor
from engine.domain.commands import AddUser, CreateToken
from engine.domain.permissions import ROLES
from engine.errors import Conflict, InvalidInput, NotFound, Rejection
from engine.services import cases, trail
from engine.services.context import Context, Outcome
from engine.store import users

FREE_ATTEMPTS = 5
"""Failed sign-ins before the back-off begins; it then doubles from half a minute to an hour."""


class SignInRefused(Rejection):
    """Expected a known name and its password."""

    code = "sign_in_refused"


class SignInLocked(Rejection):
    """Expected no sign-in before {until}, after {failures} failed attempts."""

    code = "sign_in_locked"


def add(context: Context, command: AddUser) -> Outcome:
    cases.require(context, "user.manage")
    unknown = sorted(set(command.roles) - ROLES.keys() - {"worker"})
    if unknown:
        raise InvalidInput(expected=f"roles out of {', '.join(ROLES)}", found=", ".join(unknown), where="roles")
    if users.get(context.connection, command.id) is not None:
        raise Conflict(action="add", noun="user", key=command.id, state="present")
    users.insert(context.connection, {
        "id": command.id, "name": command.name, "password_hash": command.password_hash, "roles": list(command.roles),
        "enabled": True, "added_at": context.now, "failed_sign_ins": 0, "locked_until": None})
    trail.record_system(context, {"user": command.id, "roles": list(command.roles)})
    return {"user": command.id}


def actor_of(row: Any, client: str = "") -> Actor:
    return Actor(id=row.id, name=row.name, roles=frozenset(row.roles), client=client)


def note_failure(context: Context, row: Any) -> None:
    """Count a failed sign-in in the row, so that a restart forgives nothing."""
    failures = row.failed_sign_ins + 1
    wait = timedelta(seconds=min(30 * 2 ** max(failures - FREE_ATTEMPTS, 0), 3600))
    locked_until = context.now + wait if failures >= FREE_ATTEMPTS else None
    users.update(context.connection, row.id, failed_sign_ins=failures, locked_until=locked_until)


def create_token(context: Context, command: CreateToken) -> Outcome:
    cases.require(context, "user.manage")
    if users.get(context.connection, command.user) is None:
        raise NotFound(noun="user", key=command.user)
    token_id = context.new_id()
    expires_at = context.now + command.expires_in if command.expires_in is not None else None
    users.insert_token(context.connection, {
        "id": token_id, "user": command.user, "hash": command.hash, "scopes": list(command.scopes),
        "created_at": context.now, "expires_at": expires_at, "revoked_at": None})
    trail.record_system(context, {"token": token_id, "user": command.user, "scopes": list(command.scopes)})
    return {"id": token_id}
