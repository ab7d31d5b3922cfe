"""``kapok scenario``: who does what is offered to nobody; a broken file keeps no other from being played."""

import json

import pytest
from click.testing import CliRunner

from engine.cli import main
from tests.support.bpmn import chain, end, process, start, user

FILE = """
process: p
cases:
  - name: done by whoever plays
    steps: [{expect: {waiting: [u]}}, {complete: u}]
    ends: end
"""


def test_a_task_that_is_offered_to_nobody_is_done(tmp_path):
    (tmp_path / "p.bpmn").write_bytes(process("p", start(), user("u"), end(), chain("start", "u", "end")))
    (tmp_path / "p.scenario.yaml").write_text(FILE)
    answer = CliRunner().invoke(main, ["scenario", str(tmp_path), "--format", "json"])
    assert json.loads(answer.stdout) == {"cases": 1, "passed": 1, "failed": []}
    assert answer.exit_code == 0


BROKEN = {
    "not YAML": ("cases: [", "Expected YAML"),
    "not UTF-8": (b"\xff\xfe\x00", "Expected YAML"),
    "no cases": ("process: p\n", "'cases' is a required property at the file"),
    "a case that is a word": ("cases: [word]", "is not of type 'object' at cases[1]"),
    "a word nobody knows": ("process: p\ncases:\n  - steps: [{expect: {}}, {compelte: u}]",
                            "('compelte' was unexpected) at cases[1].steps[2]"),
    "no object to complete with": ("cases:\n  - steps: [{complete: u, with: 3}]",
                                   "3 is not of type 'object', 'null' at cases[1].steps[1].with"),
    "a process that does not exist": ("process: q\ncases: [{}]", "q"),
    "a time that is none": ("process: p\ncases: [{at: soon}]", "soon"),
    "a day that is none": ("process: p\ncases:\n  - steps: [{message: m, legal_on: '2026-02-30'}]", "2026-02-30"),
    "a message that starts nothing": ("process: p\ncases: [{start_by: {message: m}}]", "none begun"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_reported_and_the_others_are_played(tmp_path, name):
    content, said = BROKEN[name]
    for folder in ("a", "b", "c"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "p.bpmn").write_bytes(process("p", start(), user("u"), end(), chain("start", "u", "end")))
        (tmp_path / folder / f"{folder}.scenario.yaml").write_text(FILE)
    (tmp_path / "b" / "b.scenario.yaml").write_bytes(content if isinstance(content, bytes) else content.encode())
    answer = CliRunner().invoke(main, ["scenario", str(tmp_path), "--format", "json"])
    report = json.loads(answer.stdout)
    assert (report["cases"], report["passed"], answer.exit_code) == (3, 2, 1)
    [failed] = report["failed"]
    assert failed["file"].endswith("b.scenario.yaml")
    assert said in failed["message"]
