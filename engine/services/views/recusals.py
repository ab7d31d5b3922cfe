"""Read models of who keeps away from what: recusals, declarations, links, disclosures, service, and what was opened.

A recusal is listed to supervision of the cases it sees; a declaration to who made it and to those with the right; what
was opened to somebody to that person, and to security and auditors. For anybody else none of it exists.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from engine.clock import Clock
from engine.domain.actors import Actor
from engine.domain.permissions import may
from engine.errors import NotFound
from engine.store import approvals, queries, users
from engine.store import notices as notice_rows
from engine.store import recusals as rows
from engine.store.database import Connection, Database
from engine.store.sights import inside

PAGE = 50
GLASS = "glass.broken"
STATES = ("recused", "requested", "refused", "reconsidered", "lifted")
BLOCKS = {"recused": ("see", "work", "notices"), "requested": ("work",)}
"""What a recusal in a state keeps its person from: seeing the case, working on it, being told of it."""


@dataclass(frozen=True, slots=True)
class RecusalRow:
    """``source``: rule | request; ``blocks``: see, work, notices; ``request_case``: what decides on the request."""

    id: str
    case_id: str
    case_no: str | None
    case_title: str
    user: str
    user_name: str
    state: str
    ground: str
    source: str
    reason: str
    blocks: tuple[str, ...]
    requested_by: str
    requested_by_name: str
    requested_at: datetime
    decided_by: str | None
    decided_by_name: str
    decided_at: datetime | None
    lifted_by: str | None
    lifted_by_name: str
    lifted_at: datetime | None
    request_case: str | None
    may_lift: bool


@dataclass(frozen=True, slots=True)
class DeclarationRow:
    id: str
    user: str
    user_name: str
    kind: str
    subject: str
    detail: str
    ended_on: date | None
    declared_by: str
    declared_by_name: str
    declared_at: datetime
    withdrawn_at: datetime | None
    may_withdraw: bool


@dataclass(frozen=True, slots=True)
class GrantRow:
    """``asked_by``: None when given at the server's shell; ``told``: the auditors who were told; ``open``: now;
    ``revocable``: the reader may close it before its time."""

    id: str
    kind: str
    holder: str
    holder_name: str
    scope: str
    reason: str
    asked_by: str | None
    asked_by_name: str
    granted_by: str
    granted_by_name: str
    granted_at: datetime
    expires_at: datetime
    open: bool
    told: tuple[str, ...]
    revocable: bool
    revoked_at: datetime | None
    revoked_by_name: str
    revoke_reason: str


class Recusals:
    """Wired by ``house``."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    # --- recusals ---------------------------------------------------------------------------------------------------
    def listed(self, actor: Actor, states: Collection[str] = (), before: str | None = None,
               limit: int = PAGE) -> list[RecusalRow]:
        """Recusals in the cases that the actor sees from inside, newest first."""
        if not may(actor, "recusal.see"):
            return []
        with self._database.reading() as connection:
            return _recusals(connection, actor, rows.listed(connection, inside(actor), states, before, limit))

    def get(self, actor: Actor, key: str) -> RecusalRow:
        _require(actor, "recusal.see", "recusal", key)
        with self._database.reading() as connection:
            found = rows.get(connection, key)
            if found is None or queries.case_id(connection, actor, found.case_id) is None:
                raise NotFound(noun="recusal", key=key)
            case = queries.case(connection, actor, found.case_id)
            return _recusal(actor, found, case, _names(connection, [found]))

    # --- declarations -----------------------------------------------------------------------------------------------
    def declarations(self, actor: Actor, user: str | None = None, before: str | None = None,
                     limit: int = PAGE) -> list[DeclarationRow]:
        """The own ones, one person's, or (``user`` "") everybody's; withdrawn ones too, newest first."""
        wanted = actor.id if user is None else user
        if wanted != actor.id and not may(actor, "declaration.see"):
            return []
        with self._database.reading() as connection:
            found = rows.declared(connection, wanted or None, before, limit)
            names = users.names(connection, {name for row in found for name in (row.user, row.declared_by)})
        return [DeclarationRow(
            row.id, row.user, names.get(row.user, row.user), row.kind, row.subject, row.detail, row.ended_on,
            row.declared_by, names.get(row.declared_by, row.declared_by), row.declared_at, row.withdrawn_at,
            row.withdrawn_at is None and (row.user == actor.id or may(actor, "declaration.see"))) for row in found]

    # --- of one case ------------------------------------------------------------------------------------------------
    def links(self, actor: Actor, case: str) -> list[Any]:
        """Cases on the same matter that the actor sees from inside, too."""
        with self._database.reading() as connection:
            found = rows.links_of(connection, _case(connection, actor, case))
            return [row for row in found if queries.case_id(connection, actor, row.id) is not None]

    def disclosures(self, actor: Actor, case: str) -> list[Any]:
        _require(actor, "recusal.see", "case", case)
        with self._database.reading() as connection:
            return rows.disclosures_of(connection, _case(connection, actor, case))

    def served(self, actor: Actor, case: str) -> list[Any]:
        """What has been served on whom."""
        with self._database.reading() as connection:
            return rows.served_in(connection, _case(connection, actor, case))

    # --- what was opened --------------------------------------------------------------------------------------------
    def grants(self, actor: Actor, before: str | None = None, limit: int = PAGE) -> list[GrantRow]:
        """Break-glass and bulk exports, newest first: all for security and auditors, else those to the actor."""
        everything = may(actor, "access.see")
        now = self._clock.now()
        with self._database.reading() as connection:
            found = approvals.grants(connection, None if everything else actor.id, before, limit)
            asked = approvals.askers(connection, [row.id for row in found], [row.granted_at for row in found])
            people = {name for row in found for name in (row.holder, row.granted_by, row.revoked_by) if name}
            names = users.names(connection, people | set(asked.values()))
            told = {row.id: notice_rows.told_of(connection, GLASS, row.granted_at) for row in found
                    if row.kind == "break_glass"}
        closes = may(actor, "access.grant")
        open_now = {row.id: row.expires_at > now and row.revoked_at is None for row in found}
        return [GrantRow(
            row.id, row.kind, row.holder, names.get(row.holder, row.holder), row.scope, row.reason, asked.get(row.id),
            names.get(asked.get(row.id, ""), asked.get(row.id, "")), row.granted_by,
            names.get(row.granted_by, row.granted_by), row.granted_at, row.expires_at, open_now[row.id],
            tuple(told.get(row.id, ())), open_now[row.id] and (closes or row.holder == actor.id), row.revoked_at,
            names.get(row.revoked_by or "", row.revoked_by or ""), row.revoke_reason or "") for row in found]


