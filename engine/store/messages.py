"""Rows of published messages and signals, and of what they were matched with.

A match is a durable row first (``correlation.pending``) and a command for its receiver second, so that a crash between
the two loses nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from engine.store.prepared import Asked, Prepared, Question, ask
from engine.store.schema import case, correlation, message, start_subscription, subscription


def insert(connection: sa.Connection, row: Mapping[str, Any]) -> None:
    _INSERT.run(connection, [row])


_INSERT = Prepared(message.insert())


def expire(connection: sa.Connection, name: str, key: str, message_id: str, now: datetime) -> None:
    """Take a buffered message out of reach of whoever begins to wait."""
    connection.execute(message.update().values(expires_at=now).where(
        message.c.name == name, message.c.key == key, message.c.message_id == message_id, message.c.expires_at > now))


def bound(connection: sa.Connection, name: str, key: str, message_id: str) -> list[sa.Row[Any]]:
    """The waits that a message is bound to and has not been delivered to yet."""
    return list(connection.execute(sa.select(subscription).where(
        subscription.c.message_id.in_(_ids(name, key, message_id))).order_by(
            subscription.c.case_id, subscription.c.wait)))


def withdraw(connection: sa.Connection, name: str, key: str, message_id: str, now: datetime) -> None:
    """Nobody takes a message any more: neither who begins to wait, nor who it is bound to; their waits are free again.
    Their cases are locked."""
    expire(connection, name, key, message_id, now)
    ids = _ids(name, key, message_id)
    connection.execute(subscription.update().values(message_id=None).where(subscription.c.message_id.in_(ids)))
    connection.execute(correlation.delete().where(correlation.c.message_id.in_(ids), correlation.c.pending.is_(True)))


def _ids(name: str, key: str, message_id: str) -> sa.Select[Any]:
    return sa.select(message.c.id).where(
        message.c.name == name, message.c.key == key, message.c.message_id == message_id)


def get(connection: sa.Connection, row_id: str) -> Any | None:
    return next(iter(_GET(connection, of_message=row_id)), None)


_GET = Question(sa.select(message).where(message.c.id == sa.bindparam("of_message")))


def open_subscriptions(connection: sa.Connection, kind: str, name: str, key: str | None = None) -> list[Any]:
    """Subscriptions that still wait, oldest first; ``key`` None asks for every key."""
    if key is None:
        return _OPEN(connection, of_kind=kind, of_name=name)
    return _OPEN_WITH_KEY(connection, of_kind=kind, of_name=name, of_key=key)


Takers = tuple[str | None, list[Any], list[Any]]
"""The row of a message already published with this id; waits for it, oldest first; start events that listen to it."""


def takers(connection: sa.Connection, name: str, key: str, message_id: str | None) -> Takers:
    """Asked together."""
    return read_takers(ask(connection, *of_takers(name, key, message_id)))


def of_takers(name: str, key: str, message_id: str | None) -> tuple[Asked, ...]:
    return ((_DUPLICATE, {"of_name": name, "of_key": key, "of_id": message_id}),
            (_OPEN_WITH_KEY, {"of_kind": "message", "of_name": name, "of_key": key}),
            (_STARTS, {"of_kind": "message", "of_name": name}))


def read_takers(answers: Sequence[list[Any]]) -> Takers:
    earlier, waits, begins = answers
    return next((row.id for row in earlier), None), waits, begins


_DUPLICATE = Question(sa.select(message.c.id).where(
    message.c.name == sa.bindparam("of_name"), message.c.key == sa.bindparam("of_key"),
    message.c.message_id == sa.bindparam("of_id")))
_OPEN_STATEMENT = sa.select(subscription).where(
    subscription.c.kind == sa.bindparam("of_kind"), subscription.c.name == sa.bindparam("of_name"),
    subscription.c.message_id.is_(None)).order_by(
        subscription.c.opened_at, subscription.c.case_id, subscription.c.wait)
_OPEN = Question(_OPEN_STATEMENT)
_OPEN_WITH_KEY = Question(_OPEN_STATEMENT.where(subscription.c.key == sa.bindparam("of_key")))


def wait_of(connection: sa.Connection, case_id: str, name: str) -> sa.Row[Any] | None:
    """The oldest wait of a case for a message of this name, whatever its key."""
    return connection.execute(sa.select(subscription).where(
        subscription.c.case_id == case_id, subscription.c.kind == "message", subscription.c.name == name,
        subscription.c.message_id.is_(None)).order_by(subscription.c.opened_at, subscription.c.wait)
        .limit(1)).one_or_none()


def starts(connection: sa.Connection, kind: str, name: str) -> list[Any]:
    """Start events of the newest versions that listen to this name."""
    return _STARTS(connection, of_kind=kind, of_name=name)


_STARTS = Question(sa.select(start_subscription).where(
    start_subscription.c.kind == sa.bindparam("of_kind"), start_subscription.c.name == sa.bindparam("of_name"))
    .order_by(start_subscription.c.process_id, start_subscription.c.element))


def buffered(connection: sa.Connection, name: str, key: str, process: str, now: datetime) -> str | None:
    """The oldest live message of (name, key) that this process has not had yet, neither by a wait nor by a start."""
    name_of_process = process.removeprefix("start:")
    found = _BUFFERED(connection, of_name=name, of_key=key, at=now, by_wait=name_of_process,
                      by_start=start_receiver("message", name_of_process, ""))
    return next((row.id for row in found), None)


_TAKEN = sa.select(correlation.c.message_id).where(correlation.c.message_id == message.c.id, sa.or_(
    correlation.c.process == sa.bindparam("by_wait"), correlation.c.process == sa.bindparam("by_start")))
_BUFFERED = Question(sa.select(message.c.id).where(
    message.c.name == sa.bindparam("of_name"), message.c.key == sa.bindparam("of_key"),
    message.c.expires_at > sa.bindparam("at"), ~_TAKEN.exists()).order_by(
        message.c.published_at, message.c.id).limit(sa.literal_column("1")))


def match(connection: sa.Connection, row_id: str, kind: str, process: str, case_id: str, wait: int,
          now: datetime) -> None:
    """Bind a message or signal to one wait, durably."""
    _MATCH.run(connection, [{"message_id": row_id, "process": process, "kind": kind, "case_id": case_id, "wait": wait,
                             "pending": True, "matched_at": now}])
    if kind == "message":
        _BOUND.run(connection, [{"message_id": row_id, "of_case": case_id, "of_wait": wait}])


_MATCH = Prepared(correlation.insert())
_BOUND = Prepared(subscription.update().where(
    subscription.c.case_id == sa.bindparam("of_case"), subscription.c.wait == sa.bindparam("of_wait")))


def passed_by(connection: sa.Connection, row_id: str, process: str, case_id: str, wait: int, now: datetime) -> None:
    """A message is not for this process, at whose wait it might have been taken."""
    _MATCH.run(connection, [{"message_id": row_id, "process": process, "kind": "message", "case_id": case_id,
                             "wait": wait, "pending": False, "matched_at": now}])


def delivered(connection: sa.Connection, row_id: str, process: str, case_id: str) -> None:
    _DELIVERED.run(connection, [{"pending": False, "case_id": case_id, "of_message": row_id, "of_process": process}])


_DELIVERED = Prepared(correlation.update().where(
    correlation.c.message_id == sa.bindparam("of_message"), correlation.c.process == sa.bindparam("of_process")))


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


def pending_of(connection: sa.Connection, row_id: str, case_id: str, wait: int) -> Any | None:
    return next(iter(_PENDING(connection, of_message=row_id, of_case=case_id, of_wait=wait)), None)


def delivery(connection: sa.Connection, row_id: str, case_id: str, wait: int) -> tuple[Any, Any, Any]:
    """(match, subscription, message) of what is to be delivered, each None when it is gone; asked together."""
    of_wait = {"of_case": case_id, "of_wait": wait}
    answers = ask(connection, (_PENDING, {"of_message": row_id, **of_wait}), (_WAIT, of_wait),
                  (_GET, {"of_message": row_id}))
    match, waiting, found = (next(iter(rows), None) for rows in answers)
    return match, waiting, found


_PENDING = Question(sa.select(correlation).where(
    correlation.c.message_id == sa.bindparam("of_message"), correlation.c.case_id == sa.bindparam("of_case"),
    correlation.c.wait == sa.bindparam("of_wait"), correlation.c.pending.is_(True)))
_WAIT = Question(sa.select(subscription).where(
    subscription.c.case_id == sa.bindparam("of_case"), subscription.c.wait == sa.bindparam("of_wait")))
