"""Every page that somebody can reach, in English: no Chinese but what people typed, names, and sources of law."""

from __future__ import annotations

import ast
import html
import re
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from engine.app import create_app, create_kapok
from engine.cli.demo import ACCOUNTS, PASSWORD
from engine.clock import VirtualClock
from engine.config import Settings
from engine.domain.identifiers import SeededIds
from engine.domain.papers import MODES
from engine.domain.periods import ARTICLES
from engine.domain.permissions import PARTIES
from engine.services.context import Authority
from tests.support.pictures import samples
from tests.support.server import MORNING
from tests.ui.test_administration import Desk

ROOT = Path(__file__).parents[2]
HAN = re.compile(r"[\u3400-\u9fff]+")
MOST = 1
"""Pages of a kind that parties look at, and that those of the house do."""
NOT_FOLLOWED = ("/language/", "/sign-", "/files/", "/assets/", "/api/", "/feeds/")
HIDDEN = re.compile(r"<(script|style|noscript|template|textarea|pre|code)\b.*?</\1>|<datalist.*?</datalist>"
                    r"|<svg class=\"watermark.*?</svg>|<a[^>]* lang=\"zh\".*?</a>", re.DOTALL)
BEGIN = ("/", "/account", "/notices", "/mine", "/nowhere")
SERIES = ("字号", "粤知裁字")
"""Of numbers of papers: an authority's series is written as it is, in any language."""
COMMANDS = {"kapok audit verify"}
SAID = re.compile(r">([^<]+)<|\s(?:alt|title|placeholder|aria-label|data-title|data-label)=\"([^\"]*)\"")


def typed() -> str:
    """Everything Chinese that is no text of ours, and so is left as it is."""
    read = ast.walk(ast.parse(Path(samples.__file__).read_text()))
    samples_say = [node.value for node in read if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    diagrams = [path.read_text() for path in sorted((ROOT / "bpmn").glob("*/*.bpmn"))]
    given = [text for diagram in diagrams for text in re.findall(r'<zeebe:input source="([^"]*)"', diagram)]
    basis = [text for diagram in diagrams for text in re.findall(r'name="legalBasis" value="([^"]*)"', diagram)]
    law = re.findall(r'article = "([^"]*)"', (ROOT / "bpmn" / "deadlines.toml").read_text())
    return "\n".join((
        *samples_say, (ROOT / "bpmn" / "samples.yaml").read_text(),  # what people typed, and titles of cases
        *given, "回避申请",  # titles of papers and of cases that a diagram gives: written once, in Chinese
        *basis, *law, *ARTICLES.values(), *(mode.article for mode in MODES.values()),  # sources of law
        Authority().name, Authority().series, *SERIES,  # the authority and its series of numbers
        *(account.title for account in ACCOUNTS)))


def words(page: str) -> Iterator[str]:
    for text, told in SAID.findall(HIDDEN.sub("", page)):
        yield html.unescape(text or told)


@dataclass
class Walk:
    """Breadth first, ``MOST`` pages of each kind: numbers do not tell pages apart, the procedure of a case does."""

    client: FlaskClient
    kinds: Counter[str]

    def pages(self, *begin: str) -> Iterator[tuple[str, str]]:
        ahead, seen = deque(begin), set()
        while ahead:
            path = ahead.popleft().split("#")[0]
            kind = kind_of(path)
            if path in seen or path.startswith(NOT_FOLLOWED) or self.kinds[kind] >= MOST:
                continue
            seen.add(path)
            answer = self.client.get(path)
            if answer.status_code != 200 or answer.mimetype != "text/html":
                continue
            self.kinds[kind] += 1
            yield path, answer.text
            ahead.extend(html.unescape(link) for link in re.findall(r'href="(/[^"]*)"', answer.text))


def kind_of(path: str) -> str:
    """``/cases/TJ-2026-00002/papers?page=2`` → ``/cases/TJ/papers?page``."""
    place, _, query = path.partition("?")
    place = re.sub(r"/([A-Z]{2})-[^/]*", r"/\1", place)
    return re.sub(r"[^/]*\d[^/]*", "*", place) + "?" + re.sub(r"=[^&]*", "", query)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    folder = tmp_path_factory.mktemp("languages")
    clock = VirtualClock(MORNING - timedelta(minutes=50))
    settings = Settings(database_url=f"sqlite:///{folder}/kapok.db", folder=folder / "var", secure_cookies=False,
                        second_factor=False, secret_key="only for tests")
    kapok = create_kapok(settings, clock, SeededIds())
    samples.furnish(kapok, clock)
    yield create_app(settings, kapok)
    kapok.close()


def looked_at(app: Flask, language: str, accounts: Sequence[str]) -> Iterator[tuple[str, str]]:
    """(account and path, page); no two accounts look at the same."""
    kinds: Counter[str] = Counter()
    for name in accounts:
        desk = Desk(app.test_client())
        assert desk.sign_in(name, PASSWORD).status_code == 302
        desk.get(f"/language/{language}")
        for path, page in Walk(desk.client, kinds).pages(*BEGIN):
            yield f"{name} {path}", page


@pytest.mark.parametrize("parties", [True, False], ids=["parties", "house"])
def test_no_chinese_is_left_in_english(app: Flask, parties: bool) -> None:
    accounts = [one.name for one in ACCOUNTS if (one.name in PARTIES) is parties]
    known, found = typed(), {}
    for place, page in looked_at(app, "en", accounts):
        left = sorted({run for text in words(page) for run in HAN.findall(text) if run not in known})
        if left:
            found[place] = left
    assert found == {}


def test_no_english_stands_where_chinese_is_read(app: Flask) -> None:
    """Words that make a sentence, and are no command, in Chinese pages."""
    sentence = re.compile(r"\b(?:[A-Z][a-z]+|[a-z]{2,})(?: [a-z]{2,}){2,}")
    found = {place: left for place, page in looked_at(app, "zh", ["applicant", "supervisor", "admin"])
             if (left := sorted({run for text in words(page) for run in sentence.findall(text)} - COMMANDS))}
    assert found == {}
