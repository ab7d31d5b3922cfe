"""The audit trail: one chained entry a command, in the command's own transaction.

A case's chain hangs on its row; what has no case (sign-ins, refusals, administration) goes to the system chain.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from engine.domain.audit_chain import GENESIS, canonical_json, entry_hash
from engine.errors import KapokError
from engine.services.context import Context
from engine.store import cases, records
from engine.store.cases import CaseRow
from engine.store.schema import encode_json

SYSTEM_CHAIN = "system"


def record_case(context: Context, row: CaseRow, history: list[dict[str, Any]], detail: Mapping[str, Any]) -> None:
    """Chain one entry that seals the history rows and the state this command wrote."""
    row.audit_seq += 1
    entry = {
        **_who(context), "case": row.id, "seq": row.audit_seq, "detail": detail,
        "history": [history[0]["seq"], history[-1]["seq"]] if history else [],
        "history_sha256": history_hash(history),
        "state_sha256": hashlib.sha256(row.execution).hexdigest(),
    }
    row.audit_head = _append(context, row.id, row.audit_seq, row.audit_head or GENESIS, entry)


def history_hash(history: Sequence[Mapping[str, Any]]) -> str:
    """What an entry seals of the history rows of its command."""
    content = [[item["seq"], item["kind"], item["element"], item["instance"], item["data"]] for item in history]
    return hashlib.sha256(encode_json(content).encode()).hexdigest()


def note(context: Context, row: CaseRow, kind: str, data: Mapping[str, Any], task: Any = None) -> None:
    """Record something done to a case that is no execution step: one history row, one audit entry, the case saved."""
    row.history_seq += 1
    history = [{"case_id": row.id, "seq": row.history_seq, "at": context.now, "kind": kind,
                "element": getattr(task, "element", None), "instance": getattr(task, "instance", None),
                "process": getattr(task, "process", None), "type": None, "actor": context.actor.id, "data": data}]
    records.append_history(context.connection, history)
    row.updated_at = context.now
    record_case(context, row, history, {"note": kind, **data})
    cases.save(context.connection, row)


def record_system(context: Context, detail: Mapping[str, Any]) -> None:
    """Chain one entry about something that has no case."""
    seq, head = records.lock_head(context.database, context.connection, SYSTEM_CHAIN)
    entry = {**_who(context), "seq": seq + 1, "detail": detail}
    digest = _append(context, SYSTEM_CHAIN, seq + 1, head or GENESIS, entry)
    records.save_head(context.connection, SYSTEM_CHAIN, seq + 1, digest)


def record_refusal(context: Context, error: KapokError, lawful: bool) -> None:
    """What someone tried and was refused, and why."""
    record_system(context, {"refused": error.code, "message": error.message, "lawful": lawful})


def _who(context: Context) -> dict[str, Any]:
    return {"at": context.now.isoformat(), "actor": context.actor.id, "roles": sorted(context.actor.roles),
            "client": context.actor.client, "action": context.action, "algorithm": "sha-256"}


def _append(context: Context, chain: str, seq: int, previous: str, entry: Mapping[str, Any]) -> str:
    digest = entry_hash(previous, entry)
    records.append_audit(context.connection, {
        "chain": chain, "seq": seq, "at": context.now, "actor": context.actor.id, "action": context.action,
        "entry": canonical_json(entry).decode(), "previous": previous, "hash": digest})
    return digest
