"""Bringing a database's schema up to date with Alembic."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config

from engine.store.database import Database

_MIGRATIONS = Path(__file__).parent / "migrations"


def configuration(database: Database) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["engine"] = database.engine
    return config


def upgrade(database: Database) -> None:
    """Apply what is missing; does nothing on a database that is up to date."""
    with database.writing() as connection:
        config = configuration(database)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
