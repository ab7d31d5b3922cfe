"""The project's own worked examples, and each trap of period computation by name."""

import csv
from datetime import date
from pathlib import Path

import pytest

from engine.domain.calendar import shipped_calendar
from engine.domain.periods import compute, parse_request, report

VECTORS = list(csv.DictReader(Path(__file__).with_name("period_vectors.csv").read_text("utf-8").splitlines()))
PAUSES = {"PV29": ["2025-06-20..2025-07-25"]}


@pytest.mark.parametrize("row", VECTORS, ids=lambda row: row["id"])
def test_worked_example(row):
    pauses = PAUSES.get(row["id"], [])
    request = parse_request(row["profile"], row["event_date"], row["length"], row["unit"], row["delivery"], pauses)
    found = report(compute(request, shipped_calendar()))
    assert list(found) == ["start", "nominal", "due", "provisional", "steps"]
    expected = (row["start_date"], row["nominal_end"], row["expected_due"])
    assert (found["start"], found["nominal"], found["due"]) == expected
    assert found["provisional"] is (row["calendar_provisional"] == "yes")
    assert date.fromisoformat(found["due"]).strftime("%a") == row["due_weekday"]
