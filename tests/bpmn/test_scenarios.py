"""The scenario files beside the diagrams hold, and together visit every element and flow."""

import json

from click.testing import CliRunner

from engine.cli.scenarios import scenario_command
from tests.bpmn.procedures import BPMN


def test_every_scenario_holds_and_nothing_is_left_unvisited() -> None:
    result = CliRunner().invoke(scenario_command, [str(BPMN), "--coverage", "--format", "json"])
    report = json.loads(result.stdout)
    assert report["failed"] == []
    missed = {name: process["missed"] for name, process in report["coverage"].items() if process["missed"]}
    assert missed == {}
    assert report["passed"] == report["cases"] > 0
