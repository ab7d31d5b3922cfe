"""What the migrations build is what the code says the schema is, and what may only be appended to stays."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from engine.store import migrate, records
from engine.store import schema as s
from engine.store.database import Database

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)


def test_the_migrated_schema_is_the_described_one(fresh_database_url: str) -> None:
    database = Database(fresh_database_url)
    migrate.upgrade(database)
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, s.metadata) == []
        assert set(sa.inspect(connection).get_table_names()) == {*s.metadata.tables, "alembic_version"}
    database.close()


def test_a_second_upgrade_changes_nothing(database: Database) -> None:
    with database.writing() as connection:
        connection.execute(s.number_series.insert(), {"series": "YS", "year": 2026, "last": 7})
    migrate.upgrade(database)
    with database.reading() as connection:
        assert connection.execute(sa.select(s.number_series.c.last)).scalar_one() == 7


@pytest.mark.parametrize("statement", [
    "UPDATE history SET kind = 'x'", "DELETE FROM history", "UPDATE audit SET entry = 'x'", "DELETE FROM audit"])
def test_history_and_audit_are_append_only(database: Database, statement: str) -> None:
    with database.writing() as connection:
        records.append_history(connection, [{"case_id": "c", "seq": 1, "at": NOW, "kind": "completed", "actor": "a"}])
        records.append_audit(connection, [{"chain": "c", "seq": 1, "at": NOW, "actor": "a", "action": "x",
                                           "entry": "{}", "previous": "0", "hash": "1"}])
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), database.writing() as connection:
        connection.exec_driver_sql(statement)


def test_truncating_is_no_way_round_it(postgresql_url: str) -> None:
    database = Database(postgresql_url)
    migrate.upgrade(database)
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), database.writing() as connection:
        connection.exec_driver_sql("TRUNCATE audit")
    database.close()
