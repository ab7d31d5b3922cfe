"""People: accounts, what they may do, what opens doors to them. What needs two persons is in ``approvals``."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from engine.domain.actors import ActorKind
from engine.domain.administration import (
    EndSessions,
    LinkIdentity,
    ResetPassword,
    ResetSecondFactor,
    RevokeToken,
    SetEnabled,
    SetRoles,
)
from engine.domain.commands import AddUser, CreateToken
from engine.domain.permissions import EXCLUSIVE, ROLES, SCOPES, is_staff
from engine.errors import Conflict, InvalidInput, NotFound, Phrase, Rejection
from engine.services import cases, trail
from engine.services.context import Context, Outcome
from engine.store import sessions, users

FREE_ATTEMPTS = 5
"""Failed sign-ins before the back-off begins; it then doubles from half a minute to an hour."""
LONGEST_TOKEN = timedelta(days=366)
KINDS = ("person", "machine", "partner")


class SignInRefused(Rejection):
    """Expected a known name and its password."""

    code = "sign_in_refused"


class SignInLocked(Rejection):
    """Expected no sign-in before {until}, after {failures} failed attempts."""

    code = "sign_in_locked"


class RolesConflict(Rejection):
    """Expected at most one of {roles} for one person."""

    code = "roles_conflict"


def add(context: Context, command: AddUser) -> Outcome:
    cases.require(context, "user.manage")
    _require_roles(command.roles)
    if command.kind not in KINDS:
        raise InvalidInput(expected=Phrase("one of {names}", names=', '.join(KINDS)), found=command.kind, where="kind")
    if users.get(context.connection, command.id) is not None:
        raise Conflict(action="add", noun="user", key=command.id, state="present")
    users.insert(context.connection, {
        "id": command.id, "name": command.name, "password_hash": command.password_hash, "roles": list(command.roles),
        "enabled": True, "added_at": context.now, "failed_sign_ins": 0, "locked_until": None, "kind": command.kind,
        "unit": command.unit, "added_by": context.actor.id, "must_change": command.must_change,
        "password_at": context.now})
    trail.record_system(context, {"user": command.id, "roles": list(command.roles), "kind": command.kind})
    return {"user": command.id}


def set_roles(context: Context, command: SetRoles) -> Outcome:
    """Give an account these roles and no others; effective at its next request."""
    cases.require(context, "role.grant")
    _require_roles(command.roles)
    row = _locked(context, command.user)
    roles = sorted(set(command.roles))
    users.update(context.connection, row.id, roles=roles)
    before = sorted(row.roles)
    trail.record_system(context, {"user": row.id, "roles": roles, "before": before})
    return {"user": row.id, "roles": roles, "before": before}


def set_enabled(context: Context, command: SetEnabled) -> Outcome:
    """Switch an account off (its sessions end, its tokens no longer open anything) or on again."""
    cases.require(context, "user.manage")
    row = _locked(context, command.user)
    users.update(context.connection, row.id, enabled=command.enabled)
    if not command.enabled:
        sessions.end(context.connection, row.id, context.now)
    trail.record_system(context, {"user": row.id, "enabled": command.enabled, "reason": command.reason})
    return {"user": row.id, "enabled": command.enabled}


def reset_password(context: Context, command: ResetPassword) -> Outcome:
    """A new password, to be changed at the next sign-in; every session of the account ends."""
    cases.require(context, "key.change")
    row = _locked(context, command.user)
    users.update(context.connection, row.id, password_hash=command.password_hash, must_change=True,
                 failed_sign_ins=0, locked_until=None, password_at=context.now)
    sessions.end(context.connection, row.id, context.now)
    trail.record_system(context, {"user": row.id, "password": "reset"})
    return {"user": row.id}


def reset_second_factor(context: Context, command: ResetSecondFactor) -> Outcome:
    cases.require(context, "key.change")
    row = _locked(context, command.user)
    users.update(context.connection, row.id, totp=None, totp_step=None)
    users.replace_recovery_codes(context.connection, row.id, ())
    sessions.end(context.connection, row.id, context.now)
    trail.record_system(context, {"user": row.id, "second_factor": "reset"})
    return {"user": row.id}


def link_identity(context: Context, command: LinkIdentity) -> Outcome:
    cases.require(context, "key.change")
    row = _locked(context, command.user)
    if users.linked(context.connection, command.issuer, command.subject) is not None:
        raise Conflict(action="link", noun="identity", key=command.subject, state="linked")
    users.link(context.connection, row.id, command.issuer, command.subject, context.now)
    trail.record_system(context, {"user": row.id, "issuer": command.issuer, "subject": command.subject})
    return {"user": row.id}


def end_sessions(context: Context, command: EndSessions) -> Outcome:
    """Everybody ends the own sessions; who manages accounts also another's."""
    if command.user != context.actor.id:
        cases.require(context, "user.manage")
    ended = sessions.end(context.connection, command.user, context.now, command.session, command.keep)
    trail.record_system(context, {"user": command.user, "sessions_ended": ended})
    return {"ended": ended}


