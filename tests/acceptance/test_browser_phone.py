"""A party with a phone in a real Chromium, 390 points wide, by touch: what is to be done by when, the answer with a
file, the receipt, where it is served, the withdrawal. Nothing scrolls sideways, what matters is large enough for a
finger, and nothing that was written for the house is shown. Time is virtual.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from engine.cli.demo import PASSWORD
from engine.store import schema as s
from tests.acceptance.desk import PATIENCE_MS, Desk, Office
from tests.acceptance.test_browser_pre_examination import examine, file_request
from tests.support.server import MORNING, Site, VirtualServer
from tests.ui.axe import violations
from tests.ui.browser import PHONE, watched

pytestmark = [pytest.mark.browser, pytest.mark.process]
FINGER = 44
"""The least width and height of what is pressed, in points."""
ANSWER, REVISED = "已修改权利要求1，附图未改。", b"%PDF-1.7 revised on a phone"
TOO_SMALL = """finger => [...document.querySelectorAll('main :is(.btn, button), .side a')].filter(found => {
    const box = found.getBoundingClientRect();
    return box.width && box.height && (box.height < finger - 0.5 || box.width < finger - 0.5)
        && !found.closest('.fjs-container');
}).map(found => found.outerHTML.slice(0, 120))"""
INTERNAL = ("内部讨论：本件疑似重复提交", "查找利害关系", "非正常申请排查", "首次预审意见")


@dataclass
class World:
    site: Site
    server: VirtualServer
    desks: Office
    phone: Page
    case: str = ""

    def look(self) -> None:
        """What every page on the phone must be."""
        page = self.phone
        wide = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
        assert wide[0] <= wide[1], (page.url, wide)
        small = page.evaluate(TOO_SMALL, FINGER)
        assert small == [], (page.url, small)
        text = page.locator("body").inner_text()
        assert [words for words in INTERNAL if words in text] == [], page.url

    def open(self, path: str) -> Page:
        self.phone.goto(self.server.url + path)
        self.look()
        return self.phone


@pytest.fixture
def world(tmp_path: Path, browser: Browser) -> Iterator[World]:
    site = Site(tmp_path, f"sqlite:///{tmp_path / 'kapok.db'}", MORNING).prepare(accounts=("applicant", "examiner"))
    touch = {"has_touch": True, "is_mobile": True, "device_scale_factor": 2}
    with site.virtual() as server, watched(browser, server.url, PHONE, **touch) as view:
        view.page.set_default_timeout(PATIENCE_MS)
        view.refused = (401, 422)  # before anyone signed in; the file that is no document
        desks = Office(browser, server.url)
        yield World(site, server, desks, view.page)
        desks.close()
        view.quiet()


def test_a_party_answers_on_a_phone(world: World) -> None:
    for step in (is_examined, signs_in, is_told, answers, keeps_the_receipt, confirms_the_address, withdraws):
        step(world)
    ended, = world.site.rows(s.case)
    assert ended.state == "completed" and world.site.broken() == []


def is_examined(world: World) -> None:
    """At desks: a request, an opinion on it, and a word among colleagues."""
    world.case = file_request(world.desks["applicant"], "1")
    examiner: Desk = world.desks["examiner"]
    examine(examiner, world.case, "有缺陷：发出审查意见，等待答复", "权利要求1不具备创造性。")
    page = examiner.open(f"/cases/{world.case}")
    page.locator("#notes textarea").fill(INTERNAL[0])
    page.locator("#notes button").click()
    expect(page.locator("#notes li")).to_contain_text(INTERNAL[0])


def signs_in(world: World) -> None:
    page = world.phone
    page.goto(f"{world.server.url}/mine")
    page.locator("#name").fill("applicant")
    page.locator("#password").fill(PASSWORD)
    page.locator("#sign-in button").tap()
    expect(page.locator("h1")).to_have_text("我的案件")
    world.look()
    assert violations(page) == []


def is_told(world: World) -> None:
    """One thing to do: by when, and what follows if not; to end the case is a choice, not a duty."""
    page, card = world.phone, world.phone.locator(".card.now")
    expect(card.locator("h3")).to_have_text("提交答复")
    expect(card.locator(".chip")).to_contain_text("2026年3月16日（周一）")
    expect(card).to_contain_text("如果不做：预审不合格（逾期未答复）")
    expect(card.get_by_role("link", name="去办理")).to_have_count(1)
    world.open(f"/cases/{world.case}")
    world.open("/mine")
    page.get_by_role("link", name="去办理").tap()
    expect(page.locator(".head h1")).to_have_text("提交答复")


def answers(world: World) -> None:
    """What is no document is refused under its field, and the text stays."""
    page = world.phone
    field = page.locator("#form").get_by_label(re.compile(r"^意见陈述"))
    field.fill(ANSWER)
    files = page.locator(".kapok-files").first
    files.locator("input[type=file]").set_input_files(
        {"name": "修改.pdf", "mimeType": "application/pdf", "buffer": b"MZ not a document"})
    expect(files).to_contain_text("修改.pdf")
    expect(files.locator(".hash")).to_have_count(0)
    expect(field).to_have_value(ANSWER)
    files.locator("input[type=file]").set_input_files(
        {"name": "修改后.pdf", "mimeType": "application/pdf", "buffer": REVISED})
    expect(files.locator(".hash")).to_contain_text(hashlib.sha256(REVISED).hexdigest())
    world.look()
    page.get_by_role("button", name="检查并提交").tap()
    expect(page.locator("dialog[open]")).to_contain_text("提交后不能直接修改")
    page.get_by_role("button", name="确认提交").tap()
    expect(page.locator("h2", has_text="提交回执")).to_be_visible()


def keeps_the_receipt(world: World) -> None:
    """Number, time, file and check value, as the case's own chain has them; on paper too."""
    page = world.phone
    world.look()
    entry = world.site.rows(s.audit, s.audit.c.actor == "applicant", s.audit.c.action == "AnswerWait")[-1]
    receipt = page.locator("main")
    for words in (f"{world.case}-{entry.seq:04d}", "提交答复", "2026年3月2日 09:00", entry.hash, "修改后.pdf",
                  hashlib.sha256(REVISED).hexdigest()):
        expect(receipt).to_contain_text(words)
    page.emulate_media(media="print")
    expect(page.get_by_role("button", name="打印回执")).to_be_hidden()
    expect(page.locator(".docket")).to_be_visible()
    page.emulate_media(media="screen")
    page.get_by_role("link", name="完成").tap()
    expect(page.locator("main")).to_contain_text("现在不需要您做什么")
    page.get_by_role("link", name="我提交过的和回执").tap()
    expect(page.locator("main li")).to_have_count(2)
    world.look()


