"""Checking the audit trail: every chain, entry by entry, against its hashes and against its head."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from engine.domain.audit_chain import Link, verify
from engine.store import records
from engine.store.schema import decode_json


def verify_all(connection: sa.Connection) -> dict[str, Any]:
    """``{"chains", "entries", "broken": [{"chain", "seq", "reason"}]}``; the first broken entry of each chain."""
    heads = records.chain_heads(connection)
    chains = sorted({*records.audit_chains(connection), *heads})
    entries, broken = 0, []
    for chain in chains:
        rows = records.audit_entries(connection, chain)
        entries += len(rows)
        links = [Link(row.previous, row.hash, decode_json(row.entry)) for row in rows]
        verdict = verify(links, head=heads.get(chain))
        if not verdict.ok:
            place = verdict.first_broken_index or 0
            seq = rows[place].seq if place < len(rows) else len(rows) + 1
            broken.append({"chain": chain, "seq": seq, "reason": verdict.reason})
    return {"chains": len(chains), "entries": entries, "broken": broken}
