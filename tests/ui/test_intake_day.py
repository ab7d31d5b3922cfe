"""A day of an intake officer in a real Chromium over the real service, by keyboard alone: claims many at once, fills in
a form, loses the session in the middle of it and nothing else, writes to a colleague, keeps a filter, finds a case."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from engine.app import create_app
from engine.domain.administration import EndSessions
from engine.domain.commands import AddUser, ClaimUserTask
from engine.store import schema as s
from tests.support.bpmn import assign, boundary, chain, end, form, process, start, timer, user
from tests.support.house import House, actor, hashed
from tests.ui.axe import violations
from tests.ui.browser import Watched, served, watched

pytestmark = pytest.mark.browser
PASSWORD, MOST_TABS = "示例口令-0123", 90
MODEL = process("filing", start("s"), user("A", assign(groups="intake"), form("check"), name="形式核对"),
                boundary("late", "A", timer('=deadline("dl.pre.answer")', "date")),
                user("B", assign(groups="examiner"), name="审查"), end("e"), end("f"),
                chain("s", "A", "B", "e"), chain("late", "f"))
FORM = {"type": "default", "id": "check", "schemaVersion": 16, "components": [
    {"type": "textarea", "key": "opinion", "label": "核对意见", "id": "F1", "validate": {"required": True}}]}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    built = House(f"sqlite:///{tmp_path / 'kapok.db'}", tmp_path / "house", secret_key="only for tests",
                  secure_cookies=False, second_factor=False)
    for role, number in (("intake", 1), ("intake", 2), ("examiner", 1), ("supervisor", 1)):
        built.run(AddUser(f"{role}{number}", f"某{role}", (role,), hashed(PASSWORD)))
    built.deploy(("filing.bpmn", MODEL), ("check.form", json.dumps(FORM, ensure_ascii=False).encode()))
    for number, name in enumerate(("散热装置", "密封圈", "传动机构"), 1):
        key = built.start("filing", {"title": name, "case_no": f"YS-2026-FM-00000{number}", "kind": "invention",
                                     "applicant": {"name": "甲公司"}})
        with built.kapok.database.writing() as connection:
            connection.execute(s.case.update().where(s.case.c.id == key).values(case_no=f"YS-2026-FM-00000{number}"))
    yield built
    built.close()


def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until something has the focus; what cannot be reached so is nowhere for many."""
    expect(wanted).to_be_visible()
    for _ in range(MOST_TABS):
        if wanted.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"not reached by Tab: {wanted}")


def press(page: Page, wanted: Locator, key: str = "Enter") -> None:
    tab_to(page, wanted)
    page.keyboard.press(key)


def look_for(page: Page, typed: str) -> None:
    tab_to(page, page.locator("header input[name=q]"))
    page.keyboard.type(typed)
    page.keyboard.press("Enter")


def sign_in(view: Watched, name: str) -> None:
    tab_to(view.page, view.page.locator("#name"))
    view.page.keyboard.type(name)
    tab_to(view.page, view.page.locator("#password"))
    view.page.keyboard.type(PASSWORD)
    view.page.keyboard.press("Enter")


def test_a_day_of_an_intake_officer_by_keyboard(browser: Browser, house: House) -> None:
    with served(create_app(house.kapok.settings, house.kapok)) as base, watched(browser, base) as view:
        page = view.page
        page.set_default_timeout(15_000)
        view.refused = (401, 409)  # a session that was ended meanwhile, a task that a colleague took
        view.open("/")
        sign_in(view, "intake1")
        _claims_what_is_left(page, house)
        _keeps_a_filter(page)
        _fills_in_a_form(page, view, house)
        _writes_to_a_colleague(page, house)
        _finds_a_case(page)
        view.quiet()


def _claims_what_is_left(page: Page, house: House) -> None:
    expect(page.locator("tbody tr")).to_have_count(3)
    press(page, page.locator("[data-check-all]"), "Space")
    expect(page.locator("[data-count]")).to_have_text("已选 3 项")
    third = house.rows(s.case, s.case.c.case_no == "YS-2026-FM-000003")[0].id
    house.run(ClaimUserTask(house.task(third, "A")), actor("intake", 2))
    press(page, page.get_by_role("button", name="批量认领"))
    expect(page.locator(".errors b")).to_have_text("已办 2 项，1 项没有办成")
    expect(page.locator(".errors li")).to_contain_text("YS-2026-FM-000003")
    expect(page.locator("tbody tr")).to_have_count(2)
    assert violations(page) == []


def _keeps_a_filter(page: Page) -> None:
    press(page, page.locator("summary", has_text="筛选").first)
    box = page.locator("main input[name=q]")
    tab_to(page, box)
    page.keyboard.type("散热")
    page.keyboard.press("Enter")
    expect(page.locator("tbody tr")).to_have_count(1)
    press(page, page.locator("summary", has_text="保存筛选"))
    tab_to(page, page.locator("main .menu input[name=name]"))
    page.keyboard.type("散热的")
    page.keyboard.press("Enter")
    expect(page.locator(".pills a", has_text="散热的")).to_have_attribute("aria-current", "true")


def _fills_in_a_form(page: Page, view: Watched, house: House) -> None:
    press(page, page.locator("tbody tr").get_by_role("link", name="形式核对"))
    opinion = page.get_by_label("核对意见")
    tab_to(page, opinion)
    page.keyboard.type("材料齐全，")
    expect(page.locator("[data-draft-state]")).to_contain_text("草稿已自动保存")
    house.run(EndSessions("intake1"))
    page.keyboard.type("格式无误。")
    press(page, page.get_by_role("button", name="检查并提交"))
    press(page, page.get_by_role("button", name="确认提交"))
    expect(page.locator("[data-draft-state]")).to_contain_text("登录已结束")
    page.reload()
    sign_in(view, "intake1")
    expect(opinion).to_have_value("材料齐全，格式无误。")
    press(page, page.get_by_role("button", name="检查并提交"))
    press(page, page.get_by_role("button", name="确认提交"))
    expect(page.locator(".toast")).to_contain_text("已提交：形式核对（YS-2026-FM-000001）")
    written = [row.data for row in house.rows(s.history) if row.kind == "variables"]
    assert [data["opinion"] for data in written if "opinion" in data] == ["材料齐全，格式无误。"]


def _writes_to_a_colleague(page: Page, house: House) -> None:
    look_for(page, "ys-2026-fm-000001")
    press(page, page.locator("tbody tr").get_by_role("link", name="YS-2026-FM-000001"))
    tab_to(page, page.locator("#notes textarea"))
    page.keyboard.type("@examiner1 附图较多，请留意。")
    press(page, page.locator("#notes button"))
    expect(page.locator("#notes li")).to_contain_text("附图较多")
    assert [(row.to, row.code) for row in house.rows(s.notice)] == [("examiner1", "comment.mentioned")]


def _finds_a_case(page: Page) -> None:
    look_for(page, "传动机构")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody tr")).to_contain_text("YS-2026-FM-000003")
