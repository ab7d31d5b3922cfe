"""Doors of the database: what is no database is said in one line; one SQLite file has one service."""

import pytest

from engine.errors import Busy, ConfigurationError
from engine.store.database import Database


@pytest.mark.parametrize("url", ["not a url", "mysql://x", "sqlite:////nowhere/at/all/k.db",
                                 "postgresql://127.0.0.1:1/none"])
def test_what_is_no_database_is_refused_by_name(url):
    with pytest.raises(ConfigurationError, match="KAPOK_DATABASE_URL"):
        Database(url).require_reachable()


def test_a_file_that_is_no_database_is_refused_by_name(tmp_path):
    (tmp_path / "k.db").write_text("this is no database, " * 100)
    with pytest.raises(ConfigurationError, match="KAPOK_DATABASE_URL"):
        Database(f"sqlite:///{tmp_path}/k.db").require_reachable()


def test_a_server_that_is_gone_asks_to_try_again():
    with pytest.raises(Busy), Database("postgresql://127.0.0.1:1/none").reading():
        pass


def test_one_service_owns_a_sqlite_file(tmp_path):
    first, second = (Database(f"sqlite:///{tmp_path}/k.db") for _ in range(2))
    first.own()
    with pytest.raises(ConfigurationError, match="in use"):
        second.own()
    first.close()
    second.own()
    second.close()
