"""The durable step: user tasks completed through ``Runner.run``, with all that the service writes, and the floor.

One process, one client. Blocks of completions and of the floor take turns on two databases of one server, so that
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
from engine.services.operations.registry import OPERATIONS
from engine.services.proof.audits import verify_all
from engine.store import migrate, schema
from engine.store.database import Database

EXAMINER = Actor(id="examiner1", name="examiner 1", roles=frozenset({"examiner"}))
INTAKE = Actor(id="intake1", name="intake 1", roles=frozenset({"intake"}))
DEPLOYER = Actor(id="deployer1", name="deployer 1", roles=frozenset({"deployer"}))
BLOCK = 25
PAIRS = 15
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
        """The median over the blocks: a stall of the disk hits one block, not the figure."""
        blocks = [self.wall[at:at + BLOCK] for at in range(0, len(self.wall), BLOCK)]
        return statistics.median(len(block) / sum(block) for block in blocks)

    @property
    def median(self) -> float:
        return statistics.median(self.wall)


class Bench:
    """A wired house on a database of its own."""

    def __init__(self, url: str, folder: Path) -> None:
        settings = Settings(database_url=url, folder=folder, two_persons=False)
        self.kapok: Kapok = wire(settings, migrate.upgrade, OPERATIONS)

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


def durable_step(url: str, floor_url: str, folder: Path, blocks: int, advance: Advance) -> dict[str, Any]:
    """Completions a second over so many blocks, the floor's, and their ratio; the first two blocks warm up.

    A block completes one task in each case; what it wrote is read afterwards, then written again by the floor.
    """
    bench, bare = Bench(url, folder), Database(floor_url)
    migrate.upgrade(bare)
    bench.deploy(models.loop())
    snapshots = floor.Snapshots(bench.kapok.database)
    waits = {case_id: bench.open_task(case_id) for case_id in [bench.start("loop") for _ in range(BLOCK)]}
    for case_id in waits:
        floor.begin(bare, snapshots.take(case_id, None))
    ours, theirs = Times(), Times()
    for number in range(-2, blocks):
        if number == 0:
            ours, theirs = Times(), Times()
        for case_id, wait in waits.items():
            ours.measure(lambda c=case_id, w=wait, n=number: bench.complete(c, w, {"again": True, "n": n}))
        written = [snapshots.take(case_id, wait) for case_id, wait in waits.items()]
        for one in written:
            theirs.measure(lambda each=one: floor.repeat(bare, each))
        waits = {one.case["id"]: one.opened["user_task"][0]["wait"] for one in written}
        advance(BLOCK)
    with bench.statements() as statements:
        bench.complete(*next(iter(waits.items())), {"again": True, "n": -1})
    assert bench.audit_is_whole(), "Expected a whole audit chain after the benchmark"
    figures = _figures(ours, theirs, statements) | _bytes(bench, list(waits))
    bench.kapok.close()
    bare.close()
    return figures


def _figures(ours: Times, theirs: Times, statements: list[str]) -> dict[str, Any]:
    """``ratio`` is ours to the floor's, both as steps a second of the median block."""
    spread = statistics.quantiles(ours.wall, n=100)
    return {
        "per_s": round(ours.per_second, 1), "floor_per_s": round(theirs.per_second, 1),
        "ratio": round(ours.per_second / theirs.per_second, 3),
        "ratio_of_medians": round(theirs.median / ours.median, 3),
        "p50_ms": round(ours.median * 1e3, 3), "p99_ms": round(spread[98] * 1e3, 3),
        "floor_p50_ms": round(theirs.median * 1e3, 3),
        "cpu_ms": round(statistics.median(ours.cpu) * 1e3, 3),
        "floor_cpu_ms": round(statistics.median(theirs.cpu) * 1e3, 3),
        "steps": len(ours.wall), "statements": len(statements),
    }


def _bytes(bench: Bench, cases: list[str]) -> dict[str, Any]:
    """What a step adds: its history and its audit entry. The first step of a case, with all its data, is left out."""
    first = sa.select(schema.history.c.case_id, sa.func.min(schema.history.c.at)).group_by(schema.history.c.case_id)
    with bench.kapok.database.reading() as connection:
        began = {row[0]: row[1] for row in connection.execute(first)}
        history = [_size(row) for row in connection.execute(sa.select(schema.history)) if row.at != began[row.case_id]]
        audit = [_size(row) for row in connection.execute(
            sa.select(schema.audit).where(schema.audit.c.chain.in_(cases), schema.audit.c.seq > 1))]
    return {"history_bytes_per_step": round(sum(history) / len(audit)),
            "audit_bytes_per_step": round(sum(audit) / len(audit))}


