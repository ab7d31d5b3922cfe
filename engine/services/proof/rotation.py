"""A new master key while the service runs: one asks, another allows it, and after that transaction the data keys are
wrapped anew. What is outside the database (the key file, the keys of files) is never touched by a mere trial.

The data keys remember that they are to be wrapped, so what was allowed is done even when the process dies between; the
keeper takes it up again, and what it fails with is in the audit trail.

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
from engine.store import keys as rows


@dataclass(frozen=True, slots=True)
class WrapAnew:
    """The engine's own: make the new master key and wrap all data keys by it, if that was decided and is not done."""


@dataclass(frozen=True, slots=True)
class RotationFailed:
    """The engine's own: the keys could not be wrapped; they stay to be."""

    error: str


def allow(context: Context, command: RotateKeys) -> Outcome:
    """Answers ``{"keys": "rotating"}``; how many were wrapped is in the audit trail."""
    cases.require(context, "key.change")
    _ring(context)
    rows.make_stale(context.connection, context.now)
    context.follow_ups.append(WrapAnew())
    trail.record_system(context, {"keys": "rotating"})
    return {"keys": "rotating"}


def wrap(context: Context, command: WrapAnew) -> Outcome:
    """Files first: should the transaction fail, both master keys are in the key file and everything opens."""
    _require_engine(context)
    if not rows.lock_stale(context.connection):
        return {"keys": "unchanged"}
    national = context.parts.national
    ring = keys.for_rotation(context.connection, _ring(context), national)
    files = context.parts.files.wrap_anew(ring)
    columns = keys.wrap_anew(context.connection, ring)
    keys.add_data_key(context.connection, ring, national, context.now)
    done = {"master": ring.present.id, "files": files, "columns": columns}
    trail.record_system(context, done)
    return done


def fail(context: Context, command: RotationFailed) -> Outcome:
    _require_engine(context)
    trail.record_system(context, {"keys": "not rotated", "error": command.error})
    return {"keys": "not rotated"}


def _require_engine(context: Context) -> None:
    if context.actor.kind is not ActorKind.SYSTEM:
        raise NotAllowed(actor=context.actor.id, right="key.change")


def _ring(context: Context) -> KeyRing:
    ring = context.parts.files.ring
    if ring is None or ring.path is None:
        raise InvalidInput(expected="a key file, which can be added to", found="keys in the setting itself",
                           where="KAPOK_MASTER_KEYS")
    return ring
