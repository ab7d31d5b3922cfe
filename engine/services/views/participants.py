"""Who takes part in a case with an account, as those who invite them see it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.clock import Clock
from engine.domain.actors import Actor
from engine.domain.participants import AUTHORITIES, SIDES
from engine.domain.permissions import may
from engine.errors import NotFound
from engine.services.views.witness import Witness, note
from engine.store import participants as rows
from engine.store import queries, recusals
from engine.store.database import Connection, Database


@dataclass(frozen=True, slots=True)
class ParticipantRow:
    """``state``: invited, lapsed, active, removed; ``since``: when it began."""

    key: str
    capacity: str
    name: str
    agent: str
    authority: str
    proof: str
    user: str
    user_name: str
    state: str
    since: datetime
    expires_at: datetime | None
    reason: str


@dataclass(frozen=True, slots=True)
class ParticipantsView:
    """``parties``: (capacity, name) that may be invited; ``first``: name of the account that began the case."""

    case_id: str
    case_no: str | None
    title: str
    level: str
    open: bool
    parties: Sequence[tuple[str, str]]
    first: str
    rows: Sequence[ParticipantRow]
    authorities: Sequence[str] = AUTHORITIES


class Participants:
    """Wired by ``house``."""

    def __init__(self, database: Database, clock: Clock, witness: Witness) -> None:
        self._database = database
        self._clock = clock
        self._witness = witness

    def of_case(self, actor: Actor, key: str) -> ParticipantsView:
        """Raises ``NotFound`` without the right, and for a case not seen from inside."""
        with self._database.reading() as connection:
            case = queries.case(connection, actor, key)
            seen = case is not None and case.sees_inside and may(actor, "party.invite")
            view = self._view(connection, case) if seen else None
        note(self._witness, actor, "ViewParticipants", key, case if view is not None else None)
        if view is None:
            raise NotFound(noun="case", key=key)
        return view

    def _view(self, connection: Connection, case: Any) -> ParticipantsView:
        names = queries.user_names(connection, [case.applicant] if case.applicant else [])
        return ParticipantsView(
            case.id, case.case_no, case.title, case.level, case.state in ("active", "suspended"),
            [(capacity, name) for capacity, name in recusals.parties_of(connection, case.id) if capacity in SIDES],
            names.get(case.applicant or "", ""), [self._row(row) for row in rows.of_case(connection, case.id)])

    def _row(self, row: Any) -> ParticipantRow:
        lapsed = row.state == "invited" and row.expires_at <= self._clock.now()
        return ParticipantRow(
            row.id, row.capacity, row.name, row.agent, row.authority, row.proof_sha256 or "", row.user or "",
            row.user_name or "", "lapsed" if lapsed else row.state, row.removed_at or row.joined_at or row.invited_at,
            row.expires_at, row.reason)
