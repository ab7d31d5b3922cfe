"""The command line as a new user: every command, the shape of its JSON, exit status 0, 1 and 2."""

from __future__ import annotations

import json
import re
import subprocess
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from engine.cli import COMMANDS, main
from engine.store import schema as s
from tests.support.bpmn import chain, end, process, script, start, user
from tests.support.server import KAPOK, ROOT
from tests.support.shell import Shell

BPMN = ROOT / "bpmn"
STEPS = process("steps", start("s"), user("Ask"), script("Add", "=asked + 1", "sum"), end("e"),
                chain("s", "Ask", "Add", "e"))
WRONG = process("wrong", start("s"), script("Add", "=1 +", "sum"), end("e"), chain("s", "Add", "e"))
INTERFACE = {"demo", "serve", "work", "deploy", "lint", "run", "scenario", "verify", "decide", "feel", "period",
             "audit", "user", "token", "partner", "doctor"}


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """An installation that nobody has used yet."""
    return Shell(tmp_path_factory.mktemp("shell"), {})


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "steps.bpmn"
    path.write_bytes(STEPS)
    return path


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    path = tmp_path / "wrong.bpmn"
    path.write_bytes(WRONG)
    return path


def test_every_command_of_the_interface_is_there_and_says_what_it_is_for() -> None:
    assert set(COMMANDS) >= INTERFACE
    listed = CliRunner().invoke(main, ["--help"]).stdout
    for name in COMMANDS:
        assert re.search(rf"^  {name} +\S", listed, re.MULTILINE), name
        assert CliRunner().invoke(main, [name, "--help"]).exit_code == 0


@pytest.mark.parametrize("words", [
    ["nonsense"], ["feel"], ["feel", "1", "--nonsense"], ["feel", "1", "--format", "xml"], ["period"], ["decide"],
    ["lint"], ["lint", "no/such/path"], ["run"], ["run", "no-such.bpmn"], ["scenario"], ["verify"], ["deploy"],
    ["user", "add"], ["user", "add", "somebody"], ["token", "create"], ["partner", "add", "x"], ["audit", "nonsense"],
    ["serve", "--port", "many"], ["work", "--nonsense"], ["demo", "--port", "many"], ["doctor", "--nonsense"],
], ids=" ".join)
def test_a_wrong_call_exits_with_2_and_prints_nothing_on_standard_output(shell: Shell, words: list[str]) -> None:
    result = shell.run(*words, status=2)
    assert result.stdout == ""
    assert "Usage: " in result.stderr


def test_the_installed_program_is_the_same() -> None:
    """A real process: one JSON document on standard output, messages on standard error, the exit status."""
    done = subprocess.run(
        [KAPOK, "feel", "1 +", "--format", "json"], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 1
    assert set(json.loads(done.stdout)["error"]) == {"message", "line", "column"}
    assert "1:" in done.stderr


# -- reading ----------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("expression", "expected"), [
    ('date("2026-01-31") + duration("P1M")', "2026-02-28"), ("0.1 + 0.2", Decimal("0.3")), ("[1, 2][1]", 1),
    ('{a: date("2026-01-01")}', {"a": "2026-01-01"}), ("null", None), ('duration("P1DT2H")', "P1DT2H")])
def test_feel(shell: Shell, expression: str, expected: object) -> None:
    assert shell.json("feel", expression) == {"result": expected}


def test_feel_with_a_context(shell: Shell) -> None:
    assert shell.json("feel", "fee * 2", "--context", '{"fee": 1.10}') == {"result": Decimal("2.20")}
    assert "--context" in shell.run("feel", "1", "--context", "{", status=2).stderr


def test_feel_that_does_not_parse_says_where(shell: Shell) -> None:
    error = shell.json("feel", "1 +\n* 2", status=1)["error"]
    assert (set(error), error["line"]) == ({"message", "line", "column"}, 2)


def test_feel_of_a_wrong_type_is_null_with_a_warning(shell: Shell) -> None:
    answer = shell.json("feel", '1 + "a"')
    assert answer["result"] is None
    assert answer["warnings"]


def test_feel_that_would_never_end_is_stopped(shell: Shell) -> None:
    answer = shell.json("feel", "count(for a in 1..100000, b in 1..100000 return a)", status=1)
    assert set(answer["error"]) == {"message", "line", "column"}


