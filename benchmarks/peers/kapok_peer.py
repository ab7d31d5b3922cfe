"""Kapok on the peers' work, with everything it always does: history, audit, task list, a timer on the task."""

from __future__ import annotations

import statistics
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from benchmarks import durable, models
from engine.store import schema
from tests.support.postgres import Postgres


def measure(cases: int, rounds: int, server: Postgres) -> list[dict[str, Any]]:
    """Completions by one client, on SQLite and on PostgreSQL."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        return [_measure("sqlite", f"sqlite:///{place / 'peer.db'}", place / "sqlite", cases, rounds),
                _measure("postgresql", server.create(), place / "postgresql", cases, rounds)]


def _measure(database: str, url: str, folder: Path, cases: int, rounds: int) -> dict[str, Any]:
    bench = durable.Bench(url, folder)
    bench.deploy(models.loop())
    waits = {case_id: bench.open_task(case_id) for case_id in [bench.start("loop") for _ in range(cases)]}
    by_round: list[durable.Times] = []
    for _ in range(rounds):
        by_round.append(durable.Times())
        for case_id, wait in waits.items():
            by_round[-1].measure(lambda c=case_id, w=wait: bench.complete(c, w, {"again": True}))
        waits = {case_id: bench.open_task(case_id) for case_id in waits}
    with bench.kapok.database.reading() as connection:
        size = connection.execute(sa.select(sa.func.avg(sa.func.length(schema.case.c.execution)))).scalar_one()
    bench.kapok.close()
    times = [second for each in by_round for second in each.wall]
    return {
        "peer": "Kapok", "version": version("kapok"), "database": database, "cases": cases, "rounds": rounds,
        "tasks_per_s": round(len(times) / sum(times), 1), "p50_ms": round(statistics.median(times) * 1e3, 3),
        "p99_ms": round(statistics.quantiles(times, n=100)[-1] * 1e3, 3),
        "first_round_ms": round(by_round[0].median * 1e3, 3), "last_round_ms": round(by_round[-1].median * 1e3, 3),
        "bytes_per_case": round(float(size)),
    }
