"""Deadlines, rules, calendar and feed through the real services and real forms."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from icalendar import Calendar

from engine.app import create_app
from engine.config import Settings
from engine.domain.actors import SHELL, SYSTEM
from engine.domain.commands import AddUser
from engine.domain.deadline_commands import ArmDeadline
from engine.store import schema as s
from tests.support.bpmn import chain, end, process, start, user
from tests.support.house import House, emptied, hashed
from tests.ui.test_administration import PASSWORD, Desk

ROLES = ("supervisor", "security", "coordinator", "intake", "applicant")
HASHED = hashed(PASSWORD)
YEAR = """day,kind,name_zh,name_en
2027-01-01,rest,元旦,New Year
2027-01-02,rest,元旦,New Year
"""


class Office:
    """A house with one case, and a desk for whoever signs in."""

    def __init__(self, house: House, settings: Settings) -> None:
        self.house = house
        self.app = create_app(settings, house.kapok)
        house.deploy(process("p", start("s"), user("A"), end("e"), chain("s", "A", "e")), actor=SYSTEM)
        self.case = house.start("p", {"title": "示例案件"}, actor=SYSTEM)

    def desk(self, name: str) -> Desk:
        desk = Desk(self.app.test_client())
        assert desk.sign_in(name).status_code == 302
        return desk

    def arm(self, key: str, on: date, delivery: str | None = None) -> str:
        return str(self.house.run(ArmDeadline(self.case, key, on, delivery), SYSTEM)["deadline"])

    def row(self, key: str) -> object:
        return next(row for row in self.house.rows(s.deadline) if f"{row.case_id}~{row.wait}" == key)


@pytest.fixture
def office(sqlite_url: str, tmp_path: Path) -> Iterator[Office]:
    url, folder = emptied(sqlite_url), tmp_path / "house"
    wanted = {"two_persons": True, "second_factor": False, "secret_key": "only for tests"}
    house = House(url, folder, **wanted)
    for role in ROLES:
        house.run(AddUser(role, f"示例{role}", (role,), HASHED), SHELL)
    yield Office(house, Settings(database_url=url, folder=folder, secure_cookies=False, **wanted))
    house.close()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_screens_open_for_the_house_and_stay_shut_for_others(office: Office, language: str) -> None:
    key = office.arm("dl.cnipa.oa1", date(2026, 2, 2), "cnipa.post")
    paths = ("/deadlines", "/deadlines?show=seven", "/deadlines/calendar?month=2026-06", f"/deadlines/{key}", "/rules",
             "/rules/dl.cnipa.oa1", "/calendar", "/account/notices")
    desk, party = office.desk("supervisor"), office.desk("applicant")
    desk.get(f"/language/{language}")
    for path in paths:
        page = desk.get(path)
        assert (path, page.status_code) == (path, 200)
        assert f'lang="{"zh-CN" if language == "zh" else "en"}"' in page.text
    assert [party.get(path).status_code for path in paths] == [200, 200, 200, 404, 403, 403, 403, 200]


def test_acts_of_the_page_move_the_deadline(office: Office) -> None:
    key, desk = office.arm("dl.cnipa.oa1", date(2026, 2, 2), "cnipa.post"), office.desk("supervisor")
    assert office.row(key).due_on == date(2026, 6, 17)
    proven = desk.post(f"/deadlines/{key}/prove", proven_on="2026-02-10", evidence="回执")
    assert (proven.status_code, office.row(key).due_on) == (303, date(2026, 6, 10))
    desk.post(f"/deadlines/{key}/extend", count="1", unit="month", reason="示例理由")
    assert office.row(key).due_on == date(2026, 7, 10)
    again = desk.post(f"/deadlines/{key}/extend", count="1", unit="month", reason="示例理由")
    assert again.status_code == 422 and "不能再延长" in again.text
    assert desk.post(f"/deadlines/{key}/extend", count="many", unit="month").status_code == 422
    assert desk.post(f"/deadlines/{key}/prove", proven_on="soon").status_code == 422
    assert desk.post(f"/deadlines/{key}/nothing").status_code == 404
    assert office.desk("applicant").post(f"/deadlines/{key}/extend", count="1", unit="month").status_code == 403


def test_a_form_sent_twice_acts_once(office: Office) -> None:
    key, desk = office.arm("dl.inv.answer", date(2026, 3, 2)), office.desk("supervisor")
    fields = {"proven_on": "2026-03-01", "key": "one-and-the-same"}
    once, twice = (desk.post(f"/deadlines/{key}/close", state="met", **fields) for _ in range(2))
    assert (once.status_code, twice.status_code, office.row(key).state) == (303, 303, "met")


def test_what_the_law_bars_is_said_and_not_offered(office: Office) -> None:
    page = office.desk("supervisor").get(f"/deadlines/{office.arm('dl.inv.answer', date(2026, 3, 2))}").text
    assert "依法不能“准予延长”：" in page and "细则75" in page
    assert 'action="/deadlines/' in page and "/extend" not in page


WORDS = re.compile(r"[a-z]{3,} [a-z]{2,} [a-z]{2,}")
"""Three English words in a row."""


def told(page: str) -> str:
    """The text of a page, without its markup and scripts."""
    body = re.sub(r"<(script|style|svg)\b.*?</\1>", " ", page[page.index("<body"):], flags=re.DOTALL)
    return re.sub(r"<[^>]+>", " ", body)


@pytest.mark.parametrize(("act", "sent", "said"), [
    ("extend", {"count": "3", "unit": "month"}, "最多延长 2 个月"),
    ("extend", {"count": "0", "unit": "month"}, "应为1 至"),
    ("pause", {"reason": "x", "from_on": "2026-03-02", "to_on": "2026-02-27"},
     "早于开始日 2026年3月2日（周一）：审查指南 V-7-7"),
    ("pause", {"reason": "x", "from_on": "2026-01-01"},
     "的中止（审查指南 V-7-7）：应为2026年2月2日（周一） 至 2026年3月2日（周一）"),
    ("prove", {"proven_on": "2026-03-09"}, "证明的收到日：应为不晚于 2026年3月2日（周一） 的日期"),
    ("override", {"due_on": "2026-01-01", "reason": "x"}, "人工改定届满日：应为2026年3月2日（周一） 或以后的日期"),
    ("interrupt", {"on": "2026-03-01", "reason": "x"}, "不因任何事由中断"),
])
def test_bad_input_is_refused_in_the_readers_language(office: Office, act: str, sent: dict[str, str],
                                                      said: str) -> None:
    key = office.arm("dl.cnipa.oa1", date(2026, 2, 2), "cnipa.electronic")
    answer = office.desk("supervisor").post(f"/deadlines/{key}/{act}", **sent)
    assert answer.status_code == 422 and said in told(answer.text)
    assert WORDS.findall(told(answer.text)) == []


def test_a_day_in_a_refusal_is_said_in_english_too(office: Office) -> None:
    key, desk = office.arm("dl.cnipa.oa1", date(2026, 2, 2), "cnipa.electronic"), office.desk("supervisor")
    desk.get("/language/en")
    answer = desk.post(f"/deadlines/{key}/pause", reason="x", from_on="2026-03-02", to_on="2026-02-27")
    assert answer.status_code == 422 and "Mon 2 Mar 2026" in told(answer.text) and "2026-03-02" not in told(answer.text)


def test_an_extension_after_expiry_is_refused_with_the_article(office: Office) -> None:
    key = office.arm("dl.cnipa.oa1", date(2025, 9, 1))
    office.house.run_timers()
    answer = office.desk("supervisor").post(f"/deadlines/{key}/extend", count="1", unit="month")
    assert answer.status_code == 422 and "届满日 2026年1月5日（周一） 之前" in answer.text and "细则6(4)" in answer.text


@pytest.mark.parametrize(("change", "said"), [
    ({"basis": []}, "的 依据：应为至少一个表"), ({"effective_from": "2026-06-01"}, "应为施行期互不重叠的版本（"),
    ({"length": 0}, "的 长度：应为不小于 1 的整数"), ({"restore": "dl.no.such"}, "应为规则表中的另一个键")])
def test_a_rule_that_no_table_may_hold_is_refused_in_words(office: Office, change: dict[str, object],
                                                           said: str) -> None:
    version = dict(office.house.kapok.parts.almanac.known[0].versions["dl.inv.answer"][0].content)
    earlier = [version] if "effective_from" in change else []
    content = json.dumps([*earlier, {**version, **change}], default=str)
    answer = office.desk("supervisor").post("/rules/dl.inv.answer", content=content, reason="示例理由")
    above = told(answer.text).partition("最初版本")[0]
    assert answer.status_code == 422 and said in above and WORDS.findall(above) == []


def test_a_day_by_hand_needs_a_second_person(office: Office) -> None:
    key = office.arm("dl.cnipa.oa1", date(2026, 2, 2))
    before = office.row(key).due_on
    office.desk("supervisor").post(f"/deadlines/{key}/override", due_on="2026-12-01", reason="示例理由")
    assert office.row(key).due_on == before
    assert office.house.rows(s.approval_request)[0].state == "pending"


def test_the_list_is_narrowed_and_counts_every_kind(office: Office) -> None:
    office.arm("dl.inv.answer", date(2026, 2, 5))
    later = office.arm("dl.cnipa.oa1", date(2026, 2, 2))
    desk = office.desk("supervisor")
    assert later in desk.get("/deadlines?show=all").text
    assert later not in desk.get("/deadlines?show=three").text
    assert "没有这一类期限" in desk.get("/deadlines?show=paused").text
    assert desk.get("/deadlines?show=nonsense").status_code == 200


def test_the_month_shows_what_is_due_and_which_days_are_worked(office: Office) -> None:
    key, desk = office.arm("dl.inv.answer", date(2026, 9, 10)), office.desk("supervisor")
    page = desk.get("/deadlines/calendar?month=2026-10").text
    assert "2026年10月" in page and f"/deadlines/{key}" in page and "国庆" in page and ">班<" in page
    for odd in ("", "0000-00", "2026-13", "9999-12", "x"):
        assert "2026年3月" in desk.get(f"/deadlines/calendar?month={odd}").text


def test_a_year_is_looked_at_first_and_loaded_by_two(office: Office) -> None:
    key = office.arm("dl.cnipa.reexam", date(2026, 10, 1))
    supervisor, security = office.desk("supervisor"), office.desk("security")
    looked = supervisor.post("/calendar/load", file=(io.BytesIO(YEAR.encode()), "cn-2027.csv"))
    assert looked.status_code == 200 and "装入 cn-2027.csv 之前先看" in looked.text
    assert office.house.rows(s.calendar_year) == []
    sure = {"content": YEAR, "source": "cn-2027.csv", "sure": "1", "reason": "国办通知"}
    assert supervisor.post("/calendar/load", **sure).status_code == 303
    assert office.house.rows(s.calendar_year) == []
    approval = office.house.rows(s.approval_request)[0].id
    assert security.post(f"/approvals/{approval}/approve").status_code == 302
    assert "2027" in supervisor.get("/calendar").text
    office.house.settle()
    assert not office.row(key).provisional


@pytest.mark.parametrize(("name", "content"), [
    ("cn.csv", b"nothing"), ("cn.toml", b"year = "), ("cn.csv", b"\xff\xfe"), ("", b"")])
def test_a_file_that_is_no_calendar_is_refused_with_what_was_expected(office: Office, name: str,
                                                                      content: bytes) -> None:
    answer = office.desk("supervisor").post("/calendar/load", file=(io.BytesIO(content), name))
    assert answer.status_code == 422 and "应为" in answer.text


def test_a_shift_is_looked_at_first(office: Office) -> None:
    key, desk = office.arm("dl.inv.answer", date(2026, 3, 2)), office.desk("supervisor")
    sent = {"first_on": "2026-03-30", "last_on": "2026-04-05", "due_on": "2026-04-15", "announcement": "示例公告"}
    looked = desk.post("/calendar/shift", **sent, keys="dl.inv.")
    assert "1 个期限改为 2026-04-15 届满" in looked.text and key in looked.text
    assert "0 个期限" in desk.post("/calendar/shift", **sent, keys="dl.tm.").text
    assert desk.post("/calendar/shift", **sent, sure="1", reason="示例").status_code == 303
    assert office.house.rows(s.approval_request)[0].kind == "deadline"


def test_a_rule_gets_a_version_by_two(office: Office) -> None:
    supervisor, security = office.desk("supervisor"), office.desk("security")
    fields = {"from_on": "2026-07-01", "count": "2", "article": "示例条文", "mark": "c", "reason": "示例理由"}
    assert supervisor.post("/rules/dl.inv.answer", **fields).status_code == 303
    assert office.house.rows(s.rule_change) == []
    security.post(f"/approvals/{office.house.rows(s.approval_request)[0].id}/approve")
    page = supervisor.get("/rules/dl.inv.answer").text
    assert "2026年7月1日（周三） 起" in page and "示例条文" in page and "示例理由" in page
    early = office.arm("dl.inv.answer", date(2026, 3, 2))
    assert office.row(early).due_on == date(2026, 4, 2)


@pytest.mark.parametrize("content", ["{", "[1]", "{}", '[{"key": "dl.inv.answer"}]'])
def test_rules_that_cannot_be_read_are_refused(office: Office, content: str) -> None:
    """The versions of the last are read where the command is asked for, before anybody approves it."""
    answer = office.desk("supervisor").post("/rules/dl.inv.answer", content=content, reason="示例理由")
    assert answer.status_code == 422
    assert office.house.rows(s.approval_request) == []


def test_a_feed_is_subscribed_to_renewed_and_ended(office: Office) -> None:
    office.arm("dl.inv.answer", date(2026, 3, 2))
    desk, anybody = office.desk("supervisor"), office.app.test_client()

    def address() -> str:
        found = re.search(r"/feeds/[\w-]+\.ics", desk.post("/account/notices", change="new").text)
        assert found
        return found[0]

    first = address()
    read = anybody.get(first)
    assert read.mimetype == "text/calendar"
    events = Calendar.from_ical(read.data).walk("VEVENT")
    assert [event.decoded("dtstart") for event in events] == [date(2026, 4, 2)]
    second = address()
    assert (anybody.get(first).status_code, anybody.get(second).status_code) == (404, 200)
    desk.post("/account/notices", email="name@example.org")
    assert anybody.get(second).status_code == 200
    desk.post("/account/notices", change="end")
    assert anybody.get(second).status_code == 404
    assert "name@example.org" in desk.get("/account/notices").text
    assert desk.post("/account/notices", email="nobody").status_code == 422
