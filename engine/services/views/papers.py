"""Papers, evidence and service of a case as its workers see them; what waits for a receipt across cases."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import mammoth
import nh3
import structlog

from engine.clock import Clock, local_date
from engine.domain.actors import Actor
from engine.domain.papers import MODES, MOVES, SOURCES
from engine.domain.permissions import may, may_open
from engine.errors import NotFound
from engine.services.context import Parts
from engine.services.papers.letters import DOCX
from engine.services.proof.timestamps import Authority, of_file, time_of
from engine.services.views.witness import Witness, note
from engine.store import definitions, queries, recusals
from engine.store import papers as rows
from engine.store.database import Connection, Database

_log = structlog.get_logger(__name__)
_SHOWN = {"p", "table", "thead", "tbody", "tr", "td", "th", "h1", "h2", "h3", "strong", "em", "ul", "ol", "li", "br"}
_RIGHTS = {"submit": "paper.write", "write": "paper.write", "approve": "paper.approve", "return": "paper.approve",
           "issue": "paper.issue", "withdraw": "paper.write"}


@dataclass(frozen=True, slots=True)
class PaperRow:
    """``acts``: what the actor may do with it now."""

    key: str
    title: str
    series: str
    state: str
    version: int
    internal: bool
    written_by: str
    approved_by: str
    reason: str
    changed_at: datetime
    sha256: str
    acts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VersionRow:
    """``state``: draft or document (the issued one)."""

    key: str
    state: str
    version: int
    name: str
    number: str | None
    sha256: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Stamp:
    """``state``: pending; valid (checked now); unchecked (no authority is trusted here any more); broken."""

    state: str = "pending"
    at: datetime | None = None
    authority: str = ""


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    key: str
    title: str
    name: str
    source: str
    sha256: str
    by: str
    at: datetime
    seen_by: str
    seen_at: datetime | None
    stamp: Stamp | None


@dataclass(frozen=True, slots=True)
class AddressRow:
    case_id: str
    recipient: str
    user: str
    electronic: bool
    postal: str
    email: str
    phone: str
    confirmed_on: date


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """``age``: days since the dispatch; ``steps``: how the legal day came about, in both languages."""

    key: str
    case_id: str
    case_no: str | None
    case_title: str
    title: str
    number: str | None
    sha256: str
    recipient: str
    mode: str
    address: str
    tracking: str
    dispatched_on: date
    state: str
    received_on: date | None
    legal_on: date | None
    steps: Sequence[Any]
    note: str
    age: int


@dataclass(frozen=True, slots=True)
class PapersView:
    """The papers' room of one case. ``may``: rights the actor has here; ``templates``: (file, what its paper is
    called); ``servable``: (id, title) of what can be served; ``deadlines``: (key, name, day) that a receipt can begin;
    ``recipients``: names to choose from."""

    case_id: str
    case_no: str | None
    title: str
    level: str
    papers: Sequence[PaperRow]
    evidence: Sequence[EvidenceRow]
    addresses: Sequence[AddressRow]
    deliveries: Sequence[DeliveryRow]
    templates: Sequence[tuple[str, str]]
    servable: Sequence[tuple[str, str]]
    deadlines: Sequence[tuple[str, Any, date]]
    recipients: Sequence[str]
    may: frozenset[str]
    modes: Sequence[str] = tuple(MODES)
    sources: Sequence[str] = SOURCES


@dataclass(frozen=True, slots=True)
class PaperView:
    """One paper with its versions; ``html``: the shown version as a page, empty when it cannot be shown."""

    case_id: str
    case_no: str | None
    case_title: str
    level: str
    paper: PaperRow
    versions: Sequence[VersionRow]
    shown: VersionRow
    html: str


class PaperPages:
    """Wired by ``house``."""

    def __init__(self, database: Database, clock: Clock, parts: Parts, witness: Witness,
                 authority: Authority | None = None) -> None:
        """``authority``: who stamps evidence; None when nobody does."""
        self._database = database
        self._clock = clock
        self._parts = parts
        self._witness = witness
        self._authority = authority

    def room(self, actor: Actor, key: str) -> PapersView:
        """Raises ``NotFound`` for a case that the actor does not see whole; who serves needs to see it from inside, and
        is not shown drafts."""
        with self._database.reading() as connection:
            case = queries.case(connection, actor, key)
            if case is not None and not (case.sees_whole or case.sees_inside and may(actor, "document.serve")):
                case = None
            view = self._room(connection, actor, case) if case is not None else None
        note(self._witness, actor, "ViewPapers", key, case)
        if view is None:
            raise NotFound(noun="case", key=key)
        return view

    def _room(self, connection: Connection, actor: Actor, case: Any) -> PapersView:
        documents = queries.documents_of(connection, actor, case.id)
        served = [(row.id, row.title) for row in documents if not row.internal and row.category != "draft"]
        return PapersView(
            case.id, case.case_no, case.title, case.level,
            [self._paper(actor, row) for row in rows.of_case(connection, case.id)
             if case.sees_whole and may_open(actor, row.closed_to)],
            [EvidenceRow(row.id, row.title, row.name, row.source, row.sha256, row.by_name or row.added_by,
                         row.added_at, row.seen_name or row.seen_by or "", row.seen_at, self._stamp(row))
             for row in rows.evidence_of(connection, actor, case.id)],
            [_address(row) for row in rows.addresses(connection, case.id)],
            [self._delivery(row) for row in rows.deliveries(connection, actor, case.id)],
            self._templates(connection, case.definition_key), served,
            [(f"{row.case_id}~{row.wait}", row.computation.get("name"), row.due_on)
             for row in queries.deadlines_of(connection, actor, [case.id], running_only=True)],
            sorted({name for _, name in recusals.parties_of(connection, case.id)}),
            frozenset(right for right in ("paper.write", "evidence.add", "document.serve")
                      if may(actor, right) and (case.sees_whole or right == "document.serve")))

    def _templates(self, connection: Connection, key: str) -> list[tuple[str, str]]:
        """By name; what the diagrams call the paper of a template, else the file."""
        called: dict[str, str] = {}
        for process in self._parts.definitions.get(connection, key).processes.values():
            for element in process.elements.values():
                given = {one.target: one.source.text for one in element.inputs if one.source and not one.source.feel}
                called.setdefault(given.get("template", ""), given.get("title", ""))
        return sorted(((name, called.get(name) or name) for name in definitions.templates_of(connection, key)),
                      key=lambda one: (one[0] == one[1], one[1]))

    def paper(self, actor: Actor, key: str, paper: str, version: str = "") -> PaperView:
        with self._database.reading() as connection:
            case = self._case(connection, actor, key)
            view = self._shown(connection, actor, case, paper, version) if case is not None else None
        note(self._witness, actor, "ViewPaper", f"{key} {paper}", case if view is not None else None)
        if view is None:
            raise NotFound(noun="paper", key=paper)
        return view

    def _shown(self, connection: Connection, actor: Actor, case: Any, paper: str, version: str) -> PaperView | None:
        row = rows.get(connection, case.id, paper)
        if row is None or not may_open(actor, row.closed_to):
            return None
        versions = [VersionRow(item.id, item.category, item.version, item.name, item.number, item.sha256,
                               item.by_name or item.added_by, item.added_at)
                    for item in rows.versions(connection, case.id, paper)]
        shown = next((item for item in versions if item.key == (version or row.document)), None)
        return None if shown is None else PaperView(
            case.id, case.case_no, case.title, case.level, self._paper(actor, row), versions, shown,
            self._html(shown.sha256))

    def waiting(self, actor: Actor) -> Sequence[DeliveryRow]:
        """Dispatched and without a receipt, the oldest first."""
        with self._database.reading() as connection:
            return [self._delivery(row) for row in rows.deliveries(connection, actor, state="dispatched")]

    def own(self, actor: Actor) -> tuple[Sequence[DeliveryRow], Sequence[AddressRow]]:
        """What was served on the actor electronically, and the addresses the actor has confirmed, by case id."""
        with self._database.reading() as connection:
            sent, where = rows.of_user(connection, actor)
            return [self._delivery(row) for row in sent], [_address(row) for row in where]

    def preview(self, actor: Actor, sha256: str) -> tuple[str, str]:
        """(name, HTML) of a file that the actor may see; nothing for what is no Word file. Raises ``NotFound``."""
        with self._database.reading() as connection:
            found = queries.file(connection, actor, sha256)
        if found is None:
            raise NotFound(noun="file", key=sha256)
        return found.name, self._html(sha256) if found.media == DOCX else ""

    def _html(self, sha256: str) -> str:
        """Only what text and tables need; nothing runs, nothing is fetched. Empty for what cannot be shown."""
        content = self._parts.files.read(sha256)
        try:
            found = mammoth.convert_to_html(io.BytesIO(content))
        except Exception as error:  # whatever a reader of foreign files trips over; the file itself can be fetched
            _log.info("not_previewed", sha256=sha256, error=type(error).__name__)
            return ""
        return nh3.clean(found.value, tags=_SHOWN, attributes={})

    def _case(self, connection: Connection, actor: Actor, key: str) -> Any:
        """The case, when the actor sees it whole."""
        case = queries.case(connection, actor, key)
        return case if case is not None and case.sees_whole else None

    def _stamp(self, row: Any) -> Stamp | None:
        """Checked each time it is shown; None where no stamps are taken."""
        if row.token is None:
            return None if self._authority is None else Stamp()
        if self._authority is None:
            return Stamp("unchecked", None, row.authority)
        if self._authority.fault(row.token, of_file(row.sha256)) is not None:
            return Stamp("broken", None, row.authority)
        return Stamp("valid", time_of(row.token), row.authority)

    def _paper(self, actor: Actor, row: Any) -> PaperRow:
        acts = tuple(act for act in MOVES[row.state] if may(actor, _RIGHTS[act])
                     and not (act == "approve" and row.written_by == actor.id))
        return PaperRow(row.id, row.title, row.series, row.state, row.version, row.internal,
                        row.written_by_name or row.written_by, row.approved_by_name or row.approved_by or "",
                        row.reason or "", row.changed_at, row.sha256 or "", acts)

    def _delivery(self, row: Any) -> DeliveryRow:
        age = (local_date(self._clock.now()) - row.dispatched_on).days
        return DeliveryRow(row.id, row.case_id, row.case_no, row.case_title or "", row.title, row.number, row.sha256,
                           row.recipient, row.mode, row.address, row.tracking, row.dispatched_on, row.state,
                           row.received_on, row.legal_on, row.steps, row.note or "", age)


def _address(row: Any) -> AddressRow:
    return AddressRow(row.case_id, row.recipient, row.user or "", row.electronic, row.postal, row.email, row.phone,
                      row.confirmed_on)
