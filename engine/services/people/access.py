"""The access table at the door of commands: what the actor may not touch answers like what does not exist.

Commands on a user task need no more than the task being the actor's own or offered; those by right ask here, before
they lock anything. ``said``: how the caller was told the key, so that a refusal turns no number into an id.
"""

from __future__ import annotations

from engine.domain.actors import ActorKind
from engine.errors import NotFound
from engine.services.context import Context
from engine.store import sights
from engine.store.cases import sees
from engine.store.sights import Condition


def require_inside(context: Context, key: str, noun: str, said: str = "") -> None:
    """The actor sees the case of a key (of itself, or of something in it) as one of the house. Raises ``NotFound``."""
    if context.actor.kind is not ActorKind.SYSTEM:
        _require(context, key, noun, sights.inside(context.actor), said)


def require_whole(context: Context, key: str, noun: str, said: str = "") -> None:
    """The actor sees all of the case of a key. Raises ``NotFound``."""
    if context.actor.kind is not ActorKind.SYSTEM:
        _require(context, key, noun, sights.whole(context.actor), said)


def is_inside(context: Context, case_id: str) -> bool:
    """Whether the actor sees a case as one of the house."""
    return context.actor.kind is ActorKind.SYSTEM or sees(context.connection, case_id, sights.inside(context.actor))


def require_visible(context: Context, key: str, noun: str, said: str = "") -> None:
    """The actor sees the case of a key, be it as a party. Raises ``NotFound``."""
    if context.actor.kind is not ActorKind.SYSTEM:
        _require(context, key, noun, sights.visible(context.actor), said)


def require_admitted(context: Context, key: str, noun: str) -> None:
    """Neither the case's level nor a recusal keeps the actor away from work in it. Raises ``NotFound``."""
    if context.actor.kind is not ActorKind.SYSTEM:
        _require(context, key, noun, sights.admitted(context.actor))


def _require(context: Context, key: str, noun: str, seen: Condition, said: str = "") -> None:
    if not sees(context.connection, key.partition("~")[0], seen):
        raise NotFound(noun=noun, key=said or key)
