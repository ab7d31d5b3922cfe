"""Stock SpiffWorkflow as a durable service would use it: load the case's JSON, complete the task, save, commit.

``python -m benchmarks.peers.spiffworkflow_peer --cases 20 --rounds 25``. SQLite in WAL mode with ``synchronous=FULL``.
No history, audit, task list or timers are written: this is less work than Kapok does, in the peer's favour.
"""

import argparse
import json
import sqlite3
import statistics
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.util.task import TaskState

MODEL = Path(__file__).with_name("loop.bpmn")
KILOBYTE = {"note": "x" * 1000}
WARM_UP = 20
"""Completions of a case that is forgotten before anything is counted."""


class Peer:
    def __init__(self, file: Path) -> None:
        parser = BpmnParser()
        parser.add_bpmn_file(str(MODEL))
        self.spec = parser.get_spec("loop")
        self.serializer = BpmnWorkflowSerializer()
        self.database = sqlite3.connect(file, isolation_level=None)
        self.database.execute("PRAGMA journal_mode=WAL")
        self.database.execute("PRAGMA synchronous=FULL")
        self.database.execute("CREATE TABLE cases (id INTEGER PRIMARY KEY, state TEXT NOT NULL)")

    def start(self, case: int) -> None:
        workflow = BpmnWorkflow(self.spec)
        workflow.get_next_task(state=TaskState.READY).data.update(KILOBYTE, again=True)
        workflow.do_engine_steps()
        self._save(case, workflow)

    def complete(self, case: int) -> None:
        (text,) = self.database.execute("SELECT state FROM cases WHERE id = ?", (case,)).fetchone()
        workflow = self.serializer.deserialize_json(text)
        task = workflow.get_next_task(state=TaskState.READY, manual=True)
        task.data["again"] = True
        task.run()
        workflow.do_engine_steps()
        self._save(case, workflow)

    def forget(self, case: int) -> None:
        self.database.execute("DELETE FROM cases WHERE id = ?", (case,))

    def size(self) -> float:
        (size,) = self.database.execute("SELECT avg(length(CAST(state AS BLOB))) FROM cases").fetchone()
        return float(size)

    def _save(self, case: int, workflow: BpmnWorkflow) -> None:
        text = self.serializer.serialize_json(workflow)
        self.database.execute("INSERT OR REPLACE INTO cases VALUES (?, ?)", (case, text))


def measure(cases: int, rounds: int) -> dict[str, object]:
    """Complete ``rounds`` tasks in each of ``cases`` cases, one after the other, by one client."""
    with tempfile.TemporaryDirectory() as folder:
        peer = Peer(Path(folder) / "peer.db")
        for case in range(cases):
            peer.start(case)
        peer.start(cases)
        for _ in range(WARM_UP):
            peer.complete(cases)
        peer.forget(cases)
        times: list[float] = []
        by_round: list[float] = []
        cpu = time.process_time()
        for _ in range(rounds):
            before = len(times)
            for case in range(cases):
                began = time.perf_counter()
                peer.complete(case)
                times.append(time.perf_counter() - began)
            by_round.append(statistics.median(times[before:]))
        cpu = time.process_time() - cpu
        size = peer.size()
        peer.database.close()
    return {
        "peer": "SpiffWorkflow",
        "version": version("SpiffWorkflow"),
        "database": "sqlite",
        "cases": cases,
        "rounds": rounds,
        "clients": 1,
        "client_kind": "",
        "tasks_per_s": round(len(times) / sum(times), 1),
        "p50_ms": round(statistics.median(times) * 1000, 3),
        "p99_ms": round(statistics.quantiles(times, n=100)[-1] * 1000, 3),
        "first_round_ms": round(by_round[0] * 1000, 3),
        "last_round_ms": round(by_round[-1] * 1000, 3),
        "cpu_ms": round(cpu / len(times) * 1000, 3),
        "server_cpu_ms": 0.0,
        "bytes_per_case": round(size),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=25)
    options = parser.parse_args()
    print(json.dumps(measure(options.cases, options.rounds)))


if __name__ == "__main__":
    main()
