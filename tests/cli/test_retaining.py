"""Purge, hold, release and erase from the server's shell, and accounts whose password is known to whoever made them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from engine.app import create_kapok
from engine.clock import VirtualClock
from engine.config import Settings
from engine.domain.actors import SHELL
from engine.domain.commands import CompleteUserTask, Deploy, Resource, StartCase
from engine.store import schema as s
from tests.support.bpmn import chain, end, process, start, user
from tests.support.shell import Shell

MODEL = process("pre_examination", start("s"), user("A"), end("e"), chain("s", "A", "e"))


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path, {})


def rows(shell: Shell, table: sa.Table) -> list[Any]:
    kapok = create_kapok(Settings(database_url=f"sqlite:///{shell.folder / 'kapok.db'}", folder=shell.folder / "var",
                                  secret_key="only for tests"))
    with kapok.database.reading() as connection:
        found = list(connection.execute(table.select()))
    kapok.close()
    return found


@pytest.fixture
def case(shell: Shell) -> str:
    """A case that ended eleven years before its file is looked at."""
    settings = Settings(database_url=f"sqlite:///{shell.folder / 'kapok.db'}", folder=shell.folder / "var",
                        secret_key="only for tests")
    kapok = create_kapok(settings, VirtualClock(datetime(2012, 3, 2, 1, tzinfo=UTC)))
    kapok.run(Deploy((Resource("p.bpmn", MODEL),)), SHELL)
    case = str(kapok.run(StartCase("pre_examination", {"title": "一种装置", "phone": "13812345678"}), SHELL)["case_id"])
    with kapok.database.reading() as connection:
        task = connection.execute(s.user_task.select()).one()
    kapok.run(CompleteUserTask(f"{case}~{task.wait}", {}), SHELL)
    kapok.close()
    return case


def test_a_hold_stops_purge_and_erasure_until_it_is_released(shell: Shell, case: str) -> None:
    assert shell.json("purge", "--dry-run")["purged"] == [case]
    assert shell.json("hold", case, "--reason", "诉讼未结") == {"case_id": case, "held": True}
    assert shell.json("purge")["purged"] == []
    assert case in shell.run("erase", case, "--rows", "1", "--reason", "GX-2026-00001", status=1).stderr
    assert shell.json("release", case) == {"case_id": case, "held": False}
    written = [str(row.seq) for row in rows(shell, s.history) if row.data is not None]
    erased = shell.json("erase", case, "--rows", ",".join(written), "--reason", "GX-2026-00001")["erased"]
    assert erased == len(written) > 0
    assert shell.json("purge", "--dry-run")["purged"] == [case]
    assert "dry_run: False" in shell.run("purge").stdout
    assert [row.title for row in rows(shell, s.case)] == [""]
    assert shell.json("purge")["purged"] == []
    assert shell.json("audit", "verify")["broken"] == []


def test_rows_are_numbers(shell: Shell) -> None:
    assert "'3,x'" in shell.run("erase", "c", "--rows", "3,x", "--reason", "r", status=2).stderr


def test_a_made_password_is_to_be_changed_and_a_given_one_is_not(shell: Shell) -> None:
    shell.json("user", "add", "zhang", "--role", "examiner")
    shell.json("user", "add", "li", "--role", "intake", "--password-stdin", typed="示例-12345678\n")
    found = {row.id: row.must_change for row in rows(shell, s.user)}
    assert (found["zhang"], found["li"]) == (True, False)
    assert set(shell.json("user", "reset", "li", "--second-factor")) == {"user", "password"}
    assert shell.json("user", "role", "li", "--role", "quality") == {"user": "li", "roles": "quality"}
    row = next(row for row in rows(shell, s.user) if row.id == "li")
    assert (row.must_change, row.roles) == (True, ["quality"])
    assert "nobody" in shell.run("user", "reset", "nobody", status=1).stderr


def test_the_index_of_the_search_is_written_anew(shell: Shell, case: str) -> None:
    before = sorted(row.word for row in rows(shell, s.case_word))
    assert shell.json("search", "rebuild", "--batch", "1") == {"cases": 1}
    assert before and sorted(row.word for row in rows(shell, s.case_word)) == before
    assert shell.json("search", "rebuild", "--after", case) == {"cases": 0}
