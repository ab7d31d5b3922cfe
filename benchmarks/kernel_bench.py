"""Cost of the kernel alone: no database, no history. Prints figures of this machine, to be compared within one run.

    python -m benchmarks.kernel_bench
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from time import process_time

from engine.definition.model import Definition
from engine.execution import Environment, Instance
from tests.execution.case import define
from tests.support.bpmn import chain, end, flow, multi, parallel, process, start, task, user, xor

NOW = datetime(2026, 1, 1, tzinfo=UTC)
BATCH = 200
ROUNDS = (10, 1_000, 5_000)


def best(run: Callable[[], None], times: int = 5) -> float:
    """The fastest of several runs, in seconds of processor time."""
    found = []
    for _ in range(times):
        begin = process_time()
        run()
        found.append(process_time() - begin)
    return min(found)


def loop_with_a_wait() -> Definition:
    return define(process("p", start(), xor("m"), user("a"), xor("x", default="out"), end(), chain("start", "m", "a",
                                                                                                 "x"),
                        flow("x", "m", "= again", id="back"), flow("x", "end", id="out")))


def completion(definition: Definition, data: dict[str, object]) -> dict[str, float]:
    """One completion of a user task in a loop at several rounds, stored and loaded each time."""
    instance, _ = Instance.start(definition, {**data, "again": True}, NOW)
    figures: dict[str, float] = {}
    step = codec = 0.0
    for number in range(1, max(ROUNDS) + BATCH + 1):
        begin = process_time()
        instance.complete(next(iter(instance.waits)), {"again": True, "n": number}, NOW)
        middle = process_time()
        stored = instance.dump()
        instance = Instance.load(definition, stored)
        step, codec = step + middle - begin, codec + process_time() - middle
        if number in ROUNDS:
            step = codec = 0.0
        if number - BATCH in ROUNDS:
            figures[f"step at round {number - BATCH}, µs"] = step / BATCH * 1e6
    figures["dump and load, µs"] = codec / BATCH * 1e6
    figures["state, bytes"] = len(stored)
    return figures


def automatic(count: int = 5_000) -> float:
    """Elements a second when nothing waits."""
    definition = define(process("p", start(), xor("m"), task("a"), xor("x", default="out"), end(),
                              chain("start", "m", "a", "x"), flow("x", "m", "= true", id="back"),
                              flow("x", "end", id="out")))
    return count / best(lambda: void(Instance.start(definition, {}, NOW, env=Environment(step_limit=count))))


def void(_: object) -> None:
    """Lets an expression be a statement."""


def many(count: int = 1_000) -> float:
    definition = define(process("p", start(), user("a", multi("= items", "item", into="out", output="= item")), end(),
                              chain("start", "a", "end")))

    def run() -> None:
        instance, _ = Instance.start(definition, {"items": list(range(count))}, NOW)
        for wait in list(instance.waits):
            instance.complete(wait, {}, NOW)
        assert instance.ended

    return best(run, 3)


def branches(count: int = 1_000) -> float:
    definition = define(process("p", start(), parallel("f"), *(task(f"t{n}") for n in range(count)), parallel("j"),
                                end(), chain("start", "f"), chain("j", "end"),
                                *(chain("f", f"t{n}", "j") for n in range(count))))
    return best(lambda: void(Instance.start(definition, {}, NOW)), 3)


def main() -> None:
    figures = completion(loop_with_a_wait(), {"text": "x" * 1_000})
    figures["automatic elements a second"] = automatic()
    figures["parallel multi-instance of 1,000 user tasks, start to join, s"] = many()
    figures["1,000 parallel branches, fork to join, s"] = branches()
    for name, value in figures.items():
        print(f"{name:64} {value:12,.3f}" if value < 10 else f"{name:64} {value:12,.0f}")


if __name__ == "__main__":
    main()
