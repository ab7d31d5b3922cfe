"""Requests: frozen dataclasses, one for each thing that can be asked of the service. A handler returns an outcome or
raises a ``Rejection``. Commands that concern a case carry its id, so that the runner can lock its row first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from engine.domain.file_names import plain


def task_key(case_id: str, wait: int) -> str:
    """Public key of a user task, job, timer, deadline or incident: ``<case id>~<number in the case>``."""
    return f"{case_id}~{wait}"


def split_key(key: str) -> tuple[str, int] | None:
    """The case id and number of a public key; None when it is not one."""
    case_id, _, number = key.partition("~")
    if not case_id or not (number.isascii() and number.isdigit()) or len(number) > 18:
        return None
    return case_id, int(number)


@dataclass(frozen=True, slots=True)
class FileRef:
    """A staged file that a command refers to: content hash, name shown to people, and what it is in the case."""

    sha256: str
    name: str
    role: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", plain(self.name))


@dataclass(frozen=True, slots=True)
class Resource:
    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Deploy:
    resources: tuple[Resource, ...]


@dataclass(frozen=True, slots=True)
class StartCase:
    """Start a case of the newest version of a process by its none start event (or the one named)."""

    process_id: str
    variables: Mapping[str, Any] = field(default_factory=dict)
    files: tuple[FileRef, ...] = ()
    element: str | None = None
    form_checked: bool = False
    """The variables were entered in a start form and are to be validated against it."""


@dataclass(frozen=True, slots=True)
class ClaimUserTask:
    task: str


@dataclass(frozen=True, slots=True)
class ReleaseUserTask:
    task: str


@dataclass(frozen=True, slots=True)
class AssignUserTask:
    task: str
    assignee: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class SaveDraft:
    task: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CompleteUserTask:
    task: str
    variables: Mapping[str, Any] = field(default_factory=dict)
    files: tuple[FileRef, ...] = ()
    form_checked: bool = False


@dataclass(frozen=True, slots=True)
class CompleteJob:
    job: str
    variables: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FailJob:
    job: str
    message: str
    retries: int | None = None
    back_off: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class ThrowError:
    """A BPMN error thrown by a job's worker or from a user task."""

    task: str
    code: str
    variables: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ActivateJobs:
    type: str
    worker: str
    maximum: int = 1
    lock: timedelta = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class ExtendJob:
    job: str
    lock: timedelta


@dataclass(frozen=True, slots=True)
class PublishMessage:
    """Published by name and key; waits ``time_to_live`` at most; a repeated ``message_id`` is ignored."""

    name: str
    key: str = ""
    variables: Mapping[str, Any] = field(default_factory=dict)
    message_id: str | None = None
    time_to_live: timedelta = timedelta(hours=72)
    legal_on: date | None = None
    """The legal receipt date of what arrived; default: today."""


@dataclass(frozen=True, slots=True)
class DeliverMessage:
    """Internal follow-up: hand a matched message to the wait it was matched with."""

    message: str
    case_id: str
    wait: int


@dataclass(frozen=True, slots=True)
class AnswerWait:
    """A person answers what a case waits for (a party's reply, a withdrawal), in place of a message from outside."""

    wait: str
    variables: Mapping[str, Any] = field(default_factory=dict)
    files: tuple[FileRef, ...] = ()


@dataclass(frozen=True, slots=True)
class BroadcastSignal:
    name: str
    variables: Mapping[str, Any] = field(default_factory=dict)
    origin: str | None = None
    """The case that threw it; it has received the signal already."""


@dataclass(frozen=True, slots=True)
class DeliverSignal:
    signal: str
    case_id: str
    wait: int


@dataclass(frozen=True, slots=True)
class FireTimer:
    case_id: str
    wait: int


@dataclass(frozen=True, slots=True)
class StartByEvent:
    """Internal: start a case by a message, signal or timer start event."""

    definition_key: str
    element: str
    variables: Mapping[str, Any] = field(default_factory=dict)
    message: str | None = None
    key: str = ""
    legal_on: date | None = None


@dataclass(frozen=True, slots=True)
class StartByTimer:
    """Internal: a timer start event is due."""

    process_id: str
    element: str


@dataclass(frozen=True, slots=True)
class SetVariables:
    case_id: str
    variables: Mapping[str, Any]
    scope: int = 0


@dataclass(frozen=True, slots=True)
class ResolveIncident:
    incident: str
    variables: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SuspendCase:
    """``from_on``: the first day that does not count for its deadlines, default today; ``until_on``: the day on which
    somebody is to be reminded that it is over."""

    case_id: str
    reason: str
    basis: str = ""
    evidence: str = ""
    from_on: date | None = None
    until_on: date | None = None


@dataclass(frozen=True, slots=True)
class ResumeCase:
    case_id: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class CancelCase:
    case_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class ModifyCase:
    case_id: str
    activate: tuple[str, ...] = ()
    terminate: tuple[int, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Proof:
    """What proves a message: its bytes and signature headers as they came, and the id of the partner's key they fit."""

    raw: bytes
    headers: Mapping[str, str]
    key: str


@dataclass(frozen=True, slots=True)
class AcceptInbound:
    """A verified message of a partner: stored, then correlated by its type and key."""

    partner: str
    message_id: str
    body_hash: str
    type: str
    key: str
    envelope: Mapping[str, Any]
    event_seq: int | None = None
    channel: str = "webhook"
    received_at: datetime | None = None
    """When it was received, as its receipt says; default: now."""
    proof: Proof | None = None
    """None for what came in unsigned, by another channel."""
    legal_on: date | None = None
    """The legal receipt date of what came on paper."""


@dataclass(frozen=True, slots=True)
class RecordDelivery:
    """What became of one attempt to send an outbox entry."""

    entry: str
    outcome: str
    """delivered | retry | failed | gone"""
    status: int | None = None
    detail: str = ""
    next_at: datetime | None = None
    """When to try again; None with ``retry`` means that the schedule is used up: dead letter."""
    receipt: Mapping[str, Any] | None = None
    circuit: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class AddUser:
    id: str
    name: str
    roles: tuple[str, ...]
    password_hash: str
    unit: str | None = None
    kind: str = "person"
    """person | machine (a program of ours) | partner (an outside body's system account; its ``id`` is its code)"""
    must_change: bool = False
    """The password is known to somebody else, and is to be changed at the first sign-in."""


@dataclass(frozen=True, slots=True)
class PartnerKey:
    """``use``: shared (HMAC, both ways), verify (the partner's public key) or sign (our private key for it)."""

    id: str
    algorithm: str
    use: str
    secret: str


@dataclass(frozen=True, slots=True)
class AddPartner:
    code: str
    kind: str
    name: str = ""
    endpoint: str | None = None
    allowed_cidrs: tuple[str, ...] = ()
    plain_http: bool = False
    may_send: tuple[str, ...] = ()
    keys: tuple[PartnerKey, ...] = ()
    may_see: tuple[str, ...] | None = None
    """Types that may be sent to it; None: whatever the procedures send to its kind."""
    contact: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CreateToken:
    """``hash``: SHA-256 of the secret that only its owner knows."""

    user: str
    hash: str
    scopes: tuple[str, ...] = ()
    expires_in: timedelta | None = None


Command = object
"""Any of the above; the handler table of ``services`` says which handler takes which."""
