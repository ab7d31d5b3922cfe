"""Requests about people and what opens doors: accounts, roles, the organisation, absences, and what two persons decide.

Frozen like all commands. What needs a second person is in ``engine.domain.approvals``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from engine.domain.commands import Command


@dataclass(frozen=True, slots=True)
class SetRoles:
    user: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SetEnabled:
    user: str
    enabled: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class SetUnit:
    """Where an account belongs; None: nowhere."""

    user: str
    unit: str | None


@dataclass(frozen=True, slots=True)
class ResetPassword:
    """A password known to the one who resets it, to be changed at the next sign-in."""

    user: str
    password_hash: str


@dataclass(frozen=True, slots=True)
class ResetSecondFactor:
    user: str


@dataclass(frozen=True, slots=True)
class LinkIdentity:
    """The subject of an identity provider signs in as an account; an account has one subject of a provider."""

    user: str
    issuer: str
    subject: str


@dataclass(frozen=True, slots=True)
class RevokeToken:
    token: str


@dataclass(frozen=True, slots=True)
class EndSessions:
    """Sign out: one session, or all of an account but ``keep``."""

    user: str
    session: str | None = None
    keep: str | None = None


@dataclass(frozen=True, slots=True)
class AddUnit:
    """``kind``: centre | department | node | host (a body that hosts a branch or a station)."""

    name: str
    kind: str
    parent: str | None = None
    head: str | None = None


@dataclass(frozen=True, slots=True)
class ChangeUnit:
    unit: str
    name: str
    parent: str | None
    head: str | None


@dataclass(frozen=True, slots=True)
class RecordAbsence:
    """Both days included."""

    user: str
    stand_in: str
    from_on: date
    to_on: date


@dataclass(frozen=True, slots=True)
class CancelAbsence:
    absence: str


@dataclass(frozen=True, slots=True)
class GrantAccess:
    """Open something to one person for a time. ``kind``: export | break_glass; ``scope``: what, e.g. a case number."""

    kind: str
    holder: str
    scope: str
    reason: str
    lasts: timedelta = timedelta(hours=4)


@dataclass(frozen=True, slots=True)
class RevokeGrant:
    """Close before its time what was opened to one person: by who may open, or by who has it and needs it no more."""

    grant: str
    reason: str


@dataclass(frozen=True, slots=True)
class RotateKeys:
    """A new master key wraps the data keys; no content is written anew."""


@dataclass(frozen=True, slots=True)
class RequestApproval:
    """Ask for a command that a second person has to allow."""

    command: Command
    reason: str = ""


@dataclass(frozen=True, slots=True)
class DecideApproval:
    approval: str
    approve: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class WithdrawApproval:
    approval: str
