"""Requests about papers, evidence and service."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from engine.domain.commands import FileRef


@dataclass(frozen=True, slots=True)
class DraftPaper:
    """Begin a paper from a Word template of the case's procedure. ``internal``: a working paper, never served."""

    case_id: str
    template: str
    title: str
    series: str = ""
    internal: bool = False


@dataclass(frozen=True, slots=True)
class WritePaper:
    """A new version, written in Word and handed in."""

    case_id: str
    paper: str
    file: FileRef


@dataclass(frozen=True, slots=True)
class SubmitPaper:
    """送核: it is ready, and those who may approve it are told."""

    case_id: str
    paper: str


@dataclass(frozen=True, slots=True)
class ApprovePaper:
    """Approve exactly the version that was looked at."""

    case_id: str
    paper: str
    sha256: str


@dataclass(frozen=True, slots=True)
class ReturnPaper:
    """Back to who wrote it, with a reason."""

    case_id: str
    paper: str
    reason: str


@dataclass(frozen=True, slots=True)
class IssuePaper:
    """Number, seal and file an approved paper."""

    case_id: str
    paper: str


@dataclass(frozen=True, slots=True)
class WithdrawPaper:
    case_id: str
    paper: str
    reason: str


@dataclass(frozen=True, slots=True)
class AddEvidence:
    """Evidence outside of a task's form. ``original_seen``: the officer has compared it with the original."""

    case_id: str
    title: str
    source: str
    files: tuple[FileRef, ...]
    original_seen: bool = False


@dataclass(frozen=True, slots=True)
class MarkOriginalSeen:
    case_id: str
    document: str


@dataclass(frozen=True, slots=True)
class ConfirmAddress:
    """送达地址确认: where and how a recipient wants to be served. ``electronic``: consent to electronic service."""

    case_id: str
    recipient: str
    electronic: bool
    postal: str = ""
    email: str = ""
    phone: str = ""
    user: str = ""


@dataclass(frozen=True, slots=True)
class Dispatch:
    """Send a document of the case to a recipient. ``mode``: a key of ``engine.domain.papers.MODES``; ``deadline``: key
    of the deadline that its receipt begins."""

    case_id: str
    document: str
    recipient: str
    mode: str
    on: date | None = None
    tracking: str = ""
    deadline: str = ""


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """签收 by the recipient, of what was served electronically."""

    case_id: str
    delivery: str


@dataclass(frozen=True, slots=True)
class RecordReceipt:
    """送达回证: received, refused or returned, on a day, proved by a file."""

    case_id: str
    delivery: str
    state: str
    on: date
    note: str = ""
    file: FileRef | None = None