def _recusals(connection: Connection, actor: Actor, found: list[Any]) -> list[RecusalRow]:
    names = _names(connection, found)
    return [_recusal(actor, row, row, names) for row in found]


def _names(connection: Connection, found: list[Any]) -> dict[str, str]:
    people = {name for row in found for name in (row.user, row.requested_by, row.decided_by, row.lifted_by) if name}
    return users.names(connection, people)


def _recusal(actor: Actor, row: Any, case: Any, names: dict[str, str]) -> RecusalRow:
    def name(person: str | None) -> str:
        return names.get(person or "", person or "")

    lifted = row.state == "recused" and may(actor, "recusal.lift") and row.user != actor.id
    return RecusalRow(
        row.id, row.case_id, case.case_no, case.title, row.user, name(row.user), row.state, row.ground, row.source,
        row.reason, BLOCKS.get(row.state, ()), row.requested_by, name(row.requested_by), row.requested_at,
        row.decided_by, name(row.decided_by), row.decided_at, row.lifted_by, name(row.lifted_by), row.lifted_at,
        row.request_case, lifted)


def _case(connection: Connection, actor: Actor, key: str) -> str:
    found = queries.case_id(connection, actor, key)
    if found is None:
        raise NotFound(noun="case", key=key)
    return found


def _require(actor: Actor, right: str, noun: str, key: str = "") -> None:
    if not may(actor, right):
        raise NotFound(noun=noun, key=key)
