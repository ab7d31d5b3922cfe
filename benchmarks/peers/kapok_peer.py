"""Kapok on the peers' work, with everything it always does: history, audit, task list, a timer on the task.

Clients are threads of one process, or processes that share a database, each with cases of its own.
"""

from __future__ import annotations

import multiprocessing
import statistics
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from multiprocessing.queues import SimpleQueue
from pathlib import Path
from time import perf_counter, thread_time
from typing import Any, Protocol

import sqlalchemy as sa

from benchmarks import durable, models
from benchmarks.peers.server import Server, spent
from engine.store import schema

PATIENCE = 300
"""Seconds that one client waits for the others."""
WARM_UP = 5
"""Rounds that are not counted."""


class Gate(Protocol):
    """A barrier of threads or of processes."""

    def wait(self) -> int: ...


@dataclass(frozen=True)
class Turn:
    """One round of one client, in seconds: when, how long each completion took, processor time of its thread."""

    began: float
    ended: float
    wall: tuple[float, ...]
    cpu: float


Collect = Callable[[], list[list[Turn]]]


def measure(database: str, url: str, folder: Path, cases: int, rounds: int, clients: int,
            processes: bool = False) -> dict[str, Any]:
    """Completions by so many clients on an empty database; ``cases`` are dealt out to them."""
    bench = durable.Bench(url, folder)
    bench.deploy(models.loop())
    started = [bench.start("loop") for _ in range(cases)]
    hands = [started[client::clients] for client in range(clients)]
    server = Server.of(url) if database == "postgresql" else None
    begin = _processes(url, folder, hands, rounds) if processes else _threads(bench, hands, rounds)
    with begin as (gate, collect):
        server_cpu = sum([_round(gate, server) for _ in range(WARM_UP + rounds)][WARM_UP:])
        turns = list(zip(*collect(), strict=True))[WARM_UP:]
    alive = _live_bytes(bench) / cases
    bench.kapok.close()
    kind = ("processes" if processes else "threads") if clients > 1 else ""
    return {"peer": "Kapok", "version": version("kapok"), "database": database, "cases": cases, "rounds": rounds,
            "clients": clients, "client_kind": kind, **_figures(turns, server_cpu), "bytes_per_case": round(alive)}


def _round(gate: Gate, server: Server | None) -> float:
    """Processor time of the server for one round of all clients."""
    gate.wait()  # everybody knows the next tasks
    before = server.cpu_seconds() if server else {}
    gate.wait()  # everybody begins
    gate.wait()  # everybody is done
    after = server.cpu_seconds() if server else {}
    gate.wait()  # and may go on
    return spent(before, after)


def _figures(turns: Sequence[Sequence[Turn]], server_cpu: float) -> dict[str, Any]:
    """``turns``: a row a round, a column a client."""
    each_round = [[second for turn in row for second in turn.wall] for row in turns]
    times = [second for found in each_round for second in found]
    wall = sum(max(turn.ended for turn in row) - min(turn.began for turn in row) for row in turns)
    cpu = sum(turn.cpu for row in turns for turn in row)
    return {
        "tasks_per_s": round(len(times) / wall, 1), "p50_ms": round(statistics.median(times) * 1e3, 3),
        "p99_ms": round(statistics.quantiles(times, n=100)[-1] * 1e3, 3),
        "first_round_ms": round(statistics.median(each_round[0]) * 1e3, 3),
        "last_round_ms": round(statistics.median(each_round[-1]) * 1e3, 3),
        "cpu_ms": round(cpu / len(times) * 1e3, 3), "server_cpu_ms": round(server_cpu / len(times) * 1e3, 3),
    }


# --- clients ---------------------------------------------------------------------------------------------------------
def _client(bench: durable.Bench, cases: Sequence[str], rounds: int, gate: Gate) -> list[Turn]:
    """Complete one task in each case, round by round; finding the next task is not timed."""
    turns = []
    for _ in range(WARM_UP + rounds):
        waits = [(case_id, bench.open_task(case_id)) for case_id in cases]
        gate.wait()
        gate.wait()
        marks, cpu = [perf_counter()], thread_time()
        for case_id, wait in waits:
            bench.complete(case_id, wait, {"again": True})
            marks.append(perf_counter())
        cpu = thread_time() - cpu
        gate.wait()
        gate.wait()
        wall = tuple(after - before for before, after in zip(marks, marks[1:], strict=False))
        turns.append(Turn(marks[0], marks[-1], wall, cpu))
    return turns


@contextmanager
def _threads(bench: durable.Bench, hands: Sequence[Sequence[str]], rounds: int) -> Iterator[tuple[Gate, Collect]]:
    gate = threading.Barrier(len(hands) + 1, timeout=PATIENCE)
    with ThreadPoolExecutor(len(hands)) as pool:
        futures: list[Future[list[Turn]]] = [pool.submit(_client, bench, hand, rounds, gate) for hand in hands]
        yield gate, lambda: [future.result() for future in futures]


@contextmanager
def _processes(url: str, folder: Path, hands: Sequence[Sequence[str]],
               rounds: int) -> Iterator[tuple[Gate, Collect]]:
    context = multiprocessing.get_context("spawn")
    gate, answers = context.Barrier(len(hands) + 1, timeout=PATIENCE), context.SimpleQueue()
    processes = [context.Process(target=_process, args=(url, folder, hand, rounds, gate, answers), daemon=True)
                 for hand in hands]
    for process in processes:
        process.start()
    yield gate, lambda: [answers.get() for _ in hands]
    for process in processes:
        process.join(PATIENCE)


def _process(url: str, folder: Path, cases: Sequence[str], rounds: int, gate: Gate,
             answers: SimpleQueue[list[Turn]]) -> None:
    bench = durable.Bench(url, folder)
    answers.put(_client(bench, cases, rounds, gate))
    bench.kapok.close()


# --- sizes -----------------------------------------------------------------------------------------------------------
def _live_bytes(bench: durable.Bench) -> int:
    """Values of all rows that open cases need: the case with its state, open tasks and their groups, timers."""
    opened = sa.select(schema.user_task.c.case_id, schema.user_task.c.wait).where(schema.user_task.c.state == "open")
    task = sa.tuple_(schema.candidate.c.case_id, schema.candidate.c.wait)
    rows = (sa.select(schema.case), sa.select(schema.user_task).where(schema.user_task.c.state == "open"),
            sa.select(schema.candidate).where(task.in_(opened)), sa.select(schema.timer),
            sa.select(schema.subscription))
    with bench.kapok.database.reading() as connection:
        return sum(_size(value) for each in rows for row in connection.execute(each) for value in row)


def _size(value: Any) -> int:
    return 0 if value is None else len(value if isinstance(value, bytes) else str(value).encode())
