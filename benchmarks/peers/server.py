"""The PostgreSQL server that all peers share, seen from outside: how to reach it, and what it spends."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass

import psutil
import psycopg


@dataclass(frozen=True)
class Server:
    """``pid`` is the process that all those are children of which serve connections."""

    pid: int
    jdbc: str

    @classmethod
    def of(cls, url: str) -> Server:
        """By a SQLAlchemy URL of one of its databases. JDBC goes through the same Unix socket as psycopg."""
        with psycopg.connect(url.replace("+psycopg", "")) as connection:
            answer = connection.execute("SELECT pg_backend_pid()").fetchone()
            assert answer is not None
            where = connection.info
            socket = f"{where.host}/.s.PGSQL.{where.port}"
            jdbc = (f"jdbc:postgresql://localhost/{where.dbname}?user={where.user}&socketFactory=org.newsclub.net.unix."
                    f"AFUNIXSocketFactory$FactoryArg&socketFactoryArg={socket}")
            return cls(psutil.Process(answer[0]).ppid(), jdbc)

    def cpu_seconds(self) -> dict[int, float]:
        """Processor time so far of the server and of each process that it has now."""
        first = psutil.Process(self.pid)
        found = {}
        for process in (first, *first.children()):
            with contextlib.suppress(psutil.NoSuchProcess):
                times = process.cpu_times()
                found[process.pid] = times.user + times.system
        return found


def spent(before: Mapping[int, float], after: Mapping[int, float]) -> float:
    """Seconds between two looks, of the processes that are still there."""
    return sum(seconds - before.get(pid, 0.0) for pid, seconds in after.items())
