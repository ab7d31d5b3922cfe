"""Rows of published messages and signals, and of what they were matched with.

A match is a durable row first (``correlation.pending``) and a command for its receiver second, so that a crash between
the two loses nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from engine.store.schema import case, correlation, message, start_subscription, subscription


def find_duplicate(connection: sa.Connection, name: str, key: str, message_id: str) -> str | None:
    """The row id of a message already published with this id."""
    return connection.execute(sa.select(message.c.id).where(
        message.c.name == name, message.c.key == key, message.c.message_id == message_id)).scalar_one_or_none()


def insert(connection: sa.Connection, row: Mapping[str, Any]) -> None:
    connection.execute(message.insert(), row)


def expire(connection: sa.Connection, name: str, key: str, message_id: str, now: datetime) -> None:
    """Take a buffered message out of reach of whoever begins to wait."""
    connection.execute(message.update().values(expires_at=now).where(
        message.c.name == name, message.c.key == key, message.c.message_id == message_id, message.c.expires_at > now))


def get(connection: sa.Connection, row_id: str) -> sa.Row[Any] | None:
    return connection.execute(sa.select(message).where(message.c.id == row_id)).one_or_none()


def open_subscriptions(connection: sa.Connection, kind: str, name: str, key: str | None = None) -> list[sa.Row[Any]]:
    """Subscriptions that still wait, oldest first; ``key`` None asks for every key."""
    statement = sa.select(subscription).where(subscription.c.kind == kind, subscription.c.name == name,
                                              subscription.c.message_id.is_(None))
    if key is not None:
        statement = statement.where(subscription.c.key == key)
    order = (subscription.c.opened_at, subscription.c.case_id, subscription.c.wait)
    return list(connection.execute(statement.order_by(*order)))


def wait_of(connection: sa.Connection, case_id: str, name: str) -> sa.Row[Any] | None:
    """The oldest wait of a case for a message of this name, whatever its key."""
    return connection.execute(sa.select(subscription).where(
        subscription.c.case_id == case_id, subscription.c.kind == "message", subscription.c.name == name,
        subscription.c.message_id.is_(None)).order_by(subscription.c.opened_at, subscription.c.wait)
        .limit(1)).one_or_none()


def starts(connection: sa.Connection, kind: str, name: str) -> list[sa.Row[Any]]:
    """Start events of the newest versions that listen to this name."""
    table = start_subscription
    return list(connection.execute(sa.select(table).where(table.c.kind == kind, table.c.name == name)
                                   .order_by(table.c.process_id, table.c.element)))


def buffered(connection: sa.Connection, name: str, key: str, process: str, now: datetime) -> str | None:
    """The oldest live message of (name, key) that this process has not had yet, neither by a wait nor by a start."""
    name_of_process = process.removeprefix("start:")
    receivers = (name_of_process, start_receiver("message", name_of_process, ""))
    taken = sa.select(correlation.c.message_id).where(correlation.c.message_id == message.c.id,
                                                      correlation.c.process.in_(receivers))
    statement = (sa.select(message.c.id)
                 .where(message.c.name == name, message.c.key == key, message.c.expires_at > now, ~taken.exists())
                 .order_by(message.c.published_at, message.c.id).limit(1))
    return connection.execute(statement).scalar_one_or_none()


def match(connection: sa.Connection, row_id: str, kind: str, process: str, case_id: str, wait: int,
          now: datetime) -> None:
    """Bind a message or signal to one wait, durably."""
    connection.execute(correlation.insert(), {"message_id": row_id, "process": process, "kind": kind,
                                              "case_id": case_id, "wait": wait, "pending": True, "matched_at": now})
    if kind == "message":
        connection.execute(subscription.update().values(message_id=row_id).where(
            subscription.c.case_id == case_id, subscription.c.wait == wait))


def delivered(connection: sa.Connection, row_id: str, process: str, case_id: str) -> None:
    connection.execute(correlation.update().values(pending=False, case_id=case_id).where(
        correlation.c.message_id == row_id, correlation.c.process == process))


def lock_start(connection: sa.Connection, row_id: str, process_id: str, element: str) -> sa.Row[Any] | None:
    """The match of a message or signal with a start event, locked, so that it starts one case only."""
    receivers = (start_receiver("message", process_id, element), start_receiver("signal", process_id, element))
    return connection.execute(sa.select(correlation).where(
        correlation.c.message_id == row_id, correlation.c.process.in_(receivers)).with_for_update()).one_or_none()


def start_receiver(kind: str, process_id: str, element: str) -> str:
    """As what a start event receives: a message once a process, whatever its element is called in the next version."""
    return f"start:{process_id}" if kind == "message" else f"start:{process_id}:{element}"


def starting(connection: sa.Connection, process_id: str, name: str, key: str) -> bool:
    """Whether a message of (name, key) is about to start a case of the process."""
    statement = (sa.select(correlation.c.message_id).join(message, message.c.id == correlation.c.message_id).where(
        message.c.name == name, message.c.key == key, correlation.c.pending.is_(True),
        correlation.c.process == start_receiver("message", process_id, "")).limit(1))
    return connection.execute(statement).first() is not None


def unmatch(connection: sa.Connection, row_id: str, process: str) -> None:
    """The wait was gone when the message came: it may be matched anew."""
    connection.execute(correlation.delete().where(correlation.c.message_id == row_id,
                                                  correlation.c.process == process))


def pending(connection: sa.Connection, limit: int, case_id: str | None = None) -> list[sa.Row[Any]]:
    """Matches whose receiver has not been told yet, oldest first; suspended cases are told when they are resumed."""
    statement = (sa.select(correlation).outerjoin(case, case.c.id == correlation.c.case_id)
                 .where(correlation.c.pending.is_(True)))
    if case_id is not None:
        statement = statement.where(correlation.c.case_id == case_id)
    else:
        statement = statement.where(sa.func.coalesce(case.c.state, "") != "suspended")
    return list(connection.execute(statement.order_by(correlation.c.matched_at, correlation.c.message_id).limit(limit)))


def pending_of(connection: sa.Connection, row_id: str, case_id: str, wait: int) -> sa.Row[Any] | None:
    return connection.execute(sa.select(correlation).where(
        correlation.c.message_id == row_id, correlation.c.case_id == case_id, correlation.c.wait == wait,
        correlation.c.pending.is_(True))).one_or_none()
