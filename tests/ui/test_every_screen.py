"""Every kind of screen in a house full of samples: axe finds nothing at a desk in light and on a phone in dark, nothing
scrolls sideways, at a desk zoomed to 200 % neither, and the keyboard alone reaches everything and sees where it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.pictures.camera import LOOKS, Picture, camera
from tests.support.pictures.party import filled, withdrawing
from tests.support.screenshots import PICTURES, furnished, screen_of
from tests.ui.axe import violations
from tests.ui.browser import DESK, PHONE

pytestmark = pytest.mark.browser
ZOOMED = (DESK[0] // 2, DESK[1] // 2)
"""What 200 % leave of a desk."""
MORE = frozenset({"inbox-all", "party-case", "paper-enter"})
"""Screens that look different to others, or later."""
OPEN_ALL = "document.querySelectorAll('main details:not(.menu)').forEach(item => item.open = true)"
WIDE = "document.documentElement.scrollWidth > innerWidth"
JUMPS = """() => [...document.querySelectorAll('h1, h2, h3, h4')].map(item => +item.tagName[1])
  .filter((level, at, all) => at ? level > all[at - 1] + 1 : level !== 1)"""
UNSEEN = """() => {
  const stops = ':is(a[href], button, input, select, textarea, summary, [tabindex])';
  const form = item => item.closest('.fjs-container, .djs-container');
  return [...document.querySelectorAll(stops)].filter(item => item.checkVisibility() && !item.disabled && !form(item)
    && item.type !== 'hidden').filter(item => {
      item.focus();
      const { outlineStyle, outlineWidth } = getComputedStyle(item);
      const seen = document.activeElement === item && outlineStyle !== 'none' && outlineWidth !== '0px';
      return item.tabIndex >= 0 && !seen
        || item.tabIndex < 0 && item.matches('a, button, input, select, textarea, summary') && item.type !== 'radio';
    }).map(item => item.outerHTML.slice(0, 160));
}"""
"""What Tab does not reach, or does not show that it has."""


def kinds() -> Iterator[Picture]:
    seen: set[str] = set()
    for one in PICTURES:
        screen = screen_of(one)
        if screen not in seen or one.name in MORE:
            yield one
        seen.add(screen)


def _who(one: Picture) -> str:
    return one.account or one.name


@pytest.fixture(scope="module")
def house() -> Iterator[tuple[str, Mapping[str, str]]]:
    with furnished() as found:
        yield found


def at(page: Page, size: tuple[int, int], scheme: str) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.emulate_media(color_scheme=scheme)


def wrong(page: Page) -> list[str]:
    found = []
    for size, scheme, skipped in ((DESK, "light", ()), (PHONE, "dark", (".djs-container",))):
        at(page, size, scheme)
        found += [f"{size[0]}: {item}" for item in violations(page, *skipped)]
        found += [f"{size[0]}: scrolls sideways"] * bool(page.evaluate(WIDE))
    at(page, ZOOMED, "light")
    found += ["scrolls sideways at 200 %"] * bool(page.evaluate(WIDE))
    at(page, DESK, "light")
    page.keyboard.press("Tab")
    found += [f"focus is not seen: {item}" for item in page.evaluate(UNSEEN)]
    return found + ["headings jump"] * bool(page.evaluate(JUMPS))


@pytest.mark.parametrize("who", sorted({_who(one) for one in kinds()}))
def test_everybody_can_use_every_screen(browser: Browser, house: tuple[str, Mapping[str, str]], tmp_path: Path,
                                        who: str) -> None:
    address, places = house
    found: dict[str, list[str]] = {}
    screens = [one for one in kinds() if _who(one) == who]
    with camera(browser, address, tmp_path, LOOKS["desk"], screens[0].account, places) as view:
        for one in screens:
            one.do(view.open(one.path))
            view.page.evaluate(OPEN_ALL)
            found[one.name] = wrong(view.page)
    assert {name: items for name, items in found.items() if items} == {}


def test_a_dialog_takes_the_focus_and_gives_it_back(browser: Browser, house: tuple[str, Mapping[str, str]],
                                                    tmp_path: Path) -> None:
    address, places = house
    with camera(browser, address, tmp_path, LOOKS["desk"], "applicant", places) as view:
        for fill in (filled, withdrawing):
            fill(view.open("/cases/YS-2026-FM-000001"))
            asked(view.page)


def asked(page: Page) -> None:
    """Opened by keyboard, the question holds the focus: Tab goes round in it, Escape leads back to where one was."""
    for text in page.locator("#form :is(textarea, input[type=text])").all():
        text.fill("示例")
    button, dialog = page.locator("[data-submit]"), page.locator("dialog[data-confirm]")
    button.focus()
    page.keyboard.press("Enter")
    expect(dialog).to_be_visible()
    for _ in range(4):
        assert page.evaluate("document.activeElement === document.body || !!document.activeElement.closest('dialog')")
        page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(button).to_be_focused()


def test_a_menu_opens_and_closes_by_keyboard(browser: Browser, house: tuple[str, Mapping[str, str]],
                                             tmp_path: Path) -> None:
    address, places = house
    with camera(browser, address, tmp_path, LOOKS["desk"], "supervisor", places) as view:
        view.open("/?view=all").page.locator("[data-check]").first.check()
        for menu in view.page.locator("details.menu").filter(visible=True).all():
            summary = menu.locator("summary")
            summary.focus()
            view.page.keyboard.press("Enter")
            expect(menu).to_have_attribute("open", "")
            view.page.keyboard.press("Tab")
            assert menu.evaluate("menu => menu.contains(document.activeElement)")
            view.page.keyboard.press("Escape")
            expect(menu).not_to_have_attribute("open", "")
            expect(summary).to_be_focused()
