"""Papers, hearings and the portal over the real services: axe finds nothing, and nothing scrolls sideways."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser

from engine.config import Settings
from engine.domain.actors import SHELL
from engine.domain.commands import AddUser
from tests.support.house import House, emptied
from tests.ui.axe import violations
from tests.ui.browser import DESK, PHONE, served, watched
from tests.ui.test_administration import PASSWORD
from tests.ui.test_hearings import TIMES, Court
from tests.ui.test_papers import HASHED, PDF, Room
from tests.ui.test_portal import Town

pytestmark = pytest.mark.browser
OPEN_ALL = "document.querySelectorAll('main details').forEach(item => item.open = true)"


@contextmanager
def housed(url: str, folder: Path, *people: str) -> Iterator[tuple[House, Settings]]:
    wanted = {"two_persons": True, "second_factor": False, "secret_key": "only for tests"}
    house = House(emptied(url), folder, **wanted)
    for name in people:
        house.run(AddUser(name, f"示例{name}", (name,), HASHED), SHELL)
    yield house, Settings(database_url=url, folder=folder, secure_cookies=False, **wanted)
    house.close()


def papers(house: House, settings: Settings) -> tuple[Flask, Sequence[str]]:
    room = Room(house, settings)
    desk = room.desk("supervisor")
    desk.post(room.url, template="opinion_notice.docx", title="通知书")
    desk.post(f"/cases/{room.case}/evidence", title="合同", source="applicant", file=(io.BytesIO(PDF), "合同.pdf"))
    document = house.kapok.papers.room(SHELL, room.case).servable[0][0]
    desk.post(f"/cases/{room.case}/deliveries", document=document, recipient="甲公司", mode="post")
    return room.app, (room.url, room.paper(), "/service")


def hearings(house: House, settings: Settings) -> tuple[Flask, Sequence[str]]:
    court = Court(house, settings)
    desk = court.desk("coordinator")
    desk.post("/hearings/rooms", id="r1", name="第一审理庭", seats="20", remote="1", enabled="1")
    desk.post(court.url, mode="mixed", room="r1", name=["甲公司"], part=["requester"], user=[""], **TIMES)
    return court.app, ("/hearings?week=2026-03-16", court.url)


def portal(house: House, settings: Settings) -> tuple[Flask, Sequence[str]]:
    town = Town(house, settings)
    town.desk("applicant").post(f"/mine/{town.case}/address", electronic="1")
    town.serve()
    return town.app, ("/mine",)


@pytest.mark.parametrize(("furnished", "person"), [
    (papers, "supervisor"), (hearings, "coordinator"), (portal, "applicant")], ids=["papers", "hearings", "portal"])
def test_axe_finds_nothing(browser: Browser, sqlite_url: str, tmp_path: Path, furnished, person: str) -> None:
    found = {}
    with housed(sqlite_url, tmp_path / "house", person) as (house, settings):
        app, paths = furnished(house, settings)
        with served(app) as base:
            for size, options in ((DESK, {}), (PHONE, {"locale": "en-GB", "color_scheme": "dark"})):
                with watched(browser, base, size, **options) as view:
                    view.sign_in(person, PASSWORD)
                    for path in paths:
                        view.open(path)
                        view.page.evaluate(OPEN_ALL)
                        wide = view.page.evaluate("document.documentElement.scrollWidth > innerWidth")
                        found[path, size] = [*violations(view.page), *(["scrolls sideways"] if wide else [])]
    assert {page: wrong for page, wrong in found.items() if wrong} == {}
