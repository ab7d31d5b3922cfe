"""Requests about deadlines, their rules and calendars, and the notices they cause. ``deadline`` is a public key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class ArmDeadline:
    """By hand: what no diagram waits for. ``replaces``: a deadline that this one takes the place of."""

    case_id: str
    key: str
    from_on: date
    delivery: str | None = None
    reason: str = ""
    replaces: str | None = None


@dataclass(frozen=True, slots=True)
class PauseDeadline:
    """``from_on``: the first day that does not count, default today; with ``to_on`` the pause is over already."""

    deadline: str
    reason: str
    evidence: str = ""
    from_on: date | None = None
    to_on: date | None = None


@dataclass(frozen=True, slots=True)
class ResumeDeadline:
    """``on``: the first day that counts again, default today."""

    deadline: str
    evidence: str = ""
    on: date | None = None


@dataclass(frozen=True, slots=True)
class ExtendDeadline:
    """``requested_on``: the day the extension was asked for, default today."""

    deadline: str
    count: int
    unit: str
    reason: str = ""
    requested_on: date | None = None


@dataclass(frozen=True, slots=True)
class InterruptDeadline:
    deadline: str
    on: date
    reason: str
    ended_on: date | None = None


@dataclass(frozen=True, slots=True)
class ProveService:
    """Service is proven on another day than the presumed one."""

    deadline: str
    proven_on: date
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class OverrideDeadline:
    """A day set by hand; needs two persons."""

    deadline: str
    due_on: date
    reason: str
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class CloseDeadline:
    """A deadline armed by hand is met, or needed no more (``met``, ``cancelled``)."""

    deadline: str
    state: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ConfirmExpiry:
    """The consequence of an expired deadline takes effect; the diagram goes on by its timer."""

    deadline: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class AcceptLate:
    """A late act is accepted, by a named officer, with reasons; the diagram goes on waiting for it."""

    deadline: str
    reason: str
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class RestoreRight:
    """恢复权利 after an expired deadline. ``ground``: due_cause or force_majeure; ``from_on``: the loss notice was
    received, or the obstacle ended."""

    deadline: str
    ground: str
    from_on: date
    reason: str = ""


@dataclass(frozen=True, slots=True)
class LoadCalendar:
    """The table of a year (``source``: its file name; the ending tells the format); needs two persons."""

    content: str
    source: str


@dataclass(frozen=True, slots=True)
class ShiftDeadlines:
    """Every running deadline due in a span is moved to one day under an announcement; needs two persons. ``keys``:
    beginnings of the rules' keys, none for all."""

    first_on: date
    last_on: date
    due_on: date
    announcement: str
    evidence: str = ""
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ContinueMove:
    """Internal: the next batch of a loaded calendar or a bulk shift."""

    move: str


@dataclass(frozen=True, slots=True)
class ChangeRule:
    """All versions of one key, as the rule table writes them (days as ISO text); needs two persons."""

    key: str
    versions: tuple[Mapping[str, Any], ...]
    reason: str


@dataclass(frozen=True, slots=True)
class FireRung:
    """Internal: a rung of an escalation ladder is due."""

    case_id: str
    wait: int
    rung: int
    due_on: date


@dataclass(frozen=True, slots=True)
class RemindSuspension:
    """Internal: the day until which a case was to be suspended has come."""

    case_id: str
    seq: int


@dataclass(frozen=True, slots=True)
class ReadNotices:
    """Mark notices as read; none named: all of the actor's."""

    notices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SetContact:
    """Where the actor is written to; an empty address stops it. ``new_feed``: a new secret calendar address in
    place of any other; ``end_feed``: none from now on."""

    email: str | None = None
    new_feed: bool = False
    end_feed: bool = False


@dataclass(frozen=True, slots=True)
class RecordMail:
    """Internal: what became of one attempt to send a notice: sent, retry or failed."""

    notice: str
    outcome: str
    next_at: datetime | None = None
