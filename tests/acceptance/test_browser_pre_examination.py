"""The whole pre-examination in a real Chromium, as six accounts, through the real service and a stand-in for the
national office that speaks real HTTP with real signatures. Time is virtual: a year whose calendar is known.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from engine.store import schema as s
from tests.acceptance.desk import Desk, Office
from tests.support.partner import Partner
from tests.support.server import MORNING, Site, VirtualServer
from tests.support.waiting import wait_until
from webhooks.signature import generate_secret

pytestmark = [pytest.mark.browser, pytest.mark.process]
APPLICATION = "202610123456.7"
CLAIMS, REVISED, FILED, OTHER, SEARCH = (
    b"%PDF-1.7 " + text.encode() for text in ("权利要求", "修改", "申报", "说明书", "检索报告"))


@dataclass
class World:
    """A site, its server on virtual time, the office beside it, and the desks of its people."""

    site: Site
    server: VirtualServer
    cnipa: Partner
    desks: Office

    def move_to(self, text: str) -> None:
        self.server.move_to(datetime.fromisoformat(text))
        self.same_time()

    def same_time(self) -> None:
        """The office's clock runs, ours stands still, and signatures allow them five minutes apart."""
        self.cnipa.configure(now=self.server.now)

    def event(self, code: str, on: str) -> None:
        """The office sends one signed event and gets its receipt."""
        self.same_time()
        msg_id = self.cnipa.send("cnipa.event", {
            "event_code": code, "issued_at": on, "delivered_at": on, "delivery_mode": "cnipa.electronic"},
            {"application_no": APPLICATION})
        sent = self.cnipa.wait_for("sent", msg_id=msg_id, seconds=20)
        assert (sent["outcome"], sent["status"]) == ("delivered", 202), sent


@pytest.fixture
def world(tmp_path: Path, browser: Browser) -> Iterator[World]:
    with Partner("cnipa", secret=generate_secret()) as cnipa:
        site = Site(tmp_path, f"sqlite:///{tmp_path / 'kapok.db'}", MORNING).prepare(partner=cnipa)
        with site.virtual() as server:
            cnipa.configure(engine_url=f"{server.url}/webhooks/v1/cnipa", now=MORNING)
            desks = Office(browser, server.url)
            yield World(site, server, cnipa, desks)
            desks.close()


def file_request(desk: Desk, filings: str) -> str:
    """The applicant hands in a request; its number."""
    page = desk.open("/start/pre_examination")
    desk.fill(备案主体名称="甲公司", 统一社会信用代码="91440101MA5XXXXXXX", 联系人="示例经办人",
              联系电话="020-00000000", 发明创造名称="一种示例装置", 分类号="H04L 9/32",
              近12个月专利申请量=filings, 研发人员数="2", 本件发明人数="3")
    desk.choose("发明专利", "已阅读并签署承诺书")
    desk.pick("申请类型", "普通国家申请")
    desk.attach({"权利要求书": ("权利要求书.pdf", CLAIMS), "说明书": ("说明书.pdf", OTHER),
                 "检索报告": ("检索报告.pdf", SEARCH)})
    expect(page.locator(".kapok-filelist .hash").first).to_have_text(
        f"SHA-256 摘要 {hashlib.sha256(CLAIMS).hexdigest()}")
    desk.send()
    expect(page.locator(".head h1").first).to_have_text("一种示例装置")
    return page.locator(".head h1 + .b").inner_text()


def examine(desk: Desk, case: str, outcome: str, opinion: str) -> None:
    desk.task(case, "预审审查")
    desk.choose(outcome)
    desk.fill(审查意见=opinion)
    desk.send()


def answer(desk: Desk, case: str, text: str) -> None:
    desk.action(case, "提交答复")
    desk.fill(意见陈述=text)
    desk.attach({"修改后的权利要求书": ("权利要求书.pdf", REVISED + text.encode())})
    desk.send()


def stage_of(world: World, case: str) -> str | None:
    row, = world.site.rows(s.case, s.case.c.case_no == case)
    return str(row.stage)


