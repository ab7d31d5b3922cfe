"""What README.md promises, one test for each promise that no other test of this folder is already about.

=====================================================  ==============================================================
what cannot be executed is refused by name             test_bad_input
caseworkers see tasks, diagram, documents, deadlines   here; in a browser: test_browser_pre_examination
partners: signed webhooks, receipts                    test_webhooks
deadlines freeze the versions they were computed by    here
every fact recorded with its cause, chained            here; a changed entry is found: test_commands
two commands, printed accounts, kept data, Ctrl-C      here
SpiffWorkflow beside the kernel                        here; its defects: tests/spiffworkflow
PostgreSQL in five lines                               here; under load: test_kill, test_race
usable within 10 s after kill -9                       test_kill
parallel tasks of one case all succeed                 test_race
FEEL, interpreted with limits                          here
legal periods built in                                 here
the command line in short, as it stands there          here
a picture of the running product                       here
=====================================================  ==============================================================
"""

from __future__ import annotations

import json
import re
import shlex
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from engine.cli import COMMANDS, main
from engine.cli.demo import ACCOUNTS, PASSWORD
from engine.store import schema as s
from engine.workbench.samples import read_samples
from tests.support.bpmn import chain, end, flow, loop, process, start, task, user, xor
from tests.support.person import Person, said
from tests.support.server import KAPOK, ROOT, Site, environment, free_port
from tests.support.shell import Shell
from tests.support.waiting import wait_until

pytestmark = pytest.mark.process
README = (ROOT / "README.md").read_text("utf-8")


def block(heading: str) -> list[str]:
    """The lines of the first code block under a heading of the readme, without their remarks."""
    text = README.partition(f"## {heading}")[2].partition("```sh\n")[2].partition("```")[0]
    return [re.split(r"\s{2,}# ", line)[0].strip() for line in text.splitlines() if line.strip()]


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    return Shell(tmp_path_factory.mktemp("readme"), {})


# -- two commands -----------------------------------------------------------------------------------------------------

