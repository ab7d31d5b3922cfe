"""Starts programs that are not ours, and installs what they need into ``CACHE`` at pinned versions."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
CACHE = HERE.parents[1] / "var" / "bench"
PATIENCE = 600
"""Seconds that a peer, or its installation, may take."""


class LeftOut(Exception):
    """Why a peer cannot be measured here."""


def found(*names: str) -> list[str]:
    """The paths of programs; raises ``LeftOut`` with the names of those that are missing."""
    paths = {name: shutil.which(name) for name in names}
    if missing := [name for name, path in paths.items() if path is None]:
        raise LeftOut(f"{' and '.join(missing)} missing on this machine")
    return [path for path in paths.values() if path is not None]


def node_package(name: str) -> Path:
    """A folder with the files of ``peers/<name>`` and the packages of its lock file."""
    _, npm = found("node", "npm")
    folder = CACHE / name
    lock = HERE / name / "package-lock.json"
    fresh = (folder / "node_modules").is_dir() and (folder / lock.name).read_bytes() == lock.read_bytes()
    shutil.copytree(HERE / name, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("node_modules"))
    if not fresh:
        call([npm, "ci", "--silent", "--no-audit", "--no-fund"], folder)
    return folder


def node_version(folder: Path) -> str:
    """The one dependency that a peer of npm pins."""
    (version,) = json.loads((folder / "package.json").read_text("utf-8"))["dependencies"].values()
    return str(version)


def answers(command: Sequence[str], folder: Path, given: str = "") -> list[dict[str, Any]]:
    """The JSON objects that a program prints, one a line."""
    return [json.loads(line) for line in call(command, folder, given).splitlines() if line.startswith("{")]


def call(command: Sequence[str], folder: Path, given: str = "") -> str:
    """What a program prints; raises ``LeftOut`` when it takes too long or ends with an error."""
    try:
        done = subprocess.run(command, cwd=folder, input=given, capture_output=True, text=True, timeout=PATIENCE,
                              check=False)
    except subprocess.TimeoutExpired as error:
        raise LeftOut(f"took more than {PATIENCE} s") from error
    if done.returncode != 0:
        raise LeftOut(f"it ended with {done.returncode}: {(done.stderr or done.stdout).strip()[-300:]}")
    return done.stdout
