"""Camunda 7 and Flowable, embedded in one JVM each, on the same PostgreSQL: see ``jvm/``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from benchmarks.peers import programs
from benchmarks.peers.server import Server

SOURCE = Path(__file__).with_name("jvm")
BUILT = programs.CACHE / "jvm"
OPTIONS = ("-Xmx1g", "-XX:-UseDynamicNumberOfCompilerThreads")
"""The threads of the compiler stay, so that what they spend can be told apart."""


def measure(engine: str, url: str, sizes: tuple[int, int, int], clients: tuple[int, ...]) -> list[dict[str, Any]]:
    """``engine``: a module of ``jvm/``. ``sizes``: cases, rounds, completions that warm the JVM up, not counted."""
    java, _ = programs.found("java", "mvn")
    _build()
    server = Server.of(url)
    folder = BUILT / engine
    classpath = os.pathsep.join((str(folder / "classes"), (folder / "classpath").read_text("utf-8").strip()))
    command = [java, *OPTIONS, "-cp", classpath, f"kapok.bench.{engine.capitalize()}", server.jdbc, str(server.pid),
               *map(str, sizes), *map(str, clients)]
    return programs.answers(command, folder)


def _build() -> None:
    """Compiles what has changed; libraries come from Maven Central at the versions that the poms pin."""
    (mvn,) = programs.found("mvn")
    programs.call([mvn, "--quiet", "--batch-mode", f"-Dcache={BUILT}", "process-classes"], SOURCE)
