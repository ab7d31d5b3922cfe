"""Every page that somebody can reach, in English: no Chinese but what people typed, names, and sources of law."""

from __future__ import annotations

import ast
import html
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
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
from engine.domain.periods import ARTICLES
from engine.services.context import Authority
from tests.support.pictures import samples
from tests.support.server import MORNING
from tests.ui.test_administration import Desk

ROOT = Path(__file__).parents[2]
HAN = re.compile(r"[\u3400-\u9fff]+")
MOST = 120
"""Pages an account looks at."""
NOT_FOLLOWED = ("/language/", "/sign-", "/files/", "/assets/", "/api/", "/feeds/")
HIDDEN = re.compile(r"<(script|style|noscript|template|textarea|pre|code)\b.*?</\1>|<datalist.*?</datalist>"
                    r"|<svg class=\"watermark.*?</svg>|<a[^>]* lang=\"zh\".*?</a>", re.DOTALL)
SAID = re.compile(r">([^<]+)<|\s(?:alt|title|placeholder|aria-label|data-title|data-label)=\"([^\"]*)\"")


def typed() -> str:
    """Everything Chinese that is no text of ours: samples, names of accounts, sources of law, numbers of papers."""
    literals = (node.value for node in ast.walk(ast.parse(Path(samples.__file__).read_text()))
                if isinstance(node, ast.Constant) and isinstance(node.value, str))
    law = (ROOT / "bpmn" / "deadlines.toml").read_text()
    basis = [text for path in (ROOT / "bpmn").glob("*/*.bpmn")
             for text in re.findall(r'name="legalBasis" value="([^"]*)"', path.read_text())]
    papers = [text for path in (ROOT / "bpmn").glob("*/*.bpmn")
              for text in re.findall(r'<zeebe:input source="([^"]*)"', path.read_text())]
    articles = [*ARTICLES.values(), "回避申请"]
    models = (ROOT / "bpmn" / "samples.yaml").read_text()
    sources = re.findall(r'article = "([^"]*)"', law)
    authority = Authority()
    return "\n".join([*papers, *articles, models, *literals, *sources, *basis, authority.name, authority.series, "字号",
                      *(account.title for account in ACCOUNTS)])


def words(page: str) -> Iterator[str]:
    for text, told in SAID.findall(HIDDEN.sub("", page)):
        yield html.unescape(text or told)


@dataclass
class Walk:
    """Breadth first, one page of a kind of address a few times."""

    client: FlaskClient
    seen: set[str] = field(default_factory=set)
    kinds: dict[str, int] = field(default_factory=dict)

    def pages(self, *begin: str) -> Iterator[tuple[str, str]]:
        ahead = deque(begin)
        while ahead and len(self.seen) < MOST:
            path = ahead.popleft().split("#")[0]
            kind = re.sub(r"[^/]*\d[^/]*", "*", path.split("?")[0])
            if path in self.seen or path.startswith(NOT_FOLLOWED) or self.kinds.get(kind, 0) >= 4:
                continue
            self.seen.add(path)
            self.kinds[kind] = self.kinds.get(kind, 0) + 1
            answer = self.client.get(path)
            if answer.status_code != 200 or answer.mimetype != "text/html":
                continue
            yield path, answer.text
            ahead.extend(html.unescape(link) for link in re.findall(r'href="(/[^"]*)"', answer.text))


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


@pytest.mark.parametrize("account", [account.name for account in ACCOUNTS])
def test_no_chinese_is_left_in_english(app: Flask, account: str) -> None:
    desk = Desk(app.test_client())
    assert desk.sign_in(account, PASSWORD).status_code == 302
    desk.get("/language/en")
    known, found = typed(), {}
    for path, page in Walk(desk.client).pages("/", "/account", "/notices", "/mine", "/nowhere"):
        left = sorted({run for text in words(page) for run in HAN.findall(text) if run not in known})
        if left:
            found[path] = left
    assert found == {}


@pytest.mark.parametrize("account", ["applicant", "supervisor", "admin"])
def test_no_english_stands_where_chinese_is_read(app: Flask, account: str) -> None:
    """Words of the English catalogue that are sentences, in Chinese pages."""
    desk = Desk(app.test_client())
    desk.sign_in(account, PASSWORD)
    desk.get("/language/zh")
    sentence = re.compile(r"\b(?:[A-Z][a-z]+|[a-z]{2,})(?: [a-z]{2,}){2,}")
    found = {path: left for path, page in Walk(desk.client).pages("/", "/account", "/notices")
             if (left := sorted({run for text in words(page) for run in sentence.findall(text)}
                                - {"kapok audit verify"}))}
    assert found == {}
