"""The API over a house, asked by whoever is wanted, on a clock that only tests move."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.app import create_app
from engine.config import Settings
from tests.http.caller import Office
from tests.support import bpmn
from tests.support.house import MASTER_KEYS, House, emptied

ERRAND = bpmn.process(
    "errand", bpmn.start(), bpmn.user("look", bpmn.assign(groups="examiner")), bpmn.service("ship", "parcel.ship"),
    bpmn.boundary("lost", "ship", bpmn.error("LOST")), bpmn.end(), bpmn.end("gone"),
    bpmn.chain("start", "look", "ship", "end"), bpmn.flow("lost", "gone"))
PARCEL = bpmn.process("parcel", bpmn.start(), bpmn.service("ship", "parcel.ship"), bpmn.end(),
                      bpmn.chain("start", "ship", "end"))
LETTER = bpmn.process("letter", bpmn.start(), bpmn.catch("reply", bpmn.message("reply", "=ref")), bpmn.end(),
                      bpmn.chain("start", "reply", "end"))
BROKEN = bpmn.process("broken", bpmn.start(), bpmn.script("divide", "=amount + rate", "total"), bpmn.xor("way"),
                      bpmn.end("a"), bpmn.end("b"), bpmn.chain("start", "divide", "way"),
                      bpmn.flow("way", "a", "=total > 1"), bpmn.flow("way", "b", "=total < 0"))

TIMELY = bpmn.process("timely", bpmn.start(), bpmn.user("answer", bpmn.assign(groups="examiner")),
                      bpmn.boundary("late", "answer", bpmn.timer('=deadline("dl.pre.correct")', "date")),
                      bpmn.end(), bpmn.end("over"), bpmn.chain("start", "answer", "end"), bpmn.chain("late", "over"))


@pytest.fixture
def office(sqlite_url: str, tmp_path: Path) -> Iterator[Office]:
    yield from opened(emptied(sqlite_url), tmp_path)


@pytest.fixture(scope="module")
def shared_office(sqlite_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """One office for many tests that do not mind what the others have done."""
    yield from opened(sqlite_url, tmp_path_factory.mktemp("office"))


def opened(url: str, folder: Path) -> Iterator[Office]:
    keys = folder / "master.keys"
    keys.write_text(MASTER_KEYS + "\n")
    house = House(url, folder / "house", master_keys="", master_key_file=keys)
    settings = Settings(database_url=url, folder=folder, secret_key="only for tests", secure_cookies=False, rate_api="",
                        max_upload=1024 * 1024)
    rests: list[float] = []

    def rest(seconds: float) -> None:
        rests.append(seconds)
        house.advance(seconds=seconds)

    house.deploy(("errand.bpmn", ERRAND), ("parcel.bpmn", PARCEL), ("letter.bpmn", LETTER), ("broken.bpmn", BROKEN),
                 ("timely.bpmn", TIMELY))
    yield Office(house, create_app(settings, house.kapok), rest, rests)
    house.close()
