"""Checking the audit trail: every chain, entry by entry, against its hashes and its head; and what the entries of a
case seal, its history and its state, against what is stored.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

from engine.domain.audit_chain import Link, verify
from engine.services.trail import history_hash
from engine.store import records
from engine.store.database import Connection
from engine.store.schema import decode_json


def verify_all(connection: Connection) -> dict[str, Any]:
    """``{"chains", "entries", "broken": [{"chain", "seq", "reason"}]}``; the first broken entry of each chain."""
    heads = records.chain_heads(connection)
    chains = sorted({*records.audit_chains(connection), *heads})
    entries, broken = 0, []
    for chain in chains:
        rows = records.audit_entries(connection, chain)
        entries += len(rows)
        fault = _broken_link(rows, heads.get(chain)) or next(_unsealed(connection, chain, rows), None)
        if fault is not None:
            broken.append({"chain": chain, "seq": fault[0], "reason": fault[1]})
    return {"chains": len(chains), "entries": entries, "broken": broken}


def _broken_link(rows: Sequence[Any], head: str | None) -> tuple[int, str | None] | None:
    verdict = verify([Link(row.previous, row.hash, decode_json(row.entry)) for row in rows], head=head)
    if verdict.ok:
        return None
    place = verdict.first_broken_index or 0
    return (rows[place].seq if place < len(rows) else len(rows) + 1), verdict.reason


def _unsealed(connection: Connection, chain: str, rows: Sequence[Any]) -> Iterator[tuple[int, str]]:
    """Entries whose history, or last of all whose state, is not what they sealed."""
    history = {row.seq: row for row in records.history_rows(connection, chain)}
    for row in rows:
        entry = decode_json(row.entry)
        if entry.get("history"):
            first, last = entry["history"]
            sealed = [dict(history[seq]._mapping) for seq in range(first, last + 1) if seq in history]
            if history_hash(sealed) != entry["history_sha256"] or any(
                    (item["actor"], item["at"].isoformat()) != (entry["actor"], entry["at"]) for item in sealed):
                yield row.seq, "history does not match its hash"
    state = records.state_of(connection, chain)
    if rows and state is not None and hashlib.sha256(state).hexdigest() != decode_json(rows[-1].entry)["state_sha256"]:
        yield rows[-1].seq, "state does not match its hash"
