"""The reader's name and the time lie over the pages of a confidential case, and let every press through."""

from __future__ import annotations

import io

import pytest
from playwright.sync_api import Browser

from engine.services.views.models import FileView
from tests.ui.browser import served, watched
from tests.ui.fakes import FakeServices, case_view, make_app, task_view

PATH = "/cases/YS-2026-FM-000001"


@pytest.mark.parametrize(("level", "marked"), [("L3", True), ("L2", False), ("L1", False)])
def test_only_a_confidential_case_is_marked(signed_in, services, level, marked):
    services.queries.shown_case = case_view(level=level)
    answer = signed_in("applicant1").get(PATH)
    assert ('class="watermark"' in answer.text) is marked
    assert not marked or "applicant1" in answer.text.split('class="watermark"')[1].split("</svg>")[0]


@pytest.mark.parametrize(("level", "marked"), [("L3", True), ("L2", False)])
def test_the_page_of_a_task_bears_it_too(signed_in, services, level, marked):
    services.queries.shown_task = task_view(level=level)
    answer = signed_in("applicant1").get(f"/tasks/{services.queries.shown_task.key}")
    assert ('class="watermark"' in answer.text) is marked


@pytest.mark.parametrize(("level", "media", "page"), [
    ("L3", "image/png", True), ("L3", "image/jpeg", True), ("L2", "image/png", False),
    ("L3", "application/pdf", False)])
def test_a_picture_is_looked_at_below_the_mark_and_never_bare(signed_in, services, level, media, page):
    services.queries.file = lambda actor, sha256: FileView("图.png", media, 1, lambda: io.BytesIO(b"x"), level)
    client = signed_in("applicant1")
    answer = client.get("/files/abc", follow_redirects=True)
    assert (answer.mimetype == "text/html") is page
    if page:
        assert 'class="watermark"' in answer.text and 'src="/files/abc?raw="' in answer.text
        bare = client.get("/files/abc?raw=")
        assert bare.data == b"x" and bare.headers["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize(("level", "marked"), [("L3", True), ("L2", False)])
def test_the_preview_of_a_paper_is_a_reading_too(signed_in, services, level, marked):
    read = []
    services.queries.file = lambda actor, sha256: read.append(sha256) or FileView("a.docx", "", 1, io.BytesIO, level)
    services.papers.preview = lambda actor, sha256: ("a.docx", "<p>text</p>")
    answer = signed_in("applicant1").get("/files/abc/preview")
    assert (('class="watermark"' in answer.text), read) == (marked, ["abc"])


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
