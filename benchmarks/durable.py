"""The durable step: user tasks completed through ``Runner.run``, with all that the service writes, against the floor.

One process, one client. Blocks of completions and blocks of the floor take turns on two databases of one server, so that
a machine that is busy meanwhile slows both. Nothing is switched off: WAL and ``synchronous=FULL`` on SQLite,
``fsync`` and ``synchronous_commit`` on PostgreSQL, history, audit chain, timers, user tasks and their candidates.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import sqlalchemy as sa

from benchmarks import floor, models
from engine.config import Settings
from engine.domain.actors import Actor
from engine.domain.commands import CompleteUserTask, Deploy, Resource, StartCase, task_key
from engine.house import Kapok, wire
from engine.services.audits import verify_all
from engine.services.operations.registry import OPERATIONS
from engine.store import migrate, schema
from engine.store.database import Database

EXAMINER = Actor(id="examiner1", name="examiner 1", roles=frozenset({"examiner"}))
INTAKE = Actor(id="intake1", name="intake 1", roles=frozenset({"intake"}))
DEPLOYER = Actor(id="deployer1", name="deployer 1", roles=frozenset({"deployer"}))
Advance = Callable[[int], None]


@dataclass
class Times:
    """Seconds of single steps, on the wall and in this process."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def measure(self, step: Callable[[], object]) -> None:
        cpu, wall = process_time(), perf_counter()
        step()
        self.wall.append(perf_counter() - wall)
        self.cpu.append(process_time() - cpu)

    @property
    def per_second(self) -> float:
        return len(self.wall) / sum(self.wall)

    @property
    def median(self) -> float:
        return statistics.median(self.wall)