def test_a_request_with_two_rounds_of_opinions_is_granted(world: World) -> None:
    applicant, examiner = world.desks["applicant"], world.desks["examiner"]
    case = file_request(applicant, filings="12")
    assert case == "YS-2026-FM-000001"

    screen(world.desks["classifier"], case)
    world.move_to("2026-03-03T10:00:00+08:00")
    examine(examiner, case, "有缺陷：发出审查意见，等待答复", "权利要求1不具备创造性。")
    world.move_to("2026-03-05T10:00:00+08:00")
    answer(applicant, case, "已修改权利要求1。")
    examine(examiner, case, "有缺陷：发出审查意见，等待答复", "权利要求2不清楚。")
    world.move_to("2026-03-06T10:00:00+08:00")
    answer(applicant, case, "已修改权利要求2。")
    examine(examiner, case, "合格：未发现缺陷", "缺陷已克服。")
    quality = world.desks["quality"]
    quality.task(case, "质量检查")
    quality.choose("通过")
    quality.send()

    file_application(applicant, case)
    world.same_time()
    allow_difference(world.desks["supervisor"], case)
    pushed = world.cnipa.wait_for("received", type="pre.fastlane.push", seconds=20)["envelope"]
    assert pushed["payload"]["application_no"] == APPLICATION
    assert pushed["payload"]["pre_exam_no"] == case
    wait_until(lambda: stage_of(world, case) == "官方审查", 20, "the office's answer to the push")

    office_examines(world, world.desks["intake"], case)
    page = applicant.open(f"/cases/{case}")
    expect(page.get_by_text("已办结").first).to_be_visible()
    expect(page.get_by_text("授权", exact=True).first).to_be_visible()
    for title in ("预审受理通知书", "预审审查意见通知书", "预审合格通知书"):
        expect(page.locator("#docs")).to_contain_text(title)
    ended, = world.site.rows(s.case, s.case.c.case_no == case)
    assert (ended.state, ended.ended_element) == ("completed", "EE_G")
    opinions = [row for row in world.site.rows(s.document) if row.title == "预审审查意见通知书"]
    assert len(opinions) == 2
    assert who_worked(world, ended.id) >= {"applicant", "classifier", "examiner", "quality", "supervisor", "intake"}
    assert world.site.broken() == []


def screen(desk: Desk, case: str) -> None:
    """An indicator was hit, so a person gives the score; a low one lets the request pass."""
    desk.task(case, "录入排查评分")
    desk.fill(评分="20", 评分理由="研发人员较少，但申请与主营业务相符。")
    desk.send()


def file_application(desk: Desk, case: str) -> None:
    desk.action(case, "登记正式申报")
    desk.fill(申请号=APPLICATION)
    desk.day("申请日", "2026/3/6")
    desk.attach({"正式提交的申请文件": ("申报文件.pdf", FILED)})
    desk.choose("已缴纳申请费", "以电子形式申请")
    desk.send()


def allow_difference(desk: Desk, case: str) -> None:
    """The text that was filed is not the one that was found qualified: a person decides."""
    desk.task(case, "处理文本差异")
    desk.choose("准许：仅为文字性差异")
    desk.fill(差异说明="仅改正错别字。")
    desk.send()


def office_examines(world: World, intake: Desk, case: str) -> None:
    """Official events to the grant; one answer period lapses, and the diagram asks a person, who finds that it was
    answered in time."""
    world.event("受理", "2026-03-06")
    world.move_to("2026-03-30T10:00:00+08:00")
    world.event("一通", "2026-03-30")
    due = {row.key: row.due_on for row in world.site.rows(s.deadline) if row.state == "running"}
    assert due["dl.cnipa.oa1"] == date(2026, 7, 30)
    world.move_to("2026-07-31T00:00:01+08:00")
    intake.task(case, "期限届满，确认答复后果")
    intake.choose("已在期限内答复（附证明）")
    intake.send()
    world.event("授权通知", "2026-07-31")
    world.event("登记", "2026-07-31")
    world.event("授权", "2026-07-31")
    wait_until(lambda: world.site.rows(s.case, s.case.c.case_no == case)[0].state == "completed", 20, "the grant")


def who_worked(world: World, case_id: str) -> set[str]:
    rows = world.site.rows(s.history, s.history.c.case_id == case_id)
    return {row.actor for row in rows}


def test_an_answer_that_does_not_come_in_time_ends_as_unqualified(world: World) -> None:
    applicant, examiner, quality = world.desks["applicant"], world.desks["examiner"], world.desks["quality"]
    case = file_request(applicant, filings="1")
    examine(examiner, case, "有缺陷：发出审查意见，等待答复", "权利要求1不具备创造性。")
    page = applicant.open(f"/cases/{case}")
    expect(page.get_by_role("link", name="提交答复", exact=True)).to_be_visible()
    deadline, = (row for row in world.site.rows(s.deadline) if row.key == "dl.pre.answer")
    assert deadline.due_on == date(2026, 3, 16)

    world.move_to("2026-03-16T23:59:59+08:00")
    page = applicant.open(f"/cases/{case}")
    expect(page.get_by_role("link", name="提交答复", exact=True)).to_be_visible()
    world.move_to("2026-03-17T00:00:01+08:00")
    page = applicant.open(f"/cases/{case}")
    expect(page.get_by_role("link", name="提交答复", exact=True)).to_have_count(0)

    quality.task(case, "确认不合格结论")
    quality.choose("确认不合格")
    quality.fill(理由="逾期未答复且无正当理由。")
    quality.send()
    expect(applicant.open(f"/cases/{case}").locator("#docs")).to_contain_text("预审不合格通知书")
    ended, = world.site.rows(s.case, s.case.c.case_no == case)
    assert (ended.state, ended.ended_element) == ("completed", "EE_N3")
    assert [row.state for row in world.site.rows(s.deadline) if row.key == "dl.pre.answer"] == ["expired"]
    assert world.site.broken() == []