def confirms_the_address(world: World) -> None:
    page = world.open("/mine")
    page.locator("summary", has_text="我的选择").tap()
    expect(page.locator(".card details")).to_contain_text("送达地址未确认")
    page.get_by_label("同意电子送达").check()
    page.get_by_label("电话").fill("020-00000000")
    world.look()
    page.get_by_role("button", name="确认地址").tap()
    expect(page.locator(".toast")).to_contain_text("送达地址已确认")
    address, = world.site.rows(s.service_address)
    assert (address.user, address.electronic) == ("applicant", True)


def withdraws(world: World) -> None:
    """Asked twice: the page says that it cannot be taken back."""
    page = world.open("/mine")
    page.locator("summary", has_text="我的选择").tap()
    page.get_by_role("link", name="撤回请求").tap()
    expect(page.locator(".head h1")).to_have_text("撤回请求")
    page.locator("#form").get_by_label(re.compile("^经办人")).fill("示例经办人")
    world.look()
    page.get_by_role("button", name="检查并提交").tap()
    expect(page.locator("dialog[open]")).to_contain_text("此项提交后不能撤回")
    page.get_by_role("button", name="再看一遍").tap()
    page.get_by_role("button", name="检查并提交").tap()
    page.get_by_role("button", name="确认提交").tap()
    expect(page.locator("h2", has_text="提交回执")).to_be_visible()
