"""What people are shown of the wire: the board, a message that waits for a decision, what came on paper, partners."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from statistics import median
from typing import Any

from engine.clock import LOCAL_ZONE, Clock
from engine.domain.actors import Actor, ActorKind
from engine.domain.permissions import may
from engine.errors import NotFound
from engine.services.files import FileStore
from engine.services.views.models import FileView, Page
from engine.services.views.witness import Witness, note
from engine.services.wire.catalogue import CATALOGUE
from engine.services.wire.inbound import UNMATCHED_FOR
from engine.services.wire.partners import next_key_id
from engine.store import handoffs, inbound_files, manual_messages, partners, users
from engine.store.database import Connection, Database

RECEIPT_WITHIN = timedelta(hours=24)
"""After which a business receipt is missing."""
PAGE, LIST, MOST = 50, 12, 200
STAGES = ("sent", "received", "accepted")


@dataclass(frozen=True, slots=True)
class Stage:
    """Messages that stand at a stage now; ``oldest``: since when the first of them has."""

    count: int = 0
    oldest: datetime | None = None


@dataclass(frozen=True, slots=True)
class PartnerFlow:
    """One line of the board. ``channel``: api | manual; ``circuit``: closed | open | half_open;
    ``decided``: settled this month, in ``days`` (the median)."""

    code: str
    name: str
    kind: str
    channel: str
    enabled: bool
    circuit: str
    until: datetime | None
    stages: Mapping[str, Stage]
    decided: int
    days: int | None
    missing: int
    dead: int
    unmatched: int
    conflict: int
    entered: int


@dataclass(frozen=True, slots=True)
class Sent:
    id: str
    type: str
    partner: str
    partner_name: str
    case_id: str | None
    case_no: str | None
    state: str
    """sent | by_hand | retrying | received | missing | accepted | decided | dead"""
    attempts: int
    answer: str
    created_at: datetime
    since: datetime
    channel: str
    business: str | None
    may_replay: bool
    may_hand_over: bool


@dataclass(frozen=True, slots=True)
class Came:
    """``why``: why a person has to decide; ``left``: until when it is matched by itself."""

    partner: str
    partner_name: str
    id: str
    type: str
    key: str
    status: str
    why: str | None
    case_id: str | None
    case_no: str | None
    channel: str
    received_at: datetime
    left: timedelta | None


@dataclass(frozen=True, slots=True)
class Paper:
    id: str
    partner: str
    partner_name: str
    type: str
    key: str
    state: str
    received_on: date
    entered_by: str
    entered_by_name: str
    entered_at: datetime
    may_check: bool
    may_withdraw: bool
    correlation: Mapping[str, str] = field(default_factory=dict)
    payload: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""
    files: Sequence[Any] = ()
    decided_by_name: str = ""
    decided_at: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Board:
    flows: Sequence[PartnerFlow]
    dead: Sequence[Sent]
    missing: Sequence[Sent]
    came: Sequence[Came]
    papers: Sequence[Paper]
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Letter:
    """A message that came in, whole. ``waiting``: cases that wait for one of its kind."""

    row: Came
    envelope: Mapping[str, Any]
    legal_on: date
    event_seq: int | None
    late: bool
    expected: Mapping[str, Any] | None
    files: Sequence[Any]
    decision: str | None
    decided_by_name: str
    decided_at: datetime | None
    note: str
    may_decide: bool
    waiting: Sequence[Any]


@dataclass(frozen=True, slots=True)
class KeyRow:
    id: str
    algorithm: str
    use: str
    added_at: datetime
    expires_at: datetime | None
    state: str
    """active | ending | over | revoked"""


@dataclass(frozen=True, slots=True)
class PartnerView:
    code: str
    kind: str
    name: str
    endpoint: str | None
    allowed_cidrs: Sequence[str]
    plain_http: bool
    may_send: Sequence[str]
    may_see: Sequence[str] | None
    contact: Mapping[str, str]
    enabled: bool
    circuit: str
    until: datetime | None
    added_at: datetime
    keys: Sequence[KeyRow] = ()

    def next_key(self, use: str) -> str:
        return next_key_id([key.id for key in self.keys], use)


class Handoffs:
    """Wired by ``app``."""

    def __init__(self, database: Database, clock: Clock, files: FileStore, witness: Witness,
                 words: Callable[[Connection], Mapping[str, str]]) -> None:
        """``words``: of models, in the reader's language."""
        self._database = database
        self._clock = clock
        self._files = files
        self._witness = witness
        self._words = words

    # --- the board --------------------------------------------------------------------------------------------------
    def todo(self, actor: Actor) -> int:
        """How many things wait for somebody who sees them; 0 for who has nothing to do with them."""
        if not may(actor, "handoff.decide"):
            return 0
        with self._database.reading() as connection:
            return handoffs.todo(connection, actor) + len(self._entered(connection, actor))

    def board(self, actor: Actor) -> Board:
        _require(actor, "handoff.see")
        now = self._clock.now()
        with self._database.reading() as connection:
            papers = [self._paper(connection, actor, row) for row in self._entered(connection, actor)]
            flows = self._flows(connection, actor, now, Counter(row.partner for row in papers))
            dead, missing = (self._sent(connection, actor, show, now, LIST) for show in ("dead", "missing"))
            came = [_came(row, now) for row in handoffs.came(connection, actor, LIST)]
        names = ("missing", "dead", "unmatched", "conflict", "entered")
        counts = {name: sum(getattr(flow, name) for flow in flows) for name in names}
        counts["all"] = sum(stage.count for flow in flows for stage in flow.stages.values())
        return Board(flows, dead, missing, came, papers[:LIST], counts)

    def _flows(self, connection: Connection, actor: Actor, now: datetime,
               papers: Mapping[str, int]) -> list[PartnerFlow]:
        first = now.astimezone(LOCAL_ZONE).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        stages = {(row.partner, row.stage): Stage(row.number, row.oldest)
                  for row in handoffs.standing(connection, actor)}
        spans: dict[str, list[float]] = {}
        for row in handoffs.settled(connection, actor, first):
            spans.setdefault(row.partner, []).append((row.decided_at - row.created_at) / timedelta(days=1))
        missing = handoffs.overdue(connection, actor, now - RECEIPT_WITHIN)
        came = {(row.partner, row.status): row.number for row in handoffs.waiting(connection, actor)}
        found = []
        for row in partners.everyone(connection):
            circuit, until = _circuit(row.circuit)
            days = spans.get(row.code, [])
            found.append(PartnerFlow(
                row.code, row.name, row.kind, "api" if row.endpoint else "manual", row.enabled, circuit, until,
                {name: stages.get((row.code, name), Stage()) for name in STAGES}, len(days),
                round(median(days)) if days else None, missing.get(row.code, 0),
                stages.get((row.code, "dead"), Stage()).count, came.get((row.code, "unmatched"), 0),
                came.get((row.code, "conflict"), 0), papers.get(row.code, 0)))
        return found

    def outbox(self, actor: Actor, show: str, page: int) -> Page:
        """What was sent: ``open``, ``missing``, ``dead`` or ``done``."""
        _require(actor, "handoff.see")
        now = self._clock.now()
        with self._database.reading() as connection:
            rows = self._sent(connection, actor, show, now, PAGE + 1, (page - 1) * PAGE)
        seen = (page - 1) * PAGE + len(rows)
        return Page(rows[:PAGE], seen, page, page + (len(rows) > PAGE), {})

    def _sent(self, connection: Connection, actor: Actor, show: str, now: datetime, limit: int,
              offset: int = 0) -> list[Sent]:
        replay, hand = may(actor, "handoff.replay"), may(actor, "handoff.enter")
        rows = handoffs.sent(connection, actor, show, now - RECEIPT_WITHIN, limit, offset)
        return [Sent(
            row.id, row.type, row.partner, row.partner_name or row.partner, row.case_id or None, row.case_no,
            _state(row, now), row.attempts, row.answer or "", row.created_at,
            row.decided_at or row.accepted_at or row.delivered_at or row.created_at, row.channel, row.business,
            replay and row.state == "dead", hand and row.state in ("pending", "dead")) for row in rows]

    # --- what came in -----------------------------------------------------------------------------------------------
    def letter(self, actor: Actor, partner: str, message_id: str) -> Letter:
        """One message; of a case that the actor may not see it is not there."""
        _require(actor, "handoff.see")
        now = self._clock.now()
        with self._database.reading() as connection:
            row = handoffs.message(connection, actor, partner, message_id)
            note(self._witness, actor, "ViewMessage", f"{partner} {message_id}", row)
            if row is None:
                raise NotFound(noun="message", key=message_id)
            open_still = row.decision is None and (row.status in ("unmatched", "conflict") or row.late)
            names = users.names(connection, {row.decided_by} if row.decided_by else set())
            waiting = handoffs.cases_waiting(connection, actor, row.type, LIST) if open_still and not row.late else ()
            return Letter(
                _came(row, now), row.envelope, row.legal_on, row.event_seq, row.late,
                row.expected and _worded(row.expected, self._words(connection)),
                inbound_files.of(connection, partner, message_id), row.decision,
                names.get(row.decided_by or "", row.decided_by or ""), row.decided_at, row.note or "",
                open_still and may(actor, "handoff.decide"), waiting)

    # --- on paper ---------------------------------------------------------------------------------------------------
    def paper(self, actor: Actor, key: str) -> Paper:
        _require(actor, "handoff.see")
        with self._database.reading() as connection:
            row = manual_messages.get(connection, key)
            if row is None or not self._seen(connection, actor, (row,)):
                raise NotFound(noun="message", key=key)
            return self._paper(connection, actor, row, whole=True)

    def paper_file(self, actor: Actor, key: str, position: int) -> FileView:
        """A file that came with it, for whoever may see the entry."""
        for row in self.paper(actor, key).files:
            if row.position == position:
                return FileView(row.name, row.media, row.size, partial(self._files.open, row.sha256))
        raise NotFound(noun="file", key=key)

    def _entered(self, connection: Connection, actor: Actor) -> list[Any]:
        """What waits for the second person and the actor sees, the oldest first."""
        return self._seen(connection, actor, manual_messages.listed(connection, "entered", MOST))

    def _seen(self, connection: Connection, actor: Actor, entries: Sequence[Any]) -> list[Any]:
        """Entries of the actor's own, and those that name only cases the actor sees."""
        keys = {row.id: _key(row) for row in entries if row.entered_by != actor.id}
        hidden = handoffs.hidden(connection, actor, set(keys.values())) if keys else set()
        return [row for row in entries if keys.get(row.id) not in hidden]

    def _paper(self, connection: Connection, actor: Actor, row: Any, whole: bool = False) -> Paper:
        partner = partners.get(connection, row.partner)
        names = users.names(connection, {name for name in (row.entered_by, row.decided_by) if name})
        mine, waits = row.entered_by == actor.id, row.state == "entered"
        return Paper(
            row.id, row.partner, partner.name if partner is not None else row.partner, row.type, _key(row), row.state,
            row.received_on, row.entered_by, names.get(row.entered_by, row.entered_by), row.entered_at,
            waits and not mine and may(actor, "handoff.check"), waits and mine, row.correlation,
            row.payload if whole else {}, row.note if whole else "",
            inbound_files.of(connection, row.partner, row.id) if whole else (),
            names.get(row.decided_by or "", row.decided_by or ""), row.decided_at, row.reason or "")

    # --- partners ---------------------------------------------------------------------------------------------------
    def partners(self, actor: Actor) -> list[PartnerView]:
        _require_any(actor, "partner.see", "handoff.see")
        with self._database.reading() as connection:
            return [self._partner(connection, row, ()) for row in partners.everyone(connection)]

    def partner(self, actor: Actor, code: str) -> PartnerView:
        """One partner with its keys, without their secrets."""
        _require_any(actor, "partner.see")
        now = self._clock.now()
        with self._database.reading() as connection:
            row = partners.get(connection, code)
            if row is None:
                raise NotFound(noun="partner", key=code)
            keys = [KeyRow(key.id, key.algorithm, key.use, key.added_at, key.expires_at, _key_state(key, now))
                    for key in partners.every_key(connection, code)]
            return self._partner(connection, row, keys)

    def _partner(self, connection: Connection, row: Any, keys: Sequence[KeyRow]) -> PartnerView:
        circuit, until = _circuit(row.circuit)
        return PartnerView(row.code, row.kind, row.name, row.endpoint, row.allowed_cidrs, row.plain_http, row.may_send,
                           row.may_see, row.contact or {}, row.enabled, circuit, until, row.added_at, keys)


