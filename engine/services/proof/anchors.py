"""Anchors: one root over the heads of all chains that have grown since the anchor before it, chained to that one.

So the newest anchor stands for every entry there was when it was made, at a cost that follows what has happened and not
how many cases there are. Who keeps it elsewhere (a countersignature does) can tell later that nothing is missing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.domain.audit_chain import DEFAULT_ALGORITHM, GENESIS, entry_hash, head_digest, merkle_root
from engine.services.context import Context, Outcome
from engine.store import anchors

MOST_HEADS = 20_000
"""Leaves of one anchor; what is left comes into the next."""


@dataclass(frozen=True, slots=True)
class AnchorHeads:
    """Internal command. ``since``: chains without an entry from then on need not be looked at."""

    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class KeepTimestamp:
    """Internal command: what a timestamp authority answered about an anchor (RFC 3161 TimeStampResp, DER)."""

    anchor: int
    authority: str
    token: bytes


def anchor(context: Context, command: AnchorHeads) -> Outcome:
    """Answers ``{"anchor": its number, or None when nothing has grown, "heads": leaves}``."""
    context.database.lock_name(context.connection, "audit", "anchor")
    heads = anchors.grown_heads(context.connection, command.since, MOST_HEADS)
    if not heads:
        return {"anchor": None, "heads": 0}
    before = anchors.last(context.connection)
    row = {"seq": before.seq + 1 if before else 1, "at": context.now, "algorithm": DEFAULT_ALGORITHM,
           "root": root_of(heads), "heads": len(heads), "previous": before.hash if before else GENESIS}
    anchors.add(context.connection, {**row, "hash": anchor_hash(row)}, heads)
    return {"anchor": row["seq"], "heads": len(heads)}


def root_of(heads: Any) -> str:
    return merkle_root([head_digest(head.chain, head.seq, head.hash) for head in heads])


def anchor_hash(row: Any) -> str:
    """Over everything that an anchor says, and the anchor before it."""
    content = {name: row[name] for name in ("seq", "at", "algorithm", "root", "heads")}
    return entry_hash(row["previous"], content)


def keep_timestamp(context: Context, command: KeepTimestamp) -> Outcome:
    anchors.add_timestamp(context.connection, command.anchor, context.now, command.authority, command.token)
    return {"anchor": command.anchor}
