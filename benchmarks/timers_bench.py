"""Overdue timers after an outage: how fast one worker drains them, while somebody goes on completing tasks.

Each timer is the deadline of a user task: firing it takes the task away and opens another, with all that a step writes.
The cases are copies of one that the service began; what is drained is real, and is counted afterwards.
"""

from __future__ import annotations

import statistics
import threading
from datetime import timedelta
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import sqlalchemy as sa

from benchmarks import durable, models
from engine.store import schema as s
from engine.workers.timers import BATCH, TimerPoller
from tests.support.bpmn import assign, boundary, chain, end, process, start, timer, user

MODEL = process("limited", start(), user("work", assign(groups="examiner")), boundary("late", "work", timer("P10D")),
                user("overdue", assign(groups="supervisor")), end(), end("expired"),
                chain("start", "work", "end"), chain("late", "overdue", "expired"))
CHUNK = 1_000
CLIENT_CASES, PACE = 5, 0.05
"""The client completes the tasks of so many cases in turn, with so many seconds between them."""
SCALE = 100_000


def drain(url: str, folder: Path, count: int, advance: durable.Advance) -> dict[str, Any]:
    """So many overdue timers: seconds, timers a second, minutes that ``SCALE`` would take; what the client met."""
    bench = durable.Bench(url, folder)
    bench.deploy(MODEL, models.loop())
    _overdue(bench, bench.start("limited"), count)
    waits = {case_id: bench.open_task(case_id) for case_id in [bench.start("loop") for _ in range(CLIENT_CASES)]}
    poller = TimerPoller(bench.kapok.runner, bench.kapok.database, bench.kapok.clock, timedelta(seconds=1))
    drained = threading.Event()
    met: list[float] = []
    client = threading.Thread(target=_complete_until, args=(bench, waits, drained, met))
    client.start()
    wall, cpu = perf_counter(), process_time()
    while poller.poll() == timedelta(0):
        advance(BATCH)
    wall, cpu = perf_counter() - wall, process_time() - cpu
    drained.set()
    client.join()
    _require_each_fired_once(bench, count)
    bench.kapok.close()
    return {"timers": count, "seconds": round(wall, 1), "per_s": round(count / wall),
            "minutes_for_100000": round(SCALE * wall / count / 60, 2), "client_completions": len(met),
            "client_p99_ms": round(statistics.quantiles(met, n=100)[98] * 1e3, 1), "cpu_ms_with_client": round(
                cpu / count * 1e3, 3)}


def _overdue(bench: durable.Bench, case_id: str, count: int) -> None:
    """Copies of a case, each with its task and its timer, which has been due for an hour and less."""
    database, due = bench.kapok.database, bench.kapok.clock.now() - timedelta(hours=1)
    tables = (s.case, s.user_task, s.candidate, s.timer)
    with database.reading() as connection:
        rows = {table: [dict(row) for row in connection.execute(sa.select(table).where(
            (table.c.id if table is s.case else table.c.case_id) == case_id)).mappings()] for table in tables}
    begun = {"history_seq": 0, "audit_seq": 0, "audit_head": "", "case_no": None}
    for first in range(0, count, CHUNK):
        with database.engine.begin() as connection:
            for table in tables:
                key = "id" if table is s.case else "case_id"
                connection.execute(table.insert(), [
                    {**row, **(begun if table is s.case else {}), key: f"copy-{number}",
                     **({"due_at": due + timedelta(milliseconds=30 * number)} if table is s.timer else {})}
                    for number in range(first, min(first + CHUNK, count)) for row in rows[table]])


def _complete_until(bench: durable.Bench, waits: dict[str, int], drained: threading.Event, met: list[float]) -> None:
    while not drained.is_set() or len(met) < 2:
        for case_id, wait in waits.items():
            began = perf_counter()
            bench.complete(case_id, wait, {"again": True})
            met.append(perf_counter() - began)
            waits[case_id] = bench.open_task(case_id)
            drained.wait(PACE)


def _require_each_fired_once(bench: durable.Bench, count: int) -> None:
    with bench.kapok.database.reading() as connection:
        left = connection.execute(sa.select(sa.func.count()).select_from(s.timer).where(
            s.timer.c.case_id.startswith("copy-"))).scalar_one()
        fired = connection.execute(sa.select(sa.func.count(), sa.func.count(s.history.c.case_id.distinct())).where(
            s.history.c.element == "late", s.history.c.kind == "completed")).one()
    assert (left, *fired) == (0, count, count), f"Expected {count} timers fired once each, but found {left, *fired}"
