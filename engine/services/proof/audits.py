"""Checking the audit trail: every chain, entry by entry, against its hashes, its head and the anchors; what the entries
of a case seal, its history and its state, against what is stored; the anchors against each other and their
countersignatures.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from engine.domain.audit_chain import GENESIS, Link, row_digest, seal_of, verify
from engine.errors import InvalidInput
from engine.services.proof.anchors import anchor_hash, root_of
from engine.services.proof.timestamps import of_anchor
from engine.services.trail import state_seal
from engine.store import anchors, records
from engine.store.database import Connection
from engine.store.schema import decode_json

Fault = tuple[int, str]
"""The number of the first broken entry, and what is wrong."""
CheckTimestamp = Callable[[bytes, bytes], str | None]
"""(token, digest it is over) → what is wrong with it, or None."""

ANCHORS, TIMESTAMPS = "anchors", "timestamps"
"""How a report names what is no chain of entries."""


def verify_all(connection: Connection, check_timestamp: CheckTimestamp | None = None) -> dict[str, Any]:
    """``{"chains", "entries", "anchors", "timestamps", "unanchored", "broken": [{"chain", "seq", "reason"}]}``; the
    first broken entry of each chain. ``unanchored`` counts chains that have grown since the last anchor."""
    heads = records.chain_heads(connection)
    chains = sorted({*records.audit_chains(connection), *heads, *anchors.anchored_chains(connection)})
    entries, broken = 0, []
    for chain in chains:
        rows = records.audit_entries(connection, chain)
        entries += len(rows)
        fault = _first_fault(connection, chain, rows, heads.get(chain))
        if fault is not None:
            broken.append({"chain": chain, "seq": fault[0], "reason": fault[1]})
    made, fault = _anchors(connection)
    stamps = anchors.timestamps(connection)
    broken += [{"chain": ANCHORS, "seq": fault[0], "reason": fault[1]}] if fault else []
    broken += [{"chain": TIMESTAMPS, "seq": row.anchor, "reason": why} for row in stamps
               if (why := _stamp_fault(row, check_timestamp)) is not None][:1]
    return {"chains": len(chains), "entries": entries, "anchors": made, "timestamps": len(stamps),
            "unanchored": len(anchors.grown_heads(connection, None, len(chains) + 1)), "broken": broken}


def _first_fault(connection: Connection, chain: str, rows: Sequence[Any], head: str | None) -> Fault | None:
    faults = (_broken_link(rows, head), next(_unanchored(connection, chain, rows), None),
              next(_unsealed(connection, chain, rows), None), next(_unfiled(connection, chain, rows), None))
    return min((fault for fault in faults if fault is not None), default=None, key=lambda fault: fault[0])


def _broken_link(rows: Sequence[Any], head: str | None) -> Fault | None:
    for place, row in enumerate(rows, 1):
        if row.seq != place:
            return place, "the entry is missing"
    verdict = verify([Link(row.previous, row.hash, decode_json(row.entry)) for row in rows], head=head or GENESIS)
    if verdict.ok:
        return None
    place = verdict.first_broken_index or 0
    if verdict.reason == "the chain does not end at the anchored head":
        return len(rows) + 1, "the entry is missing: the chain does not end at its head"
    return rows[place].seq, str(verdict.reason)


def _unanchored(connection: Connection, chain: str, rows: Sequence[Any]) -> Iterator[Fault]:
    """Entries that an anchor has seen, and that are gone or others now."""
    for leaf in anchors.anchored(connection, chain):
        if leaf.seq > len(rows):
            yield len(rows) + 1, f"the entry is missing: anchor {leaf.anchor} has seen {leaf.seq}"
        elif rows[leaf.seq - 1].hash != leaf.hash:
            yield leaf.seq, f"the entry is not the one that anchor {leaf.anchor} has seen"


def _unsealed(connection: Connection, chain: str, rows: Sequence[Any]) -> Iterator[Fault]:
    """Entries whose history, or last of all whose state, is not what they sealed."""
    history = {row.seq: row for row in records.history_texts(connection, chain)}
    erased = records.erased_rows(connection, chain)
    salt = ""
    for row in rows:
        entry = decode_json(row.entry)
        if not entry.get("history"):
            salt = ""
            continue
        first, last = entry["history"]
        sealed = [history[seq] for seq in range(first, last + 1) if seq in history]
        if seal_of(_digest(item, erased) for item in sealed) != entry["history_seal"] or any(
                (item.actor, item.at.isoformat()) != (entry["actor"], entry["at"]) for item in sealed):
            yield row.seq, "history does not match its hash"
        salt = next((item.salt for item in reversed(sealed) if item.salt), "")
    state = records.state_of(connection, chain)
    if rows and state is not None and state_seal(salt, state) != decode_json(rows[-1].entry)["state_seal"]:
        yield rows[-1].seq, "state does not match its hash"


def _unfiled(connection: Connection, chain: str, rows: Sequence[Any]) -> Iterator[Fault]:
    """Entries that have put a document into the case that is no longer there."""
    named = {sha256: row.seq for row in reversed(rows) for sha256 in decode_json(row.entry).get("files", ())}
    if named and not records.is_purged(connection, chain):
        for sha256 in named.keys() - records.document_hashes(connection, chain):
            yield named[sha256], "a document is missing"


def _digest(row: Any, erased: dict[int, str]) -> str:
    """Of a row that was erased only the digest is left."""
    if row.salt is None:
        return erased.get(row.seq, "")
    return row_digest(row.salt, row._mapping, row.data)


def _anchors(connection: Connection) -> tuple[int, Fault | None]:
    previous, made = GENESIS, 0
    for row, leaves in anchors.each(connection):
        made += 1
        if row.seq != made:
            return made, (made, "the anchor is missing")
        if len(leaves) != row.heads or root_of(leaves) != row.root:
            return made, (row.seq, "heads do not match the root")
        if row.previous != previous or anchor_hash(row._mapping) != row.hash:
            return made, (row.seq, "content does not match its hash")
        previous = row.hash
    return made, None


def _stamp_fault(row: Any, check: CheckTimestamp | None) -> str | None:
    if row.hash is None:
        return "the anchor that was countersigned is missing"
    try:
        return check(row.token, of_anchor(row.hash)) if check is not None else None
    except InvalidInput as error:
        return error.message
