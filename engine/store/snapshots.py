"""All rows of a database, out and in again, as they are kept: sealed columns stay sealed. The same on both databases,
so what was written out on one may be read in on the other."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa
from alembic.migration import MigrationContext

from engine.store.schema import metadata

BATCH = 1_000
KEPT_BY_TRIGGERS = frozenset({"worklist"})
"""Written by the database itself as the rows that they are made from are read in."""
TABLES = tuple(table.name for table in metadata.sorted_tables if table.name not in KEPT_BY_TRIGGERS)


def revision(connection: sa.Connection) -> str:
    return MigrationContext.configure(connection).get_current_revision() or ""


def rows_of(connection: sa.Connection, name: str) -> Iterator[list[Any]]:
    """Rows of a table in the order of its key, columns in the order of the schema, as JSON values."""
    table = metadata.tables[name]
    kinds = [_kept(column.type) for column in table.columns]
    columns = [sa.type_coerce(column, kind) for column, kind in zip(table.columns, kinds, strict=True)]
    statement = sa.select(*columns).order_by(*table.primary_key.columns).execution_options(yield_per=BATCH)
    for row in connection.execute(statement):
        yield [_out(value) for value in row]


def insert(connection: sa.Connection, name: str, columns: list[str], rows: Iterable[list[Any]]) -> int:
    """Read rows in. Returns how many there were."""
    table = metadata.tables[name]
    kinds = {column.name: _kept(column.type) for column in table.columns}
    raw = sa.table(name, *(sa.column(column, kinds[column]) for column in columns))
    readers = [_reader(kinds[column]) for column in columns]
    count, batch = 0, []
    for row in rows:
        batch.append({column: None if value is None else read(value)
                      for column, read, value in zip(columns, readers, row, strict=True)})
        count += 1
        if len(batch) == BATCH:
            connection.execute(raw.insert(), batch)
            batch = []
    if batch:
        connection.execute(raw.insert(), batch)
    return count


def columns_of(name: str) -> list[str]:
    return [column.name for column in metadata.tables[name].columns]


def filled(connection: sa.Connection) -> list[str]:
    """Tables that hold rows."""
    return [table.name for table in metadata.sorted_tables
            if connection.execute(sa.select(sa.literal(1)).select_from(table).limit(1)).first() is not None]


def _kept(kind: Any) -> Any:
    """The type under whatever the schema puts around it."""
    while isinstance(kind, sa.types.TypeDecorator):
        kind = kind.impl
    return kind


def _out(value: Any) -> Any:
    if isinstance(value, datetime):
        return (value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return b64encode(value).decode() if isinstance(value, (bytes, memoryview)) else value


def _reader(kind: Any) -> Callable[[Any], Any]:
    if isinstance(kind, sa.DateTime):
        return datetime.fromisoformat
    if isinstance(kind, sa.Date):
        return date.fromisoformat
    return b64decode if isinstance(kind, sa.LargeBinary) else lambda value: value
