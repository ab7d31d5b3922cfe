"""Starts each peer that can be started here, one after the other; says why the others are left out."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.peers import jvm, kapok_peer, programs
from benchmarks.peers.programs import LeftOut
from tests.support.postgres import Postgres

CLIENTS = (1, 4)


@dataclass(frozen=True)
class Size:
    """``warm_up``: completions that a JVM is given to compile itself, not counted; 0 leaves the JVM engines out."""

    cases: int
    rounds: int
    warm_up: int


Rows = Iterator[dict[str, Any]]


def _kapok(size: Size, server: Postgres) -> Rows:
    kinds = [("sqlite", clients, False) for clients in CLIENTS] + [("postgresql", clients, False)
                                                                  for clients in CLIENTS]
    for number, (database, clients, processes) in enumerate([*kinds, ("postgresql", CLIENTS[-1], True)]):
        with tempfile.TemporaryDirectory() as folder:
            url = server.create() if database == "postgresql" else f"sqlite:///{folder}/{number}.db"
            yield kapok_peer.measure(database, url, Path(folder), size.cases, size.rounds, clients, processes)


def _spiffworkflow(size: Size, _server: Postgres) -> Rows:
    yield from programs.answers([sys.executable, "-m", "benchmarks.peers.spiffworkflow_peer", "--cases",
                                 str(size.cases), "--rounds", str(size.rounds)], programs.HERE.parents[1])


def _bpmn_engine(size: Size, _server: Postgres) -> Rows:
    node, _ = programs.found("node", "npm")
    folder = programs.node_package("bpmn_engine")
    yield from programs.answers([node, "peer.mjs", str(programs.HERE / "loop.bpmn"), str(size.cases),
                                 str(size.rounds)], folder)


def _camunda(size: Size, server: Postgres) -> Rows:
    return _jvm("camunda", size, server)


def _flowable(size: Size, server: Postgres) -> Rows:
    return _jvm("flowable", size, server)


def _jvm(engine: str, size: Size, server: Postgres) -> Rows:
    if not size.warm_up:
        raise LeftOut("a JVM takes too long to warm up for a quick run")
    yield from jvm.measure(engine, server.create(), (size.cases, size.rounds, size.warm_up), CLIENTS)


PEERS: dict[str, Callable[[Size, Postgres], Rows]] = {
    "Kapok": _kapok, "SpiffWorkflow": _spiffworkflow, "bpmn-engine": _bpmn_engine, "Camunda 7": _camunda,
    "Flowable": _flowable,
}


def measure(size: Size, server: Postgres, advance: Callable[[int], None]) -> tuple[list[dict[str, Any]],
                                                                                    dict[str, str]]:
    """(figures of each peer, reasons of those that are left out)."""
    found: list[dict[str, Any]] = []
    left_out: dict[str, str] = {}
    for name, peer in PEERS.items():
        try:
            found.extend(peer(size, server))
        except LeftOut as reason:
            left_out[name] = str(reason)
        advance(1)
    return found, left_out
