"""The auditor's screen and its neighbours in a real Chromium, over the real house: found, asked for, exported."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from engine.app import create_app
from engine.config import Settings
from engine.domain.actors import SHELL, SYSTEM, Actor
from engine.domain.commands import AddUser
from engine.domain.recusal_commands import Declare
from engine.store import schema as s
from tests.support import bpmn
from tests.support.house import House, emptied, hashed
from tests.ui.browser import DESK, PHONE, served, watched

pytestmark = pytest.mark.browser
PASSWORD = "一个够长的密码-2026"
ROLES = ("auditor", "security", "supervisor", "examiner")
PAGES = {"auditor": ("/audit", "/recusals?state=all", "/declarations?all=1", "/access", "/approvals", "/account"),
         "supervisor": ("/recusals", "/approvals", "/absences")}


@pytest.fixture(scope="module")
def base(sqlite_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A house in which an examiner is recused from a case."""
    url, folder = emptied(sqlite_url), tmp_path_factory.mktemp("house")
    wanted = {"two_persons": True, "second_factor": False, "secret_key": "only for tests"}
    house, digest = House(url, folder, **wanted), hashed(PASSWORD)
    for role in ROLES:
        house.run(AddUser(role, f"示例{role}", (role,), digest), SHELL)
    house.deploy(bpmn.process("p", bpmn.start(), bpmn.user("A", bpmn.assign(groups="examiner")), bpmn.end(),
                              bpmn.chain("start", "A", "end")), actor=SYSTEM)
    examiner = Actor("examiner", "", frozenset({"examiner"}))
    house.claim(house.start("p", {"applicant": {"name": "甲公司"}}), "A", examiner)
    house.run(Declare("examiner", "employer", "甲公司"), examiner)
    assert house.rows(s.recusal)
    settings = Settings(database_url=url, folder=Path(folder), secure_cookies=False, **wanted)
    with served(create_app(settings, house.kapok)) as address:
        yield address
    house.close()


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("locale", ["zh-CN", "en-GB"])
def test_the_pages_are_quiet_and_never_scroll_sideways(browser: Browser, base: str, locale: str,
                                                       size: tuple[int, int]) -> None:
    for role, paths in PAGES.items():
        with watched(browser, base, size, locale=locale) as view:
            view.sign_in(role, PASSWORD)
            for path in paths:
                view.open(path)
                wide = view.page.evaluate("document.scrollingElement.scrollWidth - innerWidth")
                assert (path, wide) == (path, min(wide, 0))
            view.quiet()


def test_an_auditor_finds_an_entry_asks_for_the_export_and_gets_it(browser: Browser, base: str) -> None:
    with watched(browser, base) as auditor, watched(browser, base) as security:
        auditor.sign_in("auditor", PASSWORD)
        auditor.open("/audit")
        auditor.page.get_by_label("人员").fill("examiner")
        auditor.page.get_by_label("操作").fill("Declare")
        auditor.page.locator("form.labelled button").click()
        expect(auditor.page.locator("tbody tr th")).to_have_text(["回避申报"] * 2)  # the case's entry, the system's
        auditor.page.get_by_label("导出理由").fill("年度审计")
        auditor.page.get_by_role("button", name="申请导出").click()
        expect(auditor.page.locator(".toast")).to_have_text("已提出申请，待另一人核准后生效。")
        security.sign_in("security", PASSWORD)
        security.open("/approvals")
        expect(security.page.locator("main")).to_contain_text("审计链")
        security.page.get_by_role("button", name="批准").click()
        expect(security.page.locator(".toast")).to_have_text("已核准并办理。")
        auditor.open("/audit")
        with auditor.page.expect_download() as coming:
            auditor.page.get_by_role("button", name="导出审计链").click()
        assert coming.value.suggested_filename == "audit-trail.zip"
        auditor.quiet()
        security.quiet()


def test_a_recusal_is_asked_to_be_lifted_from_its_row(browser: Browser, base: str) -> None:
    with watched(browser, base) as view:
        view.sign_in("supervisor", PASSWORD)
        view.open("/recusals")
        view.page.locator("tbody summary").click()
        view.page.get_by_label("理由").first.fill("申报有误")
        view.page.get_by_role("button", name="申请解除").click()
        expect(view.page.locator(".toast")).to_have_text("已提出申请，待另一人核准后生效。")
        view.quiet()
