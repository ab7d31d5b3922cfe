"""What a handler is given: the transaction it runs in, the time, the actor, and the parts of the house it may use."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from engine.clock import local_date
from engine.domain.actors import Actor
from engine.domain.commands import Command
from engine.domain.deadline_functions import Tables
from engine.domain.identifiers import IdSource
from engine.store.cases import CaseRow
from engine.store.database import Connection, Database

if TYPE_CHECKING:
    from engine.services.definitions import Definitions
    from engine.services.files import FileStore
    from engine.services.legal_time.almanac import Almanac
    from engine.services.operations import Operation
    from engine.services.papers.seals import SealProvider

Outcome = Mapping[str, Any]
"""What a command answers: JSON-like, so that it can be kept and given again to a repeated command."""


@dataclass(frozen=True, slots=True)
class Authority:
    """The centre as it appears on documents: who signs by default, and the names it may not sign adjudications with."""

    name: str = "示例知识产权保护中心"
    code: str = "gdippc"
    series: str = "粤知保预字"


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of the house, wired once by ``app``."""

    definitions: Definitions
    almanac: Almanac
    files: FileStore
    operations: Mapping[str, Operation]
    ids: IdSource
    seals: SealProvider
    authority: Authority = field(default_factory=Authority)
    step_limit: int = 10_000
    two_persons: bool = True
    """What ``engine.domain.approvals`` names needs a second person."""
    national: bool = False
    """SM3 beside SHA-256 in the audit trail, SM4 in place of AES at rest (GB/T 32905, 32907)."""
    on_flow: Callable[[str], None] | None = None
    """Told of each sequence flow a token travels; a sandbox measures coverage by it."""


@dataclass(slots=True)
class Context:
    """One command's transaction."""

    connection: Connection
    database: Database
    now: datetime
    actor: Actor
    parts: Parts
    action: str
    legal_on: date | None = None
    """Legal receipt date of the event that led here; default: today in Beijing."""
    filed: list[str] = field(default_factory=list)
    """Hashes of the documents that this command has put into its case; the audit entry names them."""
    follow_ups: list[Command] = field(default_factory=list)
    locked: dict[str, CaseRow] = field(default_factory=dict)
    limits: dict[str, Mapping[int, Any]] = field(default_factory=dict)
    """By case: the deadlines of its timers, by number, as they were read with its lock; until its first step is
    written."""
    late: dict[str, Sequence[Any]] = field(default_factory=dict)
    """By case: its expired deadlines that a person has yet to decide on, likewise."""
    matched: dict[Command, tuple[Any, Any]] = field(default_factory=dict)
    """By follow-up: the wait and the message that this transaction has matched; as they stand until the case moves."""
    kept: dict[tuple[str, str], Any] = field(default_factory=dict)
    """By partner and id: how it stands with a message that this transaction has kept."""
    ahead: Any = None
    """What a batch has asked for all its commands at once, as far as it is about this one."""
    looked_at: list[CaseRow] = field(default_factory=list)
    """Cases that a step has linked: who works on them is looked at again once the step is written."""
    once_recorded: list[Callable[[], None]] = field(default_factory=list)
    """What operations have judged about rows that their step has yet to write."""
    monotonic: Callable[[], float] = lambda: 0.0
    """Seconds from an arbitrary start, by which the time of a step is measured."""
    _tables: Tables | None = None

    @property
    def tables(self) -> Tables:
        """The rule table and the calendar that hold in this transaction, asked for once."""
        if self._tables is None:
            self._tables = self.parts.almanac.tables(self.connection)
        return self._tables

    @property
    def today(self) -> date:
        return local_date(self.now)

    @property
    def legal_day(self) -> date:
        return self.legal_on or self.today

    def new_id(self) -> str:
        return self.parts.ids.new(self.now)
