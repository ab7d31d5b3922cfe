"""How long a diagram takes to become a ``Definition``: the first time, and from the cache that every command uses."""

from __future__ import annotations

from time import process_time
from typing import Any

import sqlalchemy as sa

from benchmarks import models
from engine.definition import SourceFile, load
from engine.services.definitions import Definitions


def measure(elements: int = 200, times: int = 10) -> dict[str, Any]:
    """Milliseconds of processor time, the best of several."""
    content = models.long_loop(elements)
    source = [SourceFile("large.bpmn", content)]
    load([SourceFile("small.bpmn", models.loop())])  # what is loaded once in the life of a process
    checked = _best(lambda: load(source).definition(f"loop{elements}"), times)
    published = _best(lambda: load(source, published=True).definition(f"loop{elements}"), times)
    cache = Definitions()
    cache._definitions["key"] = load(source).definition(f"loop{elements}")
    connection = sa.create_engine("sqlite://").connect()
    cached = _best(lambda: [cache.get(connection, "key") for _ in range(1_000)], times) / 1_000
    return {"elements": elements, "first_ms": round(published, 3), "with_all_checks_ms": round(checked, 3),
            "cached_ms": round(cached, 6), "bytes": len(content)}


def _best(run: Any, times: int) -> float:
    found = []
    for _ in range(times):
        begin = process_time()
        run()
        found.append(process_time() - begin)
    return min(found) * 1e3
