"""A mediation in a real Chromium, from the application to the confirmed agreement: the applicant, the intake officer,
the mediator and the respondent, each on an account of their own, the committee for what the mediator may not do alone,
and the court, which answers over real HTTP with real signatures. Time is virtual.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import docx
import pytest
from playwright.sync_api import Browser, Page, expect

from engine.domain.actors import SHELL
from engine.domain.commands import AddPartner, PartnerKey
from engine.store import schema as s
from tests.acceptance.desk import Office
from tests.support.partner import Partner
from tests.support.server import MORNING, Site, VirtualServer
from tests.support.waiting import wait_until
from tests.ui.axe import violations
from webhooks.signature import HMAC_SHA256, generate_secret

pytestmark = [pytest.mark.browser, pytest.mark.process]
PEOPLE = ("jia:party", "intake", "mediator", "committee")
COURT = "court.4401.73"
EVIDENCE = b"%PDF-1.7 evidence of the applicant"
SECRET_TALK, NOTE = "被申请人私下表示可付七万元。", "@mediator 双方关系紧张，请分开约谈。"
OWN_PASSWORD = "示例-调解-某处-2026"


@dataclass
class World:
    """A site, its server on virtual time, the court beside it, and the desks of its people."""

    site: Site
    server: VirtualServer
    court: Partner
    desks: Office
    case: str = ""
    secret: str = ""

    def rows(self, element: str) -> list[str]:
        """Who has completed an element."""
        return [row.ended_by for row in self.site.rows(s.user_task, s.user_task.c.element == element)]


@pytest.fixture
def world(tmp_path: Path, browser: Browser) -> Iterator[World]:
    secret = generate_secret()
    with Partner("court", secret=secret, code=COURT) as court:
        site = Site(tmp_path, f"sqlite:///{tmp_path / 'kapok.db'}", MORNING).prepare(accounts=PEOPLE)
        with site.house() as kapok:
            kapok.run(AddPartner(COURT, "court", "示例知识产权法院", court.deliver_to, ("127.0.0.0/8",), True,
                                 ("court.confirm.result", "receipt"),
                                 (PartnerKey("k1", HMAC_SHA256, "shared", secret),)), SHELL)
        with site.virtual() as server:
            court.configure(engine_url=f"{server.url}/webhooks/v1/{COURT}", now=MORNING)
            desks = Office(browser, server.url)
            yield World(site, server, court, desks)
            desks.close()


def test_a_mediation_ends_with_a_confirmed_agreement(world: World) -> None:
    for step in STORY:
        step(world)
    ended, = world.site.rows(s.case)
    assert (ended.state, ended.ended_element) == ("completed", "EE_S2")
    assert world.rows("M17_Sign") == ["jia", "yishanghang"]
    assert world.site.broken() == []


# --- the steps --------------------------------------------------------------------------------------------------------
def applies(world: World) -> None:
    """A wrong amount is told at its field; what was typed stays."""
    desk = world.desks["jia"]
    page = desk.open("/start/mediation_handoff")
    desk.fill(申请人="甲公司", 联系电话="020-00000000", 被申请人="乙商行", 权利号="ZL202030123456.3",
              案由="侵害外观设计专利权纠纷", **{"标的额（元）": "80000", "事实与请求": "停止销售并赔偿损失。"})
    desk.pick("权利类型", "外观设计")
    desk.attach({"证据": ("购买公证书.pdf", EVIDENCE)})
    page.get_by_role("button", name="检查并提交").click()
    expect(desk.field("标的额（元）")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#form")).to_contain_text("应为两位小数的金额")
    desk.fill(**{"标的额（元）": "80000.00"})
    desk.send()
    world.case = page.locator(".head h1 + .b").inner_text()
    assert world.case == "TJ-2026-00001"


def invites(world: World) -> None:
    """The respondent has no account: a code that is shown once lets it open one."""
    page = world.desks["intake"].open(f"/cases/{world.case}")
    page.get_by_role("link", name="参加人").click()
    expect(page.locator("#party")).to_have_value("respondent|乙商行")
    page.get_by_role("button", name="邀请", exact=True).click()
    world.secret = page.locator("code.secret").inner_text()
    assert violations(page) == []
    expect(page.locator("#participants")).to_contain_text("已邀请，未参加")


def writes_a_note(world: World) -> None:
    page = world.desks["intake"].open(f"/cases/{world.case}")
    page.locator("#notes textarea").fill(NOTE)
    page.locator("#notes button").click()
    expect(page.locator("#notes li")).to_contain_text("请分开约谈")


def joins(world: World) -> None:
    """On a phone, with an account of its own."""
    desk = world.desks.newcomer("yishanghang", OWN_PASSWORD)
    page = desk.page
    page.goto(f"{world.server.url}/join")
    assert violations(page) == []
    page.get_by_label("邀请码").fill(world.secret.lower())
    page.get_by_label("姓名或单位名称").fill("乙商行")
    page.get_by_label("登录名").fill(desk.name)
    page.get_by_label("密码", exact=True).fill(OWN_PASSWORD)
    page.get_by_label("再输一次密码").fill(OWN_PASSWORD)
    page.get_by_role("button", name="设立账号并参加").click()
    expect(page.locator("h1")).to_have_text("我的案件")
    expect(page.locator(".card.now")).to_contain_text("同意调解")
    expect(page.locator("main")).to_contain_text("调解通知书")
    sees_nothing_of_the_others(page)


def consents(world: World) -> None:
    """Reads why it has until when, consents, and confirms where it is served."""
    desk = world.desks["yishanghang"]
    page = desk.open("/mine")
    expect(page.locator(".card.now .chip").first).to_contain_text("3月5日")
    expect(page.locator(".card.now")).to_contain_text("如果不做")
    page.locator(".card.now a.go", has_text="同意调解").click()
    desk.fill(联系人与电话="示例联系人 020-11111111")
    desk.send()
    desk.open("/mine")
    page.locator("summary", has_text="我的选择").click()
    page.get_by_label("同意电子送达").check()
    page.get_by_label("邮寄地址").fill("广东省示例市示例路2号")
    page.get_by_role("button", name="确认地址").click()
    expect(page.locator(".toast")).to_contain_text("送达地址已确认")
    applicant = world.desks["jia"]
    page = applicant.open("/mine")
    page.locator("summary", has_text="我的选择").click()
    page.get_by_label("同意电子送达").check()
    page.get_by_role("button", name="确认地址").click()
    expect(page.locator(".toast")).to_contain_text("送达地址已确认")


def discloses(world: World) -> None:
    """The mediator once worked for one of the parties."""
    page = world.desks["mediator"].open("/declarations")
    page.get_by_label("关系", exact=True).select_option(value="employer")
    page.get_by_label("对象").fill("乙商行")
    page.get_by_role("button", name="登记").click()
    expect(page.locator("main")).to_contain_text("乙商行")


def sets_the_track(world: World) -> None:
    desk = world.desks["intake"]
    desk.task(world.case, "确认繁简分流")
    desk.send()
    desk.task(world.case, "指派一名调解员")
    desk.pick("调解员", "mediator")
    desk.send()


def both_accept_the_mediator(world: World) -> None:
    """Both sides find the disclosure among their papers; that they accept it is recorded once, by somebody else."""
    for name in ("jia", "yishanghang"):
        expect(world.desks[name].open("/mine").locator("main")).to_contain_text("披露声明")
    desk = world.desks["committee"]
    desk.task(world.case, "记录双方对披露的意见")
    desk.choose("双方均同意继续担任")
    desk.fill(记录="双方在线表示同意。")
    desk.send()


def mediates(world: World) -> None:
    """The note of intake is there for the mediator; a draft survives; what one side said alone stays here."""
    desk = world.desks["mediator"]
    page = desk.open(f"/cases/{world.case}")
    expect(page.locator("#notes li")).to_contain_text("请分开约谈")
    desk.task(world.case, "告知并确认送达地址")
    desk.choose("权利义务", "调解规则", "协议效力", "虚假调解后果", "保密")
    desk.fill(申请人送达地址="广东省示例市示例路1号", 被申请人送达地址="广东省示例市示例路2号")
    desk.send()
    desk.task(world.case, "主持调解")
    desk.fill(笔录要点="双方到场，就赔偿数额交换意见，同意")
    expect(page.locator("[data-draft-state]")).to_contain_text("草稿已自动保存")
    page = desk.open(page.url.removeprefix(world.server.url))
    expect(desk.field("笔录要点")).to_have_value("双方到场，就赔偿数额交换意见，同意")
    desk.fill(笔录要点="双方到场，就赔偿数额交换意见，同意六万元。", 单方谈话=SECRET_TALK)
    desk.choose("达成全部协议")
    desk.send()


def draws_up_the_agreement(world: World) -> None:
    """The terms, then the paper: a template, a version written in Word, approved by another, numbered and sealed."""
    desk = world.desks["mediator"]
    desk.task(world.case, "起草调解协议书")
    desk.fill(协议内容="乙商行停止销售，赔偿甲公司六万元。")
    desk.day("履行期限", "2026/4/1")
    desk.send()
    page = desk.open(f"/cases/{world.case}/papers")
    page.get_by_label("模板").select_option(label="调解协议书")
    page.get_by_label("文号序列").fill("粤知调")
    page.get_by_role("button", name="起草").click()
    page.get_by_role("link", name="调解协议书").click()
    page.locator("input[type=file]").set_input_files({
        "name": "调解协议书.docx", "mimeType": "application/octet-stream", "buffer": second_version(page)})
    page.get_by_role("button", name="存为新的一稿").click()
    expect(page.locator("main")).to_contain_text("各自承担费用")
    other = world.desks["committee"].open(f"/cases/{world.case}/papers")
    other.get_by_role("link", name="调解协议书").click()
    other.get_by_role("button", name="核准第 2 稿").click()
    page.reload()
    page.get_by_role("button", name="签发").click()
    expect(page.locator(".toast")).to_contain_text("已办理")
    expect(page.locator("main")).to_contain_text("粤知调〔2026〕")
    expect(page.locator("main")).to_contain_text("测试")


def second_version(page: Page) -> bytes:
    """What the mediator makes of the draft in Word."""
    link = page.locator("a[href*='/files/']").first.get_attribute("href")
    draft = docx.Document(io.BytesIO(page.request.get(f"{page.url.split('/cases')[0]}{link}").body()))
    draft.add_paragraph("双方各自承担费用。")
    out = io.BytesIO()
    draft.save(out)
    return out.getvalue()


def serves(world: World) -> None:
    """On both sides, in their accounts."""
    page = world.desks["intake"].open(f"/cases/{world.case}/papers")
    for name in ("甲公司", "乙商行"):
        page.get_by_label("文书", exact=True).select_option(label="调解协议书")
        page.locator("#to").fill(name)
        page.get_by_label("方式").select_option(label="平台送达")
        page.get_by_role("button", name="登记送达").click()
        expect(page.locator("#deliveries")).to_contain_text(f"→ {name}")


def sign(world: World) -> None:
    for name, party in (("jia", "甲公司"), ("yishanghang", "乙商行")):
        desk = world.desks[name]
        page = desk.open("/mine")
        expect(page.locator(".card.now")).to_contain_text("各方签署")
        page.locator(".card.now a.go").click()
        expect(page.locator("#form")).to_contain_text(f"签署人：{party}")
        desk.fill(签名人=party)
        desk.send()
        page = desk.open("/mine")
        page.get_by_role("button", name="签收 调解协议书").click()
        expect(page.locator("main")).to_contain_text("已签收")
        sees_nothing_of_the_others(page)
    desk = world.desks["mediator"]
    desk.task(world.case, "调解员签名")
    desk.send()
    desk = world.desks["committee"]
    desk.task(world.case, "调委会盖章")
    desk.send()


def is_confirmed(world: World) -> None:
    """Applied for together; the court's signed answers do the rest."""
    desk = world.desks["mediator"]
    desk.task(world.case, "记录所选效力路径")
    desk.choose("司法确认")
    desk.send()
    world.court.configure(now=world.server.now)
    desk.task(world.case, "共同申请司法确认")
    desk.fill(所在地="广州")
    desk.send()
    sent = world.court.wait_for("received", type="court.confirm.submit", seconds=20)["envelope"]
    assert sent["payload"]["agreement_effective_date"] == "2026-03-02"
    wait_until(lambda: world.site.rows(s.case)[0].state == "completed", 30, "the court's ruling")


def everybody_sees_it(world: World) -> None:
    parties = ("jia", "yishanghang")
    for name in ("intake", "mediator", "committee", *parties):
        page = world.desks[name].open(f"/cases/{world.case}")
        expect(page.locator("main")).to_contain_text("已办结")
        expect(page.locator("main")).to_contain_text("司法确认有效")
        if name in parties:
            expect(page.locator("#docs")).to_contain_text("调解协议书")
            sees_nothing_of_the_others(page)


STORY = (applies, invites, joins, consents, discloses, sets_the_track, both_accept_the_mediator, writes_a_note,
         mediates, draws_up_the_agreement, serves, sign, is_confirmed, everybody_sees_it)


def sees_nothing_of_the_others(page: Page) -> None:
    """Neither what the house writes to itself, nor what one side said alone."""
    expect(page.locator("main")).not_to_contain_text("请分开约谈")
    expect(page.locator("main")).not_to_contain_text("七万元")
