"""Nobody reads a date for programs: on every page that an account can reach, days are said as people say them."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient

from engine.app import create_app, create_kapok
from engine.cli.demo import ACCOUNTS, PASSWORD
from engine.clock import VirtualClock
from engine.config import Settings
from engine.domain.identifiers import SeededIds
from tests.support.pictures.samples import furnish
from tests.support.server import MORNING

ISO = re.compile(r"(?<![\w-])\d{4}-\d\d-\d\d(?![\w-])")
MACHINES = ("code", "pre", "textarea", "script", "style", "template", "option")
"""Elements whose text is for programs, or that hold a value of a field."""
READERS = ("intake", "examiner", "supervisor", "coordinator", "mediator", "adjudicator", "admin", "auditor",
           "applicant")
NOT_PAGES = ("/assets/", "/files/", "/diagrams/", "/language/", "/api/", "/cases/export", "/feeds/")
MOST = 60
"""Pages of one account: each kind of page is among them."""


class Visible(HTMLParser):
    """The words of a page that somebody sees, and where its links lead."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.words: list[str] = []
        self._hidden = 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in MACHINES
        link = dict(attrs).get("href") if tag == "a" else None
        if link and link.startswith("/"):
            self.links.append(link)

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in MACHINES

    def handle_data(self, data: str) -> None:
        if not self._hidden and data.strip():
            self.words.append(data.strip())


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dates")
    settings = Settings(database_url=f"sqlite:///{folder}/kapok.db", folder=folder / "var", secret_key="only for tests",
                        demo=True, demo_accounts=ACCOUNTS, second_factor=False, secure_cookies=False)
    clock = VirtualClock(MORNING - timedelta(minutes=50))
    furnish(create_kapok(settings, clock, SeededIds()), clock)
    kapok = create_kapok(replace(settings), VirtualClock(MORNING))
    yield create_app(settings, kapok)
    kapok.close()


def signed_in(app, name: str) -> FlaskClient:
    client = app.test_client()
    token = client.get("/sign-in").text.split('name="csrf_token" value="')[1].split('"')[0]
    client.post("/sign-in", data={"name": name, "password": PASSWORD, "csrf_token": token})
    return client


def pages(client: FlaskClient) -> Iterator[tuple[str, Visible]]:
    """From the inbox along every link, of each kind of address the first few."""
    ahead, kinds, seen = ["/"], {}, set()
    while ahead and len(seen) < MOST:
        link = ahead.pop(0)
        path = urlsplit(link).path
        kind = re.sub(r"/[^/]*[\d~][^/]*", "/*", path)
        if link in seen or kinds.get(kind, 0) >= 4 or path.startswith(NOT_PAGES):
            continue
        seen.add(link)
        kinds[kind] = kinds.get(kind, 0) + 1
        answer = client.get(link)
        if answer.status_code == 200 and answer.mimetype == "text/html":
            page = Visible(answer.text)
            yield link, page
            ahead += page.links


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", READERS)
def test_days_are_said_as_people_say_them(app, name, language):
    client = signed_in(app, name)
    client.get(f"/language/{language}")
    found = {link: [word for word in page.words if ISO.search(word)] for link, page in pages(client)}
    assert len(found) > 5
    assert {link: words for link, words in found.items() if words} == {}
