"""Cases looked for, taken out as a list, taken apart and given away, through the real services and real forms."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from engine.app import create_app
from engine.config import Settings
from engine.domain.actors import SHELL, SYSTEM
from engine.domain.administration import AddUnit
from engine.domain.commands import AddUser
from engine.store import schema as s
from tests.support.bpmn import assign, chain, end, flow, parallel, process, start, user
from tests.support.house import House, emptied, hashed
from tests.ui.test_administration import PASSWORD, Desk

HASHED = hashed(PASSWORD)
PEOPLE = {"supervisor": "supervisor", "second": "supervisor", "examiner": "examiner"}
WORK = process("p", start("s"), parallel("fork"), user("A", assign(groups="examiner"), name="整理"),
               user("B", assign(groups="examiner"), name="核对"), end("a"), end("b"), chain("s", "fork"),
               flow("fork", "A"), flow("fork", "B"), chain("A", "a"), chain("B", "b"))


class Office:
    def __init__(self, house: House, settings: Settings) -> None:
        self.house = house
        self.app = create_app(settings, house.kapok)
        house.deploy(WORK, actor=SYSTEM)
        self.case = house.start("p", {"title": "=示例装置", "applicant": {"name": "甲公司"},
                                      "respondent": {"name": "乙商行"}})

    def desk(self, name: str) -> Desk:
        desk = Desk(self.app.test_client())
        assert desk.sign_in(name).status_code == 302
        return desk

    def ask(self, code: str, **values: object) -> int:
        """Send the form of an action as the supervisor."""
        answer = self.desk("supervisor").post(f"/cases/{self.case}/do/{code}", values=json.dumps(values),
                                              key=uuid4().hex)
        return answer.status_code


@pytest.fixture
def office(sqlite_url: str, tmp_path: Path) -> Iterator[Office]:
    url, folder = emptied(sqlite_url), tmp_path / "house"
    wanted = {"two_persons": True, "second_factor": False, "secret_key": "only for tests"}
    house = House(url, folder, **wanted)
    for name, role in PEOPLE.items():
        house.run(AddUser(name, f"示例{name}", (role,), HASHED), SHELL)
    yield Office(house, Settings(database_url=url, folder=folder, secure_cookies=False, **wanted))
    house.close()


def test_a_list_leaves_by_right_and_says_who_took_it(office: Office) -> None:
    desk = office.desk("supervisor")
    assert "/cases/export?q=" in desk.get("/cases?q=示例").text
    answer = desk.get("/cases/export?q=示例")
    lines = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))
    assert answer.content_type == "text/csv; charset=utf-8" and "attachment" in answer.headers["Content-Disposition"]
    assert lines[0][:2] == ["案号", "名称"] and lines[1][1] == "'=示例装置" and len(lines) == 3
    assert lines[2][0].startswith("示例supervisor 于 2026-03-02 09:00 导出，共 1 件")
    other = office.desk("examiner")
    assert "/cases/export" not in other.get("/cases").text
    assert other.get("/cases/export").status_code == 403


@pytest.mark.parametrize(("typed", "said"), [
    ("权", "再多输入一个字"), ("202310123456.7", "最后一位应为 6"), ("没有这样的案件", "没有找到案件")])
def test_who_finds_nothing_is_told_what_to_do(office: Office, typed: str, said: str) -> None:
    assert said in office.desk("supervisor").get(f"/cases?q={typed}").text


def test_what_is_split_off_is_chosen_and_told_to_the_second_person(office: Office) -> None:
    page = office.desk("supervisor").get(f"/cases/{office.case}/do/split").text
    assert "乙商行" in page and "核对" in page and "一并转出的待办" in page
    task = office.house.task(office.case, "B")
    assert office.ask("split", title="第二项", parties=["丙"], reason="单一性") == 422
    assert office.ask("split", title="第二项", parties=["乙商行"], tasks=[task], reason="单一性") == 302
    second = office.desk("second")
    told = second.get("/approvals").text
    assert "乙商行" in told and "核对" in told and "单一性" in told
    asked, = office.house.rows(s.approval_request)
    assert second.post(f"/approvals/{asked.id}/approve", reason="同意").status_code == 302
    part, = office.house.rows(s.case, s.case.c.id != office.case)
    assert (office.house.open_tasks(part.id), office.house.open_tasks(office.case)) == (["B"], ["A"])
    for here, there in ((office.case, part.id), (part.id, office.case)):
        page = second.get(f"/cases/{here}").text
        assert f"/cases/{there}" in page and "单一性" in page


def test_a_transfer_names_who_has_the_case_and_who_will(office: Office) -> None:
    unit = office.house.run(AddUnit("东莞分中心", "node", None, None), SHELL)["unit"]
    page = office.desk("supervisor").get(f"/cases/{office.case}/do/transfer").text
    assert "本中心（未分单位）" in page and "未指定" in page and "东莞分中心" in page
    assert office.ask("transfer", unit=unit, owner="examiner", reason="管辖") == 302
    told = office.desk("second").get("/approvals").text
    assert "由 – 改为 东莞分中心" in told and "由 – 改为 示例examiner" in told


def test_a_merger_says_what_ends(office: Office) -> None:
    page = office.desk("supervisor").get(f"/cases/{office.case}/do/merge").text
    assert "将随本案终止的待办" in page and "整理；核对" in page