class Demo:
    """``kapok demo``, which is what ``make demo`` runs, as its own process."""

    def __init__(self, folder: Path, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        database = f"sqlite:///{folder / 'kapok.db'}"
        self._env = environment({"folder": folder / "var", "database_url": database, "port": port})

    def start(self) -> str:
        """What it prints, up to the line about Ctrl-C; it serves when this returns."""
        self._process = subprocess.Popen([KAPOK, "demo"], cwd=ROOT, env=self._env, stdout=subprocess.PIPE,
                                         stderr=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        lines: list[str] = []
        while not lines or "Ctrl-C" not in lines[-1]:
            line = self._process.stdout.readline()
            assert line, self._process.stderr.read() if self._process.stderr is not None else ""
            lines.append(line)
        wait_until(self._answers, 60, f"{self.url} ready")
        return "".join(lines)

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/readyz", trust_env=False).status_code == 200
        except httpx.TransportError:
            return False

    def interrupt(self) -> tuple[int, str]:
        """Ctrl-C: the exit status and what it says on standard error."""
        self._process.send_signal(signal.SIGINT)
        _, told = self._process.communicate(timeout=30)
        return self._process.returncode, told


@pytest.fixture(scope="module")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def demo(demo_folder: Path) -> Iterator[tuple[Demo, str]]:
    running = Demo(demo_folder, free_port())
    try:
        yield running, running.start()
    finally:
        status, told = running.interrupt()
    assert status == 0
    assert "Traceback" not in told


def test_the_demo_prints_its_address_the_accounts_and_the_first_thing_to_click(demo: tuple[Demo, str]) -> None:
    running, words = demo
    assert running.url in words
    for account in ACCOUNTS:
        assert re.search(rf"{account.name}\s+{re.escape(account.title)}\s+{PASSWORD}", words), account.name
    assert "新建" in words


def test_every_demo_account_signs_in_and_sample_cases_are_there(demo: tuple[Demo, str]) -> None:
    running, _ = demo
    for account in (ACCOUNTS[0], ACCOUNTS[-1]):  # they share one password, whose check takes its time on purpose
        Person(running.url, account.name).sign_in()
    offered = httpx.get(f"{running.url}/sign-in").text
    assert all(f"<code>{account.name}</code>" in offered for account in ACCOUNTS)
    page = Person(running.url, "intake").sign_in().get("/cases").text
    for sample in read_samples((ROOT / "bpmn" / "samples.yaml").read_bytes()):
        if sample.case["process"] == "pre_examination":
            assert sample.case["start"]["title"] in page


def test_a_caseworker_sees_task_diagram_documents_and_how_a_deadline_was_computed(demo: tuple[Demo, str]) -> None:
    running, _ = demo
    examiner = Person(running.url, "examiner").sign_in()
    task_key = re.findall(r'href="/tasks/([^"]+)"', examiner.get("/").text)[0]
    number = re.findall(r'href="/cases/(YS-[^"]+)"', examiner.get(f"/tasks/{task_key}").text)[0]
    page = examiner.get(f"/cases/{number}")
    assert "预审受理通知书" in page.text
    assert "为什么是这一天" in said(page)
    assert "工作日" in said(page)
    diagram = re.findall(r'data-diagram="([^"]+)"', page.text)[0]
    assert b"<bpmn:definitions" in examiner.get(diagram).content


def test_ctrl_c_stops_the_demo_cleanly_and_a_second_start_keeps_the_data(demo: tuple[Demo, str]) -> None:
    running, words = demo
    before = case_numbers(running)
    status, told = running.interrupt()
    assert (status, "Traceback" in told) == (0, False), told
    assert running.start() == words
    assert case_numbers(running) == before != []


def case_numbers(running: Demo) -> list[str]:
    page = Person(running.url, "intake").sign_in().get("/cases").text
    return sorted(re.findall(r">(YS-\d{4}-\w\w-\d{6})<", page))


# -- deadlines and the file -------------------------------------------------------------------------------------------

def test_a_deadline_freezes_the_versions_and_the_computation_it_comes_from(demo_folder: Path, demo: object) -> None:
    rows = Site(demo_folder, f"sqlite:///{demo_folder / 'kapok.db'}").rows(s.deadline)
    assert {row.key for row in rows} >= {"dl.pre.answer", "dl.pre.first_opinion"}
    for row in rows:
        assert row.rule_version
        assert row.calendar_version
        assert row.computation
        assert row.due_at.utcoffset() is not None


def test_every_fact_is_chained_and_the_file_can_be_checked(demo_folder: Path, demo: object) -> None:
    site = Site(demo_folder, f"sqlite:///{demo_folder / 'kapok.db'}")
    cases = site.rows(s.case)
    chains = {row.chain for row in site.rows(s.audit)}
    assert {row.id for row in cases} <= chains
    report = Shell(demo_folder, {}).json("audit", "verify")
    assert report["broken"] == []
    assert report["chains"] == len(chains)


def test_an_expression_of_a_diagram_arms_a_deadline() -> None:
    assert '=deadline("dl.pre.answer")' in (ROOT / "bpmn/pre_examination/pre_examination.bpmn").read_text("utf-8")


# -- two engines ------------------------------------------------------------------------------------------------------

FOUR_TASKS = process(
    "four", start("s"), xor("Again"), task("A"), task("B"), task("C"), user("D"), xor("More", default="on"), end("e"),
    chain("s", "Again", "A", "B", "C", "D", "More"), flow("More", "Again", "= round < 300"), flow("More", "e", id="on"))


def test_random_paths_of_a_diagram_agree_in_both_engines(shell: Shell) -> None:
    model = ROOT / "bpmn" / "pre_examination" / "sanction.bpmn"
    report = shell.json("verify", model, "--paths", "3")
    assert report["differences"] == []
    assert report["agreed"] == report["paths"] > 0


def test_a_loop_of_four_tasks_never_ends_falsely(shell: Shell, tmp_path: Path) -> None:
    """Where the stock executor reports the end after 250 rounds with a task still open."""
    model, script = tmp_path / "four.bpmn", tmp_path / "rounds.json"
    model.write_bytes(FOUR_TASKS)
    script.write_text(json.dumps([{"complete": "D", "with": {"round": number}} for number in range(1, 301)]))
    report = shell.json("run", model, "--script", script, "--variables", '{"round": 0}')
    assert (report["outcome"], report["ended_at"]) == ("completed", ["e"])
    assert sum(entry["element"] == "D" for entry in report["trace"]) == 300


def test_what_the_comparison_claims_to_run_runs_or_is_refused_by_name(shell: Shell, tmp_path: Path) -> None:
    model = tmp_path / "standard_loop.bpmn"
    model.write_bytes(process(
        "p", start("s"), task("Loop", loop("= loopCounter < 3")), end("e"), chain("s", "Loop", "e")))
    report = shell.json("run", model, status=None)
    assert report["outcome"] in ("completed", "rejected")
    assert bool(report["rejected"]) == (report["outcome"] == "rejected")
    assert all(item["element"] for item in report["rejected"])


# -- PostgreSQL -------------------------------------------------------------------------------------------------------

@pytest.mark.postgresql
def test_postgresql_in_five_lines(postgresql_url: str, tmp_path: Path) -> None:
    """The five lines, with the tests' server: deploy, then serve and work as two processes."""
    lines = block("PostgreSQL in five lines")
    assert len(lines) == 5
    assert ".venv/bin/kapok deploy bpmn/" in lines
    assert ".venv/bin/kapok serve & .venv/bin/kapok work" in lines
    shell = Shell(tmp_path, {"DATABASE_URL": postgresql_url})
    deployed = shell.json("deploy", ROOT / "bpmn")
    assert any(key.startswith("pre_examination") for key in deployed["definitions"])
    shell.run("user", "add", "applicant", "--role", "applicant", "--password-stdin", typed=PASSWORD + "\n")
    with Site(tmp_path, postgresql_url).serve() as server:
        assert "专利预审" in Person(server.url, "applicant").sign_in().get("/start").text


# -- the command line in short ----------------------------------------------------------------------------------------

@pytest.mark.parametrize("line", block("The command line in short"))
def test_a_line_of_the_readme_does_what_it_says(shell: Shell, tmp_path: Path, line: str) -> None:
    model = tmp_path / "model.bpmn"
    model.write_bytes(process("p", start("s"), user("Ask"), end("e"), chain("s", "Ask", "e")))
    program, *words = shlex.split(line)
    assert program == "kapok"
    places = {"bpmn/": str(ROOT / "bpmn"), "model.bpmn": str(model)}
    if words[0] == "scenario":  # played whole in test_commands; here that the line is understood
        words[1:2] = [str(empty(tmp_path))]
    result = shell.run(*(places.get(word, word) for word in words))
    assert result.stdout.strip()


def empty(folder: Path) -> Path:
    place = folder / "no-scenarios"
    place.mkdir()
    return place


def test_every_reading_command_prints_json() -> None:
    reading = {"lint", "run", "scenario", "verify", "decide", "feel", "period", "doctor"}
    for name in reading:
        command = main.get_command(None, name)  # type: ignore[arg-type]
        assert "style" in {option.name for option in command.params}, name
    assert reading <= set(COMMANDS)


@pytest.mark.parametrize("attack", [
    '__import__("os").listdir()', 'open("/etc/passwd")', '"a".__class__.__mro__', "(lambda: 1)()", "eval(1)",
    'count(for a in 1..1000000, b in 1..1000000 return a)', "[" * 5000 + "1" + "]" * 5000, '(' * 5000])
def test_feel_is_interpreted_with_limits(shell: Shell, attack: str) -> None:
    """Nothing of Python is reached: null with a warning, or an error, and soon."""
    answer = shell.json("feel", attack, status=None)
    assert "error" in answer or (answer["result"] is None and answer["warnings"])


def test_legal_periods_are_built_in(shell: Shell) -> None:
    line = next(line for line in block("The command line in short") if " period " in line)
    report = shell.json(*shlex.split(line)[1:])
    assert report["due"] == "2026-03-09"


def test_the_picture_is_one_of_the_running_product() -> None:
    named = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", README)
    assert named
    for name in named:
        content = (ROOT / name).read_bytes()
        assert content.startswith(b"\x89PNG")
        assert len(content) > 20_000
