"""Somebody at a real Chromium: signs in, finds a task in the inbox, fills in its form, sends it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import ExitStack

from playwright.sync_api import Browser, Locator, Page, expect

from engine.cli.demo import PASSWORD
from tests.ui.browser import PHONE, Watched, watched

PATIENCE_MS = 20_000


class Desk:
    """One account in one browser profile; whatever happens there must stay quiet."""

    def __init__(self, view: Watched, name: str, password: str = PASSWORD) -> None:
        self.view, self.page, self.name, self._password = view, view.page, name, password
        self.page.set_default_timeout(PATIENCE_MS)
        expect.set_options(timeout=PATIENCE_MS)

    def come_in(self) -> Desk:
        self.view.sign_in(self.name, self._password)
        expect(self.page.locator("h1")).to_have_text(re.compile("^(待办|我的案件)$"))  # parties: their own cases
        return self

    def open(self, path: str) -> Page:
        """A page of the desk; whose session has ended meanwhile signs in again, as a person would."""
        self.view.open(path)
        if "/sign-in" in self.page.url:
            self.view.sign_in(self.name, self._password)
            self.view.open(path)
        hosts = "[...document.querySelectorAll('[data-form], [data-diagram]')]"
        self.page.wait_for_function(f"() => {hosts}.every(host => host.dataset.ready === 'true')")
        return self.page

    def task(self, case: str, name: str) -> Page:
        """Open a task from the inbox; claim it there first if nobody has it."""
        self.open("/")
        row = self.page.locator("tbody tr", has_text=case).filter(has_text=name)
        claim = row.get_by_role("button", name="认领")
        if claim.count():
            claim.click()
        row.get_by_role("link", name="办理").click()
        expect(self.page.locator(".head h1").first).to_have_text(name)
        return self.page

    def action(self, case: str, name: str) -> Page:
        """What the case offers beside tasks: an answer, a notice."""
        self.open(f"/cases/{case}")
        link = self.page.get_by_role("link", name=name, exact=True)
        if not link.count():
            self.page.locator("summary", has_text="更多操作").click()
        link.click()
        expect(self.page.locator(".head h1").first).to_have_text(name)
        return self.page

    def fill(self, **texts: str) -> None:
        for label, text in texts.items():
            self.field(label).fill(text)

    def field(self, label: str) -> Locator:
        named = self.page.locator("#form").get_by_label(re.compile(rf"^{re.escape(label)}\s*\*?$"))
        return named.and_(self.page.locator("input, textarea"))  # a group may be called like its first field

    def choose(self, *options: str) -> None:
        """Radio buttons and check boxes."""
        for option in options:
            self.page.locator("#form").get_by_label(option, exact=True).check()

    def pick(self, label: str, option: str) -> None:
        """An entry of a select field."""
        field = self.page.locator(".fjs-form-field-select", has=self.page.locator("label", has_text=label))
        field.locator(".fjs-input-group").click()
        field.locator(".fjs-dropdownlist-item", has_text=option).first.click()

    def day(self, label: str, text: str) -> None:
        self.field(label).fill(text)
        self.page.keyboard.press("Enter")
        self.page.keyboard.press("Escape")

    def attach(self, files: Mapping[str, tuple[str, bytes]]) -> None:
        """Label → (file name, content); returns when the server's hashes are shown."""
        for label, (name, content) in files.items():
            item = self.page.locator(".kapok-files", has=self.page.locator("label", has_text=re.compile(f"^{label}")))
            item.locator("input[type=file]").set_input_files(
                {"name": name, "mimeType": "application/pdf", "buffer": content})
            expect(item.locator(".hash")).to_be_visible(timeout=PATIENCE_MS)

    def send(self) -> None:
        self.page.get_by_role("button", name="检查并提交").click()
        self.page.get_by_role("button", name="确认提交").click()
        expect(self.page.locator(".toast")).to_contain_text("已提交")


ENDED = (401,)
"""Stories move the clock by days: sessions end meanwhile."""


class Office:
    """The desks of one installation; each account gets its own when it first has something to do."""

    def __init__(self, browser: Browser, base: str) -> None:
        self._browser, self._base = browser, base
        self._desks: dict[str, Desk] = {}
        self._open = ExitStack()

    def __getitem__(self, name: str) -> Desk:
        if name not in self._desks:
            view = self._open.enter_context(watched(self._browser, self._base))
            view.refused = ENDED
            self._desks[name] = Desk(view, name).come_in()
        return self._desks[name]

    def newcomer(self, name: str, password: str) -> Desk:
        """Somebody who is not signed in, with a phone."""
        view = self._open.enter_context(watched(self._browser, self._base, PHONE))
        self._desks[name] = Desk(view, name, password)
        return self._desks[name]

    def close(self) -> None:
        """Everybody goes home; no page has complained, none has asked for anything outside."""
        self._open.close()
        for desk in self._desks.values():
            desk.view.quiet()
