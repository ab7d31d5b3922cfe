"""A real Chromium over a served app: every request is watched, every console message kept."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread
from typing import Any

from flask import Flask
from playwright.sync_api import Browser, Page, Playwright, sync_playwright
from werkzeug.serving import make_server

from tests.support.chromium import executable

ARGUMENTS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)
DESK, PHONE = (1366, 768), (390, 844)


@dataclass
class Watched:
    """A page, and what it said and asked for. ``quiet`` fails on a console error or a request to another host."""

    page: Page
    base: str
    errors: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    refused: Collection[int] = ()
    """Statuses of what is refused on purpose."""

    def open(self, path: str) -> None:
        self.page.goto(self.base + path)

    def sign_in(self, name: str = "examiner1", password: str = "示例-1234") -> None:
        self.open("/sign-in")
        self.page.fill("#name", name)
        self.page.fill("#password", password)
        self.page.click("#sign-in button")

    def quiet(self) -> None:
        told = tuple(f"the server responded with a status of {status}" for status in self.refused)
        assert [error for error in self.errors if not any(words in error for words in told)] == []
        assert self.foreign == []


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The app on a free port of this machine."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = launch(playwright)
        try:
            yield browser
        finally:
            browser.close()


def launch(playwright: Playwright) -> Browser:
    return playwright.chromium.launch(executable_path=executable(), args=list(ARGUMENTS))


@contextmanager
def watched(browser: Browser, base: str, size: tuple[int, int] = DESK, **options: Any) -> Iterator[Watched]:
    """A fresh profile (Chinese unless told otherwise) whose every request is checked against ``base``."""
    options = {"locale": "zh-CN", "timezone_id": "Asia/Shanghai", "reduced_motion": "reduce", **options}
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, **options)
    view = Watched(context.new_page(), base)
    context.on("request", lambda request: _check(view, request.url))
    view.page.on("console", lambda message: view.errors.append(message.text) if message.type == "error" else None)
    view.page.on("pageerror", lambda error: view.errors.append(str(error)))
    try:
        yield view
    finally:
        context.close()


def _check(view: Watched, url: str) -> None:
    if not url.startswith((view.base + "/", "data:", "blob:")):
        view.foreign.append(url)
