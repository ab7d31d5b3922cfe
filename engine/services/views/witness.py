"""Readings on record: each of a confidential case, and each that was refused; the house's own is none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from engine.domain.actors import Actor, ActorKind
from engine.domain.confidential import CONFIDENTIAL
from engine.errors import NotFound

Witness = Callable[[Actor, str, Mapping[str, Any]], None]
"""Keeps (who, what was done, detail) in the access chain."""


def note(witness: Witness, actor: Actor, action: str, key: str, row: Any) -> None:
    """``row``: what was looked at, with its ``level``; None when the actor was shown nothing."""
    if actor.kind is ActorKind.SYSTEM:
        return
    if row is None:
        witness(actor, action, {"key": key[:64], "refused": NotFound.code})
    elif row.level in CONFIDENTIAL:
        witness(actor, action, {"case": getattr(row, "case_id", None) or row.id, "level": row.level})
