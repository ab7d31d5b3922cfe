"""One account at one size, and the pictures it takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Locator, Page

from engine.cli.demo import PASSWORD
from tests.ui.browser import DESK, PHONE, watched

MOST_BYTES = 300_000
HOSTS = "[...document.querySelectorAll('[data-form], [data-diagram]')]"


@dataclass
class Camera:
    """``ending``: what the names of its pictures end with; ``places``: what ``{…}`` in a path stands for."""

    page: Page
    base: str
    folder: Path
    ending: str
    places: Mapping[str, str] = field(default_factory=dict)

    def open(self, path: str) -> Camera:
        self.page.goto(self.base + path.format_map(self.places))
        self.page.wait_for_function(f"() => {HOSTS}.every(host => host.dataset.ready === 'true')")
        return self

    def follow(self, link: Locator) -> Camera:
        return self.open(str(link.first.get_attribute("href")).replace("{", "{{").replace("}", "}}"))

    def row(self, case: str, selector: str) -> Locator:
        return self.page.locator("tbody tr", has_text=case).locator(selector)

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).first.click()

    def unfold(self, word: str) -> None:
        self.page.locator("main summary", has_text=word).first.click()

    def show(self, top: str) -> None:
        """What stands at the upper edge of the window from now on."""
        self.page.evaluate("where => window.scrollTo(0, document.querySelector(where).getBoundingClientRect().top "
                           "+ window.scrollY - 60)", top)

    def take(self, name: str, top: str = "") -> None:
        """The window as it is seen."""
        if top:
            self.show(top)
        path = self.folder / f"{name}{self.ending}.png"
        self.page.screenshot(path=path, animations="disabled", caret="hide")
        if path.stat().st_size > MOST_BYTES:
            raise ValueError(f"expected {path} to have at most {MOST_BYTES} bytes, but it has {path.stat().st_size}")

    def print(self, name: str) -> None:
        self.page.emulate_media(media="print")
        self.page.evaluate("window.scrollTo(0, 0)")
        self.take(name)
        self.page.emulate_media(media="screen")


@dataclass(frozen=True)
class Picture:
    """A screen as ``account`` sees it (None: nobody is signed in). ``do``: what is done before; ``top``: what stands at
    the upper edge; ``shows``: the endpoint that ``do`` leads to; ``looks``: of ``LOOKS``."""

    name: str
    account: str | None
    path: str
    do: Callable[[Camera], None] = lambda one: None
    top: str = ""
    shows: str = ""
    looks: tuple[str, ...] = ("desk", "phone")


@dataclass(frozen=True)
class Look:
    ending: str
    size: tuple[int, int]
    options: Mapping[str, Any] = field(default_factory=dict)


LOOKS = {
    "desk": Look("", DESK), "phone": Look("-phone", PHONE),
    "dark": Look("-dark", DESK, {"color_scheme": "dark"}), "english": Look("-english", DESK, {"locale": "en-GB"}),
}
ALL = tuple(LOOKS)


@contextmanager
def camera(browser: Browser, base: str, folder: Path, look: Look, account: str | None,
           places: Mapping[str, str]) -> Iterator[Camera]:
    """A fresh profile, signed in when an account is named; quiet until its end, but for pages that say no."""
    with watched(browser, base, look.size, **look.options) as view:
        if account is not None:
            view.sign_in(account, PASSWORD)
            view.page.wait_for_selector("nav.side")
        yield Camera(view.page, base, folder, look.ending, places)
        view.refused = range(400, 500)
        view.quiet()
