"""Append-only rows: history, audit chains, commands already carried out; and gapless number series."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from engine.store.database import Database
from engine.store.prepared import Prepared, Question
from engine.store.schema import (
    audit,
    audit_head,
    case,
    command_log,
    document,
    erasure,
    file,
    history,
    number_series,
    staging,
)
from engine.store.schema.columns import SealedText

_APPEND_HISTORY, _APPEND_AUDIT = Prepared(history.insert()), Prepared(audit.insert())


def append_history(connection: sa.Connection, rows: list[dict[str, Any]]) -> None:
    _APPEND_HISTORY.run(connection, rows)


def append_audit(connection: sa.Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    _APPEND_AUDIT.run(connection, rows)


def audit_entries(connection: sa.Connection, chain: str) -> list[sa.Row[Any]]:
    return list(connection.execute(sa.select(audit).where(audit.c.chain == chain).order_by(audit.c.seq)))


def audit_chains(connection: sa.Connection) -> list[str]:
    return list(connection.execute(sa.select(audit.c.chain).distinct().order_by(audit.c.chain)).scalars())


def lock_head(database: Database, connection: sa.Connection, chain: str) -> tuple[int, str]:
    """(seq, hash) of the last entry of a chain that has no case row to hold them."""
    rows = _HEAD(connection, of_chain=chain)
    if not rows:
        database.insert_or_ignore(connection, audit_head, {"chain": chain, "seq": 0, "hash": ""})
        rows = _HEAD(connection, of_chain=chain)
    return rows[0].seq, rows[0].hash


def save_head(connection: sa.Connection, chain: str, seq: int, digest: str) -> None:
    _SAVE_HEAD.run(connection, [{"of_chain": chain, "seq": seq, "hash": digest}])


_HEAD = Question(sa.select(audit_head).where(audit_head.c.chain == sa.bindparam("of_chain")).with_for_update())
_SAVE_HEAD = Prepared(audit_head.update().where(audit_head.c.chain == sa.bindparam("of_chain")))


def find_command(connection: sa.Connection, actor: str, key: str) -> sa.Row[Any] | None:
    return connection.execute(sa.select(command_log).where(
        command_log.c.actor == actor, command_log.c.idempotency_key == key)).one_or_none()


def reserve_command(database: Database, connection: sa.Connection, row: Mapping[str, Any]) -> bool:
    """Take an idempotency key; False when another command has it (it has committed by the time this returns)."""
    return database.insert_or_ignore(connection, command_log, row)


def finish_command(connection: sa.Connection, actor: str, key: str, outcome: Any) -> None:
    connection.execute(command_log.update().values(outcome=outcome).where(
        command_log.c.actor == actor, command_log.c.idempotency_key == key))


def next_number(database: Database, connection: sa.Connection, series: str, year: int) -> int:
    """The next number of a gapless series; it is given back when the transaction fails."""
    database.insert_or_ignore(connection, number_series, {"series": series, "year": year, "last": 0})
    where = (number_series.c.series == series, number_series.c.year == year)
    last = number_series.c.last
    statement = number_series.update().where(*where).values(last=last + 1).returning(last)
    return int(connection.execute(statement).scalar_one())


def add_file(database: Database, connection: sa.Connection, sha256: str, size: int, media: str, at: datetime,
             by: str) -> None:
    """Know a file; one uploaded again is as fresh as a new one."""
    database.upsert(connection, file, {"sha256": sha256, "size": size, "media": media, "staged_at": at,
                                       "staged_by": by}, ("staged_at", "staged_by"))
    database.insert_or_ignore(connection, staging, {"sha256": sha256, "actor": by})


def lock_file(connection: sa.Connection, sha256: str) -> sa.Row[Any] | None:
    """A known file, held so that it is not swept while a command refers to it."""
    return connection.execute(sa.select(file).where(file.c.sha256 == sha256).with_for_update()).one_or_none()


def add_documents(connection: sa.Connection, rows: list[dict[str, Any]]) -> None:
    if rows:
        connection.execute(document.insert(), rows)


def chain_heads(connection: sa.Connection) -> dict[str, str]:
    """The head every chain claims: on the case's row, or in the table of heads."""
    heads = {row.id: row.audit_head for row in connection.execute(sa.select(case.c.id, case.c.audit_head))}
    heads |= {row.chain: row.hash for row in connection.execute(sa.select(audit_head.c.chain, audit_head.c.hash))}
    return heads


def last_history(connection: sa.Connection, case_id: str, kinds: Sequence[str],
                 instance: int | None = None) -> Any | None:
    """When and by whom something of these kinds last happened in a case, or to one element instance of it."""
    statement = sa.select(history.c.at, history.c.actor).where(history.c.case_id == case_id, history.c.kind.in_(kinds))
    if instance is not None:
        statement = statement.where(history.c.instance == instance)
    return connection.execute(statement.order_by(history.c.seq.desc()).limit(1)).first()


def history_texts(connection: sa.Connection, case_id: str) -> list[sa.Row[Any]]:
    """All history of a case, in order, with ``data`` as the text that is kept."""
    text = sa.type_coerce(history.c.data, SealedText("history.data")).label("data")
    columns = [text if column.name == "data" else column for column in history.columns]
    return list(connection.execute(sa.select(*columns).where(history.c.case_id == case_id).order_by(history.c.seq)))


def erased_rows(connection: sa.Connection, case_id: str) -> dict[int, str]:
    """Digests of the history rows of a case whose content was lawfully erased, by their number."""
    rows = connection.execute(sa.select(erasure.c.seq, erasure.c.digest).where(erasure.c.case_id == case_id))
    return {row.seq: row.digest for row in rows}


def state_of(connection: sa.Connection, case_id: str) -> bytes | None:
    """The execution state of a case; None when there is no such case."""
    found = connection.execute(sa.select(case.c.execution).where(case.c.id == case_id)).scalar_one_or_none()
    return None if found is None else bytes(found)


def document_hashes(connection: sa.Connection, case_id: str) -> set[str]:
    return set(connection.execute(sa.select(document.c.sha256).where(document.c.case_id == case_id)).scalars())


def is_purged(connection: sa.Connection, case_id: str) -> bool:
    statement = sa.select(case.c.id).where(case.c.id == case_id, case.c.purged_at.is_not(None))
    return connection.execute(statement).first() is not None
