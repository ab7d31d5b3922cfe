"""``kapok scenario``: who does a task that the diagram offers to nobody."""

import json

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
