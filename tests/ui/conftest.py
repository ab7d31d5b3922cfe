"""Pages over a fake provider; a browser that is shared by the tests that need one."""

from collections.abc import Callable, Iterator

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser

from tests.ui.browser import chromium
from tests.ui.fakes import FakeServices, make_app


@pytest.fixture
def services() -> FakeServices:
    return FakeServices()


@pytest.fixture
def client(services: FakeServices) -> FlaskClient:
    """A client that nobody has signed in; CSRF is checked as in real life."""
    return make_app(services).test_client()


@pytest.fixture
def signed_in(client: FlaskClient) -> Callable[[str], FlaskClient]:
    """Signs the client in as a person of the sample."""
    def sign_in(name: str = "examiner1") -> FlaskClient:
        answer = client.post("/sign-in", data={"name": name, "password": "示例-1234", "csrf_token": token(client)})
        assert answer.status_code == 302
        return client
    return sign_in


def token(client: FlaskClient) -> str:
    """The CSRF token of the page that the client sees now."""
    page = client.get("/sign-in", follow_redirects=True).text
    return page.split('name="csrf_token" value="')[1].split('"')[0]


@pytest.fixture(scope="module")  # one Playwright at a time in a process: the next module begins its own
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found
