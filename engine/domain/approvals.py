"""What one person may not do alone (RELIABILITY must 20; DOMAIN §5.1 duty separation): one table, one rule a command.

A command of this table is asked for by one person with the right ``asks`` and carried out in the transaction in which
another person with the right ``decides`` allows it. To put a further command under two persons, add its row here; its
handler stays as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from engine.domain.actors import Actor
from engine.domain.administration import (
    GrantAccess,
    LinkIdentity,
    ResetPassword,
    ResetSecondFactor,
    RotateKeys,
    SetRoles,
)
from engine.domain.commands import AddPartner, AddUser, CreateToken, Deploy
from engine.domain.deadline_commands import ChangeRule, LoadCalendar, OverrideDeadline, ShiftDeadlines
from engine.domain.desk_commands import MergeCases, SplitCase, TransferCase
from engine.domain.recusal_commands import LiftRecusal
from engine.domain.wire_commands import AddPartnerKey, ChangePartner, ReplayDeadLetter, RevokePartnerKey

OPEN_FOR = timedelta(days=7)
"""How long a request waits for the second person."""
STATES = ("pending", "approved", "rejected", "withdrawn", "expired")


def _always(command: Any, actor: Actor) -> bool:
    return True


def _case(command: Any) -> tuple[tuple[str, str], ...]:
    return (("case", command.case_id),)


@dataclass(frozen=True, slots=True)
class Rule:
    """``kind``: what people call it; ``asks``, ``decides``: rights; ``when``: the command needs a second person."""

    kind: str
    asks: str
    decides: str
    when: Callable[[Any, Actor], bool] = _always
    subject: Callable[[Any], str | None] = lambda command: getattr(command, "user", None)
    """The account it is about: who added that account does not decide on it."""
    within: Callable[[Any], tuple[tuple[str, str], ...]] = lambda command: ()
    """(noun, key) of the cases, and of what is in cases, that it is about, at most two: only who sees those cases asks,
    decides and reads."""


TWO_PERSONS: Mapping[type, Rule] = {
    Deploy: Rule("deployment", "definition.propose", "definition.deploy"),
    AddUser: Rule("roles", "user.manage", "role.grant", lambda command, actor: bool(command.roles),
                  lambda command: str(command.id)),
    SetRoles: Rule("roles", "user.manage", "role.grant"),
    ResetPassword: Rule("credential", "user.manage", "key.change"),
    ResetSecondFactor: Rule("credential", "user.manage", "key.change"),
    LinkIdentity: Rule("credential", "user.manage", "key.change"),
    CreateToken: Rule("credential", "user.manage", "key.change", lambda command, actor: command.user != actor.id),
    OverrideDeadline: Rule("deadline", "deadline.override", "deadline.override",
                           within=lambda command: (("deadline", command.deadline),)),
    ShiftDeadlines: Rule("deadline", "deadline.shift", "rule.approve"),
    LoadCalendar: Rule("rule", "calendar.load", "rule.approve"),
    ChangeRule: Rule("rule", "rule.change", "rule.approve"),
    AddPartner: Rule("key", "partner.manage", "key.change"),
    ChangePartner: Rule("key", "partner.manage", "key.change"),
    AddPartnerKey: Rule("key", "partner.manage", "key.change"),
    RevokePartnerKey: Rule("key", "partner.manage", "key.change"),
    ReplayDeadLetter: Rule("replay", "handoff.replay", "handoff.replay",
                           within=lambda command: (("message", command.entry),)),
    LiftRecusal: Rule("recusal", "recusal.lift", "recusal.lift", within=_case),
    MergeCases: Rule("case", "case.link", "case.cancel",
                     within=lambda command: (("case", command.case_id), ("case", command.into))),
    SplitCase: Rule("case", "case.link", "case.cancel", within=_case),
    TransferCase: Rule("case", "case.link", "case.cancel", within=_case),
    RotateKeys: Rule("master_key", "key.rotate", "key.change"),
    GrantAccess: Rule("access", "access.ask", "access.grant", subject=lambda command: str(command.holder)),
}
"""Command → its rule."""


def kinds_decided_by(may: Callable[[str], bool]) -> frozenset[str]:
    """The kinds of requests that somebody with these rights decides."""
    return frozenset(rule.kind for rule in TWO_PERSONS.values() if may(rule.decides))
