"""``kapok period``: every worked example; by a key of the rule table; and what is refused, with the article."""

import csv
import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from engine.cli import main

VECTORS = list(csv.DictReader(Path("tests/domain/period_vectors.csv").read_text("utf-8").splitlines()))


def call(*words):
    return CliRunner().invoke(main, ["period", *map(str, words)])


@pytest.mark.parametrize("row", VECTORS, ids=lambda row: row["id"])
def test_every_worked_example(row):
    first = date.fromisoformat(row["start_date"]) + timedelta(days=1)
    pause = f"{first}..{first + timedelta(days=int(row['pause_days']))}"
    answer = call("--profile", row["profile"], "--event", row["event_date"], "--length", row["length"],
                  "--unit", row["unit"], "--delivery", row["delivery"] or "none",
                  *(("--pause", pause) if row["pause_days"] != "0" else ()), "--format", "json")
    found = json.loads(answer.stdout)
    assert (found["start"], found["due"]) == (row["start_date"], row["expected_due"])
    assert found["provisional"] is (row["calendar_provisional"] == "yes")
    assert row["pause_days"] != "0" or found["nominal"] == row["nominal_end"]


@pytest.mark.parametrize(("words", "due"), [
    (("dl.cnipa.oa1", "2026-03-02"), "2026-07-02"),
    (("dl.cnipa.oa1", "2026-03-02", "--extend", 1, "month", "--asked", "2026-07-02"), "2026-08-03"),
    (("dl.cnipa.oa1", "2026-03-02", "--pause", "2026-04-01..2026-04-11"), "2026-07-13"),
    (("dl.inv.answer", "2026-03-02", "--delivery", "cnipa.post", "--proven", "2026-03-05"), "2026-04-07"),
])
def test_a_key_of_the_rule_table(words, due):
    key, event, *more = words
    answer = call("--rule", key, "--event", event, *more, "--format", "json")
    assert answer.exit_code == 0 and json.loads(answer.stdout)["due"] == due


@pytest.mark.parametrize(("words", "said"), [
    (("dl.inv.anser",), "dl.inv.answer"),
    (("dl.inv.answer", "--extend", 1, "month"), "专利法实施细则75"),
    (("dl.cnipa.oa1", "--extend", 1, "month", "--asked", "2026-07-03"), "专利法实施细则6(4)"),
    (("dl.cnipa.oa1", "--pause", "2026-04-11..2026-04-01"), "on or after its first day 2026-04-11"),
    (("dl.cnipa.fee.notice", "--pause", "2026-03-03..2026-03-04"), "专利法实施细则112"),
    (("dl.cnipa.oa1", "--interrupted", "2026-03-03"), "V-7-1.2"),
])
def test_what_is_refused(words, said):
    key, *more = words
    answer = call("--rule", key, "--event", "2026-03-02", *more)
    assert (answer.exit_code, answer.stdout) == (1, "") and said in answer.stderr
