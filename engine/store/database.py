"""The only place that knows SQLite from PostgreSQL.

SQLite: one writer at a time in the process (a lock), WAL, ``synchronous=FULL``. PostgreSQL: row locks, and a start that
refuses a server whose ``synchronous_commit`` could lose what was acknowledged.
"""

from __future__ import annotations

import hashlib
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row, Table, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError

from engine.errors import Busy, ConfigurationError
from engine.store.prepared import Question
from engine.store.schema import metadata
from engine.store.schema.columns import Cipher, set_cipher
from engine.store.unit_of_work import listen, savepoint, unit_of_work, write


class Collision(Busy):
    """Expected to be alone at the same rows, but another command came across; try again."""

    code = "busy"


__all__ = ["Connection", "DBAPIError", "Database", "Row", "Table"]

_LOCK_TIMEOUT_MS = 10_000
"""How long a command waits for a case that another command holds; steps take milliseconds, so this is a fault."""


class Database:
    """An engine with its dialect's manners. ``url`` is a SQLAlchemy URL; ``postgresql://`` means psycopg 3."""

    def __init__(self, url: str, pool_size: int = 10) -> None:
        try:
            self.url = sa.make_url(url)
        except ArgumentError as error:
            raise _bad_url("a URL such as sqlite:///var/kapok.db", str(error)) from error
        self.dialect = self.url.get_backend_name()
        if self.dialect not in ("sqlite", "postgresql"):
            raise _bad_url("sqlite:// or postgresql://", self.dialect)
        self._owner: sqlite3.Connection | None = None
        self._writer = threading.RLock() if self.dialect == "sqlite" else None
        self._turnstile = threading.Lock()
        self.engine = self._sqlite(pool_size) if self._writer else self._postgresql(pool_size)
        self._writing = self.engine.execution_options()  # the same pool
        listen(self._writing)

    # --- connections -----------------------------------------------------------------------------------------------
    def _sqlite(self, pool_size: int) -> sa.Engine:
        in_memory = self.url.database in (None, "", ":memory:")
        pool: dict[str, Any] = {"pool_size": pool_size, "max_overflow": 20}
        if in_memory:
            pool = {"poolclass": sa.StaticPool}
        engine = sa.create_engine(self.url, connect_args={"check_same_thread": False, "timeout": 10}, **pool)

        @event.listens_for(engine, "connect")
        def on_connect(connection: Any, _record: Any) -> None:
            connection.isolation_level = None  # we say BEGIN ourselves
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "temp_store=MEMORY"):
                connection.execute(f"PRAGMA {pragma}")

        @event.listens_for(engine, "begin")
        def on_begin(connection: sa.Connection) -> None:
            mode = "BEGIN" if connection.get_execution_options().get("kapok_read") else "BEGIN IMMEDIATE"
            connection.exec_driver_sql(mode)

        return engine

    def _postgresql(self, pool_size: int) -> sa.Engine:
        # jit: compiling a statement takes longer than any of ours does
        options = f"-c lock_timeout={_LOCK_TIMEOUT_MS} -c timezone=UTC -c jit=off"
        return sa.create_engine(self.url, pool_size=pool_size, max_overflow=20, connect_args={"options": options})

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """A transaction that commits when the block ends and rolls back when it raises.

        Raises ``Busy`` instead of the driver's lock errors, ``Collision`` where an immediate second try may succeed.
        """
        with self._single_writer():
            try:
                with self._writing.connect() as connection, unit_of_work(connection):
                    yield connection
            except DBAPIError as error:
                raise _translated(error) from error

    @contextmanager
    def attempting(self, connection: sa.Connection) -> Iterator[None]:
        """Within ``writing``: what the block did is undone when it raises, and the transaction goes on without it.

        Raises like ``writing``. A connection that was lost is ``invalidated`` then, and the transaction with it.
        """
        try:
            with savepoint(connection):
                yield
        except DBAPIError as error:
            raise _translated(error) from error

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A consistent snapshot that writes nothing."""
        if self._shares_one_connection():
            with self._single_writer(), self.engine.begin() as connection:
                yield connection
            return
        options: dict[str, Any] = {"kapok_read": True}
        if self.dialect == "postgresql":
            options |= {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        try:
            with self._connected().execution_options(**options) as connection:
                yield connection
        except DBAPIError as error:
            raise _translated(error) from error

    def _connected(self) -> sa.Connection:
        try:
            return self.engine.connect()
        except OperationalError as error:  # the server is not there: nothing was done, try again
            raise Busy(noun="database", key=self.url.database or "") from error

    def _shares_one_connection(self) -> bool:
        return isinstance(self.engine.pool, sa.StaticPool)

    @contextmanager
    def _single_writer(self) -> Iterator[None]:
        if self._writer is None:
            yield
            return
        with self._turnstile:  # who waits is next: one who writes again and again does not overtake
            self._writer.acquire()
        try:
            yield
        finally:
            self._writer.release()

    def close(self) -> None:
        self.engine.dispose()
        if self._owner is not None:
            self._owner.close()

    @property
    def in_memory(self) -> bool:
        return self._shares_one_connection()

    def seal_by(self, cipher: Cipher) -> None:
        """Sealed columns go through a cipher from now on."""
        set_cipher(self.engine.dialect, cipher)

    def create_schema(self) -> None:
        """The tables of a throw-away store; one that is kept is migrated instead."""
        with self.writing() as connection:
            metadata.create_all(connection)

    def copy_from(self, other: Database) -> None:
        """Become a copy of another throw-away SQLite store, in place of the schema alone."""
        with self.engine.connect() as target, other.engine.connect() as source:
            raw: Any = source.connection.driver_connection
            raw.backup(target.connection.driver_connection)

    def require_reachable(self) -> None:
        """Raises ``ConfigurationError`` when there is no database behind the URL."""
        try:
            with self.reading() as connection:
                connection.execute(sa.select(1))
        except (Busy, DBAPIError, sqlite3.Error, OSError) as error:
            cause = str(error.__cause__ or error).strip().splitlines()[0]
            raise _bad_url("a database that answers", cause) from error

    def own(self) -> None:
        """Be the one service on this SQLite file, until the process ends however it ends.

        A second file beside it is held locked: its lock goes with the process. Raises ``ConfigurationError`` when
        another service has it. PostgreSQL coordinates any number of services itself.
        """
        if self.dialect != "sqlite" or self._shares_one_connection():
            return
        owner = sqlite3.connect(f"{self.url.database}.owner", timeout=0, isolation_level=None, check_same_thread=False)
        try:
            owner.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            owner.close()
            raise _bad_url("a SQLite file that no other service uses", f"{self.url.database} in use") from error
        self._owner = owner

    # --- manners -----------------------------------------------------------------------------------------------------
    def require_durability(self) -> None:
        """Refuse a server that may forget a commit it has acknowledged (RELIABILITY must 1)."""
        if self.dialect == "sqlite":
            return
        with self.reading() as connection:
            for setting in ("synchronous_commit", "fsync"):
                found = connection.exec_driver_sql(f"SHOW {setting}").scalar_one()
                if found == "off":
                    raise ConfigurationError(setting=f"PostgreSQL {setting}", expected="on", found=found)

    def name_lock(self, *parts: str) -> tuple[tuple[Question, dict[str, int]], ...]:
        """``lock_name`` as a question among others, where it has to come after what is asked before it."""
        return ((_LOCK_NAME, {"of_number": _number(parts)}),) if self.dialect == "postgresql" else ()

    def lock_name(self, connection: sa.Connection, *parts: str) -> None:
        """Make publishing and subscribing of one (name, key) meet; held to the end of the transaction.

        Asked for together with what is sent next, and before it: that sees what the last holder has left.
        """
        if self.dialect == "postgresql":
            write(connection, ("SELECT pg_advisory_xact_lock($1::BIGINT)", ((_number(parts),),)))

    def insert_or_ignore(self, connection: sa.Connection, table: sa.Table, row: Mapping[str, Any]) -> bool:
        """Insert one row; False when its key is already taken."""
        insert: Any = postgresql.insert if self.dialect == "postgresql" else sqlite.insert
        key = next(iter(table.primary_key))
        statement = insert(table).values(**row).on_conflict_do_nothing().returning(key)
        return connection.execute(statement).first() is not None

    def insert_missing(self, connection: sa.Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert many rows at once; those whose key is already taken stay as they are."""
        insert: Any = postgresql.insert if self.dialect == "postgresql" else sqlite.insert
        connection.execute(insert(table).on_conflict_do_nothing(), list(rows))

    def upsert(self, connection: sa.Connection, table: sa.Table, row: Mapping[str, Any],
               update: Sequence[str]) -> None:
        """Insert one row, or update the named columns of the one with the same key."""
        insert: Any = postgresql.insert if self.dialect == "postgresql" else sqlite.insert
        statement = insert(table).values(**row)
        changes = {name: statement.excluded[name] for name in update}
        keys = [column.name for column in table.primary_key]
        connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=changes))

    def skip_locked(self, statement: sa.Select[Any], of: sa.Table | None = None) -> sa.Select[Any]:
        """Let pollers of several nodes pass each other by; SQLite has one poller and no row locks."""
        return statement.with_for_update(skip_locked=True, of=of) if self.dialect == "postgresql" else statement


