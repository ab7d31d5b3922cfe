"""What is held back is never noticed: questions see it, savepoints undo it, what it raises rolls all of it back."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
import sqlalchemy as sa

from engine.errors import Busy
from engine.store import migrate, schema
from engine.store.database import Collision, Database, DBAPIError
from engine.store.prepared import Prepared, Question, ask
from tests.support.postgres import Postgres

SERIES = schema.number_series
ADD = Prepared(SERIES.insert())
LAST = Question(sa.select(SERIES.c.series, SERIES.c.last).where(SERIES.c.series == sa.bindparam("of"))
                .with_for_update())


def row(series: str, last: int = 0) -> dict[str, Any]:
    return {"series": series, "year": 2026, "last": last}


def names(database: Database) -> list[str]:
    with database.reading() as connection:
        return list(connection.execute(sa.select(SERIES.c.series).order_by(SERIES.c.series)).scalars())


def test_a_question_sees_what_was_written_before_it(database: Database) -> None:
    with database.writing() as connection:
        ADD.run(connection, [row("a", 7)])
        assert [(found.series, found.last) for found in LAST(connection, of="a")] == [("a", 7)]
        ADD.run(connection, [row("b")])
        assert connection.execute(sa.select(sa.func.count()).select_from(SERIES)).scalar_one() == 2
    assert names(database) == ["a", "b"]


def test_several_questions_are_answered_in_their_order(database: Database) -> None:
    with database.writing() as connection:
        ADD.run(connection, [row("a", 1), row("b", 2)])
        found = ask(connection, (LAST, {"of": "b"}), (LAST, {"of": "nobody"}), (LAST, {"of": "a"}))
    assert [[one.last for one in rows] for rows in found] == [[2], [], [1]]


def test_a_savepoint_takes_back_what_came_after_it_and_nothing_else(database: Database) -> None:
    with database.writing() as connection:
        ADD.run(connection, [row("before")])
        with pytest.raises(ZeroDivisionError), connection.begin_nested():
            ADD.run(connection, [row("within")])
            raise ZeroDivisionError
        ADD.run(connection, [row("later")])
    assert names(database) == ["before", "later"]


def test_what_a_held_write_raises_rolls_all_of_it_back(database: Database) -> None:
    with database.writing() as connection:
        ADD.run(connection, [row("taken")])
    with pytest.raises(Exception) as raised, database.writing() as connection:
        ADD.run(connection, [row("new")])
        ADD.run(connection, [row("taken")])
    assert isinstance(raised.value, Collision) is (database.dialect == "postgresql")
    assert names(database) == ["taken"]
    with database.writing() as connection:  # the connection is as good as before
        ADD.run(connection, [row("again")])
    assert names(database) == ["again", "taken"]


def test_a_block_that_raises_sends_nothing(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), database.writing() as connection:
        ADD.run(connection, [row("a")])
        raise ZeroDivisionError
    assert names(database) == []


def test_what_fails_before_its_savepoint_is_set_fails_the_transaction(database: Database) -> None:
    with database.writing() as connection:
        ADD.run(connection, [row("taken")])
    with pytest.raises((Collision, DBAPIError)) as raised, database.writing() as connection:
        ADD.run(connection, [row("new"), row("taken")])
        for _ in range(2):  # the first of several is what is raised
            with suppress(Exception), database.attempting(connection):
                ADD.run(connection, [row("within")])
    assert isinstance(raised.value, Collision) is (database.dialect == "postgresql")
    assert names(database) == ["taken"]
    with database.writing() as connection:  # the connection is as good as before
        ADD.run(connection, [row("again")])
    assert names(database) == ["again", "taken"]


@pytest.mark.parametrize("asked", [False, True])
def test_a_server_that_goes_away_before_the_commit_has_committed_nothing(
        postgres: Postgres, postgresql_url: str, asked: bool) -> None:
    database = Database(postgresql_url)
    migrate.upgrade(database)
    with pytest.raises(Busy), database.writing() as connection:
        if asked:
            assert LAST(connection, of="lost") == []
        ADD.run(connection, [row("lost")])
        postgres.disconnect_all(postgresql_url)
    assert "lost" not in names(database)
    database.close()
