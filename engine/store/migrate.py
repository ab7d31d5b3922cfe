"""Bringing a database's schema up to date with Alembic."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from engine.store.database import Database

_MIGRATIONS = Path(__file__).parent / "migrations"


def configuration(database: Database) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["engine"] = database.engine
    return config


def upgrade(database: Database) -> None:
    """Apply what is missing; does nothing on a database that is up to date."""
    with database.reading() as connection:
        if MigrationContext.configure(connection).get_current_heads() == _newest():
            return
    with database.writing() as connection:
        config = configuration(database)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


@cache
def _newest() -> tuple[str, ...]:
    """The number of the last migration there is; every script is read for it, once in a process."""
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    return tuple(ScriptDirectory.from_config(config).get_heads())