def _number(parts: Sequence[str]) -> int:
    digest = hashlib.blake2b("\x00".join(parts).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


_LOCK_NAME = Question(sa.select(sa.func.pg_advisory_xact_lock(
    sa.bindparam("of_number", type_=sa.BigInteger)).label("locked")))


def insert_new(table: sa.Table) -> dict[str, sa.Insert]:
    """For each dialect, an insert of rows that passes over those whose key is already taken."""
    return {"postgresql": postgresql.insert(table).on_conflict_do_nothing(),
            "sqlite": sqlite.insert(table).on_conflict_do_nothing()}


_COLLISIONS = frozenset({"40001", "40P01", "23505"})
"""Serialization failure, deadlock, and a key that someone else took between our check and our insert."""


def _translated(error: DBAPIError) -> Exception:
    state = getattr(error.orig, "sqlstate", None)
    if error.connection_invalidated:  # the server went away: the transaction with it
        return Busy(noun="database", key="")
    if state in _COLLISIONS:
        return Collision()
    if state == "55P03" or "database is locked" in str(error.orig):
        return Busy(noun="row", key="")
    return error


def _bad_url(expected: str, found: str) -> ConfigurationError:
    return ConfigurationError(setting="KAPOK_DATABASE_URL", expected=expected, found=found)
