"""What a transaction writes is held back and sent together: with the question that needs it, or with the commit.

PostgreSQL: one pipeline and one round trip for all that is held back and what comes with it. Core spends more on a
small statement than the database does; texts and types are Core's own, only the way to the driver is shorter. Nothing
else is ever sent before what is held back: order and outcome are as if each had been sent at once.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import psycopg
import sqlalchemy as sa

Values = Sequence[Any]
Order = tuple[str, Sequence[Values]]
"""A text in the driver's own parameter style, and the values of each execution."""

_HELD = "kapok_held"
_BROKEN = "kapok_broken"


@contextmanager
def unit_of_work(connection: sa.Connection) -> Iterator[None]:
    """A transaction whose writes are held back. It commits when the block ends and rolls back when it raises."""
    with connection.begin():
        driver: Any = connection.connection.driver_connection
        connection.info[_HELD] = []
        try:
            try:
                yield
            finally:
                _raise_broken(connection)
            with _raised_as_core_does(connection), _together(connection):
                _send(connection, ())
                driver.commit()  # what Core commits after the block has no work left
        finally:
            if not connection.invalidated:
                connection.info.pop(_HELD, None)


def _raise_broken(connection: sa.Connection) -> None:
    """What could not be undone is raised again, whoever has caught it meanwhile: to commit now would lose the rest."""
    broken = None if connection.invalidated else connection.info.pop(_BROKEN, None)
    if broken is not None:
        raise broken


@contextmanager
def savepoint(connection: sa.Connection) -> Iterator[None]:
    """Within a unit of work: what the block does is done wholly or, when it raises, not at all; the rest goes on.

    Setting and releasing it go with what is sent anyway; at its end all of the block has been sent but the release, so
    that whatever is wrong with it is raised here and nowhere later. Where it cannot be undone, the unit of work fails
    with that error.
    """
    begun: Order = ("SAVEPOINT kapok", ((),))
    write(connection, begun)
    try:
        yield
        _send_held(connection)
        write(connection, ("RELEASE SAVEPOINT kapok", ((),)))
    except BaseException as error:
        if not connection.invalidated:
            _undo_or_break(connection, begun, error)
        raise


def _undo_or_break(connection: sa.Connection, begun: Order, error: BaseException) -> None:
    """What was held back before the savepoint goes out with it, and may fail before it is set: then nothing is left to
    go back to, and all of the transaction has failed."""
    try:
        _undo(connection, begun)
    except Exception:
        if not connection.invalidated:
            connection.info[_HELD] = []
            connection.info.setdefault(_BROKEN, error)


def _undo(connection: sa.Connection, begun: Order) -> None:
    held = connection.info[_HELD]
    place = next((place for place, order in enumerate(held) if order is begun), None)
    connection.info[_HELD] = held[:place] if place is not None else []
    if place is None:  # it has been set
        write(connection, ("ROLLBACK TO SAVEPOINT kapok", ((),)))
        write(connection, ("RELEASE SAVEPOINT kapok", ((),)))
        _send_held(connection)


def listen(engine: sa.Engine) -> None:
    """Keep the order where Core sends statements of its own."""
    sa.event.listen(engine, "before_cursor_execute", _send_held)
    sa.event.listen(engine, "rollback_savepoint", _forget_held)


def write(connection: sa.Connection, order: Order) -> None:
    """Hold back, or send where nobody does so."""
    held = connection.info.get(_HELD)
    if held is not None:
        held.append(order)
        return
    with _raised_as_core_does(connection), _together(connection):
        _send(connection, (order,))


def ask(connection: sa.Connection, orders: Sequence[Order]) -> list[list[Any]]:
    """The rows that each of these questions has for an answer."""
    alone = len(orders) == 1 and not connection.info.get(_HELD)
    with _raised_as_core_does(connection):
        with nullcontext() if alone else _together(connection):  # a pipeline of one costs more than it saves
            cursors = _send(connection, orders)
        return [cursor.fetchall() for cursor in cursors]


def _send_held(connection: sa.Connection, *_statement: Any) -> None:
    if connection.info.get(_HELD):
        ask(connection, ())


def _forget_held(connection: sa.Connection, _name: str, _context: Any) -> None:
    """What had been held back when the savepoint was set was sent then; what has come since goes with it."""
    if connection.info.get(_HELD):
        connection.info[_HELD] = []


def _send(connection: sa.Connection, orders: Sequence[Order]) -> list[Any]:
    """What is held back, then these; their rows are there when the pipeline is over."""
    driver: Any = connection.connection.driver_connection
    cursor_of = psycopg.RawCursor if isinstance(driver, psycopg.Connection) else sqlite3.Cursor
    held = connection.info.get(_HELD)
    told = list(connection.dispatch.before_cursor_execute)
    if held:
        connection.info[_HELD] = []
        writer = cursor_of(driver)
        for order in held:
            _execute(connection, writer, order, told)
    cursors = [cursor_of(driver) for _ in orders]
    for cursor, order in zip(cursors, orders, strict=True):
        _execute(connection, cursor, order, told)
    return cursors


def _execute(connection: sa.Connection, cursor: Any, order: Order, told: Sequence[Any]) -> None:
    """``told``: who listens to the statements that Core sends hears of ours too."""
    text, rows = order
    for listener in told:
        listener(connection, cursor, text, rows, None, len(rows) > 1)
    if len(rows) == 1:
        cursor.execute(text, rows[0])
    else:
        cursor.executemany(text, rows)


def _together(connection: sa.Connection) -> AbstractContextManager[Any]:
    driver: Any = connection.connection.driver_connection
    return driver.pipeline() if isinstance(driver, psycopg.Connection) else nullcontext()


@contextmanager
def _raised_as_core_does(connection: sa.Connection) -> Iterator[None]:
    base: Any = connection.dialect.loaded_dbapi.Error
    try:
        yield
    except base as error:
        lost = connection.dialect.is_disconnect(error, None, None)
        raised = sa.exc.DBAPIError.instance(None, None, error, base, connection_invalidated=lost,
                                            dialect=connection.dialect)
        if lost:
            connection.invalidate(error)
        raise raised from error
