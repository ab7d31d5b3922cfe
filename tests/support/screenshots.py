"""Pictures of the running product for the handbooks: ``python -m tests.support.screenshots docs/images``.

A service on virtual time (Monday, 2026-03-02, 09:00 in Beijing) with the demo's accounts and sample cases; every
account signs in, and each screen is taken at a desk and on a phone, the main ones in dark and in English too. Nothing
of it stays but the pictures. ``tests.support.pictures`` lists them; ``--only`` takes those whose names begin so,
``--look`` those at a desk, on a phone, in dark or in English.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from itertools import groupby
from pathlib import Path

from playwright.sync_api import Browser
from playwright.sync_api import Error as PlaywrightError
from werkzeug.exceptions import NotFound
from werkzeug.routing import MapAdapter

from engine.app import create_kapok
from engine.clock import VirtualClock
from engine.config import Settings
from engine.domain.identifiers import SeededIds
from tests.support.pictures import desk, gate, house, party, rooms
from tests.support.pictures.camera import ALL, LOOKS, Picture, camera
from tests.support.pictures.samples import furnish
from tests.support.server import MORNING, Site
from tests.ui.browser import chromium
from tests.ui.fakes import FakeServices, make_app

PICTURES: tuple[Picture, ...] = (
    *gate.PICTURES, *desk.PICTURES, *party.PICTURES, *rooms.PICTURES, *house.PICTURES)


def files() -> frozenset[str]:
    """The names of all files that are taken."""
    return frozenset(f"{one.name}{LOOKS[look].ending}.png" for one in PICTURES for look in one.looks)


@cache
def addresses() -> MapAdapter:
    return make_app(FakeServices()).url_map.bind("")


def screen_of(one: Picture) -> str:
    """The endpoint that a picture shows; empty for the page of what is not there."""
    try:
        return one.shows or str(addresses().match(one.path.split("?")[0])[0])
    except NotFound:
        return ""


def take_all(browser: Browser, base: str, folder: Path, places: Mapping[str, str], only: str = "",
             looks: Collection[str] = ALL) -> None:
    """By look and account, so that each signs in once; a door is opened anew for each picture of it."""
    wanted = [(look, one.account or one.name, one) for one in PICTURES for look in one.looks
              if look in looks and one.name.startswith(only)]
    for (look, _), group in groupby(sorted(wanted, key=lambda item: item[:2]), key=lambda item: item[:2]):
        taken = [one for _, _, one in group]
        with camera(browser, base, folder, LOOKS[look], taken[0].account, places) as view:
            for one in taken:
                try:
                    one.do(view.open(one.path))
                    view.take(one.name, one.top)
                except PlaywrightError as error:
                    raise ValueError(f"expected a picture of {one.name}, but: {error.message[:400]}") from error
                view.page.emulate_media(media="screen")


@contextmanager
def furnished() -> Iterator[tuple[str, Mapping[str, str]]]:
    """The address of a service full of samples, and the places in it."""
    with tempfile.TemporaryDirectory(prefix="kapok-pictures-") as home:
        site = Site(Path(home), f"sqlite:///{home}/kapok.db", MORNING)
        clock = VirtualClock(MORNING - timedelta(minutes=50))
        settings = Settings(database_url=site.database_url, folder=Path(home) / "var")
        places = furnish(create_kapok(settings, clock, SeededIds()), clock)
        with site.virtual() as server:
            yield server.url, places


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where the pictures go")
    parser.add_argument("--only", default="", help="how the names of the wanted pictures begin")
    parser.add_argument("--look", choices=ALL, help="one look instead of all")
    given = parser.parse_args(arguments)
    given.folder.mkdir(parents=True, exist_ok=True)
    with furnished() as (address, places), chromium() as browser:
        take_all(browser, address, given.folder, places, given.only, [given.look] if given.look else ALL)
    print(f"{len(list(given.folder.glob('*.png')))} pictures in {given.folder}")


if __name__ == "__main__":
    main()
