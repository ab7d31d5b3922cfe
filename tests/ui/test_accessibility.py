"""Every screen for everybody: axe finds nothing in either language, on a desk and on a phone, in light and dark."""

from __future__ import annotations

from dataclasses import replace

import pytest
from playwright.sync_api import Browser, Page

from engine.services.views.models import CommentRow
from tests.ui.axe import violations
from tests.ui.browser import DESK, PHONE, served, watched
from tests.ui.fakes import NOW, FakeServices, make_app, task_row

pytestmark = pytest.mark.browser
PAGES = {"applicant1": ("/start", "/start/pre_examination", "/cases/c1/do/withdraw", "/notices"),
         "examiner1": ("/", "/?view=done", "/?q=没有", "/cases", "/cases?state=active&overdue=1", "/tasks/c1~3",
                       "/cases/YS-2026-FM-000001", "/deadlines", "/deadlines/c1~7", "/absences", "/account",
                       "/nowhere")}


def settled(page: Page) -> None:
    hosts = "[...document.querySelectorAll('[data-form], [data-diagram]')]"
    page.wait_for_function(f"() => {hosts}.every(host => host.dataset.ready === 'true')")


@pytest.mark.parametrize(("size", "options"), [
    (DESK, {}), (PHONE, {"locale": "en-GB", "color_scheme": "dark"})], ids=["desk-zh", "phone-en-dark"])
def test_axe_finds_nothing_on_any_screen(browser: Browser, size, options) -> None:
    services = FakeServices()
    note = CommentRow(NOW, "examiner1", "张某", "请 @李某 看一下", "")
    services.queries.shown_case = replace(services.queries.shown_case, comments=(note,))
    services.queries.shown_task = replace(services.queries.shown_task, comments=(note,))
    services.queries.page = replace(services.queries.page, items=[
        task_row(), task_row(key="c1~4", priority=80, follow_up_at=NOW, may_claim=True, mine=False, deadline=None)])
    found = {}
    with served(make_app(services)) as base:
        for name, paths in PAGES.items():
            with watched(browser, base, size, **options) as view:
                view.open("/sign-in")
                found["/sign-in"] = violations(view.page)
                view.sign_in(name)
                for path in paths:
                    view.open(path)
                    settled(view.page)
                    view.page.evaluate("document.querySelectorAll('main details').forEach(item => item.open = true)")
                    found[path] = violations(view.page)
    assert {path: wrong for path, wrong in found.items() if wrong} == {}
