"""What the front door promises is there: commands, links, licences, pins."""

import configparser
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.source import ROOT

PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for folder in (ROOT, ROOT / "docs", ROOT / "docs" / "adr", ROOT / "docs" / "procedures")
    for path in folder.glob("*.md")
)
LINK = re.compile(r"!?\[[^\]]*\]\(([^)#\s]+)")
ROOMS = ("engine", "webhooks", "bpmn", "tests", "benchmarks", "docs")
NAMED = re.compile(rf"`((?:{'|'.join(ROOMS)})/[\w./-]+)`")
NAMED_TEST = re.compile(r"`(?:\w+/)*(test_\w+\.py)`")
READMES = ("README.md", "README.zh-CN.md")


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def requirements() -> set[str]:
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    wanted = [config["options"]["install_requires"], *config["options.extras_require"].values()]
    return {re.split(r"[\[<>=;~ ]", line)[0] for text in wanted for line in text.split("\n") if line.strip()}


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    links = [link for link in LINK.findall(read(page)) if "://" not in link and not link.startswith("mailto:")]
    assert not [link for link in links if not (ROOT / page).parent.joinpath(link).exists()]


@pytest.mark.parametrize("page", PAGES)
def test_files_that_a_page_names_exist(page: str) -> None:
    assert [name for name in NAMED.findall(read(page)) if not [*ROOT.glob(name.replace("YYYY", "*"))]] == []
    tests = {path.name for path in (ROOT / "tests").rglob("test_*.py")}
    assert set(NAMED_TEST.findall(read(page))) - tests == set()


def test_every_page_can_be_found() -> None:
    """From the readme, by links."""
    found, ahead = set(), [ROOT / "README.md"]
    while ahead:
        page = ahead.pop()
        found.add(page)
        near = (page.parent / link for link in LINK.findall(page.read_text("utf-8")) if link.endswith((".md", "/")))
        ahead += [one for there in near for one in _pages(there.resolve()) if one not in found]
    assert sorted(page for page in PAGES if ROOT / page not in found) == []


def _pages(there: Path) -> list[Path]:
    return sorted(there.glob("*.md")) if there.is_dir() else [there] * there.exists()


@pytest.mark.parametrize("readme", READMES)
def test_make_targets_of_the_readme_exist(readme: str) -> None:
    named = set(re.findall(r"^make (\w+)", read(readme), re.MULTILINE))
    assert {"demo", "test"} <= named
    assert named <= set(re.findall(r"^(\w+):", read("Makefile"), re.MULTILINE))


def test_commands_of_the_readme_exist() -> None:
    """Each ``kapok WORD`` of the readme is a command with a help text."""
    kapok = Path(sys.executable).with_name("kapok")
    commands = sorted(set(re.findall(r"(?:^|/)kapok (\w+)", read("README.md"), re.MULTILINE)))
    assert len(commands) > 5
    for command in commands:
        done = subprocess.run([kapok, command, "--help"], capture_output=True, cwd=ROOT, check=False)
        assert done.returncode == 0, f"{command}: {done.stderr.decode()}"


def test_readmes_say_the_same_commands() -> None:
    first, second = (
        set(re.findall(r"^(?:make|kapok|\.venv/bin/kapok) \w+", read(name), re.MULTILINE)) for name in READMES
    )
    assert first == second


def test_make_help_lists_every_command() -> None:
    done = subprocess.run(["make", "help"], capture_output=True, cwd=ROOT, check=True)
    listed = set(re.findall(r"make (\w+)", done.stdout.decode()))
    assert {"demo", "test", "check", "prove", "bench", "help", "audit", "clean"} <= listed


def test_every_requirement_is_pinned_and_its_licence_listed() -> None:
    pinned = {re.split(r"==", line)[0].lower().replace("_", "-") for line in read("constraints.txt").split("\n")}
    licences = read("LICENSES-THIRD-PARTY.md").lower()
    wanted = {name.lower().replace("_", "-") for name in requirements()}
    assert wanted - pinned == set()
    assert {name for name in wanted if name not in licences} == set()


def test_nothing_of_the_makers_machine_is_left() -> None:
    """No absolute paths of a workshop in what is shipped or read."""
    texts = [*(ROOT / page for page in PAGES), ROOT / "Makefile", ROOT / "setup.cfg", *(ROOT / ".ci").iterdir()]
    assert not [
        path.name for path in texts if re.search(r"/work/|/root/|/home/", Path(path).read_text(encoding="utf-8"))
    ]


def test_the_threat_model_names_tests_that_are_there_and_leaves_no_edge_out() -> None:
    text = (ROOT / "docs" / "security.md").read_text("utf-8")
    named = sorted(set(re.findall(r"`(tests/[\w/]+\.py)`", text)))
    assert [name for name in named if not (ROOT / name).is_file()] == []
    threats, tests = (re.findall(r"^\| (\w[^|]*?) \|(.*)\|$", part, re.MULTILINE)
                      for part in text.partition("## Threat model")[2].split("| edge |")[1:])
    assert [edge for edge, _ in threats] == [edge for edge, _ in tests]
    assert all(len(cells.split("|")) == 6 and all(cells.split("|")) for _, cells in (*threats, *tests))
    untested = sum("test_" not in cell for _, cells in tests for cell in cells.split("|"))
    assert untested == 3  # the accounts of the machine and of the database