class Bench:
    """A wired house on a database of its own."""

    def __init__(self, url: str, folder: Path) -> None:
        self.kapok: Kapok = wire(Settings(database_url=url, folder=folder), migrate.upgrade, OPERATIONS)

    def deploy(self, *contents: bytes) -> None:
        resources = tuple(Resource(f"model-{number}.bpmn", content) for number, content in enumerate(contents))
        self.kapok.run(Deploy(resources), DEPLOYER)

    def start(self, process_id: str, variables: Mapping[str, Any] | None = None) -> str:
        command = StartCase(process_id, {**models.KILOBYTE, "again": True, **(variables or {})})
        return str(self.kapok.run(command, INTAKE)["case_id"])

    def open_task(self, case_id: str) -> int:
        table = schema.user_task
        with self.kapok.database.reading() as connection:
            return int(connection.execute(sa.select(table.c.wait).where(
                table.c.case_id == case_id, table.c.state == "open")).scalar_one())

    def complete(self, case_id: str, wait: int, variables: Mapping[str, Any]) -> None:
        self.kapok.run(CompleteUserTask(task_key(case_id, wait), variables), EXAMINER)

    @contextmanager
    def statements(self) -> Iterator[list[str]]:
        """The SQL statements sent meanwhile."""
        seen: list[str] = []

        def on_execute(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            seen.append(statement)

        sa.event.listen(self.kapok.database.engine, "before_cursor_execute", on_execute)
        yield seen
        sa.event.remove(self.kapok.database.engine, "before_cursor_execute", on_execute)

    def audit_is_whole(self) -> bool:
        with self.kapok.database.reading() as connection:
            return not verify_all(connection)["broken"]


def durable_step(url: str, floor_url: str, folder: Path, blocks: int, block: int, advance: Advance) -> dict[str, Any]:
    """Completions a second over so many blocks, the floor's, and their ratio; the first block warms up."""
    bench, bare = Bench(url, folder), Database(floor_url)
    migrate.upgrade(bare)
    bench.deploy(models.loop())
    cases = [bench.start("loop") for _ in range(10)]
    snapshots = floor.Snapshots(bench.kapok.database)
    for case_id in cases:
        floor.begin(bare, snapshots.take(case_id, None))
    waits = {case_id: bench.open_task(case_id) for case_id in cases}
    ours, theirs = Times(), Times()
    for number in range(blocks + 1):
        written = []
        for turn in range(block):
            case_id = cases[turn % len(cases)]
            wait = waits[case_id]
            ours.measure(lambda c=case_id, w=wait, n=turn: bench.complete(c, w, {"again": True, "n": n}))
            written.append(snapshots.take(case_id, wait))
            waits[case_id] = written[-1].opened["user_task"][0]["wait"]
        for one in written:
            theirs.measure(lambda each=one: floor.repeat(bare, each))
        if number == 0:
            ours, theirs = Times(), Times()
        advance(block)
    with bench.statements() as statements:
        bench.complete(cases[0], waits[cases[0]], {"again": True, "n": -1})
    assert bench.audit_is_whole(), "Expected a whole audit chain after the benchmark"
    figures = _figures(ours, theirs, statements) | _bytes(bench, cases)
    bench.kapok.close()
    bare.close()
    return figures


def _figures(ours: Times, theirs: Times, statements: list[str]) -> dict[str, Any]:
    """``ratio`` is ours to the floor's, both as steps a second over the whole run."""
    spread = statistics.quantiles(ours.wall, n=100)
    return {
        "per_s": round(ours.per_second, 1), "floor_per_s": round(theirs.per_second, 1),
        "ratio": round(ours.per_second / theirs.per_second, 3),
        "ratio_of_medians": round(theirs.median / ours.median, 3),
        "p50_ms": round(ours.median * 1e3, 3), "p99_ms": round(spread[98] * 1e3, 3),
        "floor_p50_ms": round(theirs.median * 1e3, 3),
        "cpu_ms": round(statistics.median(ours.cpu) * 1e3, 3), "floor_cpu_ms": round(statistics.median(theirs.cpu) * 1e3, 3),
        "steps": len(ours.wall), "statements": len(statements),
    }


def _bytes(bench: Bench, cases: list[str]) -> dict[str, Any]:
    """What a case costs in the database: its state, its history a step, and everything."""
    with bench.kapok.database.reading() as connection:
        state = connection.execute(sa.select(sa.func.avg(sa.func.length(schema.case.c.execution)))).scalar_one()
        steps = connection.execute(sa.select(sa.func.sum(schema.case.c.audit_seq))).scalar_one()
        history = sum(_size(row) for row in connection.execute(sa.select(schema.history)))
        audit = sum(_size(row) for row in connection.execute(
            sa.select(schema.audit).where(schema.audit.c.chain.in_(cases))))
    return {"state_bytes": round(float(state)), "history_bytes_per_step": round(history / int(steps)),
            "audit_bytes_per_step": round(audit / int(steps))}


def _size(row: sa.Row[Any]) -> int:
    """Bytes of a row's values as text: what any database has to keep of it."""
    values = (schema.encode_json(value) if isinstance(value, (dict, list)) else str(value) for value in row
              if value is not None)
    return sum(len(value.encode()) for value in values)


def loop_cost(url: str, folder: Path, cases: int, rounds: int, advance: Advance) -> dict[str, Any]:
    """The cost of one round of a loop with a wait state, early and late in a case's life, durably on this database.

    Late rounds are measured in cases that are that old, taking turns with rounds of young cases, so that both meet the
    same database and the same load.
    """
    bench = Bench(url, folder)
    bench.deploy(models.loop())
    old = {bench.start("loop"): 0 for _ in range(cases)}
    waits = {case_id: bench.open_task(case_id) for case_id in old}
    for _ in range(rounds - 1):
        for case_id in old:
            _round(bench, waits, case_id)
        advance(cases)
    late, early = Times(), Times()
    for case_id in old:
        for _ in range(15):
            young = bench.start("loop")
            waits[young] = bench.open_task(young)
            for _ in range(9):
                _round(bench, waits, young)
            _round(bench, waits, young, early)
            _round(bench, waits, case_id, late)
        advance(15)
    bench.kapok.close()
    return {"round_10_ms": round(early.median * 1e3, 3), f"round_{rounds}_ms": round(late.median * 1e3, 3),
            f"round_10_cpu_ms": round(statistics.median(early.cpu) * 1e3, 3),
            f"round_{rounds}_cpu_ms": round(statistics.median(late.cpu) * 1e3, 3)}


def _round(bench: Bench, waits: dict[str, int], case_id: str, times: Times | None = None) -> None:
    wait = waits[case_id]
    if times is None:
        bench.complete(case_id, wait, {"again": True})
    else:
        times.measure(lambda: bench.complete(case_id, wait, {"again": True}))
    waits[case_id] = bench.open_task(case_id)
