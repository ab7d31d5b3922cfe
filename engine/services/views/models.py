"""The read models. Instants are aware UTC, legal days are dates, None stands for "not there"."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, BinaryIO

from engine.domain import period_words
from engine.domain.period_texts import Step


@dataclass(frozen=True, slots=True)
class Page:
    """``page`` counts from 1; ``counts`` are numbers for tabs and pills by name."""

    items: Sequence[Any]
    total: int
    page: int
    pages: int
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class DeadlineRow:
    """``workdays_left`` is negative when overdue, None when paused or ended; ``local`` marks a rule of the house."""

    key: str
    rule: str
    name: str
    state: str
    event_on: date
    start_on: date
    nominal_on: date
    due_on: date
    due_at: datetime
    provisional: bool
    workdays_left: int | None
    workdays_total: int
    basis: str
    local: bool
    consequence: str
    rule_version: str
    case_id: str
    case_no: str | None
    case_title: str
    computation: Mapping[str, Any]
    language: str
    instance: int | None = None

    @property
    def why(self) -> str:
        """Why it is this day, in one sentence; put into words when it is read: most lists say nothing of it."""
        return period_words.why(self.computation, self.language)

    @property
    def steps(self) -> tuple[str, ...]:
        """The lines of the computation, for programs."""
        return tuple(Step.from_record(step).text(self.language) for step in self.computation.get("steps", ()))


@dataclass(frozen=True, slots=True)
class OwnDate:
    """By when a task is to be done where no deadline of its case falls on that day."""

    due_on: date
    workdays_left: int
    basis: str
    local: bool
    state: str = "running"
    workdays_total: int = 0
    provisional: bool = False


@dataclass(frozen=True, slots=True)
class TaskRow:
    key: str
    name: str
    element: str
    state: str
    case_id: str
    case_no: str | None
    case_title: str
    parties: str
    stage: str
    assignee: str | None
    assignee_name: str
    mine: bool
    may_claim: bool
    may_work: bool
    deadline: DeadlineRow | None
    created_at: datetime
    ended_at: datetime | None
    priority: int = field(default=50, kw_only=True)
    follow_up_at: datetime | None = field(default=None, kw_only=True)
    due_at: datetime | None = field(default=None, kw_only=True)
    """The instant by which the task itself is to be done, besides the deadlines of its case."""
    own: OwnDate | None = field(default=None, kw_only=True)
    subject: str = field(default="", kw_only=True)
    """For whom or what this one is, of a step that waits for several."""

    @property
    def due(self) -> DeadlineRow | OwnDate | None:
        """What counts for this task: its lamp, what is left and the day are all of this."""
        return self.own or self.deadline


@dataclass(frozen=True, slots=True)
class LawNote:
    source: str
    text: str
    checked: bool
    local: bool = False
    """A rule of the house, no statute."""


@dataclass(frozen=True, slots=True)
class CommentRow:
    """A note of a colleague; ``element``: what it is about, or ""."""

    at: datetime
    author: str
    author_name: str
    text: str
    element: str


@dataclass(frozen=True, slots=True)
class FilterRow:
    """A filter of the inbox that somebody keeps. ``role``: who is shown it too; ``by_name``: the colleague whose it
    is, "" for one's own."""

    key: str
    name: str
    filters: Mapping[str, str]
    role: str | None = None
    by_name: str = ""


@dataclass(frozen=True, slots=True)
class StepRow:
    element: str
    name: str
    type: str
    state: str
    at: datetime | None
    who: str


@dataclass(frozen=True, slots=True)
class DiagramView:
    """``now``: element id → number of tokens; ``done`` and ``incidents``: element ids."""

    process_id: str
    version: int
    xml: bytes
    now: Mapping[str, int]
    done: tuple[str, ...]
    flows: tuple[str, ...] | None
    incidents: tuple[str, ...]
    steps: tuple[StepRow, ...]


@dataclass(frozen=True, slots=True)
class DocumentRow:
    title: str
    name: str
    number: str | None
    category: str
    source: str
    added_at: datetime
    sha256: str
    size: int
    media: str
    key: str = ""
    sealed: bool = False
    deliveries: tuple[tuple[str, str, date | None], ...] = ()
    """(recipient, state, legal day) of each service."""


