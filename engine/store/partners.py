"""Rows of the wire: partners and their keys, the outbox, and what came in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from engine.store.database import Database
from engine.store.schema import inbound, outbox, partner, partner_key


def insert(connection: sa.Connection, row: Mapping[str, Any], keys: list[dict[str, Any]]) -> None:
    connection.execute(partner.insert(), row)
    if keys:
        connection.execute(partner_key.insert(), keys)


def get(connection: sa.Connection, code: str) -> sa.Row[Any] | None:
    return connection.execute(sa.select(partner).where(partner.c.code == code)).one_or_none()


def of_kind(connection: sa.Connection, kind: str) -> sa.Row[Any] | None:
    """The enabled partner of a kind that was added first."""
    return connection.execute(sa.select(partner).where(partner.c.kind == kind, partner.c.enabled.is_(True))
                              .order_by(partner.c.added_at, partner.c.code).limit(1)).one_or_none()


def keys(connection: sa.Connection, code: str) -> list[sa.Row[Any]]:
    """Keys not revoked, newest first."""
    return list(connection.execute(sa.select(partner_key).where(
        partner_key.c.partner == code, partner_key.c.revoked_at.is_(None)).order_by(partner_key.c.added_at.desc())))


def add_outbox(connection: sa.Connection, row: Mapping[str, Any]) -> None:
    connection.execute(outbox.insert(), row)


def due_outbox(connection: sa.Connection, now: datetime, limit: int) -> list[sa.Row[Any]]:
    """Entries due to be sent: for each (partner, case) only the oldest that is not settled, so that order holds."""
    earlier = outbox.alias()
    blocked = sa.select(earlier.c.id).where(
        earlier.c.case_id == outbox.c.case_id, earlier.c.partner == outbox.c.partner,
        earlier.c.state.in_(("pending", "sending")), earlier.c.id < outbox.c.id)
    statement = (sa.select(outbox).where(outbox.c.state == "pending", outbox.c.next_at <= now, ~blocked.exists())
                 .order_by(outbox.c.next_at, outbox.c.id).limit(limit))
    return list(connection.execute(statement))


def claim_outbox(database: Database, connection: sa.Connection, now: datetime, until: datetime,
                 limit: int) -> list[sa.Row[Any]]:
    """Take due entries for sending until ``until``; a sender that dies loses them again at that time."""
    ids = [row.id for row in due_outbox(connection, now, limit)]
    locked = sa.select(outbox).where(outbox.c.id.in_(ids), outbox.c.state == "pending", outbox.c.next_at <= now)
    rows = list(connection.execute(database.skip_locked(locked.order_by(outbox.c.id))))
    if rows:
        connection.execute(outbox.update().values(next_at=until, attempts=outbox.c.attempts + 1)
                           .where(outbox.c.id.in_([row.id for row in rows])))
    return rows


def lock_outbox(connection: sa.Connection, entry: str) -> sa.Row[Any] | None:
    return connection.execute(sa.select(outbox).where(outbox.c.id == entry).with_for_update()).one_or_none()


def update_outbox(connection: sa.Connection, entry: str, **changes: Any) -> None:
    connection.execute(outbox.update().where(outbox.c.id == entry).values(**changes))


def find_inbound(connection: sa.Connection, code: str, message_id: str) -> sa.Row[Any] | None:
    return connection.execute(sa.select(inbound).where(
        inbound.c.partner == code, inbound.c.message_id == message_id)).one_or_none()


def add_inbound(database: Database, connection: sa.Connection, row: Mapping[str, Any]) -> bool:
    return database.insert_or_ignore(connection, inbound, row)


def update_partner(connection: sa.Connection, code: str, **changes: Any) -> None:
    connection.execute(partner.update().where(partner.c.code == code).values(**changes))


def newest_event(connection: sa.Connection, code: str, key: str) -> int | None:
    """The highest ``event_seq`` a partner has sent for one correlation key."""
    return connection.execute(sa.select(sa.func.max(inbound.c.event_seq)).where(
        inbound.c.partner == code, inbound.c.key == key)).scalar_one()


def update_inbound(connection: sa.Connection, code: str, message_id: str, **changes: Any) -> None:
    connection.execute(inbound.update().where(inbound.c.partner == code, inbound.c.message_id == message_id)
                       .values(**changes))
