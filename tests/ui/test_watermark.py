"""The reader's name and the time lie over the pages of a confidential case, and let every press through."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.ui.browser import served, watched
from tests.ui.fakes import FakeServices, case_view, make_app

PATH = "/cases/YS-2026-FM-000001"


@pytest.mark.parametrize(("level", "marked"), [("L3", True), ("L2", False), ("L1", False)])
def test_only_a_confidential_case_is_marked(signed_in, services, level, marked):
    services.queries.shown_case = case_view(level=level)
    answer = signed_in("applicant1").get(PATH)
    assert ('class="watermark"' in answer.text) is marked
    assert not marked or "applicant1" in answer.text.split('class="watermark"')[1].split("</svg>")[0]


@pytest.mark.browser
def test_the_mark_covers_the_screen_and_lets_presses_through(browser: Browser, services: FakeServices) -> None:
    services.queries.shown_case = case_view(level="L3")
    with served(make_app(services)) as base, watched(browser, base) as view:
        view.sign_in("applicant1")
        view.open(PATH)
        box = view.page.locator(".watermark").bounding_box()
        assert box is not None and (box["width"], box["height"]) >= (1300, 700)
        over = "document.elementFromPoint(innerWidth / 2, innerHeight / 2).closest('.watermark')"
        assert view.page.evaluate(over) is None
        view.quiet()