def _size(row: sa.Row[Any]) -> int:
    """Bytes of a row's values as text: what any database has to keep of it."""
    values = (schema.encode_json(value) if isinstance(value, (dict, list)) else str(value) for value in row
              if value is not None)
    return sum(len(value.encode()) for value in values)


def loop_cost(url: str, folder: Path, cases: int, marks: tuple[int, ...], advance: Advance) -> dict[str, Any]:
    """The cost of one round of a loop with a wait state, early and late in a case's life, on one database.

    At each mark, rounds of the old cases take turns with tenth rounds of cases begun before them, so that both
    meet the same database and the same load. After the first mark only one case grows older.
    """
    bench = Bench(url, folder)
    bench.deploy(models.loop())
    young = _started(bench, PAIRS * (cases + len(marks) - 1), 8)
    waits = _started(bench, cases, 0)
    figures: dict[str, Any] = {}
    age = 0
    for mark in marks:
        for _ in range(mark - age - 1):
            for case_id in waits:
                _round(bench, waits, case_id)
            advance(len(waits))
        early, late = _early_and_late(bench, waits, young)
        figures.setdefault("round_10_ms", round(early.median * 1e3, 3))
        figures[f"round_{mark}_ms"] = round(late.median * 1e3, 3)
        figures[f"round_{mark}_to_10"] = round(late.median / early.median, 3)
        figures[f"round_{mark}_to_10_cpu"] = round(statistics.median(late.cpu) / statistics.median(early.cpu), 3)
        figures[f"state_bytes_at_{mark}"] = _state(bench, next(iter(waits)))
        age, waits = mark - 1 + PAIRS, dict(list(waits.items())[:1])
    bench.kapok.close()
    return figures


def _started(bench: Bench, cases: int, rounds: int) -> dict[str, int]:
    """New cases that have gone through so many rounds, with the wait of each."""
    waits = {case_id: bench.open_task(case_id) for case_id in [bench.start("loop") for _ in range(cases)]}
    for case_id in waits:
        for _ in range(rounds):
            _round(bench, waits, case_id)
    return waits


def _early_and_late(bench: Bench, old: dict[str, int], young: dict[str, int]) -> tuple[Times, Times]:
    """Tenth rounds, each right after a ninth, in turns with the next rounds of old cases. Uses up the young ones."""
    early, late = Times(), Times()
    for case_id in old:
        for _ in range(PAIRS):
            other = next(iter(young))
            _round(bench, young, other)
            _round(bench, young, other, early)
            del young[other]
            _round(bench, old, case_id, late)
    return early, late


def diagram_size(url: str, folder: Path, small: int, large: int, steps: int, advance: Advance) -> dict[str, Any]:
    """A completion in a diagram of few elements and in one of many, taking turns."""
    bench = Bench(url, folder)
    bench.deploy(models.long_loop(small), models.long_loop(large))
    waits, times = {}, {}
    for size in (small, large):
        case_id = bench.start(f"loop{size}")
        waits[case_id], times[case_id] = bench.open_task(case_id), Times()
    for _ in range(10):
        for case_id in times:
            _round(bench, waits, case_id)
    for _ in range(steps):
        for case_id, found in times.items():
            _round(bench, waits, case_id, found)
        advance(2)
    bench.kapok.close()
    few, many = times.values()
    return {f"elements_{small}_ms": round(few.median * 1e3, 3), f"elements_{large}_ms": round(many.median * 1e3, 3),
            "ratio": round(many.median / few.median, 3),
            "ratio_cpu": round(statistics.median(many.cpu) / statistics.median(few.cpu), 3)}


def _state(bench: Bench, case_id: str) -> int:
    with bench.kapok.database.reading() as connection:
        return len(connection.execute(sa.select(schema.case.c.execution).where(
            schema.case.c.id == case_id)).scalar_one())


def _round(bench: Bench, waits: dict[str, int], case_id: str, times: Times | None = None) -> None:
    wait = waits[case_id]
    if times is None:
        bench.complete(case_id, wait, {"again": True})
    else:
        times.measure(lambda: bench.complete(case_id, wait, {"again": True}))
    waits[case_id] = bench.open_task(case_id)
