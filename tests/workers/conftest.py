"""A house for each test, on SQLite and on PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.house import House, emptied


@pytest.fixture
def house(database_url: str, tmp_path: Path) -> Iterator[House]:
    built = House(emptied(database_url), tmp_path / "house")
    yield built
    built.close()
