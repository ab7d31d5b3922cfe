"""The worked examples once more, through a running case: a rule of the table, a deadline of a case, its row."""

import csv
from datetime import date
from pathlib import Path

from engine.clock import LOCAL_ZONE
from engine.domain.actors import SYSTEM
from engine.domain.deadline_commands import ArmDeadline, ChangeRule, PauseDeadline
from engine.store import schema as s
from tests.support.bpmn import chain, end, process, start, user
from tests.support.house import SUPERVISOR, House

VECTORS = list(csv.DictReader(
    Path(__file__).parents[1].joinpath("domain", "period_vectors.csv").read_text("utf-8").splitlines()))
PAUSED = {"PV29": (date(2025, 6, 20), date(2025, 7, 25))}


def rule(row: dict[str, str]) -> dict[str, object]:
    words = {"zh": row["id"], "en": row["id"]}
    return {"key": f"dl.example.{row['id']}", "name": words, "length": int(row["length"]), "unit": row["unit"],
            "profile": row["profile"], "starts": words, "on_expiry": words, "delivery": row["delivery"],
            "suspension": {"reasons": words, "article": row["basis"]},
            "basis": [{"article": row["basis"], "mark": "c"}]}


def test_every_worked_example_comes_out_in_a_case(house: House) -> None:
    house.deploy(process("p", start("s"), user("A"), end("e"), chain("s", "A", "e")), actor=SYSTEM)
    case = house.start("p")
    for row in VECTORS:
        content = rule(row)
        key = str(content["key"])
        house.run(ChangeRule(key, (content,), row["id"]))
        armed = house.run(ArmDeadline(case, key, date.fromisoformat(row["event_date"]), row["delivery"]), SUPERVISOR)
        if row["id"] in PAUSED:
            house.run(PauseDeadline(armed["deadline"], "鉴定", "委托书", *PAUSED[row["id"]]), SUPERVISOR)
    found = {row.key.removeprefix("dl.example."): row for row in house.rows(s.deadline)}
    for row in VECTORS:
        one = found[row["id"]]
        expected = (row["start_date"], row["nominal_end"], row["expected_due"], row["calendar_provisional"] == "yes")
        days = (one.start_on.isoformat(), one.nominal_on.isoformat(), one.due_on.isoformat(), one.provisional)
        assert days == expected, row["id"]
        midnight = one.due_at.astimezone(LOCAL_ZONE)
        assert (midnight.hour, midnight.minute, (midnight.date() - one.due_on).days) == (0, 0, 1)
    assert len(found) == len(VECTORS) == 28