@dataclass(frozen=True, slots=True)
class TaskView(TaskRow):
    """A task opened: everything of its row, and what is needed to do it."""

    description: str
    legal_basis: tuple[LawNote, ...]
    next: str
    schema: Mapping[str, Any] | None
    values: Mapping[str, Any]
    draft_at: datetime | None
    may_release: bool
    documents: tuple[DocumentRow, ...]
    diagram: DiagramView | None
    passed: tuple[Any, ...] = ()
    comments: tuple[CommentRow, ...] = ()
    level: str = "L2"
    lost: tuple[str, ...] = ()
    """Names of files in the draft that have been swept: they are to be chosen again."""
    expired: DeadlineRow | None = None
    """The deadline whose expiry the task confirms; None for a task of the diagram."""


@dataclass(frozen=True, slots=True)
class StageRow:
    name: str
    state: str


@dataclass(frozen=True, slots=True)
class LinkRow:
    """Another case on the same matter, by number."""

    case_no: str
    reason: str


@dataclass(frozen=True, slots=True)
class MessageRow:
    direction: str
    partner_name: str
    type: str
    name: str
    state: str
    at: datetime
    attempts: int


@dataclass(frozen=True, slots=True)
class HistoryRow:
    at: datetime
    code: str
    params: Mapping[str, Any]
    text: str
    actor_name: str
    actor: str = ""


@dataclass(frozen=True, slots=True)
class IncidentRow:
    """``code``: what is wrong; ``message``: what was expected, in English, for who mends the diagram or the server."""

    key: str
    element: str
    code: str
    message: str
    raised_at: datetime
    may_resolve: bool


@dataclass(frozen=True, slots=True)
class ActionView:
    """What else may be done with a case now. ``command`` builds the command from the values of the action's form;
    ``two_persons``: it is asked of a second person where the house asks for two; ``instance``: of the element that
    waits for it, which its deadline has too; ``asked``: the case waits for it, others may be done beside."""

    code: str
    name: str
    hint: str
    schema: Mapping[str, Any] | None
    danger: bool
    command: Callable[[Mapping[str, Any], Sequence[Any]], Any]
    two_persons: bool = False
    values: Mapping[str, Any] = field(default_factory=dict)
    """What its form begins with."""
    instance: int | None = None
    asked: bool = True


@dataclass(frozen=True, slots=True)
class CaseRowView:
    """A case in a list."""

    id: str
    case_no: str | None
    title: str
    process_name: str
    state: str
    parties: str
    stage: str
    updated_at: datetime
    started_at: datetime
    deadline: DeadlineRow | None


@dataclass(frozen=True, slots=True)
class CaseView:
    id: str
    case_no: str | None
    title: str
    process_name: str
    version: int
    state: str
    stage: str
    parties: str
    level: str
    kind: str
    applicant_name: str
    owner_name: str
    started_at: datetime
    ended_at: datetime | None
    result: str
    facts: tuple[tuple[Any, str], ...]
    links: tuple[Any, ...]
    stages: tuple[StageRow, ...]
    tasks: tuple[TaskRow, ...]
    deadlines: tuple[DeadlineRow, ...]
    documents: tuple[DocumentRow, ...]
    messages: tuple[MessageRow, ...]
    history: tuple[HistoryRow, ...]
    history_total: int
    actions: tuple[ActionView, ...]
    incidents: tuple[IncidentRow, ...]
    diagram: DiagramView | None
    passed: tuple[Any, ...] = ()
    comments: tuple[CommentRow, ...] = ()
    people: tuple[tuple[str, str], ...] = ()
    unit_name: str = ""
    hearings: tuple[Any, ...] = ()
    """``starts_at``, ``mode``, ``state``, ``room_name``."""
    whole: bool = False
    """All of it is seen: its papers can be worked on by who has the right."""
    may_invite: bool = False
    """Parties can be given accounts in it."""
    may_serve: bool = False
    """Its papers can be served."""


@dataclass(frozen=True, slots=True)
class StartView:
    process_id: str
    name: str
    description: str
    version: int
    schema: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class FileView:
    name: str
    media: str
    size: int
    open: Callable[[], BinaryIO]
    level: str = ""
