"""The figures of a run as a table, beside what is to be reached."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.console import Console
from rich.table import Table

AT_LEAST, AT_MOST = "≥", "≤"


def show(figures: dict[str, Any], console: Console) -> None:
    console.print(_durable(figures["durable_step"]))
    console.print(_targets(figures))
    if figures.get("peers"):
        console.print(_peers(figures))
    for name, reason in figures.get("left_out", {}).items():
        console.print(f"left out: {name}: {reason}")


def _durable(found: dict[str, Any]) -> Table:
    table = Table("database", "completions/s", "floor/s", "ratio", "p50 ms", "p99 ms", "CPU ms", "floor CPU ms",
                  "statements", title="Durable completion of a user task, one client", title_justify="left")
    for name, row in found.items():
        keys = ("per_s", "floor_per_s", "ratio", "p50_ms", "p99_ms", "cpu_ms", "floor_cpu_ms", "statements")
        table.add_row(name, *(str(row[key]) for key in keys))
    return table


def rows(figures: dict[str, Any]) -> Iterator[tuple[str, float, str, float]]:
    """(what, found, at least or at most, to be reached)."""
    for name, found in figures["durable_step"].items():
        yield f"durable completion / floor, {name}", found["ratio"], AT_LEAST, 0.7
        yield f"SQL statements of a completion, {name}", found["statements"], AT_MOST, 12
        yield f"history, bytes a step, {name}", found["history_bytes_per_step"], AT_MOST, 600
    loop = figures["loop"]
    for name in (key for key in loop if key.endswith("_to_10")):
        yield f"round {int(name.split('_')[1]):,} / round 10 of a loop", loop[name], AT_MOST, 1.2
    yield "state after 1,000 steps with 1 kB of data, bytes", loop["state_bytes_at_1000"], AT_MOST, 4096
    yield "diagram of 200 elements / of 10, per completion", figures["diagram"]["ratio"], AT_MOST, 1.5
    kernel = figures["kernel"]
    yield "kernel, one completion at round 1,000, µs", _find(kernel, "round 1000,"), AT_MOST, 80
    yield "automatic elements a second", _find(kernel, "automatic"), AT_LEAST, 15_000
    yield "1,000 parallel instances, start to join, s", _find(kernel, "1,000 parallel instances"), AT_MOST, 0.3
    yield "first parse of 200 elements, ms", figures["parse"]["first_ms"], AT_MOST, 25
    yield "the same from the cache, ms", figures["parse"]["cached_ms"], AT_MOST, 0.1
    for row in figures["feel"]:
        if row["budget"] is not None:
            yield f"FEEL, {row['name']}, µs", row["feel"], AT_MOST, row["budget"]


def reached(found: float, sign: str, wanted: float) -> bool:
    return found >= wanted if sign == AT_LEAST else found <= wanted


def _find(figures: dict[str, float], part: str) -> float:
    return next(value for name, value in figures.items() if part in name)


def _targets(figures: dict[str, Any]) -> Table:
    table = Table("what", "found", "to reach", "", title="Figures", title_justify="left")
    for what, found, sign, wanted in rows(figures):
        verdict = "reached" if reached(found, sign, wanted) else f"missed ({found / wanted:.2f} ×)"
        table.add_row(what, f"{found:,.6g}", f"{sign} {wanted:,g}", verdict)
    return table


def _peers(figures: dict[str, Any]) -> Table:
    table = Table("engine", "version", "database", "clients", "tasks/s", "p50 ms", "p99 ms", "last/first round",
                  "bytes/case", title="The same work: a loop of one user task, durable after each completion",
                  title_justify="left")
    for row in figures["peers"]:
        growth = f"{row['last_round_ms'] / row['first_round_ms']:.2f}"
        keys = ("tasks_per_s", "p50_ms", "p99_ms")
        table.add_row(row["peer"], row["version"], row["database"], str(row.get("clients", 1)),
                      *(str(row[key]) for key in keys), growth, str(row["bytes_per_case"]))
    return table
