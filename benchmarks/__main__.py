"""All figures in one run on one machine: ``python -m benchmarks [--quick] [--json FILE]``.

Prints a table of what is measured beside what is to be reached, and writes ``benchmarks/results/latest.json``. Only
ratios within one run mean anything; a busy machine slows both sides of each.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from benchmarks import (
    audit_bench,
    calendar_bench,
    desk_bench,
    durable,
    feel_bench,
    kernel_bench,
    models,
    parse_bench,
    report,
    timers_bench,
    webhooks_bench,
)
from benchmarks.peers import run as peers
from engine.app import settle
from engine.clock import SystemClock
from tests.support.postgres import Postgres

RESULTS = Path(__file__).with_name("results") / "latest.json"
WIDTH = 160
"""Columns of the table where no terminal says how wide it is."""
QUICK = {"blocks": 4, "loop_cases": 1, "marks": (1_000,), "diagram_steps": 40,
         "deadlines": 2_000, "timers": 2_000, "desk": 20_000, "messages": 6,
         "peers": peers.Size(cases=8, rounds=25, warm_up=0)}
FULL = {"blocks": 40, "loop_cases": 3, "marks": (1_000, 5_000), "diagram_steps": 200,
        "deadlines": 100_000, "desk": 1_000_000,
        "timers": timers_bench.SCALE, "messages": 40,
        "peers": peers.Size(cases=24, rounds=25, warm_up=4_800)}


class Run:
    """One run: where it writes, how long it may be, and what it has found."""

    def __init__(self, folder: Path, sizes: dict[str, Any], progress: Progress) -> None:
        self._folder, self._sizes, self._progress = folder, sizes, progress
        self._made = 0
        self.figures: dict[str, Any] = {}

    def durable_step(self, server: Postgres) -> None:
        blocks = self._sizes["blocks"]
        found = self.figures.setdefault("durable_step", {})
        for name, url in (("sqlite", self._sqlite), ("postgresql", server.create)):
            found[name] = durable.durable_step(url(), url(), self._place(), blocks, self._bar(
                f"durable step, {name}", (blocks + 2) * durable.BLOCK))

    def audit(self, server: Postgres) -> None:
        blocks = self._sizes["blocks"]
        found = self.figures.setdefault("audit", {})
        for name, url in (("sqlite", self._sqlite), ("postgresql", server.create)):
            found[name] = audit_bench.audit_cost(url(), self._place(), blocks, self._bar(
                f"audit trail, {name}", (2 * blocks + 4) * durable.BLOCK))

    def loop(self) -> None:
        cases, marks = self._sizes["loop_cases"], self._sizes["marks"]
        total = cases * marks[0] + marks[-1] - marks[0]
        self.figures["loop"] = durable.loop_cost(self._sqlite(), self._place(), cases, marks,
                                                 self._bar("loop with a wait", total))

    def diagram(self) -> None:
        steps = self._sizes["diagram_steps"]
        self.figures["diagram"] = durable.diagram_size(self._sqlite(), self._place(), 10, 200, steps,
                                                       self._bar("size of the diagram", 2 * steps))

    def timers(self, server: Postgres) -> None:
        count, found = self._sizes["timers"], self.figures.setdefault("timers", {})
        for name, url in (("sqlite", self._sqlite), ("postgresql", server.create)):
            found[name] = timers_bench.drain(url(), self._place(), count, self._bar(f"overdue timers, {name}", count))

    def messages(self, server: Postgres) -> None:
        blocks, found = self._sizes["messages"], self.figures.setdefault("webhooks", {})
        for algorithm in webhooks_bench.ALGORITHMS:
            found[algorithm] = webhooks_bench.inbound(
                server.create(), server.create(), self._place(), algorithm, blocks,
                self._bar(f"inbound messages, {algorithm}", (2 * blocks + 2) * durable.BLOCK))

    def calendar(self, server: Postgres) -> None:
        self.figures["calendar"] = calendar_bench.measure(
            server.create(), self._place(), self._sizes["deadlines"], self._bar("a new calendar", 3))

    def desk(self, server: Postgres) -> None:
        count, found = self._sizes["desk"], self.figures.setdefault("desk", {})
        for name, url in (("sqlite", self._sqlite), ("postgresql", server.create)):
            found[name] = desk_bench.measure(url(), self._place(), count, self._bar(f"a full desk, {name}", 20))

    def pure(self, with_feelin: bool) -> None:
        """What needs no database."""
        advance = self._bar("kernel, parser, FEEL", 5)
        found = kernel_bench.completion(kernel_bench.loop_with_a_wait(), models.KILOBYTE)
        advance(1)
        found["automatic elements a second"] = kernel_bench.automatic()
        advance(1)
        found["1,000 parallel instances, start to join, s"] = kernel_bench.many()
        found["1,000 parallel branches, fork to join, s"] = kernel_bench.branches()
        advance(1)
        self.figures["kernel"] = {name: round(value, 3) for name, value in found.items()}
        self.figures["parse"] = parse_bench.measure()
        advance(1)
        rows, self.figures["feelin"] = feel_bench.measure(with_feelin)
        self.figures["feel"] = [asdict(row) for row in rows]
        advance(1)

    def peers(self, server: Postgres) -> None:
        advance = self._bar("peers", len(peers.PEERS))
        self.figures["peers"], self.figures["left_out"] = peers.measure(self._sizes["peers"], server, advance)

    def _bar(self, name: str, total: int) -> durable.Advance:
        task = self._progress.add_task(name, total=total)
        return lambda steps: self._progress.advance(task, steps)

    def _place(self) -> Path:
        settle()  # as a serving process has
        self._made += 1
        return self._folder / str(self._made)

    def _sqlite(self) -> str:
        return f"sqlite:///{self._place()}.db"


def machine() -> dict[str, Any]:
    """What the figures were taken on; the load says how busy it was with other things."""
    return {"taken_at": SystemClock().now().isoformat(timespec="seconds"), "python": platform.python_version(),
            "system": f"{platform.system()} {platform.machine()}", "processors": os.cpu_count(),
            "load": [round(value, 1) for value in os.getloadavg()]}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer repetitions, no JVM: two to three minutes")
    parser.add_argument("--json", type=Path, default=RESULTS, metavar="FILE", help="where the figures are written")
    parser.add_argument("--no-peers", action="store_true", help="leave out the other engines")
    options = parser.parse_args()
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total}"),
               TimeElapsedColumn())
    begun = machine()
    with (tempfile.TemporaryDirectory(prefix="kapok-bench-") as folder, Postgres() as server,
          Progress(*columns, console=Console(stderr=True)) as progress):
        run = Run(Path(folder), QUICK if options.quick else FULL, progress)
        run.durable_step(server)
        run.audit(server)
        run.loop()
        run.diagram()
        run.calendar(server)
        run.timers(server)
        run.desk(server)
        run.messages(server)
        run.pure(with_feelin=not options.no_peers)
        if not options.no_peers:
            run.peers(server)
    figures = {"size": "quick" if options.quick else "full", "machine": begun, **run.figures}
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(figures, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    report.show(figures, Console(width=None if sys.stdout.isatty() else WIDTH))


if __name__ == "__main__":
    main()