def _came(row: Any, now: datetime) -> Came:
    left = row.received_at + UNMATCHED_FOR - now if row.status == "unmatched" else None
    return Came(row.partner, row.partner_name or row.partner, row.message_id, row.type, row.key, row.status,
                row.reason or ("late" if row.late else None), row.case_id, row.case_no, row.channel, row.received_at,
                left)


def _state(row: Any, now: datetime) -> str:
    if row.decided_at is not None:
        return "decided"
    if row.state == "dead":
        return "dead"
    if row.accepted_at is not None:
        return "accepted"
    if row.delivered_at is not None:
        return "missing" if now - row.delivered_at > RECEIPT_WITHIN else "received"
    if not row.partner_endpoint:
        return "by_hand"
    return "retrying" if row.attempts else "sent"


def _circuit(record: Any) -> tuple[str, datetime | None]:
    if record is None:
        return "closed", None
    return record["state"], datetime.fromisoformat(record["until"]) if record["until"] else None


def _key_state(key: Any, now: datetime) -> str:
    if key.revoked_at is not None:
        return "revoked"
    if key.expires_at is None:
        return "active"
    return "ending" if key.expires_at > now else "over"


def _worded(expected: Mapping[str, Any], words: Mapping[str, str]) -> Mapping[str, Any]:
    """Where the case stood, as models say it in the reader's language."""
    stage, tasks = expected["stage"], expected["tasks"]
    return {**expected, "stage": words.get(stage, stage), "tasks": [words.get(name, name) for name in tasks]}


def _key(row: Any) -> str:
    letter = {"correlation": row.correlation, "payload": row.payload}
    return CATALOGUE.correlation_key(row.type, letter) or ""


def _require(actor: Actor, right: str) -> None:
    _require_any(actor, right)


def _require_any(actor: Actor, *rights: str) -> None:
    if actor.kind is not ActorKind.SYSTEM and not any(may(actor, right) for right in rights):
        raise NotFound(noun="handoff", key="")
