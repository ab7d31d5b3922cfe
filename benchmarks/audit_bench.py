"""What the audit trail adds to a durable step: the same completions with it and without, block by block in one run.

Without: the entry is neither hashed nor written; that seam exists only here.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks import models
from benchmarks.durable import BLOCK, Advance, Bench, Times
from engine.services import recorder


@contextmanager
def _without_audit() -> Iterator[None]:
    real = recorder.trail.record_case
    recorder.trail.record_case = lambda *_: None
    try:
        yield
    finally:
        recorder.trail.record_case = real


def audit_cost(url: str, folder: Path, blocks: int, advance: Advance) -> dict[str, Any]:
    """``adds``: the share by which the median step is longer with the trail; to stay at 0.25 or below."""
    bench = Bench(url, folder)
    bench.deploy(models.loop())
    waits = {case_id: bench.open_task(case_id) for case_id in [bench.start("loop") for _ in range(BLOCK)]}
    on, off = Times(), Times()
    for number in range(-4, 2 * blocks):
        times = (on, off)[number % 2] if number >= 0 else Times()
        if number % 2:
            with _without_audit():
                _block(bench, waits, times)
        else:
            _block(bench, waits, times)
        waits = {case_id: bench.open_task(case_id) for case_id in waits}
        advance(BLOCK)
    bench.kapok.close()
    return {"with_ms": round(on.median * 1e3, 3), "without_ms": round(off.median * 1e3, 3),
            "adds": round(on.median / off.median - 1, 3), "steps": len(on.wall)}


def _block(bench: Bench, waits: dict[str, int], times: Times) -> None:
    for case_id, wait in waits.items():
        times.measure(lambda c=case_id, w=wait: bench.complete(c, w, {"again": True}))
