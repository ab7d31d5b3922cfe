"""Requests about recusal: declarations, linked cases, disclosures, requests, and what follows from them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Declare:
    """A declaration of an interest; of one's own, or of another's by right. ``kind``: see ``recusal.DECLARED``."""

    user: str
    kind: str
    subject: str
    detail: str = ""
    ended_on: date | None = None


@dataclass(frozen=True, slots=True)
class WithdrawDeclaration:
    declaration: str


@dataclass(frozen=True, slots=True)
class LinkCases:
    """Two cases are about the same matter."""

    case_id: str
    other: str
    reason: str


@dataclass(frozen=True, slots=True)
class RequestRecusal:
    """A written request that somebody be recused: by a party or one of the house; by oneself it is a notice."""

    case_id: str
    user: str
    ground: str
    reason: str


@dataclass(frozen=True, slots=True)
class LiftRecusal:
    """Needs two persons, and never the one it is about."""

    case_id: str
    user: str
    reason: str


@dataclass(frozen=True, slots=True)
class RecordDisclosure:
    """What a party answered to a person's disclosure; ``party`` is its name in the case."""

    case_id: str
    user: str
    party: str
    accepted: bool
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class ServeDocument:
    """A paper of a case is served on a party's account."""

    case_id: str
    document: str
    party: str
    on: date | None = None
