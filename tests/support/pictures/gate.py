"""The door: signing in and its errors, and pages that are not there."""

from __future__ import annotations

from collections.abc import Callable

from engine.cli.demo import PASSWORD
from tests.support.pictures.camera import ALL, Camera, Picture


def wrong(one: Camera) -> None:
    one.page.fill("#name", "examiner")
    one.page.fill("#password", "示例-错误")
    one.page.click("#sign-in button")


def half(name: str) -> Callable[[Camera], None]:
    def enter(one: Camera) -> None:
        one.page.fill("#name", name)
        one.page.fill("#password", PASSWORD)
        one.page.click("#sign-in button")
        one.page.wait_for_url("**/sign-in/next")
    return enter


PICTURES = (
    Picture("sign-in", None, "/sign-in", looks=ALL),
    Picture("sign-in-refused", None, "/sign-in", wrong),
    Picture("sign-in-password", None, "/sign-in", half("newcomer")),
    Picture("sign-in-code", None, "/sign-in", half("careful"), shows="ui.gate"),
    Picture("join", None, "/join"),
    Picture("not-found", "examiner", "/nowhere", looks=ALL),
)
