"""The audit trail: one chained entry a command, in the command's own transaction.

A case's chain hangs on its row; what has no case (sign-ins, refusals, administration) goes to the system chain, views
of confidential files to the access chain. What people wrote stays outside the chains: an entry seals the rows that hold
it by salted digests, so that they may be erased one day and the chain stays whole.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from typing import Any

from engine.domain.audit_chain import GENESIS, row_digest, seal_of, sealed, with_national_digest
from engine.errors import KapokError, Rejection
from engine.services.context import Context
from engine.store import cases, records
from engine.store.cases import CaseRow
from engine.store.schema import encode_json

SYSTEM_CHAIN, ACCESS_CHAIN = "system", "access"


def record_case(context: Context, row: CaseRow, history: list[dict[str, Any]], detail: Mapping[str, Any]) -> None:
    """Chain one entry that seals the history rows and the state this command wrote."""
    records.append_audit(context.connection, [_case_entry(context, row, history, detail)])


def _case_entry(context: Context, row: CaseRow, history: list[dict[str, Any]],
                detail: Mapping[str, Any]) -> dict[str, Any]:
    """The next entry of a case's chain as a row; the case knows its new head."""
    row.audit_seq += 1
    salt = next((item["salt"] for item in reversed(history) if item["salt"]), "")
    entry = {
        **_who(context), "case": row.id, "seq": row.audit_seq, "detail": detail,
        "history": [history[0]["seq"], history[-1]["seq"]] if history else [],
        "history_seal": seal_of(row_digest(item["salt"], item, _text(item["data"])) for item in history),
        **({"files": context.filed} if context.filed else {}),
        "state_seal": state_seal(salt, row.execution),
    }
    context.filed = []
    linked = _linked(context, row.id, row.audit_seq, row.audit_head or GENESIS, entry)
    row.audit_head = linked["hash"]
    return linked


def _text(data: Any) -> str | None:
    return None if data is None else encode_json(data)


def salted(history: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows of a command, one of them with a salt at least: the last one salts the state too."""
    if history and not any(item["salt"] for item in history):
        history[-1]["salt"] = new_salt({})
    return history


def new_salt(data: Any) -> str:
    """For one history row with content: it is kept beside the row and goes with its content. What holds none has no
    secret to keep."""
    return "" if data is None else os.urandom(16).hex()


def state_seal(salt: str, execution: bytes) -> str:
    """What an entry seals of the execution state; the salt is the last among the command's history rows."""
    return hashlib.sha256(salt.encode("ascii") + b"\n" + execution).hexdigest()


def note(context: Context, row: CaseRow, kind: str, data: Mapping[str, Any], task: Any = None) -> None:
    """Record something done to a case that is no execution step: one history row, one audit entry, the case saved."""
    history = [_history_row(context, row, kind, data, task)]
    records.append_history(context.connection, history)
    record_case(context, row, history, {"note": kind})
    cases.save(context.connection, row)


Note = tuple[CaseRow, str, Mapping[str, Any], Any]
"""The case, the kind, the data, and the row of what it is about."""


def note_all(context: Context, notes: Sequence[Note]) -> None:
    """``note`` for many locked cases whose execution stays as it is: one statement a table, whatever their number."""
    history, entries = [], []
    for row, kind, data, task in notes:
        item = _history_row(context, row, kind, data, task)
        history.append(item)
        entries.append(_case_entry(context, row, [item], {"note": kind}))
    records.append_history(context.connection, history)
    records.append_audit(context.connection, entries)
    cases.save_trails(context.connection, {row.id: row for row, *_ in notes}.values())


def _history_row(context: Context, row: CaseRow, kind: str, data: Mapping[str, Any], task: Any) -> dict[str, Any]:
    row.history_seq += 1
    row.updated_at = context.now
    return {"case_id": row.id, "seq": row.history_seq, "at": context.now, "kind": kind,
            "element": getattr(task, "element", None), "instance": getattr(task, "instance", None),
            "process": getattr(task, "process", None), "type": None, "actor": context.actor.id, "data": data,
            "salt": new_salt(data)}


def record_system(context: Context, detail: Mapping[str, Any]) -> None:
    """Chain one entry about something that has no case."""
    _record(context, SYSTEM_CHAIN, detail)


def record_access(context: Context, detail: Mapping[str, Any]) -> None:
    """Chain one entry about a view, or a refused view, of a confidential file; it waits for no case."""
    _record(context, ACCESS_CHAIN, detail)


def _record(context: Context, chain: str, detail: Mapping[str, Any]) -> None:
    seq, head = records.lock_head(context.database, context.connection, chain)
    entry = {**_who(context), "seq": seq + 1, "detail": detail}
    linked = _linked(context, chain, seq + 1, head or GENESIS, entry)
    records.append_audit(context.connection, [linked])
    records.save_head(context.connection, chain, seq + 1, linked["hash"])


def record_refusal(context: Context, error: KapokError, lawful: bool) -> None:
    """What someone tried and was refused, and why; what bad input held is not repeated."""
    why = {"message": error.message} if isinstance(error, Rejection) else {}
    record_system(context, {"refused": error.code, "lawful": lawful, **why})


def _who(context: Context) -> dict[str, Any]:
    return {"at": context.now.isoformat(), "actor": context.actor.id, "roles": sorted(context.actor.roles),
            "client": context.actor.client, "action": context.action, "algorithm": "sha-256"}


def _linked(context: Context, chain: str, seq: int, previous: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    if context.parts.national:
        entry = with_national_digest(previous, entry)
    text, digest = sealed(previous, entry)
    return {"chain": chain, "seq": seq, "at": context.now, "actor": context.actor.id, "action": context.action,
            "entry": text, "previous": previous, "hash": digest}
