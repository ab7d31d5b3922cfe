"""The same in a real Chromium: the tab and the house together bring one back to the filled form."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from engine.domain.administration import EndSessions
from engine.store import schema as s
from tests.support.house import ACTORS, emptied
from tests.ui.browser import Watched, served, watched
from tests.ui.nothing_lost import Office
from tests.ui.test_administration import PASSWORD


@pytest.fixture
def office(sqlite_url: str, tmp_path: Path) -> Iterator[Office]:
    office = Office(emptied(sqlite_url), tmp_path / "house")
    yield office
    office.house.close()


@pytest.fixture
def view(office: Office, browser: Browser) -> Iterator[Watched]:
    with served(office.app) as base, watched(browser, base) as found:
        yield found


def enter(page: Page, name: str) -> None:
    page.fill("#name", name)
    page.fill("#password", PASSWORD)
    page.click("#sign-in button")


def ready(page: Page) -> None:
    page.wait_for_selector("[data-form][data-ready]")


def end_sessions(office: Office, name: str) -> None:
    office.house.run(EndSessions(name), ACTORS["admin"])


def send(page: Page) -> None:
    page.get_by_role("button", name="检查并提交").click()
    page.get_by_role("button", name="确认提交").click()


def test_a_text_of_many_pages_is_kept_and_sent(office: Office, view: Watched) -> None:
    """A request that outlives its page may not carry it; the draft does, as long as the page is there."""
    key, page = office.begin(), view.page
    view.sign_in("anna", PASSWORD)
    view.open(f"/tasks/{key}")
    page.get_by_role("button", name="认领").click()
    ready(page)
    page.get_by_label("意见").fill("长篇意见" * 8_000)
    expect(page.locator("[data-draft-state]")).to_contain_text("草稿已自动保存")
    page.get_by_label("意见").fill("长篇意见" * 8_001)
    send(page)
    expect(page.locator(".toast")).to_contain_text("已提交", timeout=20_000)
    assert office.house.rows(s.user_task, s.user_task.c.state == "open") == []
    view.quiet()


def test_a_task_form_is_filled_again_after_signing_in(office: Office, view: Watched) -> None:
    key, page = office.begin(), view.page
    view.sign_in("anna", PASSWORD)
    view.open(f"/tasks/{key}")
    page.get_by_role("button", name="认领").click()
    ready(page)
    end_sessions(office, "anna")
    page.get_by_label("意见").fill("写到一半的意见")
    send(page)
    expect(page.locator("[data-draft-state]")).to_contain_text("登录已结束")
    view.open(f"/tasks/{key}")
    enter(page, "anna")
    ready(page)
    expect(page.get_by_label("意见")).to_have_value("写到一半的意见")
    send(page)
    expect(page.locator(".toast")).to_contain_text("已提交")
    assert [row.state for row in office.house.rows(s.user_task)] == ["completed"]


def test_a_note_is_filled_again_and_told_of(office: Office, view: Watched) -> None:
    key, page = office.begin(), view.page
    view.sign_in("boss", PASSWORD)
    view.open(f"/tasks/{key}")
    end_sessions(office, "boss")
    page.locator("#notes textarea").fill("请核对<图3>😀")
    page.get_by_role("button", name="留言").click()
    expect(page.locator("#typed")).to_have_value("内容：请核对<图3>😀")
    page.get_by_role("link", name="登录").click()
    enter(page, "boss")
    expect(page.locator("#notes textarea")).to_have_value("请核对<图3>😀")
    expect(page.locator("#notes")).to_contain_text("填回了您上次没有提交的内容")
    page.get_by_role("button", name="留言").click()
    expect(page.locator(".toast")).to_contain_text("已留言")
    expect(page.locator("#notes textarea")).to_have_value("")
    view.errors.clear()  # the browser's own line on the 401


def test_what_was_done_with_one_form_makes_no_other_forget(office: Office, view: Watched) -> None:
    key, page = office.begin(), view.page
    view.sign_in("boss", PASSWORD)
    view.open(f"/cases/{key.partition('~')[0]}")
    page.locator("#notes textarea").fill("留着")
    view.open(f"/tasks/{key}")
    page.locator("#notes textarea").fill("送出")
    page.get_by_text("跟进日").first.click()
    page.fill("input[name=on]", "2026-03-20")
    page.get_by_role("button", name="保存").first.click()
    expect(page.locator(".toast")).to_contain_text("已保存")
    expect(page.locator("#notes textarea")).to_have_value("送出")
    view.quiet()


def test_a_start_form_goes_on_in_another_browser(office: Office, view: Watched, browser: Browser) -> None:
    view.sign_in("firm", PASSWORD)
    view.open("/start/p")
    ready(view.page)
    view.page.get_by_label("名称").fill("一种半截的装置")
    expect(view.page.locator("[data-draft-state]")).to_contain_text("草稿已自动保存")
    with watched(browser, view.base) as other:
        other.sign_in("firm", PASSWORD)
        other.open("/start")
        other.page.get_by_text("继续填写").click()
        ready(other.page)
        expect(other.page.get_by_label("名称")).to_have_value("一种半截的装置")
        send(other.page)
        expect(other.page.locator(".toast")).to_contain_text("案件已建立")
        other.quiet()
    assert office.house.rows(s.start_draft) == []


def test_two_windows_of_two_accounts_do_nothing_in_each_others_name(office: Office, view: Watched) -> None:
    key, first = office.begin(), view.page
    view.sign_in("anna", PASSWORD)
    view.open(f"/tasks/{key}")
    first.get_by_role("button", name="认领").click()
    ready(first)
    second = first.context.new_page()
    second.goto(view.base + "/sign-in")
    second.locator("form[action$='/sign-out'] button").evaluate("button => button.click()")
    second.wait_for_url("**/sign-in")
    enter(second, "boss")
    expect(second.locator("h1")).to_have_text("待办")
    first.get_by_label("意见").fill("某anna的意见")
    send(first)
    expect(first.locator("#typed")).to_contain_text("某anna的意见")
    assert office.house.rows(s.user_task)[0].state == "open"
    view.errors.clear()


# --- pages that stay open -------------------------------------------------------------------------------------------
def test_a_list_renews_itself_and_leaves_choice_and_focus_alone(office: Office, view: Watched) -> None:
    keys, page = [office.begin(f"装置{number}") for number in range(3)], view.page
    page.clock.install()
    view.sign_in("anna", PASSWORD)
    expect(page.locator("tbody tr")).to_have_count(3)
    page.locator(f"[value='{keys[0]}'][data-check]").check()
    page.locator(f"[value='{keys[1]}'][data-check]").check()
    page.locator(f"[id='row-{keys[1]}'] a").first.focus()
    office.desk("bela").post(f"/tasks/{keys[0]}/claim")
    page.clock.run_for(31_000)
    expect(page.locator("tbody tr")).to_have_count(2)
    expect(page.locator(f"[value='{keys[1]}'][data-check]")).to_be_checked()
    expect(page.locator("[data-count]")).to_contain_text("1")
    expect(page.locator(".toast")).to_contain_text("装置0 已由他人认领或办结")
    assert page.evaluate("document.activeElement.closest('tr').id") == f"row-{keys[1]}"
    page.get_by_text("转办", exact=True).first.click()
    page.locator(".bulk [name=reason]").fill("写到一半的理由")
    office.desk("bela").post(f"/tasks/{keys[2]}/claim")
    page.clock.run_for(31_000)
    expect(page.locator(".bulk [name=reason]")).to_have_value("写到一半的理由")
    view.quiet()


def test_a_list_says_that_the_session_ended_and_stays(office: Office, view: Watched) -> None:
    office.begin()
    view.page.clock.install()
    view.sign_in("anna", PASSWORD)
    expect(view.page.locator("tbody tr")).to_have_count(1)
    view.page.wait_for_load_state("load")  # the clock moves only what has been started
    end_sessions(office, "anna")
    view.page.clock.run_for(31_000)
    expect(view.page.locator(".toast")).to_contain_text("登录已结束")
    expect(view.page.locator("tbody tr")).to_have_count(1)
    view.errors.clear()


def test_an_open_task_says_who_took_it_and_keeps_what_is_typed(office: Office, view: Watched) -> None:
    key, page = office.begin(), view.page
    page.clock.install()
    view.sign_in("anna", PASSWORD)
    view.open(f"/tasks/{key}")
    page.get_by_role("button", name="认领").click()
    ready(page)
    page.get_by_label("意见").fill("还没写完")
    office.desk("boss").post(f"/tasks/{key}/hand-on", to="bela", reason="轮换")
    page.clock.run_for(31_000)
    expect(page.locator("[data-now]")).to_contain_text("起由某bela办理")
    expect(page.get_by_label("意见")).to_have_value("还没写完")
    view.errors.clear()
    view.open(f"/tasks/{key}")
    expect(page.locator("main")).to_contain_text("起由某bela办理")
    view.errors.clear()


def test_colleagues_who_see_the_case_are_called_by_keyboard(office: Office, view: Watched) -> None:
    case, page = office.begin().partition("~")[0], view.page
    view.sign_in("boss", PASSWORD)
    view.open(f"/cases/{case}")
    page.locator("#notes textarea").press_sequentially("请@某")
    expect(page.get_by_role("option")).to_have_text(["某anna anna", "某bela bela", "某clerk clerk"])
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.keyboard.type("看一下")
    expect(page.locator("#notes textarea")).to_have_value("请@某bela 看一下")
    page.get_by_role("button", name="留言").click()
    expect(page.locator(".toast")).to_have_text("已留言。")
    assert [row.to for row in office.house.rows(s.notice)] == ["bela"]
    view.quiet()
