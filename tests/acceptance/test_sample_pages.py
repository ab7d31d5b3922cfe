"""The desk on the sample cases: days as people say them on every page, light pages, an inbox that says one thing."""

import gzip
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from html import unescape
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


# -- weight -----------------------------------------------------------------------------------------------------------

LIGHT, WITH_DIAGRAM = 150_000, 300_000
"""Bytes that a page and what it loads take, compressed, without a diagram or a form and with one."""
SCRIPTS_OF_DIAGRAMS = ("vendor/viewer", "vendor/form")


def weight(client: FlaskClient, page: str) -> tuple[int, int]:
    """(without, with) the parts that draw diagrams and forms."""
    plain = drawn = len(gzip.compress(page.encode()))
    for asset in set(re.findall(r'(?:src|href)="(/assets/[^"]+\.(?:js|css|svg)[^"#]*)', page)):
        size = len(gzip.compress(client.get(unescape(asset)).data))
        drawn += size
        plain += 0 if any(name in asset for name in SCRIPTS_OF_DIAGRAMS) else size
    return plain, drawn


def test_pages_are_light(app):
    client = signed_in(app, "mediator")
    task = Visible(client.get("/").text).links
    for path in ("/", "/cases/TJ-2026-00002", next(link for link in task if link.startswith("/tasks/"))):
        plain, drawn = weight(client, client.get(path).text)
        assert plain <= LIGHT, path
        assert drawn <= WITH_DIAGRAM, path


# -- the inbox on real cases ------------------------------------------------------------------------------------------

def rows(client: FlaskClient, path: str = "/") -> list[str]:
    page = client.get(path).text
    return [" ".join(Visible(row).words) for row in re.findall(r"<tr id=.*?</tr>", page, re.DOTALL)]


def test_one_day_is_behind_lamp_and_remainder_and_date(app):
    court = next(row for row in rows(signed_in(app, "intake")) if "登记法院来函" in row)
    assert "临近" in court
    assert "剩 1 个工作日" in court
    assert "3月3日 周二" in court  # 24:00 of the third, not the fourth


def test_two_rows_of_one_step_say_for_whom_each_is(app):
    signing = [row for row in rows(signed_in(app, "mediator")) if "各方签署" in row]
    assert [("各方签署 甲公司" in row, "各方签署 乙商行" in row) for row in signing] == [(True, False), (False, True)]


def test_what_was_claimed_can_be_given_back_at_once(app):
    client = signed_in(app, "mediator")
    page = client.get("/").text
    form = re.search(r'action="(/tasks/[^"]+/claim)".*?name="csrf_token" value="([^"]+)"', page, re.DOTALL)
    told = client.post(form[1], data={"csrf_token": form[2], "number": "TJ-2026-00002"}, follow_redirects=True).text
    undo = re.search(r'class="toast">(已认领 TJ-2026-00002。)<form method="post" action="([^"]+)"', told)
    assert undo is not None
    client.post(undo[2], data={"csrf_token": form[2]})
    assert client.get("/").text.count("/claim\" class") == page.count("/claim\" class")
