"""Read models of administration: accounts, the organisation, absences, and what waits for a second person.

Everybody sees the own account; accounts of others are seen by those with the right, and do not exist for the rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from engine.clock import Clock, local_date
from engine.domain.actors import Actor
from engine.domain.permissions import is_staff, may
from engine.errors import NotFound
from engine.services.people.approvals import may_decide, seen_by
from engine.services.views.models import Page
from engine.store import absences, approvals, organisation, sessions, users
from engine.store.database import Connection, Database

PAGE = 50


@dataclass(frozen=True, slots=True)
class UserRow:
    id: str
    name: str
    roles: tuple[str, ...]
    kind: str
    unit: str | None
    unit_name: str
    enabled: bool
    second_factor: bool
    locked: bool
    added_at: datetime
    added_by: str | None


@dataclass(frozen=True, slots=True)
class TokenRow:
    id: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None
    state: str
    """live | expired | revoked"""


@dataclass(frozen=True, slots=True)
class SessionRow:
    id: str
    client: str
    agent: str
    created_at: datetime
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class AbsenceRow:
    id: str
    user: str
    user_name: str
    stand_in: str
    stand_in_name: str
    from_on: date
    to_on: date
    may_cancel: bool


@dataclass(frozen=True, slots=True)
class UserView:
    user: UserRow
    tokens: tuple[TokenRow, ...]
    sessions: tuple[SessionRow, ...]
    absences: tuple[AbsenceRow, ...]
    identities: tuple[tuple[str, str], ...]
    """(issuer, subject)"""
    recovery_codes: int


@dataclass(frozen=True, slots=True)
class UnitRow:
    """``depth``: 0 at the top."""

    id: str
    parent: str | None
    kind: str
    name: str
    head: str | None
    head_name: str
    depth: int
    members: int


@dataclass(frozen=True, slots=True)
class ApprovalRow:
    """``may_decide``: by the one who asks for this row; the account it is about may still forbid it. ``subject``: that
    account, or None."""

    id: str
    kind: str
    command: str
    summary: Mapping[str, Any]
    subject: str | None
    subject_name: str
    reason: str
    requested_by: str
    requested_by_name: str
    requested_at: datetime
    expires_at: datetime
    state: str
    decided_by: str | None
    decided_by_name: str
    decided_at: datetime | None
    decision_reason: str | None
    outcome: Mapping[str, Any] | None
    mine: bool
    may_decide: bool


class People:
    """Wired by ``app``."""

    def __init__(self, database: Database, clock: Clock, idle: timedelta = timedelta(hours=12)) -> None:
        self._database = database
        self._clock = clock
        self.idle = idle

    # --- accounts ---------------------------------------------------------------------------------------------------
    def users(self, actor: Actor, text: str, page: int) -> Page:
        _require(actor, "user.see")
        with self._database.reading() as connection:
            rows, total = users.search(connection, text, PAGE, (page - 1) * PAGE)
            units = {unit.id: unit.name for unit in organisation.all_units(connection)}
        items = [self._user(row, units) for row in rows]
        return Page(items, total, page, max(1, -(-total // PAGE)), {})

    def user(self, actor: Actor, key: str) -> UserView:
        """An account with its sessions and tokens: one's own, or by right."""
        if key != actor.id:
            _require(actor, "user.see", key)
        now = self._clock.now()
        with self._database.reading() as connection:
            row = users.get(connection, key)
            if row is None:
                raise NotFound(noun="user", key=key)
            units = {unit.id: unit.name for unit in organisation.all_units(connection)}
            return UserView(
                user=self._user(row, units),
                tokens=tuple(self._token(item, now) for item in users.tokens_of(connection, key)),
                sessions=tuple(SessionRow(item.id, item.client, item.agent, item.created_at, item.seen_at)
                               for item in sessions.open_of(connection, key, now - self.idle)),
                absences=self._absences(connection, actor, key),
                identities=tuple((item.issuer, item.subject) for item in users.identities_of(connection, key)),
                recovery_codes=users.recovery_codes_left(connection, key))

    def colleagues(self, actor: Actor) -> tuple[tuple[str, str], ...]:
        """(id, name) of those who work here, for choosing one."""
        if not is_staff(actor):
            return ()
        with self._database.reading() as connection:
            rows = users.all_users(connection)
        return tuple((row.id, row.name) for row in rows
                     if row.enabled and row.kind == "person" and is_staff(Actor("", "", frozenset(row.roles))))

    def _user(self, row: Any, units: Mapping[str, str]) -> UserRow:
        locked = row.locked_until is not None and row.locked_until > self._clock.now()
        return UserRow(row.id, row.name, tuple(row.roles), row.kind, row.unit, units.get(row.unit or "", ""),
                       row.enabled, row.totp is not None, locked, row.added_at, row.added_by)

    def _token(self, row: Any, now: datetime) -> TokenRow:
        over = row.expires_at is not None and row.expires_at <= now
        state = "revoked" if row.revoked_at is not None else "expired" if over else "live"
        return TokenRow(row.id, tuple(row.scopes), row.created_at, row.expires_at, state)

    # --- organisation, absences -------------------------------------------------------------------------------------
    def units(self, actor: Actor) -> tuple[UnitRow, ...]:
        """The tree, each unit before those below it."""
        if not is_staff(actor):
            raise NotFound(noun="organisation", key="")
        with self._database.reading() as connection:
            rows = organisation.all_units(connection)
            people = users.all_users(connection)
        names = {person.id: person.name for person in people}
        members = [person.unit for person in people]
        known = {row.id for row in rows}
        found: list[UnitRow] = []
        ahead = [(row, 0) for row in reversed(rows) if row.parent not in known]
        while ahead:
            row, depth = ahead.pop()
            found.append(UnitRow(row.id, row.parent, row.kind, row.name, row.head, names.get(row.head or "", ""), depth,
                                 members.count(row.id)))
            ahead += [(below, depth + 1) for below in reversed(rows) if below.parent == row.id]
        return tuple(found)

    def absences(self, actor: Actor) -> tuple[AbsenceRow, ...]:
        """Absences that are not over: all for those who manage them, else the own ones and those one stands in for."""
        with self._database.reading() as connection:
            return self._absences(connection, actor, None if may(actor, "absence.manage") else actor.id)

    def _absences(self, connection: Connection, actor: Actor, user: str | None) -> tuple[AbsenceRow, ...]:
        rows = absences.listed(connection, local_date(self._clock.now()), user)
        names = users.names(connection, {name for row in rows for name in (row.user, row.stand_in)})
        return tuple(AbsenceRow(
            row.id, row.user, names.get(row.user, row.user), row.stand_in, names.get(row.stand_in, row.stand_in),
            row.from_on, row.to_on, row.user == actor.id or may(actor, "absence.manage")) for row in rows)

    # --- two persons ------------------------------------------------------------------------------------------------
    def approvals(self, actor: Actor, state: str | None, before: str | None = None,
                  limit: int = PAGE) -> list[ApprovalRow]:
        """Requests that the actor has made or may decide, newest first."""
        with self._database.reading() as connection:
            return self._shown(connection, actor, approvals.listed(connection, seen_by(actor), state, before, limit))

    def approval(self, actor: Actor, key: str) -> ApprovalRow:
        with self._database.reading() as connection:
            row = approvals.find(connection, seen_by(actor), key)
            if row is None:
                raise NotFound(noun="approval", key=key)
            return self._shown(connection, actor, [row])[0]

    def waiting(self, actor: Actor) -> int:
        """How many requests wait for a decision of the actor or a peer."""
        with self._database.reading() as connection:
            return approvals.count_pending(connection, seen_by(actor), actor.id)

    def _shown(self, connection: Connection, actor: Actor, rows: list[Any]) -> list[ApprovalRow]:
        people = {name for row in rows for name in (row.requested_by, row.decided_by, row.subject) if name}
        names = users.names(connection, people)
        now = self._clock.now()
        return [ApprovalRow(
            row.id, row.kind, row.command, row.summary, row.subject, names.get(row.subject or "", ""), row.reason,
            row.requested_by,
            names.get(row.requested_by, row.requested_by), row.requested_at, row.expires_at,
            "expired" if row.state == "pending" and row.expires_at <= now else row.state, row.decided_by,
            names.get(row.decided_by or "", row.decided_by or ""), row.decided_at, row.decision_reason, row.outcome,
            row.requested_by == actor.id,
            row.state == "pending" and row.expires_at > now and may_decide(actor, row)) for row in rows]


def _require(actor: Actor, right: str, key: str = "") -> None:
    if not may(actor, right):
        raise NotFound(noun="user", key=key)
