"""The diagrams that are measured, and the engine's own case lifecycle in small: one user task, again and again."""

from __future__ import annotations

from tests.support.bpmn import (
    assign,
    boundary,
    chain,
    end,
    flow,
    multi,
    parallel,
    process,
    start,
    task,
    timer,
    user,
    xor,
)

KILOBYTE = {"note": "x" * 1_000}
"""Data that every case carries, and no step touches."""


def loop() -> bytes:
    """A task for a group of people, with a timer on it, until ``again`` is false."""
    return process("loop", start(), xor("merge"), user("work", assign(groups="examiner")),
                   boundary("reminder", "work", timer("P10D"), interrupting=False), xor("choice", default="out"),
                   end(), end("reminded"), chain("start", "merge", "work", "choice"), chain("reminder", "reminded"),
                   flow("choice", "merge", "= again", id="back"), flow("choice", "end", id="out"))


def long_loop(elements: int) -> bytes:
    """The same loop in a diagram of that many elements; those beyond it are user tasks that come afterwards."""
    rest = [f"later{number}" for number in range(elements - 5)]
    return process(f"loop{elements}", start(), xor("merge"), user("work", assign(groups="examiner")),
                   xor("choice", default="out"), end(), *(user(name, name=f"任务 {name}") for name in rest),
                   chain("start", "merge", "work", "choice"), flow("choice", "merge", "= again", id="back"),
                   flow("choice", (rest or ["end"])[0], id="out"), *(chain(*rest, "end") if rest else ()))


def automatic() -> bytes:
    """Nothing waits: merge, task, choice, for ever."""
    return process("automatic", start(), xor("merge"), task("work"), xor("choice", default="out"), end(),
                   chain("start", "merge", "work", "choice"), flow("choice", "merge", "= true", id="back"),
                   flow("choice", "end", id="out"))


def items() -> bytes:
    """One user task for each item, all at once, their results collected."""
    return process("items", start(), user("work", multi("= items", "item", into="out", output="= item")), end(),
                   chain("start", "work", "end"))


def branches(count: int) -> bytes:
    """A fork into so many tasks, and their join."""
    return process("branches", start(), parallel("fork"), *(task(f"t{n}") for n in range(count)), parallel("join"),
                   end(), chain("start", "fork"), chain("join", "end"),
                   *(chain("fork", f"t{n}", "join") for n in range(count)))
