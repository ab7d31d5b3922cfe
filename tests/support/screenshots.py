"""Pictures of the running product for the handbooks: ``python -m tests.support.screenshots docs/images``.

A service on virtual time (Monday, 2026-03-02, 09:00 in Beijing) with the demo's accounts and sample cases; every
account signs in, and each screen is taken at a desk and on a phone. Nothing of it stays but the pictures.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page

from engine.app import Kapok, create_kapok
from engine.cli.demo import ACCOUNTS, PASSWORD, samples, shipped_models
from engine.clock import VirtualClock
from engine.config import Settings
from engine.domain.actors import SHELL
from engine.domain.commands import AddUser, Deploy
from engine.domain.identifiers import SeededIds
from engine.services.people.identity import hash_password
from tests.support.server import MORNING, Site
from tests.ui.browser import DESK, PHONE, chromium, watched

MOST_BYTES = 300_000
PICTURED = ("applicant", "intake", "classifier", "examiner", "quality", "supervisor", "admin")
"""Those of the demo's accounts that the handbooks show."""
EXAMINED, ANSWERED, PAPER = "YS-2026-FM-000003", "YS-2026-FM-000001", b"%PDF-1.7 sample"


@dataclass
class Camera:
    """One account at one size; ``name`` of a picture gets the size as its ending on a phone."""

    page: Page
    base: str
    folder: Path
    ending: str

    def open(self, path: str) -> Camera:
        self.page.goto(self.base + path)
        hosts = "[...document.querySelectorAll('[data-form], [data-diagram]')]"
        self.page.wait_for_function(f"() => {hosts}.every(host => host.dataset.ready === 'true')")
        return self

    def follow(self, link: Locator) -> Camera:
        return self.open(str(link.first.get_attribute("href")))

    def row(self, case: str, selector: str) -> Locator:
        return self.page.locator("tbody tr", has_text=case).locator(selector)

    def take(self, name: str, top: str = "") -> None:
        """The window as it is seen; ``top``: what stands at its upper edge."""
        if top:
            self.page.evaluate("where => window.scrollTo(0, document.querySelector(where).getBoundingClientRect().top "
                               "+ window.scrollY - 60)", top)
        path = self.folder / f"{name}{self.ending}.png"
        self.page.screenshot(path=path, animations="disabled", caret="hide")
        if path.stat().st_size > MOST_BYTES:
            raise ValueError(f"expected {path} to have at most {MOST_BYTES} bytes, but it has {path.stat().st_size}")

    def print(self, name: str) -> None:
        self.page.emulate_media(media="print")
        self.page.evaluate("window.scrollTo(0, 0)")
        self.take(name)
        self.page.emulate_media(media="screen")


def furnish(kapok: Kapok, clock: VirtualClock) -> None:
    """Accounts, procedures and sample cases of the demo, the cases ten minutes apart."""
    hashed = hash_password(PASSWORD)
    for account in ACCOUNTS:
        kapok.run(AddUser(account.name, account.title, (account.name,), hashed), SHELL)
    kapok.run(Deploy(shipped_models()), SHELL)
    samples(kapok, lambda title: clock.advance(timedelta(minutes=10)))
    kapok.close()


@contextmanager
def camera(browser: Browser, base: str, folder: Path, size: tuple[int, int], account: str | None) -> Iterator[Camera]:
    """A fresh profile, signed in when an account is named; quiet until its end."""
    with watched(browser, base, size) as view:
        if account is not None:
            view.sign_in(account, PASSWORD)
            view.page.wait_for_selector("nav.side")
        yield Camera(view.page, base, folder, "" if size == DESK else "-phone")
        view.quiet()


def applicant(one: Camera) -> None:
    one.open("/start").take("start-list")
    one.open("/start/pre_examination").take("start")
    one.open("/cases").follow(one.row(ANSWERED, "a.plain")).take("party-case")
    one.follow(one.page.get_by_role("link", name="提交答复", exact=True)).take("party-answer")
    form = one.page.locator("#form")
    form.get_by_label("意见陈述").fill("已修改权利要求1，并重写说明书第12段。")
    form.locator("input[type=file]").first.set_input_files(
        {"name": "权利要求书（修改）.pdf", "mimeType": "application/pdf", "buffer": PAPER})
    form.locator(".hash").first.wait_for()
    one.take("party-answer-filled")
    one.page.get_by_role("button", name="检查并提交").click()
    one.take("party-answer-confirm")


def examiner(one: Camera) -> None:
    one.open("/")
    claim = one.row(EXAMINED, "button")
    if claim.count():
        claim.first.click()
        one.open("/")
    one.follow(one.row(EXAMINED, "a.btn")).take("task")
    one.page.get_by_role("button", name="检查并提交").click()
    one.page.locator(".errors:visible").first.wait_for()
    one.take("task-refused")
    one.open("/cases").follow(one.row(EXAMINED, "a.plain")).take("case")
    one.open("/cases").follow(one.row(ANSWERED, "a.plain")).take("case-lower", "#docs")
    one.print("case-print")
    one.follow(one.page.locator("a.chip")).take("deadline")
    one.print("deadline-print")
    one.page.goto(f"{one.base}/language/en?next=/cases")
    one.follow(one.row(EXAMINED, "a.plain")).take("case-english")
    one.page.goto(f"{one.base}/language/zh?next=/")


def supervisor(one: Camera) -> None:
    one.open("/?view=all").take("inbox-all")
    one.page.locator("summary", has_text="筛选").first.click()
    one.take("inbox-filter")
    one.open("/cases").take("cases")
    one.open("/deadlines").take("deadlines")
    one.open("/cases?q=散热").take("search")
    one.open("/cases").follow(one.row(ANSWERED, "a.plain")).take("case-supervisor")
    one.take("case-notes", "#notes")
    one.follow(one.page.get_by_role("link", name="并案", exact=True)).take("case-merge")


SCREENS = {"applicant": applicant, "examiner": examiner, "supervisor": supervisor}


def take_all(browser: Browser, base: str, folder: Path) -> None:
    for size in (DESK, PHONE):
        with camera(browser, base, folder, size, None) as one:
            one.open("/sign-in").take("sign-in")
        for account in (account for account in ACCOUNTS if account.name in PICTURED):
            with camera(browser, base, folder, size, account.name) as one:
                one.open("/").take(f"inbox-{account.name}")
                SCREENS.get(account.name, lambda _: None)(one)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where the pictures go")
    folder: Path = parser.parse_args(arguments).folder
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="kapok-pictures-") as home:
        site = Site(Path(home), f"sqlite:///{home}/kapok.db", MORNING)
        clock = VirtualClock(MORNING - timedelta(minutes=50))
        settings = Settings(database_url=site.database_url, folder=Path(home) / "var")
        furnish(create_kapok(settings, clock, SeededIds()), clock)
        with site.virtual() as server, chromium() as browser:
            take_all(browser, server.url, folder)
    print(f"{len(list(folder.glob('*.png')))} pictures in {folder}")


if __name__ == "__main__":
    main()
