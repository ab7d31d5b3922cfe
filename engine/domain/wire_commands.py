"""Requests about the wire: partners and their keys, what a person decides about a message, what came on paper, what a
dead letter becomes. A partner is named by its code, an inbound message by its partner and id, an outbox entry by id.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from engine.domain.commands import FileRef, PartnerKey

OVERLAP = timedelta(hours=24)
"""How long an old key goes on being good beside a new one (RELIABILITY must 11)."""


@dataclass(frozen=True, slots=True)
class ChangePartner:
    """All that is said of a partner but its keys, as it is to be from now on. ``may_see`` None: what the procedures
    send to its kind."""

    code: str
    name: str
    endpoint: str | None = None
    allowed_cidrs: tuple[str, ...] = ()
    plain_http: bool = False
    may_send: tuple[str, ...] = ()
    may_see: tuple[str, ...] | None = None
    contact: Mapping[str, str] = field(default_factory=dict)
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class AddPartnerKey:
    """A new key; older ones of the same use end after the overlap."""

    partner: str
    key: PartnerKey
    overlap: timedelta = OVERLAP


@dataclass(frozen=True, slots=True)
class RevokePartnerKey:
    """At once."""

    partner: str
    key: str


@dataclass(frozen=True, slots=True)
class CloseCircuit:
    """Try a partner again now, whatever its breaker says."""

    partner: str


@dataclass(frozen=True, slots=True)
class DecideInbound:
    """``decision``: match (give it to the case, which waits for it), note (into the file, nothing else), reject."""

    partner: str
    message_id: str
    decision: str
    case: str | None = None
    """A case number or id."""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ReviewInbound:
    """Internal: look again at a message that no case has taken in time."""

    partner: str
    message_id: str


@dataclass(frozen=True, slots=True)
class KeepAttachment:
    """Internal: what became of fetching a file. ``next_at``: when to try again; None with a ``detail``: never."""

    partner: str
    message_id: str
    position: int
    sha256: str | None = None
    media: str = ""
    size: int = 0
    detail: str = ""
    next_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ReplayDeadLetter:
    """Send a dead letter again under its id; needs two persons."""

    entry: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class HandOver:
    """A message has been handed over on paper: by whom and how, in words."""

    entry: str
    on: date
    note: str


@dataclass(frozen=True, slots=True)
class EnterMessage:
    """What came on paper, as a message of the catalogue. ``received_on``: the day it reached the house."""

    partner: str
    type: str
    correlation: Mapping[str, str]
    payload: Mapping[str, Any]
    received_on: date
    files: tuple[FileRef, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class CheckMessage:
    """By another person than the one who entered it: release it to its case, or give it back."""

    entry: str
    release: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class WithdrawMessage:
    """By the one who entered it."""

    entry: str
