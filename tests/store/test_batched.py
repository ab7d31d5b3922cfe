"""Statements sent in one batch are as safe as those sent one by one."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from engine.store import schema
from engine.store.database import Database

NOW = datetime(2026, 3, 2, tzinfo=UTC)
FILE = schema.file


def row(name: str) -> dict[str, object]:
    return {"sha256": name, "size": 1, "media": "text/plain", "staged_at": NOW, "staged_by": "a"}


def names(database: Database) -> list[str]:
    with database.reading() as connection:
        return list(connection.execute(sa.select(FILE.c.sha256).order_by(FILE.c.sha256)).scalars())


def test_what_is_written_is_there(database: Database) -> None:
    with database.writing() as connection:
        with database.batched(connection):
            connection.execute(FILE.insert(), row("a"))
            connection.execute(FILE.insert(), [row("b"), row("c")])
        assert connection.execute(sa.select(sa.func.count()).select_from(FILE)).scalar_one() == 3
    assert names(database) == ["a", "b", "c"]


@pytest.mark.parametrize("after", [0, 1])
def test_an_error_is_the_known_one_and_nothing_is_left(database: Database, after: int) -> None:
    with pytest.raises(IntegrityError), database.engine.begin() as connection, database.batched(connection):
        for name in ("a", "b", "a", *"cd"[:after]):
            connection.execute(FILE.insert(), row(name))
    assert names(database) == []
    with database.writing() as connection:
        connection.execute(FILE.insert(), row("z"))
    assert names(database) == ["z"]
