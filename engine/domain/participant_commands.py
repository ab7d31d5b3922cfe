"""Requests about who takes part in a case with an account of their own."""

from __future__ import annotations

from dataclasses import dataclass

from engine.domain.commands import FileRef


@dataclass(frozen=True, slots=True)
class InviteParticipant:
    """Give a party of a case, or its agent, access to it. ``name``: the party's in the case; ``agent``: who acts for
    it, with the ``authority`` of the power of attorney ``proof``. ``user``: an account that is known; without it
    ``code``: the digest of a secret that whoever is invited shows once."""

    case_id: str
    capacity: str
    name: str
    user: str = ""
    code: str = ""
    agent: str = ""
    authority: str = ""
    proof: FileRef | None = None


@dataclass(frozen=True, slots=True)
class JoinCase:
    """Take up an invitation as the one who asks. ``code``: the digest of its secret."""

    code: str


@dataclass(frozen=True, slots=True)
class OpenAccount:
    """Take up an invitation with a new account, which may do nothing but what its seats let it do."""

    code: str
    id: str
    name: str
    password_hash: str


@dataclass(frozen=True, slots=True)
class RemoveParticipant:
    case_id: str
    participant: str
    reason: str
