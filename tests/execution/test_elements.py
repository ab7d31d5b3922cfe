"""docs/elements.md says what runs: every row has its test, every kind and trigger of the model its row."""

import re
from pathlib import Path

import pytest

from engine.definition.model import Kind, Trigger
from engine.definition.rules import RULES
from engine.execution.activities import BEHAVIOURS
from engine.execution.program import CONTAINERS
from engine.execution.throws import THROWS

HERE = Path(__file__).parent
PAGE = (HERE.parents[1] / "docs" / "elements.md").read_text(encoding="utf-8")
ROWS = [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in PAGE.splitlines()
        if line.startswith("|") and line.count("|") == 5]
LISTED = [row for row in ROWS if row[2] in ("runs", "refused")]


@pytest.mark.parametrize("row", [row for row in LISTED if row[2] == "runs"], ids=lambda row: f"{row[0]}-{row[1]}")
def test_what_runs_has_a_test(row):
    file, _, test = row[3].partition("::")
    assert re.search(rf"^def {test}\(", (HERE / f"{file}.py").read_text(encoding="utf-8"), re.MULTILINE)


def test_what_is_refused_names_a_rule():
    for row in LISTED:
        if row[2] == "refused":
            assert row[3].removeprefix("rule ") in RULES


def test_every_kind_has_a_row():
    assert {f"`{kind}`" for kind in Kind} <= {row[0].split(" of ")[0] for row in LISTED}


def test_every_kind_has_a_behaviour():
    assert set(Kind) == set(BEHAVIOURS) | CONTAINERS


def test_every_trigger_can_be_thrown_and_has_a_row():
    assert set(THROWS) == set(Trigger)
    assert {str(trigger) for trigger in Trigger} <= {row[1] for row in LISTED}


def test_every_test_file_of_an_element_is_listed():
    files = {path.stem for path in HERE.glob("test_*.py")} - {"test_elements", "test_evidence", "test_incidents",
                                                              "test_schedule", "test_today",
                                                              "test_state", "test_variables"}
    assert files == {row[3].partition("::")[0] for row in LISTED if row[2] == "runs"}
