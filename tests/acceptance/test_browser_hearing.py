"""A remote invalidation hearing in a real Chromium: set, moved, adjourned and held, by the coordinator, a colleague,
the hearing room's operator, three of the panel and the two parties, each on an account of their own. The national
office beside them speaks real HTTP with real signatures. Time is virtual: a year whose calendar is known.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from icalendar import Calendar
from playwright.sync_api import Browser, Locator, Page, expect

from engine.cli.demo import shipped_models
from engine.domain.actors import SHELL
from engine.domain.commands import AddPartner, PartnerKey
from engine.store import schema as s
from tests.acceptance.desk import ENDED, Desk, Office
from tests.support.partner import Partner
from tests.support.server import MORNING, Site, VirtualServer
from tests.support.waiting import wait_until
from webhooks.signature import HMAC_SHA256, generate_secret

pytestmark = [pytest.mark.browser, pytest.mark.process]
PEOPLE = ("applicant", "party", "coordinator", "colleague:coordinator", "hearing_operator",
          *(f"panel{number}:invalidation_panel" for number in (1, 2, 3, 4)))
TYPES = ("inv.event", "hearing.host.confirm", "hearing.host.notice", "receipt")
OFFICIAL, OTHER = "4W123456", "4W654321"
NAMES = {"applicant": "甲公司", "party": "乙公司"}
PAPER = b"%PDF-1.7 "
ROOM = "第一审理庭"


@dataclass
class World:
    """A site, its server on virtual time, the office beside it, and the desks of its people."""

    site: Site
    server: VirtualServer
    cnipa: Partner
    desks: Office
    case: str = ""
    other: str = ""
    feed: str = ""

    def move_to(self, text: str) -> None:
        self.server.move_to(datetime.fromisoformat(text))
        self.cnipa.configure(now=self.server.now)

    def says(self, kind: str, payload: Mapping[str, Any]) -> None:
        """The office sends one signed message and gets its receipt."""
        self.cnipa.configure(now=self.server.now)
        msg_id = self.cnipa.send(kind, payload, {"case_no_cnipa": OFFICIAL})
        sent = self.cnipa.wait_for("sent", msg_id=msg_id, seconds=20)
        assert (sent["outcome"], sent["status"]) == ("delivered", 202), sent

    def stage(self) -> str | None:
        row, = self.site.rows(s.case, s.case.c.case_no == self.case)
        return str(row.stage)

    def hearings(self, who: str) -> Page:
        return self.desks[who].open(f"/cases/{self.case}/hearings")


@pytest.fixture
def world(tmp_path: Path, browser: Browser) -> Iterator[World]:
    secret = generate_secret()
    with Partner("cnipa", secret=secret) as cnipa:
        models = (model for model in shipped_models() if model.name.startswith("invalidation_trial/"))
        site = Site(tmp_path, f"sqlite:///{tmp_path / 'kapok.db'}", MORNING).prepare(*models, accounts=PEOPLE)
        with site.house() as kapok:
            kapok.run(AddPartner(
                cnipa.code, "cnipa", "国家知识产权局（示例）", cnipa.deliver_to, ("127.0.0.0/8",), True, TYPES,
                (PartnerKey("k1", HMAC_SHA256, "shared", secret),)), SHELL)
        with site.virtual() as server:
            cnipa.configure(engine_url=f"{server.url}/webhooks/v1/{cnipa.code}", now=MORNING)
            desks = Office(browser, server.url)
            desks["coordinator"].view.refused = (*ENDED, 409, 422)
            world = World(site, server, cnipa, desks)
            yield world
            desks.close()


def test_a_remote_hearing_is_set_moved_adjourned_and_held(world: World) -> None:
    for step in STORY:
        step(world)
    assert sorted(row.state for row in world.site.rows(s.hearing)) == ["adjourned", "held", "planned"]
    assert world.stage() == "决定"
    assert world.site.broken() == []


# --- until the panel wants to hear ------------------------------------------------------------------------------------
def asks(world: World) -> None:
    world.case = apply(world.desks["applicant"], OFFICIAL, "甲公司")
    world.other = apply(world.desks["coordinator"], OTHER, "丙公司")
    assert (world.case, world.other) == ("WX-2026-00001", "WX-2026-00002")


def apply(desk: Desk, official: str, requester: str) -> str:
    page = desk.open("/start/invalidation_trial")
    desk.fill(发明创造名称="一种示例装置", 专利号="ZL202030123456.3", 国家知识产权局案件编号=official,
              申请单位或个人=requester, 无效宣告请求人=requester, 专利权人="乙公司", 联系人="示例经办人",
              联系电话="020-00000000", 无效理由="权利要求1不具备创造性。")
    desk.choose("发明专利")
    desk.day("无效宣告请求日", "2026/2/24")
    desk.day("收到受理通知书之日", "2026/3/2")
    desk.attach({"受理通知书、授权委托书": ("受理通知书.pdf", PAPER)})
    desk.send()
    return page.locator(".head h1 + .b").inner_text()


def lets_the_patentee_in(world: World) -> None:
    page = world.desks["coordinator"].open(f"/cases/{world.case}/participants")
    page.locator("#party").select_option(label="专利权人 乙公司")
    page.locator("#user").fill("party")
    page.get_by_role("button", name="邀请", exact=True).click()
    expect(page.locator("#participants")).to_contain_text("已参加")


def pays_and_answers(world: World) -> None:
    applicant, patentee = world.desks["applicant"], world.desks["party"]
    applicant.action(world.case, "登记缴费")
    applicant.day("缴费日", "2026/3/2")
    applicant.attach({"缴费凭证": ("缴费凭证.pdf", PAPER + b"fee")})
    applicant.send()
    patentee.action(world.case, "提交答复")
    patentee.fill(意见陈述="请求维持专利权有效。")
    patentee.send()


def is_to_be_heard(world: World) -> None:
    """A month after the request nothing more is supplemented; the office says how it will be examined."""
    world.move_to("2026-03-25T00:00:01+08:00")
    coordinator = world.desks["coordinator"]
    coordinator.task(world.case, "期限届满，请确认后果：增加理由或补充证据")
    coordinator.choose("确认后果")
    coordinator.send()
    world.says("inv.event", {"event_code": "审理方式", "issued_at": "2026-03-25", "delivered_at": "2026-03-25"})
    coordinator.task(world.case, "登记审理方式")
    coordinator.choose("远程口审（中心）")
    coordinator.send()


# --- set --------------------------------------------------------------------------------------------------------------
def keeps_rooms(world: World) -> None:
    page = world.desks["coordinator"].open("/hearings")
    for key, name, remote in (("r1", ROOM, True), ("r2", "第二审理庭", False)):
        unfold(page, "登记或更改庭室")
        page.get_by_label("代号").fill(key)
        page.get_by_label("名称").fill(name)
        page.get_by_label("座位").fill("20")
        page.get_by_label("有视频设备").set_checked(remote)
        page.get_by_role("button", name="保存庭室").click()
        expect(page.locator("table.week")).to_contain_text(name)


def subscribes(world: World) -> None:
    """A member of the panel takes the own calendar along."""
    page = world.desks["panel1"].open("/account/notices")
    page.get_by_role("button", name="生成地址").click()
    world.feed = page.locator("code.secret").inner_text()
    assert calendar(world) == []


def declares(world: World) -> None:
    page = world.desks["panel4"].open("/declarations")
    page.get_by_label("关系", exact=True).select_option(label="曾任职单位")
    page.get_by_label("对象：姓名、单位名称或案号").fill("甲公司")
    page.get_by_role("button", name="登记", exact=True).click()
    expect(page.locator("tbody")).to_contain_text("甲公司")


def another_has_the_room(world: World) -> None:
    page = world.desks["coordinator"].open(f"/cases/{world.other}/hearings")
    plan(page, "2026-04-15T10:00", "2026-04-15T12:00", {"合议组": ["panel1"]}, panel="", mode="线下")
    expect(page.locator(".toast")).to_contain_text("已排期")


def is_set(world: World) -> None:
    """Room, person and recusal are checked, one after the other; what was typed stays until it fits."""
    page = world.hearings("coordinator")
    called = {"请求人": ["applicant"], "被请求人": ["party"], "合议组": ["panel1", "panel2", "panel4"],
              "书记员": ["hearing_operator"]}
    plan(page, "2026-04-15T09:00", "2026-04-15T11:30", called)
    refused(page, "庭室“第一审理庭”在 2026年4月15日 10:00 至 2026年4月15日 12:00 已有另一场开庭，没有任何改动。")
    planning(page).locator("select[name=room]").select_option(label="其他地点、线上")
    page.get_by_role("button", name="排定开庭").click()
    refused(page, "人员“panel1”在 2026年4月15日 10:00 至 2026年4月15日 12:00 已有另一场开庭，没有任何改动。")
    times(planning(page), "2026-04-14T09:00", "2026-04-14T11:30")
    planning(page).locator("select[name=room]").select_option("r2")
    page.get_by_role("button", name="排定开庭").click()
    refused(page, "有视频设备的庭室")
    planning(page).locator("select[name=room]").select_option("r1")
    page.get_by_role("button", name="排定开庭").click()
    refused(page, "panel4 应当回避本案")
    planning(page).locator("input[name=user]").nth(4).fill("panel3")
    page.get_by_role("button", name="排定开庭").click()
    expect(page.locator(".toast")).to_contain_text("已排期")
    expect(page.locator(".card.now")).to_contain_text("2026年4月14日（周二） 09:00–11:30")
    expect(page.locator(".card.now")).to_contain_text("2026年4月12日（周日） 尚未通知")
    of_other, event = sorted(calendar(world), key=lambda found: found["summary"], reverse=True)
    assert (of_other["summary"], event["summary"]) == (world.other, world.case)
    assert (event["sequence"], event["status"]) == (0, "CONFIRMED")


# --- made known -------------------------------------------------------------------------------------------------------
def is_hosted(world: World) -> None:
    """The Center offers the room; the office agrees, and sends its notice."""
    coordinator = world.desks["coordinator"]
    coordinator.task(world.case, "排期并测试链路")
    coordinator.fill(审理庭=ROOM)
    moment(coordinator, "可用场次起", "2026/4/14", "09:00")
    moment(coordinator, "可用场次止", "2026/4/14", "11:30")
    coordinator.choose("通过")
    coordinator.send()
    world.cnipa.configure(now=world.server.now)
    asked = world.cnipa.wait_for("received", type="hearing.host.request", seconds=20)["envelope"]["payload"]
    assert asked["slots"] == [{"from": "2026-04-14T09:00:00+08:00", "to": "2026-04-14T11:30:00+08:00", "room": ROOM}]
    world.says("hearing.host.confirm", {"accepted": True})
    world.says("hearing.host.notice", {
        "hearing_at": "2026-04-14T09:00:00+08:00", "mode": "线上", "place": ROOM, "reply_days": 7,
        "persons": ["panel1", "panel2", "panel3"], "issued_at": "2026-03-25", "delivered_at": "2026-03-25"})
    wait_until(lambda: titles(world, "口头审理通知书"), 20, "the notice of the hearing")


def is_served(world: World) -> None:
    """The parties consent to electronic service; the notice is served, signed for, and on record."""
    for who in ("applicant", "party"):
        page = world.desks[who].open("/mine")
        unfold(page, "我的选择")
        page.get_by_label("同意电子送达").check()
        page.get_by_label("电话").fill("020-00000000")
        page.get_by_role("button", name="确认地址").click()
        expect(page.locator(".toast")).to_contain_text("送达地址已确认")
    serve(world, "applicant")
    page = world.hearings("coordinator")
    unfold(page, "登记通知")
    page.get_by_role("button", name="登记通知").click()
    expect(page.locator(".card.now")).to_contain_text("已于 3月25日 周三 通知")


def serve(world: World, who: str) -> None:
    page = world.desks["coordinator"].open(f"/cases/{world.case}/papers")
    form = page.locator("form", has=page.get_by_role("button", name="登记送达"))
    newest = form.locator("select[name=document] option", has_text="口头审理通知书").first
    form.locator("select[name=document]").select_option(newest.get_attribute("value"))
    form.locator("[name=recipient]").fill(NAMES[who])
    form.locator("select[name=mode]").select_option("portal")
    page.get_by_role("button", name="登记送达").click()
    expect(page.locator(".toast")).to_contain_text("已登记送达")
    page = world.desks[who].open("/mine")
    page.get_by_role("button", name="签收").first.click()
    expect(page.locator(".toast")).to_contain_text("已签收")


def answers(world: World) -> None:
    """Both say who comes, and try their equipment; a check that fails is not called passed."""
    for who, name in (("applicant", "提交请求人回执"), ("party", "提交专利权人回执")):
        desk = world.desks[who]
        page = desk.open("/mine")
        page.locator(".card.now a.go", has_text=name).click()
        desk.choose("参加")
        desk.fill(出庭人员="示例代理人")
        desk.send()
        expect(page.locator(".facts")).to_contain_text(f"{world.case}-")
        tries(world, who, "看得到画面，对方也看得到我")
        expect(page.locator("tr", has_text=who).first).to_contain_text("有问题")
        tries(world, who, "看得到画面，对方也看得到我", "听得到声音，对方也听得到我", "五分钟内没有中断")
        expect(page.locator("tr", has_text=who).first).to_contain_text("通过")


def tries(world: World, who: str, *works: str) -> None:
    page = world.desks[who].open("/mine")
    page.get_by_role("link", name="看开庭、自测连线").click()
    for check in works:
        page.get_by_label(check).check()
    page.get_by_role("button", name="报告自测结果").click()
    expect(page.locator(".toast")).to_contain_text("已办理")


def is_prepared(world: World) -> None:
    """The operator of the room sees when and where, and of the case no more than its outline."""
    operator = world.desks["hearing_operator"]
    operator.task(world.case, "准备审理庭与名单")
    operator.fill(审理庭=ROOM, 书记员="hearing_operator")
    operator.page.locator("#form").get_by_label(re.compile("^身份核验名单已备")).check()
    operator.send()
    operator.task(world.case, "开庭前链路测试")
    operator.choose("通过")
    operator.send()
    page = operator.open("/hearings?week=2026-04-14")
    expect(page.locator("table.week")).to_contain_text(world.case)
    expect(page.locator("table.week")).not_to_contain_text(world.other)
    page = operator.open("/hearings/day?on=2026-04-14")
    expect(page.locator("td[rowspan='5']")).to_contain_text("09:00–11:30")
    link_passed(world)


def link_passed(world: World) -> None:
    page = world.hearings("coordinator")
    unfold(page, "连线测试")
    page.get_by_role("button", name="登记连线测试").click()
    expect(page.locator(".card.now .facts")).to_contain_text("连线测试通过")


# --- moved ------------------------------------------------------------------------------------------------------------
def is_moved(world: World) -> None:
    """Not to where another hearing is; where it fits, all are told again and calendars follow."""
    page = world.hearings("coordinator")
    move(page, "2026-04-15T11:00", "2026-04-15T12:30")
    refused(page, "已有另一场开庭")
    move(page, "2026-04-16T09:00", "2026-04-16T11:30")
    expect(page.locator(".toast")).to_contain_text("已办理")
    expect(page.locator(".card.now")).to_contain_text("改期 1 次")
    for words in ("尚未通知", "未测试连线"):
        expect(page.locator(".card.now")).to_contain_text(words)
    event, = (found for found in calendar(world) if found["summary"] == world.case)
    assert (event["sequence"], event["status"]) == (1, "CONFIRMED")
    assert event["at"] == datetime.fromisoformat("2026-04-16T09:00:00+08:00")
    expect(world.desks["applicant"].open("/notices").locator("main")).to_contain_text("2026年4月16日（周四） 09:00")


def move(page: Page, begins: str, ends: str) -> None:
    unfold(page, "改期或换庭室")
    form = page.locator("form", has=page.get_by_role("button", name="改期", exact=True))
    times(form, begins, ends)
    form.get_by_label("理由").fill("合议组成员另有会议")
    page.get_by_role("button", name="改期", exact=True).click()


def is_made_known_again(world: World) -> None:
    """A notice is drafted, approved by a colleague, numbered and sealed, and served."""
    page = world.desks["coordinator"].open(f"/cases/{world.case}/papers")
    template = page.locator("#template option", has_text=re.compile(r"^\s*口头审理通知书\s*$")).first
    page.locator("#template").select_option(template.get_attribute("value"))
    form = page.locator("form", has=page.get_by_role("button", name="起草"))
    form.locator("[name=title]").fill("口头审理通知书（改期）")
    page.get_by_role("button", name="起草").click()
    expect(page.locator(".toast")).to_contain_text("已起草")
    paper, = world.site.rows(s.paper)
    path = f"/cases/{world.case}/papers/{paper.id}"
    page = world.desks["colleague"].open(path)
    page.get_by_role("button", name=re.compile("^核准")).click()
    expect(page.locator(".toast")).to_contain_text("已办理")
    page = world.desks["coordinator"].open(path)
    page.get_by_role("button", name=re.compile("^签发")).click()
    expect(page.locator(".toast")).to_contain_text("已办理")
    assert titles(world, "口头审理通知书（改期）")
    serve(world, "party")
    page = world.hearings("coordinator")
    unfold(page, "登记通知")
    page.get_by_role("button", name="登记通知").click()
    link_passed(world)


# --- held -------------------------------------------------------------------------------------------------------------
def is_adjourned(world: World) -> None:
    """They want to settle: the hearing stops, and goes on on another day."""
    world.move_to("2026-04-16T09:20:00+08:00")
    coordinator = world.desks["coordinator"]
    coordinator.action(world.case, "登记口审中止")
    coordinator.choose("希望和解")
    coordinator.send()
    close(world.hearings("coordinator"), "延期", "双方希望和解，另行开庭。")
    event, = (found for found in calendar(world) if found["summary"] == world.case)
    assert (event["sequence"], event["status"]) == (2, "CANCELLED")
    coordinator.task(world.case, "确定恢复日期")
    moment(coordinator, "恢复时间", "2026/4/23", "14:00")
    coordinator.send()
    page = world.hearings("coordinator")
    called = {"请求人": ["applicant"], "被请求人": ["party"], "合议组": ["panel1", "panel2", "panel3"]}
    plan(page, "2026-04-23T14:00", "2026-04-23T16:00", called)
    expect(page.locator(".toast")).to_contain_text("已排期")
    link_passed(world)


def is_held(world: World) -> None:
    """Who is there is on record, a fifth of one side is not let in; the record becomes a paper, the case goes on."""
    world.move_to("2026-04-23T16:10:00+08:00")
    page = world.hearings("coordinator")
    for number in range(1, 5):
        unfold(page, "增加到庭人员")
        form = page.locator("form", has=page.get_by_role("button", name="增加", exact=True))
        form.get_by_label("姓名（填了账号可不填）").fill(f"示例代理人{number}")
        page.get_by_role("button", name="增加", exact=True).click()
        if number < 4:
            expect(page.locator(".card.now")).to_contain_text(f"示例代理人{number}")
    refused(page, "一方最多 4 人参加，现为 5 人。")
    people = page.locator(".card.now tr")
    people.filter(has_text="applicant").get_by_role("button", name=re.compile("^到庭，已核对身份")).click()
    expect(people.filter(has_text="applicant").locator(".lamp.ok")).to_contain_text("到庭，已核对身份")
    people.filter(has_text="party").get_by_role("button", name=re.compile("^未到庭")).click()
    close(page, "已开庭", "双方陈述并辩论，笔录已签字。", began="2026-04-23T14:05", ended="2026-04-23T15:50")
    expect(page.locator("main")).to_contain_text("14:05–15:50")
    coordinator = world.desks["coordinator"]
    coordinator.task(world.case, "举行口头审理")
    coordinator.choose("待报批或另行决定")
    coordinator.fill(笔录要点="双方陈述并辩论，笔录已签字。")
    coordinator.send()
    assert titles(world, "口头审理笔录")
    expect(coordinator.open(f"/cases/{world.case}").locator("#docs")).to_contain_text("口头审理笔录")


def close(page: Page, state: str, note: str, began: str = "", ended: str = "") -> None:
    form = page.locator("form", has=page.get_by_role("button", name="登记结果"))
    unfold(page, "结束这次开庭")
    form.locator("select[name=state]").select_option(label=state)
    for name, at in (("began_at", began), ("ended_at", ended)):
        form.locator(f"input[name={name}]").fill(at)
    form.locator("textarea[name=note]").fill(note)
    page.get_by_role("button", name="登记结果").click()
    expect(page.locator(".toast")).to_contain_text("已办理")


# --- hands ------------------------------------------------------------------------------------------------------------
def unfold(page: Page, title: str) -> None:
    """What is open already stays open: the page itself unfolds a form whose text was not taken."""
    page.wait_for_load_state()
    summary = page.locator("summary", has_text=title)
    if summary.locator("..").get_attribute("open") is None:
        summary.click()


def planning(page: Page) -> Locator:
    return page.locator("form", has=page.get_by_role("button", name="排定开庭"))


def times(form: Locator, begins: str, ends: str) -> None:
    form.locator("input[name=starts_at]").fill(begins)
    form.locator("input[name=ends_at]").fill(ends)


def plan(page: Page, begins: str, ends: str, called: Mapping[str, list[str]], panel: str = "3 人",
         mode: str = "线上") -> None:
    """Fill in the form of a hearing in the first room, and send it."""
    form = planning(page)
    form.locator("select[name=mode]").select_option(label=mode)
    form.locator("select[name=room]").select_option("r1")
    form.locator("select[name=panel]").select_option(label=panel or "案件未定")
    times(form, begins, ends)
    lines = [(part, user) for part, users in called.items() for user in users]
    for number, (part, user) in enumerate(lines):
        form.locator("select[name=part]").nth(number).select_option(label=part)
        form.locator("input[name=user]").nth(number).fill(user)
    page.get_by_role("button", name="排定开庭").click()


def refused(page: Page, words: str) -> None:
    expect(page.locator(".errors[role=alert]")).to_contain_text(words)


def calendar(world: World) -> list[dict[str, Any]]:
    """What the subscribed calendar of a member of the panel holds of hearings, by its own program."""
    answer = httpx.get(world.feed, trust_env=False)
    assert answer.headers["content-type"].startswith("text/calendar")
    events = Calendar.from_ical(answer.content).walk("VEVENT")
    return [{"uid": str(event["uid"]), "at": event.decoded("dtstart"), "sequence": int(event["sequence"]),
             "status": str(event["status"]), "summary": str(event["summary"])}
            for event in events if "sequence" in event]


def moment(desk: Desk, label: str, day: str, time: str) -> None:
    """A field for date and time."""
    field = desk.page.locator(".fjs-form-field-datetime", has=desk.page.locator("label", has_text=label))
    for called, text in ((label, day), ("时间", time)):
        place = field.get_by_label(re.compile(f"^{called}"))
        place.fill(text)
        desk.page.keyboard.press("Enter")
        desk.page.keyboard.press("Escape")


def titles(world: World, title: str) -> list[str]:
    """The numbers of the papers of a title."""
    return [row.number for row in world.site.rows(s.document) if row.title == title and row.number]


STORY = (asks, lets_the_patentee_in, pays_and_answers, is_to_be_heard, keeps_rooms, subscribes, declares,
         another_has_the_room, is_set, is_hosted, is_served, answers, is_prepared, is_moved, is_made_known_again,
         is_adjourned, is_held)