def test_period(shell: Shell) -> None:
    words = ["period", "--profile", "WORKDAY", "--event", "2026-03-02", "--length", "5", "--unit", "workday"]
    answer = shell.json(*words)
    assert set(answer) == {"start", "nominal", "due", "provisional", "steps"}
    assert (answer["due"], answer["provisional"]) == ("2026-03-09", False)
    assert answer["steps"]
    assert "2026-03-09" in shell.run(*words).stdout
    assert "MOON" in shell.run(*[word if word != "WORKDAY" else "MOON" for word in words], status=1).stderr


def test_decide(shell: Shell) -> None:
    context = '{"e_filing": true, "same_day_double": false, "fee_paid": true, "fee_overdue": false}'
    path = BPMN / "pre_examination" / "filing.dmn"
    answer = shell.json("decide", path, "--decision", "r.pre.fastlane", "--context", context)
    assert answer["result"]["result"] == "ok"
    assert "r.pre.fastlane" in shell.run("decide", path, "--decision", "nonsense", status=1).stderr


def test_lint(shell: Shell, wrong: Path) -> None:
    answer = shell.json("lint", BPMN)
    assert set(answer) == {"files", "findings"}
    assert answer["files"] > 20
    assert [item for item in answer["findings"] if item["severity"] == "error"] == []
    bad = shell.json("lint", wrong, status=1)
    first = next(item for item in bad["findings"] if item["severity"] == "error")
    assert set(first) >= {"file", "element", "rule", "severity", "message"}
    assert (first["element"], Path(first["file"]).name) == ("Add", "wrong.bpmn")
    assert "[Add]" in shell.run("lint", wrong, status=1).stdout


def test_run(shell: Shell, model: Path, wrong: Path, tmp_path: Path) -> None:
    answer = shell.json("run", model, "--variables", '{"asked": 1}')
    assert set(answer) == {"outcome", "trace", "ended_at", "variables", "waiting", "incidents", "rejected"}
    assert (answer["outcome"], answer["ended_at"], answer["variables"]["sum"]) == ("completed", ["e"], 2)
    first = {"element": "s", "type": "startEvent", "event": "completed", "at": "2026-01-01T00:00:00Z"}
    assert answer["trace"][0].items() >= first.items()
    steps = tmp_path / "steps.json"
    steps.write_text(json.dumps([{"complete": "Ask", "with": {"asked": 41}}]))
    assert shell.json("run", model, "--script", steps)["variables"]["sum"] == 42
    steps.write_text(json.dumps([{"hold": "Ask"}]))
    held = shell.json("run", model, "--script", steps)
    assert (held["outcome"], held["waiting"]) == ("waiting", [{"element": "Ask", "kind": "userTask"}])
    rejected = shell.json("run", wrong, status=1)
    assert rejected["outcome"] == "rejected"
    assert {"element", "rule", "message"} <= set(rejected["rejected"][0])


def test_verify(shell: Shell, model: Path) -> None:
    answer = shell.json("verify", model, "--paths", "3")
    assert set(answer) == {"paths", "agreed", "outside_subset", "differences"}
    assert answer["paths"] == answer["agreed"] + len(answer["differences"])
    assert answer["differences"] == []


def test_scenarios_pass_and_visit_every_element_and_flow_of_pre_examination(shell: Shell) -> None:
    answer = shell.json("scenario", BPMN, "--coverage")
    assert set(answer) == {"cases", "passed", "failed", "coverage"}
    assert answer["failed"] == []
    assert answer["passed"] == answer["cases"] > 0
    share = answer["coverage"]["pre_examination"]
    assert (share["elements"], share["flows"], share["missed"]) == (1, 1, [])


def test_a_scenario_that_fails_says_where(shell: Shell, model: Path) -> None:
    model.with_name("steps.scenario.yaml").write_text(
        "process: steps\ncases:\n  - name: too early\n    at: 2026-03-02T09:00:00+08:00\n    start: {}\n"
        "    steps:\n      - complete: Add\n    ends: e\n")
    answer = shell.json("scenario", model.parent, status=1)
    assert (answer["cases"], answer["passed"], "coverage" in answer) == (1, 0, False)
    assert set(answer["failed"][0]) == {"file", "case", "step", "message"}
    assert answer["failed"][0]["case"] == "too early"


