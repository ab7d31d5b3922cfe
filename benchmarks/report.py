"""The figures of a run as a table, beside what is to be reached."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.console import Console
from rich.table import Table

AT_LEAST, AT_MOST = "≥", "≤"
OURS = "Kapok"
DESK = {"inbox, mine": 50, "inbox, all": 50, "case, 1,000 history entries": 150, "search, number": 50,
        "search, party": 300}
"""Milliseconds in which a page of the desk is to be there."""


def show(figures: dict[str, Any], console: Console) -> None:
    console.print(_durable(figures["durable_step"]))
    if "webhooks" in figures:
        console.print(_messages(figures["webhooks"]))
    console.print(_targets(figures))
    console.print(_feel(figures))
    if figures.get("peers"):
        console.print(_peers(figures))
    for name, reason in left_out(figures).items():
        console.print(f"left out: {name}: {reason}")


def left_out(figures: dict[str, Any]) -> dict[str, str]:
    """Why other engines were not measured, by name."""
    found: dict[str, str] = dict(figures.get("left_out", {}))
    if "left_out" in figures.get("feelin", {}):
        found["feelin"] = figures["feelin"]["left_out"]
    return found


def _durable(found: dict[str, Any]) -> Table:
    table = Table("database", "completions/s", "floor/s", "ratio", "p50 ms", "p99 ms", "CPU ms", "floor CPU ms",
                  "statements", title="Durable completion of a user task, one client", title_justify="left")
    for name, row in found.items():
        keys = ("per_s", "floor_per_s", "ratio", "p50_ms", "p99_ms", "cpu_ms", "floor_cpu_ms", "statements")
        table.add_row(name, *(str(row[key]) for key in keys))
    return table


def _messages(found: dict[str, Any]) -> Table:
    keys = ("per_s", "per_s_together", "floor_per_s", "ratio", "ratio_together", "p50_ms", "cpu_ms", "statements")
    table = Table("signature", "messages/s, one client", "four clients", "floor/s", "ratio", "ratio, four", "p50 ms",
                  "CPU ms", "statements", title_justify="left",
                  title="Inbound messages, verified, stored, correlated, their case moved; one process, PostgreSQL")
    for name, row in found.items():
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
    for name, found in figures.get("timers", {}).items():
        yield f"100,000 overdue timers drained, minutes, {name}", found["minutes_for_100000"], AT_MOST, 5
        yield f"completion meanwhile, 99th percentile, ms, {name}", found["client_p99_ms"], AT_MOST, 1_000
    for name, found in figures.get("desk", {}).items():
        for page, most in DESK.items():
            row = found["pages"][page]
            yield f"{page}, {found['tasks']:,} open tasks, 99th percentile, ms, {name}", row["p99_ms"], AT_MOST, most
            yield f"{page}, kB compressed, {name}", row["kB_gzip"], AT_MOST, 150
    for name, found in figures.get("webhooks", {}).items():
        yield f"inbound messages a second, {found['clients']} clients, {name}", found["per_s_together"], AT_LEAST, 200
    if "calendar" in figures:
        found = figures["calendar"]
        share = 100_000 / found["deadlines"]
        yield "preview of a new calendar over 100,000 open deadlines, s", round(found["preview_s"], 1), AT_MOST, 10
        yield "applying it, s", round(found["apply_s"] * max(share, 1), 1), AT_MOST, 60
    kernel = figures["kernel"]
    yield "kernel, one completion at round 1,000, µs", _find(kernel, "round 1000,"), AT_MOST, 80
    yield "automatic elements a second", _find(kernel, "automatic"), AT_LEAST, 15_000
    yield "1,000 parallel instances, start to join, s", _find(kernel, "1,000 parallel instances"), AT_MOST, 0.3
    yield "first parse of 200 elements, ms", figures["parse"]["first_ms"], AT_MOST, 25
    yield "the same from the cache, ms", figures["parse"]["cached_ms"], AT_MOST, 0.1
    for row in figures["feel"]:
        if row["budget"] is not None:
            yield f"FEEL, {row['name']}, µs", row["feel"], AT_MOST, row["budget"]
    yield from _against_peers(figures.get("peers", []))


def _against_peers(peers: list[dict[str, Any]]) -> Iterator[tuple[str, float, str, float]]:
    """Ours to each peer's: on the wall where one client has a database of its own, per core where all share one."""
    ours = {(row["database"], row["clients"]): row for row in peers
            if row["peer"] == OURS and row["client_kind"] != "processes"}
    for row in peers:
        shared = row["database"] == "postgresql"
        mine = ours.get(("postgresql", row["clients"]) if shared else ("sqlite", 1))
        if row["peer"] == OURS or mine is None:
            continue
        if shared:
            what = f"{OURS} / {row['peer']}, {row['clients']} client(s), tasks per CPU second of the engine"
            yield what, row["cpu_ms"] / mine["cpu_ms"], AT_LEAST, 1.0
            yield f"{what} and the server", _all_cpu(row) / _all_cpu(mine), AT_LEAST, 1.0
        else:
            yield f"{OURS} / {row['peer']}, tasks/s", mine["tasks_per_s"] / row["tasks_per_s"], AT_LEAST, 1.0


def _all_cpu(row: dict[str, Any]) -> float:
    """Milliseconds of processor time a completion, PostgreSQL's included."""
    return float(row["cpu_ms"] + row["server_cpu_ms"])


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


def _feel(figures: dict[str, Any]) -> Table:
    feelin = figures.get("feelin", {}).get("version", "left out")
    table = Table("expression", "compiled", "compiled anew", f"feelin {feelin}, anew", "plain Python",
                  title="FEEL, µs an evaluation (feelin has no compiled form)", title_justify="left")
    for row in figures["feel"]:
        found = (row["feel"], row.get("anew"), row["feelin"], row["python"])
        table.add_row(row["name"], *("-" if each is None else f"{each:,.1f}" for each in found))
    return table


def _peers(figures: dict[str, Any]) -> Table:
    table = Table("engine", "database", "clients", "tasks/s", "p50 ms", "p99 ms", "CPU ms", "server CPU ms",
                  "tasks/CPU s", "with server", "last/first round", "bytes/case",
                  title="The same work: a loop of one user task, durable after each completion; CPU a completion",
                  title_justify="left")
    for row in figures["peers"]:
        clients = f"{row['clients']} {row['client_kind']}".strip()
        table.add_row(f"{row['peer']} {row['version']}", row["database"], clients,
                      *(f"{row[key]:,.1f}" for key in ("tasks_per_s", "p50_ms", "p99_ms", "cpu_ms", "server_cpu_ms")),
                      f"{1_000 / row['cpu_ms']:,.0f}", f"{1_000 / _all_cpu(row):,.0f}",
                      f"{row['last_round_ms'] / row['first_round_ms']:.2f}", f"{row['bytes_per_case']:,}")
    return table
