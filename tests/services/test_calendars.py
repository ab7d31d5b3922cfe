"""A year loaded over open deadlines: previewed, applied in batches, closed ones never; bulk shifts; rules changed."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from engine.domain.actors import SYSTEM
from engine.domain.administration import DecideApproval, RequestApproval
from engine.domain.commands import AddUser, CancelCase
from engine.domain.deadline_commands import ArmDeadline, ChangeRule, LoadCalendar, PauseDeadline, ShiftDeadlines
from engine.domain.rule_reader import shipped_rules
from engine.errors import InvalidInput
from engine.services.people.approvals import SecondPersonNeeded
from engine.store import schema as s
from tests.support.bpmn import chain, end, process, start, user
from tests.support.house import ACTORS, SUPERVISOR, House, emptied

YEAR = '''year = 2027
country = "CN"
source = "示例"

[[holidays]]
name = { zh = "元旦", en = "New Year's Day" }
first = 2027-01-01
last = 2027-01-03

[[holidays]]
name = { zh = "示例假", en = "Sample holiday" }
first = 2027-01-18
last = 2027-01-20
'''
CSV = """day,kind,name_zh,name_en
2027-01-18,rest,示例假,Sample holiday
2027-01-19,shifted,示例假,Sample holiday
2027-01-23,makeup,示例假,Sample holiday
"""


def opened(house: House, *from_on: date, key: str = "dl.inv.answer") -> str:
    house.deploy(process("p", start("s"), user("A"), end("e"), chain("s", "A", "e")), actor=SYSTEM)
    case = house.start("p", {"kind": "design"})
    for day in from_on:
        house.run(ArmDeadline(case, key, day), SUPERVISOR)
    return case


def due(house: House) -> list[tuple[str, bool, str]]:
    return [(row.due_on.isoformat(), row.provisional, row.state) for row in house.rows(s.deadline)]


def test_a_loaded_year_moves_what_it_touches_and_makes_it_firm(house: House) -> None:
    case = opened(house, date(2026, 12, 20), date(2026, 12, 28), date(2026, 3, 2))
    assert due(house) == [("2027-01-20", True, "running"), ("2027-01-28", True, "running"),
                          ("2026-04-02", False, "running")]
    answer = house.run(LoadCalendar(YEAR, "cn-2027.toml"))
    assert (answer["touched"], answer["moved"], answer["firm"]) == (2, 1, 2)
    assert [(row["before"], row["after"]) for row in answer["deadlines"]] == [("2027-01-20", "2027-01-21")]
    house.settle()
    assert due(house) == [("2027-01-21", False, "running"), ("2027-01-28", False, "running"),
                          ("2026-04-02", False, "running")]
    timers = [row.due_at.date().isoformat() for row in house.rows(s.timer)]
    assert timers == ["2027-01-21", "2027-01-28", "2026-04-02"]
    assert [note.data["due_on"] for note in house.history(case, "deadline:calendar")] == ["2027-01-21"]
    assert [note.data["due_on"] for note in house.history(case, "deadline:firm")] == ["2027-01-28"]
    move = house.rows(s.bulk_move)[0]
    assert (move.state, move.moved) == ("done", 2) and house.broken() == []
    planned = house.rows(s.escalation_rung, s.escalation_rung.c.due_on == date(2027, 1, 20))
    assert planned == []


def test_what_is_over_never_moves_and_what_is_paused_waits(house: House) -> None:
    case = opened(house, date(2026, 12, 20))
    house.run(CancelCase(case, "withdrawn"), SUPERVISOR)
    other = opened(house, date(2026, 2, 26), key="dl.cnipa.suspend")
    assert other and due(house)[0][0] == "2027-01-20"
    house.run(LoadCalendar(YEAR, "cn-2027.toml"))
    house.settle()
    assert due(house)[0] == ("2027-01-20", True, "cancelled")


def test_a_paused_deadline_is_computed_anew_when_it_resumes(house: House) -> None:
    opened(house, date(2026, 3, 2))
    row: Any = house.rows(s.deadline)[0]
    house.run(PauseDeadline(f"{row.case_id}~{row.wait}", "中止"), SUPERVISOR)
    answer = house.run(LoadCalendar(YEAR.replace("2027", "2026"), "cn-2026.toml"))
    assert answer["touched"] == 0


def test_csv_says_the_same_as_toml(house: House) -> None:
    opened(house, date(2026, 12, 19))
    answer = house.run(LoadCalendar(CSV, "2027.csv"))
    assert [(row["before"], row["after"]) for row in answer["deadlines"]] == [("2027-01-19", "2027-01-20")]


def test_the_same_year_again_is_refused(house: House) -> None:
    house.run(LoadCalendar(YEAR, "cn-2027.toml"))
    with pytest.raises(InvalidInput):
        house.run(LoadCalendar(YEAR, "again.toml"))


def test_a_year_needs_two_persons_and_the_second_sees_what_moves(database_url: str, tmp_path: Path) -> None:
    house = House(emptied(database_url), tmp_path / "house", two_persons=True)
    for name in ("supervisor1", "supervisor2"):
        house.run(AddUser(name, name, ("supervisor",), "!"))
    opened(house, date(2026, 12, 20))
    command = LoadCalendar(YEAR, "cn-2027.toml")
    with pytest.raises(SecondPersonNeeded):
        house.run(command, SUPERVISOR)
    request = house.run(RequestApproval(command, "国务院通知"), SUPERVISOR)["request"]
    row = house.rows(s.approval_request)[0]
    assert row.summary["preview"]["moved"] == 1 and house.rows(s.calendar_year) == []
    second = ACTORS["supervisor"].__class__("supervisor2", "supervisor2", frozenset({"supervisor"}))
    house.run(DecideApproval(request, True, "已核对"), second)
    house.settle()
    assert due(house)[0][0] == "2027-01-21"
    house.close()


def test_an_announcement_shifts_what_is_due_in_its_span_later_only(house: House) -> None:
    opened(house, date(2026, 3, 2), date(2026, 3, 20))
    answer = house.run(ShiftDeadlines(date(2026, 3, 30), date(2026, 4, 5), date(2026, 4, 15), "第600号公告",
                                      keys=("dl.inv.",)))
    assert answer["moved"] == 1
    house.settle()
    assert [row[0] for row in due(house)] == ["2026-04-15", "2026-04-20"]
    assert "第600号公告" in str(house.rows(s.deadline)[0].computation["steps"])
    with pytest.raises(InvalidInput):
        house.run(ShiftDeadlines(date(2026, 3, 30), date(2026, 4, 5), date(2026, 4, 1), "公告"))


# -- rules ------------------------------------------------------------------------------------------------------------

def content(**changes: Any) -> dict[str, Any]:
    return {**shipped_rules().versions_of("dl.pre.explain")[0].content, **changes}


def test_a_changed_rule_governs_what_begins_later_and_running_cases_keep_theirs(house: House) -> None:
    case = opened(house, date(2026, 3, 2), key="dl.pre.explain")
    old, new = content(effective_to="2026-03-31"), content(length=10, effective_from="2026-04-01")
    answer = house.run(ChangeRule("dl.pre.explain", (old, new), "修订"))
    assert len(answer["after"]) == 2
    house.run(ArmDeadline(case, "dl.pre.explain", date(2026, 4, 1)), SUPERVISOR)
    assert [row[0] for row in due(house)] == ["2026-03-09", "2026-04-16"]
    frozen = house.rows(s.deadline)[0]
    house.run(ShiftDeadlines(date(2026, 3, 9), date(2026, 3, 9), date(2026, 3, 11), "公告"))
    house.settle()
    assert house.rows(s.deadline)[0].rule_version == frozen.rule_version


@pytest.mark.parametrize(("versions", "said"), [
    ([content(basis=[])], "basis"),
    ([content(effective_to="2026-03-31"), content(effective_from="2026-03-31")], "do not overlap"),
    ([content(key="dl.other")], "dl.pre.explain"),
    ([content(ladder="nobody")], "ladder"),
    ([content(extnsion={})], "extnsion"),
    ([content()], "differ"),
])
def test_a_rule_that_no_table_may_hold_is_refused(house: House, versions: list[dict[str, Any]], said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        house.run(ChangeRule("dl.pre.explain", tuple(versions), "修订"))
    assert house.rows(s.rule_change) == []