# -- changing ---------------------------------------------------------------------------------------------------------

def test_deploy(shell: Shell, model: Path, wrong: Path) -> None:
    first = shell.json("deploy", model)
    assert len(first["definitions"]) == 1
    again = shell.json("deploy", model)
    assert (again["definitions"], again["unchanged"]) == ([], first["definitions"])
    refused = shell.run("deploy", wrong, model, status=1)
    assert refused.stdout == ""
    assert re.search(r"wrong\.bpmn:\d+: error \S+ \[Add\] ", refused.stderr)


def test_accounts_tokens_and_partners(shell: Shell) -> None:
    made = shell.json("user", "add", "zhang", "--role", "examiner")
    assert (set(made), made["user"]) == ({"user", "password"}, "zhang")
    given = shell.json("user", "add", "li", "--role", "intake", "--password-stdin", typed="示例-1234\n")
    assert given == {"user": "li"}
    assert "zhang" in shell.run("user", "add", "zhang", "--role", "examiner", status=1).stderr
    token = shell.json("token", "create", "--user", "zhang", "--scope", "tasks", "--expires", "P30D")
    assert set(token) == {"id", "token"}
    assert "nobody" in shell.run("token", "create", "--user", "nobody", status=1).stderr
    assert "P30D" in shell.run("token", "create", "--user", "zhang", "--expires", "soon", status=1).stderr
    partner = shell.json("partner", "add", "court.1", "--kind", "court", "--may-send", "court.filing.result")
    assert partner["partner"] == "court.1"
    assert [set(key) for key in partner["keys"]] == [{"id", "algorithm", "secret"}]
    assert "court.1" in shell.run("partner", "add", "court.1", "--kind", "court", status=1).stderr


def test_secrets_are_shown_once_and_not_kept_in_plain(shell: Shell) -> None:
    password = shell.json("user", "add", "wang", "--role", "examiner")["password"]
    token = shell.json("token", "create", "--user", "wang")["token"]
    kept = b"".join(path.read_bytes() for path in shell.folder.rglob("*") if path.is_file())
    assert password.encode() not in kept
    assert token.encode() not in kept


def test_audit_verify_finds_the_entry_that_was_changed(tmp_path: Path) -> None:
    shell = Shell(tmp_path, {})
    for name in ("zhang", "li", "wang"):
        shell.run("user", "add", name, "--role", "examiner")
    whole = shell.json("audit", "verify")
    assert (whole["entries"] >= 3, whole["broken"]) == (True, [])
    change = s.audit.update().where(s.audit.c.seq == 2).values(entry=sa.func.replace(s.audit.c.entry, "li", "lu"))
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'kapok.db'}")
    with engine.begin() as connection, pytest.raises(sa.exc.IntegrityError, match="append-only"):
        connection.execute(change)
    with engine.begin() as connection:  # somebody who may do anything in the database
        for name in connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").scalars().all():
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        connection.execute(change)
    broken = shell.json("audit", "verify", status=1)["broken"]
    assert [(item["chain"], item["seq"]) for item in broken] == [("system", 2)]
    assert "entry 2" in shell.run("audit", "verify", status=1).stdout


def test_doctor(shell: Shell) -> None:
    answer = shell.json("doctor")
    assert answer["ok"] is True
    assert {"python", "SpiffWorkflow", "database"} <= {item["check"] for item in answer["checks"]}
    bad = Shell(shell.folder, {"DATABASE_URL": "mysql://nowhere"}).json("doctor", status=1)
    assert [item["check"] for item in bad["checks"] if not item["ok"]] == ["database"]


def test_a_wrong_setting_is_named(shell: Shell) -> None:
    for name, text in (("PORT", "many"), ("DATABASE_URL", "mysql://nowhere")):
        told = Shell(shell.folder, {name: text}).run("user", "add", "x", "--role", "examiner", status=1).stderr
        assert f"KAPOK_{name}" in told or f"{name}" in told


def test_workers_of_their_own_are_refused_on_sqlite(shell: Shell) -> None:
    told = shell.run("work", status=1).stderr
    assert "postgresql://" in told
    assert "kapok serve" in told
