"""A new master key while the service runs: one asks, another allows it, and after that transaction the data keys are
wrapped anew. What is outside the database (the key file, the keys of files) is never touched by a mere trial.

A process that has not seen the new master key reads the key file again when it meets what it wraps.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.domain.actors import ActorKind
from engine.domain.administration import RotateKeys
from engine.errors import InvalidInput, NotAllowed
from engine.services import cases, trail
from engine.services.context import Context, Outcome
from engine.services.proof import keys
from engine.services.proof.keys import KeyRing


@dataclass(frozen=True, slots=True)
class WrapAnew:
    """The engine's own: make the new master key and wrap all data keys by it."""


def allow(context: Context, command: RotateKeys) -> Outcome:
    """Answers ``{"keys": "rotating"}``; how many were wrapped is in the audit trail."""
    cases.require(context, "key.change")
    _ring(context)
    context.follow_ups.append(WrapAnew())
    trail.record_system(context, {"keys": "rotating"})
    return {"keys": "rotating"}


def wrap(context: Context, command: WrapAnew) -> Outcome:
    """Files first: should the transaction fail, both master keys are in the key file and everything opens."""
    if context.actor.kind is not ActorKind.SYSTEM:
        raise NotAllowed(actor=context.actor.id, right="key.change")
    national = context.parts.national
    ring = keys.with_new_master(_ring(context), national)
    files = context.parts.files.wrap_anew(ring)
    columns = keys.wrap_anew(context.connection, ring)
    keys.add_data_key(context.connection, ring, national, context.now)
    done = {"master": ring.present.id, "files": files, "columns": columns}
    trail.record_system(context, done)
    return done


def _ring(context: Context) -> KeyRing:
    ring = context.parts.files.ring
    if ring is None or ring.path is None:
        raise InvalidInput(expected="a key file, which can be added to", found="keys in the setting itself",
                           where="KAPOK_MASTER_KEYS")
    return ring
