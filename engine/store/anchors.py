"""Anchors of the audit chains: what binds the heads of all chains together, minute by minute."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from engine.store.schema import audit, audit_anchor, audit_anchor_head, audit_head, audit_timestamp, case


def last(connection: sa.Connection) -> sa.Row[Any] | None:
    return connection.execute(sa.select(audit_anchor).order_by(audit_anchor.c.seq.desc()).limit(1)).one_or_none()


def grown_heads(connection: sa.Connection, since: datetime | None, limit: int) -> Sequence[sa.Row[Any]]:
    """(chain, seq, hash) of the chains that no anchor has in their present length, by chain.

    ``since``: only chains with an entry from then on are looked at; None looks at all.
    """
    heads = sa.union_all(
        sa.select(case.c.id.label("chain"), case.c.audit_seq.label("seq"), case.c.audit_head.label("hash")),
        sa.select(audit_head.c.chain, audit_head.c.seq, audit_head.c.hash)).subquery()
    known = (sa.select(sa.func.max(audit_anchor_head.c.seq)).where(audit_anchor_head.c.chain == heads.c.chain)
             .correlate(heads).scalar_subquery())
    statement = sa.select(heads).where(heads.c.seq > sa.func.coalesce(known, 0)).order_by(heads.c.chain).limit(limit)
    if since is not None:
        recent = sa.select(audit.c.chain).where(audit.c.at >= since)
        statement = statement.where(heads.c.chain.in_(recent))
    return connection.execute(statement).all()


def add(connection: sa.Connection, row: Mapping[str, Any], heads: Sequence[sa.Row[Any]]) -> None:
    connection.execute(audit_anchor.insert(), row)
    connection.execute(audit_anchor_head.insert(), [
        {"anchor": row["seq"], "chain": head.chain, "seq": head.seq, "hash": head.hash} for head in heads])


def add_timestamp(connection: sa.Connection, anchor: int, at: datetime, authority: str, token: bytes) -> None:
    connection.execute(audit_timestamp.insert(), {"anchor": anchor, "at": at, "authority": authority, "token": token})


def each(connection: sa.Connection,
         wanted: Collection[int] | None = None) -> Iterator[tuple[sa.Row[Any], Sequence[sa.Row[Any]]]]:
    """Every anchor, or the wanted ones, with its leaves, in order."""
    rows = connection.execute(sa.select(audit_anchor).order_by(audit_anchor.c.seq)).all()
    for row in rows:
        if wanted is None or row.seq in wanted:
            yield row, leaves(connection, row.seq)


def leaves(connection: sa.Connection, anchor: int) -> list[sa.Row[Any]]:
    table = audit_anchor_head
    return list(connection.execute(sa.select(table).where(table.c.anchor == anchor).order_by(table.c.chain)))


def anchored(connection: sa.Connection, chain: str) -> list[sa.Row[Any]]:
    """(anchor, seq, hash) of a chain at each time it was anchored, the oldest first."""
    table = audit_anchor_head
    return list(connection.execute(sa.select(table.c.anchor, table.c.seq, table.c.hash)
                                   .where(table.c.chain == chain).order_by(table.c.anchor)))


def anchored_chains(connection: sa.Connection) -> list[str]:
    return list(connection.execute(sa.select(audit_anchor_head.c.chain).distinct()).scalars())


def timestamps(connection: sa.Connection) -> Sequence[sa.Row[Any]]:
    """Countersignatures with the hash of the anchor each is over, which is None when there is no such anchor."""
    return connection.execute(
        sa.select(audit_timestamp, audit_anchor.c.hash)
        .outerjoin(audit_anchor, audit_anchor.c.seq == audit_timestamp.c.anchor)
        .order_by(audit_timestamp.c.anchor)).all()


def unsigned(connection: sa.Connection) -> sa.Row[Any] | None:
    """The newest anchor, if nobody has countersigned it."""
    signed = sa.exists().where(audit_timestamp.c.anchor == audit_anchor.c.seq)
    newest = sa.select(sa.func.max(audit_anchor.c.seq)).scalar_subquery()
    return connection.execute(sa.select(audit_anchor).where(audit_anchor.c.seq == newest, ~signed)).one_or_none()
