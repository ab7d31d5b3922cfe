"""Hearings through the real services and real forms."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from engine.app import create_app
from engine.config import Settings
from engine.domain.actors import SHELL, SYSTEM
from engine.domain.commands import AddUser
from engine.store import schema as s
from tests.support.bpmn import chain, end, process, properties, start, user
from tests.support.house import House, emptied, hashed
from tests.ui.test_administration import PASSWORD, Desk

HASHED = hashed(PASSWORD)
PEOPLE = ("coordinator", "adjudicator", "mediator", "applicant")
TIMES = {"starts_at": "2026-03-16T09:00", "ends_at": "2026-03-16T11:30"}


class Court:
    def __init__(self, house: House, settings: Settings) -> None:
        self.house = house
        self.app = create_app(settings, house.kapok)
        house.deploy(process("p", properties(procedure="adjudication"), start(), user("A"), end(),
                             chain("start", "A", "end")), actor=SYSTEM)
        self.case = house.start("p", {"title": "示例案件", "case_class": "major", "requester": {"name": "甲公司"},
                                      "respondent": {"name": "乙公司"}})
        self.url = f"/cases/{self.case}/hearings"

    def desk(self, name: str) -> Desk:
        desk = Desk(self.app.test_client())
        assert desk.sign_in(name).status_code == 302
        return desk

    def hearing(self) -> str:
        return f"{self.url}/{self.house.rows(s.hearing)[-1].id}"


@pytest.fixture
def court(sqlite_url: str, tmp_path: Path) -> Iterator[Court]:
    url, folder = emptied(sqlite_url), tmp_path / "house"
    wanted = {"two_persons": True, "second_factor": False, "secret_key": "only for tests"}
    house = House(url, folder, **wanted)
    for name in PEOPLE:
        house.run(AddUser(name, f"示例{name}", (name,), HASHED), SHELL)
    yield Court(house, Settings(database_url=url, folder=folder, secure_cookies=False, **wanted))
    house.close()


def test_a_remote_hearing_is_set_moved_and_held(court: Court) -> None:
    desk = court.desk("coordinator")
    for key, name, remote in (("r1", "第一审理庭", "1"), ("r2", "第二审理庭", "0")):
        desk.post("/hearings/rooms", id=key, name=name, seats="20", remote=remote, enabled="1")
    planned = desk.post(court.url, mode="mixed", room="r1", public="1", name=["甲公司", "示例合议组"],
                        part=["requester", "panel"], user=["", "adjudicator"], **TIMES)
    assert planned.status_code == 303
    page = desk.get(court.url).text
    assert "2026年3月16日（周一） 09:00–11:30" in page and "2026年3月9日（周一）" in page  # and by when to tell of it
    desk.post(f"{court.hearing()}/notice", on="2026-03-02")
    desk.post(f"{court.hearing()}/link", passed="1", note="画面清楚")
    desk.post(f"{court.hearing()}/move", room="r1", reason="合议组另有开庭", starts_at="2026-03-17T09:00",
              ends_at="2026-03-17T11:00")
    refused = desk.post(f"{court.hearing()}/close", state="held", note="如期进行")
    assert refused.status_code == 409 and "还不能开庭" in refused.text
    desk.post(f"{court.hearing()}/notice", on="2026-03-02")
    desk.post(f"{court.hearing()}/link", passed="1")
    court.house.clock.advance(timedelta(days=15, hours=1))
    desk = court.desk("coordinator")
    desk.post(f"{court.hearing()}/attend", number="1", present="1", identified="1")
    desk.post(f"{court.hearing()}/close", state="held", note="如期进行")
    page = desk.get(court.url).text
    assert "已开庭" in page and "到庭，已核对身份" in page
    page = desk.get(f"/cases/{court.case}").text
    assert "登记到庭：甲公司" in page and "开庭：2026年3月17日（周二） 09:00" in page


def test_the_week_tells_others_only_what_is_taken(court: Court) -> None:
    desk = court.desk("coordinator")
    desk.post("/hearings/rooms", id="r1", name="第一审理庭", seats="20", enabled="1")
    desk.post(court.url, mode="offline", room="r1", **TIMES)
    week = "/hearings?week=2026-03-18"
    assert [desk.get(f"/hearings?week={day}").status_code for day in ("9999-12-31", "0001-01-01", "x")] == [200] * 3
    assert court.case in desk.get(week).text
    other = court.desk("mediator").get(week).text
    assert "已占用" in other and court.case not in other and "示例案件" not in other
    assert court.desk("mediator").get(court.url).status_code == 404


def test_a_clash_is_told_and_what_was_typed_stays(court: Court) -> None:
    desk = court.desk("coordinator")
    desk.post("/hearings/rooms", id="r1", name="第一审理庭", seats="20", enabled="1")
    desk.post(court.url, mode="offline", room="r1", **TIMES)
    clash = desk.post(court.url, mode="offline", room="r1", **TIMES)
    assert clash.status_code == 409 and "已有另一场开庭" in clash.text and TIMES["starts_at"] in clash.text
    moved = desk.post(f"{court.hearing()}/move", room="r1", reason="", starts_at="2026-03-20T09:00",
                      ends_at="2026-03-20T10:00")
    assert moved.status_code == 422 and "2026-03-20T09:00" not in moved.text  # what is planned anew is another form
    past = desk.post(court.url, mode="offline", starts_at="2026-03-01T09:00", ends_at="2026-03-01T10:00")
    assert "开始时间：应为将来的时间，收到的是2026年3月1日（周日） 09:00。" in past.text
    assert desk.post(court.url, mode="offline", room="r1", starts_at="soon", ends_at="later").status_code == 422
    assert desk.post(f"{court.hearing()}/nothing").status_code == 404


def test_a_hearing_goes_into_a_calendar(court: Court) -> None:
    desk = court.desk("coordinator")
    desk.post(court.url, mode="online", **TIMES)
    entry = desk.get(f"{court.hearing()}.ics")
    assert entry.mimetype == "text/calendar" and "DTSTART;TZID=Asia/Shanghai:20260316T090000" in entry.text or (
        "DTSTART:20260316T010000Z" in entry.text)
