"""Signing in at a real identity provider: Canaille in its own process, the product in its own, a browser's manners."""

from __future__ import annotations

import contextlib
import re
import subprocess
import sys
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from engine.domain.actors import SHELL
from engine.domain.administration import LinkIdentity, SetEnabled
from engine.store import schema as s
from tests.support.person import said
from tests.support.provider import CLIENT_ID, CLIENT_SECRET, PASSWORD, PERSON
from tests.support.server import ROOT, Server, Site, free_port

pytestmark = pytest.mark.process
_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


@contextlib.contextmanager
def provider(port: int, back: str) -> Iterator[str]:
    """Canaille, until the block ends."""
    command = [sys.executable, "-m", "tests.support.provider", str(port), back]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None and process.stdout.readline() == "ready\n"
            yield f"http://127.0.0.1:{port}"
        finally:
            process.kill()


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, Server, str]]:
    folder = tmp_path_factory.mktemp("oidc")
    site = Site(folder, f"sqlite:///{folder}/kapok.db").prepare(accounts=["intake", "examiner"])
    port = free_port()
    issuer = f"http://127.0.0.1:{port}"
    site.settings |= {"oidc_issuer": issuer, "oidc_client_id": CLIENT_ID, "oidc_client_secret": CLIENT_SECRET,
                      "oidc_name": "省统一身份认证", "second_factor": "true"}
    with provider(port, f"http://127.0.0.1:{site.port}/sign-in/elsewhere/back"), site.serve() as server:
        yield site, server, issuer


@pytest.fixture
def site(installed: tuple[Site, Server, str]) -> Iterator[Site]:
    """The installation, in which nobody is linked with a subject."""
    site, _, _ = installed
    yield site
    with site.house() as kapok, kapok.database.writing() as connection:
        connection.execute(s.user_identity.delete())


def link(site: Site, issuer: str) -> None:
    with site.house() as kapok:
        kapok.run(LinkIdentity("intake", issuer, PERSON), SHELL)


class Browser:
    """Goes where it is sent, as far as a page; remembers cookies of both."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.http = httpx.Client(trust_env=False, timeout=20, headers={"accept": "text/html"})

    def to_provider(self) -> httpx.Response:
        page = self.http.get(f"{self.base}/sign-in")
        assert "省统一身份认证" in page.text
        return self.http.get(f"{self.base}/sign-in/elsewhere?next=/cases")

    def signed_in_there(self) -> str:
        """Sign in at the provider; the address it sends the browser back to."""
        answer = self._follow(self.to_provider().headers["location"])
        for field, value in (("login", PERSON), ("password", PASSWORD)):
            sent = {"csrf_token": _TOKEN.findall(answer.text)[0], field: value}
            answer = self._follow(str(answer.url), sent)
        return answer.headers["location"]

    def _follow(self, url: str, sent: dict[str, str] | None = None) -> httpx.Response:
        answer = self.http.post(url, data=sent) if sent else self.http.get(url)
        while answer.is_redirect and not answer.headers["location"].startswith(f"{self.base}/sign-in/"):
            answer = self.http.get(answer.url.join(answer.headers["location"]))
        return answer


def test_a_linked_person_is_in(site: Site, installed: tuple[Site, Server, str]) -> None:
    _, server, issuer = installed
    link(site, issuer)
    browser = Browser(server.url)
    back = browser.signed_in_there()
    answer = browser.http.get(back)
    assert answer.status_code == 302, said(answer)
    assert answer.headers["location"] == "/cases"
    page = browser.http.get(f"{server.url}/cases")
    assert page.status_code == 200
    assert "受理岗" in page.text  # no second factor of ours: the provider answers for that
    assert site.broken() == []
    assert browser.http.get(back).status_code == 401  # a second time it opens nothing


def test_what_is_asked_of_the_provider_is_protected(installed: tuple[Site, Server, str]) -> None:
    _, server, issuer = installed
    asked = [urlsplit(Browser(server.url).to_provider().headers["location"]) for _ in range(2)]
    assert f"{asked[0].scheme}://{asked[0].netloc}" == issuer
    first, second = (parse_qs(address.query) for address in asked)
    assert (first["response_type"], first["code_challenge_method"], first["scope"]) == (["code"], ["S256"], ["openid"])
    for name in ("state", "nonce", "code_challenge"):
        assert first[name] != second[name]
        assert len(first[name][0]) >= 43


def test_a_person_whom_nobody_has_linked_is_refused(site: Site, installed: tuple[Site, Server, str]) -> None:
    browser = Browser(installed[1].url)
    answer = browser.http.get(browser.signed_in_there())
    assert (answer.status_code, "账号或密码不正确" in answer.text) == (401, True)
    assert browser.http.get(f"{browser.base}/cases").status_code == 302
    assert not site.rows(s.user, s.user.c.id == PERSON)


def test_a_disabled_account_stays_out(site: Site, installed: tuple[Site, Server, str]) -> None:
    link(site, installed[2])
    browser = Browser(installed[1].url)
    back = browser.signed_in_there()
    with site.house() as kapok:
        kapok.run(SetEnabled("intake", enabled=False), SHELL)
        assert browser.http.get(back).status_code == 401
        kapok.run(SetEnabled("intake", enabled=True), SHELL)


def test_the_way_back_is_taken_once_and_by_the_same_browser(site: Site, installed: tuple[Site, Server, str]) -> None:
    link(site, installed[2])
    browser, other = Browser(installed[1].url), Browser(installed[1].url)
    back = browser.signed_in_there()
    other.to_provider()
    assert other.http.get(back).status_code == 401  # another browser's state
    assert browser.http.get(back.replace("state=", "state=x")).status_code == 401
    assert browser.http.get(back).status_code == 401  # what was remembered is forgotten after one answer


def test_a_sign_in_left_half_way_does_not_harm_the_next(site: Site, installed: tuple[Site, Server, str]) -> None:
    link(site, installed[2])
    browser, other = Browser(installed[1].url), Browser(installed[1].url)
    other.signed_in_there()  # a code is issued, and never redeemed
    answer = browser.http.get(browser.signed_in_there())
    assert (answer.status_code, answer.headers.get("location")) == (302, "/cases"), said(answer)


def test_the_same_browser_begins_again_after_leaving_half_way(site: Site, installed: tuple[Site, Server, str]) -> None:
    link(site, installed[2])
    browser = Browser(installed[1].url)
    login = browser._follow(browser.to_provider().headers["location"])  # and away, before any password
    abandoned = browser.to_provider()  # and away again: this answer never comes
    assert abandoned.status_code == 302 and login.status_code == 200
    first = browser.signed_in_there()  # signed in at the provider, its answer is kept back
    second = browser._follow(browser.to_provider().headers["location"])  # the provider still knows who it is
    answer = browser.http.get(second.headers["location"])
    assert (answer.status_code, answer.headers.get("location")) == (302, "/cases"), said(answer)
    assert browser.http.get(first).status_code == 401  # the one kept back opens nothing
    assert browser.http.get(f"{browser.base}/cases").status_code == 200  # and ends nothing


@pytest.mark.parametrize("query", ["", "?code=x", "?state=x", "?error=access_denied&state=x", "?code=x&state="])
def test_an_answer_that_nobody_asked_for_is_refused(installed: tuple[Site, Server, str], query: str) -> None:
    answer = httpx.get(f"{installed[1].url}/sign-in/elsewhere/back{query}", trust_env=False)
    assert answer.status_code == 401
