"""A migrated database for each test, on SQLite and on PostgreSQL."""

from collections.abc import Iterator

import pytest

from engine.store import migrate
from engine.store.database import Database
from tests.support.house import emptied


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(emptied(database_url))
    migrate.upgrade(opened)
    yield opened
    opened.close()
