"""Who acts: a person, a partner's system account, or the engine itself."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class ActorKind(StrEnum):
    PERSON = "person"
    PARTNER = "partner"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """``id``: the sign-in name of a person, the code of a partner, or ``system``; ``client``: an address, for audit."""

    id: str
    name: str
    roles: frozenset[str] = field(default_factory=frozenset)
    kind: ActorKind = ActorKind.PERSON
    client: str = ""
    stands_for: frozenset[str] = field(default_factory=frozenset)
    """Who is absent today and has named this person to stand in: their tasks are the actor's too."""
    units: frozenset[str] = field(default_factory=frozenset)
    """The own unit and those below it."""
    opened: frozenset[str] = field(default_factory=frozenset)
    """Cases, by id or number, that two others have opened to this person for a time (break-glass)."""

    def has(self, *roles: str) -> bool:
        return not self.roles.isdisjoint(roles)


SYSTEM = Actor(id="system", name="系统", kind=ActorKind.SYSTEM)
"""The engine acting by itself: due timers, correlation, delivery reports."""

SHELL = Actor(id="shell", name="服务器命令行", roles=frozenset({"admin", "deployer"}), kind=ActorKind.SYSTEM)
"""The operator at the server's shell: what needs two persons on screen is done alone there, and audited as such."""

NEWCOMER = Actor(id="newcomer", name="受邀人")
"""Somebody who shows an invitation and has no account yet."""


def actor_of(row: Any, client: str = "", stands_for: Collection[str] = (), units: Collection[str] = (),
             opened: Collection[str] = ()) -> Actor:
    """The actor of an account's row."""
    kind = ActorKind.PARTNER if row.kind == "partner" else ActorKind.PERSON
    return Actor(id=row.id, name=row.name, roles=frozenset(row.roles), kind=kind, client=client,
                 stands_for=frozenset(stands_for), units=frozenset(units), opened=frozenset(opened))
