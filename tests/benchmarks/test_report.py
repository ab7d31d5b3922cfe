"""The table of a run, whatever is missing on the machine; and peers that cannot be started here."""

import json
from collections.abc import Iterator
from typing import Any
from unittest.mock import Mock

import pytest
from rich.console import Console

from benchmarks import report
from benchmarks.__main__ import RESULTS
from benchmarks.peers import programs, run


@pytest.fixture
def figures() -> dict[str, Any]:
    """The last run that was kept, with two engines on the same work."""
    kept: dict[str, Any] = json.loads(RESULTS.read_text("utf-8"))
    peers = [_row("Kapok", "sqlite", 400.0, 2.0), _row("Kapok", "postgresql", 100.0, 4.0),
             _row("SpiffWorkflow", "sqlite", 100.0, 8.0), _row("Flowable", "postgresql", 200.0, 6.0)]
    return kept | {"peers": peers, "left_out": {}, "feelin": {"version": "1.2.3"}}


def _row(peer: str, database: str, per_second: float, cpu: float) -> dict[str, Any]:
    return {"peer": peer, "version": "1", "database": database, "clients": 1, "client_kind": "",
            "tasks_per_s": per_second, "p50_ms": 1.0, "p99_ms": 2.0, "first_round_ms": 1.0, "last_round_ms": 1.5,
            "cpu_ms": cpu, "server_cpu_ms": 1.0, "bytes_per_case": 1_700}


def printed(figures: dict[str, Any]) -> str:
    console = Console(width=250)
    with console.capture() as capture:
        report.show(figures, console)
    return capture.get()


def test_each_peer_is_compared_with_kapok_on_what_is_fair(figures: dict[str, Any]) -> None:
    """One client with a database of its own: the wall clock; a shared server: what a core does."""
    ratios = {what: found for what, found, _, _ in report.rows(figures) if what.startswith("Kapok / ")}
    assert ratios == {"Kapok / SpiffWorkflow, tasks/s": 4.0,
                      "Kapok / Flowable, 1 client(s), tasks per CPU second of the engine": 1.5,
                      "Kapok / Flowable, 1 client(s), tasks per CPU second of the engine and the server": 1.4}
    assert "Flowable" in printed(figures) and "feelin 1.2.3" in printed(figures)


@pytest.mark.parametrize("missing", [("peers", "left_out"), ("peers", "left_out", "feelin")])
def test_a_run_without_peers_is_printed(figures: dict[str, Any], missing: tuple[str, ...]) -> None:
    rest = {key: value for key, value in figures.items() if key not in missing}
    assert "Durable completion of a user task" in printed(rest)
    assert "Kapok / " not in printed(rest)


def test_what_is_left_out_is_named_with_its_reason(figures: dict[str, Any]) -> None:
    text = printed(figures | {"left_out": {"Camunda 7": "mvn missing"}, "feelin": {"left_out": "npm missing"}})
    assert "left out: Camunda 7: mvn missing" in text
    assert "left out: feelin: npm missing" in text


def test_a_machine_without_java_and_node_leaves_those_engines_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def kapok(_size: run.Size, _server: Any) -> Iterator[dict[str, Any]]:
        yield _row("Kapok", "sqlite", 1.0, 1.0)

    def jvm(_size: run.Size, _server: Any) -> Iterator[dict[str, Any]]:
        programs.found("java", "mvn")
        yield from ()

    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(run, "PEERS", {"Kapok": kapok, "Flowable": jvm})
    found, left_out = run.measure(run.Size(1, 1, 1), Mock(), lambda _: None)
    assert [row["peer"] for row in found] == ["Kapok"]
    assert left_out == {"Flowable": "java and mvn missing on this machine"}
