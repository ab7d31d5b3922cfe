"""Pictures of the handbooks: each that is named exists, each that exists is one that the command takes, and each
screen has one."""

import re
from pathlib import Path

import pytest

from tests.support.screenshots import PICTURES, addresses, files, screen_of

ROOT = Path(__file__).parents[1]
IMAGES = ROOT / "docs" / "images"
NAMED = re.compile(r"\]\((?:docs/)?images/([^)]+)\)")
NO_SCREEN = frozenset({
    "static", "ui.static", "ui.file", "ui.manual_file", "ui.diagram", "ui.case_export", "ui.feed",
    "ui.hearing_calendar", "ui.choose_language", "ui.sign_in_elsewhere", "ui.signed_in_elsewhere",
    "ui.manual_begin", "ui.mention_list",
    "ui.task_now", "ui.receipt"})
"""Addresses that show no page of their own: files, parts of pages, what leads on, and a printed slip."""


@pytest.mark.parametrize("page", [ROOT / "README.md", ROOT / "README.zh-CN.md", *sorted((ROOT / "docs").glob("*.md"))],
                         ids=lambda page: page.name)
def test_every_picture_of_a_handbook_is_there(page: Path) -> None:
    assert [name for name in NAMED.findall(page.read_text()) if not (IMAGES / name).exists()] == []


def test_the_pictures_are_those_that_the_command_takes() -> None:
    kept = {path.name for path in IMAGES.glob("*.png")}
    assert sorted(kept - files()) == []
    assert [one.name for one in PICTURES if f"{one.name}.png" not in kept] == []


def test_every_screen_has_a_picture() -> None:
    screens = {rule.endpoint for rule in addresses().map.iter_rules() if "GET" in (rule.methods or ())}
    assert sorted(screens - {screen_of(one) for one in PICTURES} - NO_SCREEN) == []


def test_names_of_pictures_are_unique() -> None:
    names = [one.name for one in PICTURES]
    assert sorted(set(names)) == sorted(names)
