"""The designer's handbook is true: its files are read, its commands run, and they print what the page says.

A block with a name behind its language is a file; a ``console`` block holds commands (``$ kapok …``, ``$ cp …``), each
with what it prints; a line that ends with ``…`` may go on differently. The blocks of a page share one folder, in order.
"""

import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from engine.cli import main

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "designers.md"
BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)\n```$", re.DOTALL | re.MULTILINE)
COMMANDS = {"lint", "run", "scenario", "verify", "deploy", "decide", "feel", "period"}


def blocks() -> Iterator[tuple[str, str, str]]:
    """(language, file name or "", content), in order."""
    for match in BLOCK.finditer(PAGE.read_text("utf-8")):
        yield match[1], match[2] or "", match[3]


def said(console: str) -> Iterator[tuple[list[str], list[str]]]:
    """(words of a command, the lines it prints) of a console block."""
    for part in re.split(r"^\$ ", console, flags=re.MULTILINE)[1:]:
        command, *lines = part.rstrip("\n").split("\n")
        yield shlex.split(command), lines


def agrees(line: str, wanted: str) -> bool:
    return line.startswith(wanted[:-1]) if wanted.endswith("…") else line == wanted


def kapok(words: list[str], wanted: list[str]) -> None:
    done = CliRunner().invoke(main, words)
    printed = done.stdout.rstrip("\n").split("\n")
    assert done.exit_code == 0, (words, done.output)
    if not any(line.endswith("…") for line in wanted):
        assert len(printed) == len(wanted), (words, done.output)
    for expected in wanted:
        assert any(agrees(line, expected) for line in printed), (words, expected, done.output)


def test_every_example_of_the_handbook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KAPOK_DATABASE_URL", f"sqlite:///{tmp_path / 'kapok.db'}")
    monkeypatch.setenv("KAPOK_FOLDER", str(tmp_path / "var"))
    tried: set[str] = set()
    for language, name, content in blocks():
        if name:
            tmp_path.joinpath(name).parent.mkdir(exist_ok=True)
            tmp_path.joinpath(name).write_text(content + "\n", "utf-8")
        for words, wanted in said(content) if language == "console" else ():
            if words[0] == "cp":
                tmp_path.joinpath(words[2]).parent.mkdir(exist_ok=True)
                shutil.copy(ROOT / words[1], tmp_path / words[2])
            else:
                assert words[0] == "kapok", words
                kapok(words[1:], wanted)
                tried.add(words[1])
    assert tried == COMMANDS
