"""A browser that is shared by the stories of a module."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.ui.browser import chromium


@pytest.fixture(scope="module")  # one Playwright at a time in a process: the next module begins its own
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found
