"""Starts each peer that can be started here, one after the other; says why the others are left out."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.peers import kapok_peer
from tests.support.postgres import Postgres

HERE = Path(__file__).parent
PATIENCE = 600
"""Seconds a peer may take."""


class LeftOut(Exception):
    """Why a peer cannot be measured here."""


def _kapok(cases: int, rounds: int, server: Postgres) -> list[dict[str, Any]]:
    return kapok_peer.measure(cases, rounds, server)


def _spiffworkflow(cases: int, rounds: int, _server: Postgres) -> list[dict[str, Any]]:
    return [_answer([sys.executable, "-m", "benchmarks.peers.spiffworkflow_peer", "--cases", str(cases),
                     "--rounds", str(rounds)], HERE.parents[1])]


def _bpmn_engine(cases: int, rounds: int, _server: Postgres) -> list[dict[str, Any]]:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise LeftOut("node or npm is missing")
    folder = HERE / "bpmn_engine"
    if not (folder / "node_modules").is_dir():
        _call([npm, "ci", "--silent", "--no-audit", "--no-fund"], folder)
    return [_answer([node, "peer.mjs", str(cases), str(rounds)], folder)]


PEERS: dict[str, Callable[[int, int, Postgres], list[dict[str, Any]]]] = {
    "Kapok": _kapok, "SpiffWorkflow": _spiffworkflow, "bpmn-engine": _bpmn_engine,
}

NOT_YET = {
    "Camunda 7 / Operaton and Flowable": "embedded on the same PostgreSQL: their harness is not written yet",
}
"""Peers that nothing here can start, and why."""


def measure(cases: int, rounds: int, server: Postgres,
            advance: Callable[[int], None]) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """(figures of each peer, reasons of those that are left out)."""
    found: list[dict[str, Any]] = []
    left_out = dict(NOT_YET)
    for name, peer in PEERS.items():
        try:
            found.extend(peer(cases, rounds, server))
        except LeftOut as reason:
            left_out[name] = str(reason)
        advance(1)
    return found, left_out


def _answer(command: list[str], folder: Path) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(_call(command, folder).strip().splitlines()[-1])
    return answer


def _call(command: list[str], folder: Path) -> str:
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=PATIENCE, check=False)
    except subprocess.TimeoutExpired as error:
        raise LeftOut(f"took more than {PATIENCE} s") from error
    if done.returncode != 0:
        raise LeftOut(f"it ended with {done.returncode}: {(done.stderr or done.stdout).strip()[-300:]}")
    return done.stdout