def create_token(context: Context, command: CreateToken) -> Outcome:
    """A token of one's own, or of another account by those who manage accounts. A person's choice ends in a year."""
    if command.user != context.actor.id or not is_staff(context.actor):
        cases.require(context, "user.manage")
    if users.get(context.connection, command.user) is None:
        raise NotFound(noun="user", key=command.user)
    if context.actor.kind is ActorKind.PERSON:
        _require_modest(command)
    token_id = context.new_id()
    expires_at = context.now + command.expires_in if command.expires_in is not None else None
    users.insert_token(context.connection, {
        "id": token_id, "user": command.user, "hash": command.hash, "scopes": list(command.scopes),
        "created_at": context.now, "expires_at": expires_at, "revoked_at": None})
    trail.record_system(context, {"token": token_id, "user": command.user, "scopes": list(command.scopes)})
    return {"id": token_id}


def revoke_token(context: Context, command: RevokeToken) -> Outcome:
    row = users.token(context.connection, command.token)
    if row is None or (row.user != context.actor.id and not context.actor.has("admin", "security")
                       and context.actor.kind is not ActorKind.SYSTEM):
        raise NotFound(noun="token", key=command.token)
    users.revoke_token(context.connection, row.id, context.now)
    trail.record_system(context, {"token": row.id, "user": row.user, "revoked": True})
    return {"id": row.id}


def note_failure(context: Context, row: Any) -> None:
    """Count a failed sign-in in the row, so that a restart forgives nothing."""
    failures = row.failed_sign_ins + 1
    wait = timedelta(seconds=min(30 * 2 ** min(max(failures - FREE_ATTEMPTS, 0), 10), 3600))
    locked_until = context.now + wait if failures >= FREE_ATTEMPTS else None
    users.update(context.connection, row.id, failed_sign_ins=failures, locked_until=locked_until)


def _locked(context: Context, user: str) -> Any:
    row = users.lock(context.connection, user)
    if row is None:
        raise NotFound(noun="user", key=user)
    return row


def _require_roles(roles: Iterable[str]) -> None:
    wanted = set(roles)
    unknown = sorted(wanted - ROLES.keys() - {"worker"})
    if unknown:
        raise InvalidInput(expected=Phrase("roles out of {names}", names=', '.join(ROLES)),
                           found=", ".join(unknown), where="roles")
    for group in EXCLUSIVE:
        if len(wanted & group) > 1:
            raise RolesConflict(roles=", ".join(sorted(wanted & group)))


def _require_modest(command: CreateToken) -> None:
    unknown = sorted(set(command.scopes) - SCOPES.keys())
    if unknown:
        raise InvalidInput(expected=Phrase("scopes out of {names}", names=', '.join(SCOPES)),
                           found=", ".join(unknown), where="scopes")
    if command.expires_in is None or not timedelta(0) < command.expires_in <= LONGEST_TOKEN:
        raise InvalidInput(expected=Phrase("an end within {days} days", days=LONGEST_TOKEN.days),
                           found=str(command.expires_in),
                           where="expires_in")
