"""What a party sees: its cases, what to do by when, an answer, a new case."""

from __future__ import annotations

from tests.support.pictures.camera import ALL, Camera, Picture
from tests.support.pictures.desk import ANSWERED

PAPER = b"%PDF-1.7 sample"


def answering(one: Camera) -> None:
    one.follow(one.page.get_by_role("link", name="提交答复", exact=True))


def filled(one: Camera) -> None:
    answering(one)
    form = one.page.locator("#form")
    form.get_by_label("意见陈述").fill("已修改权利要求1，并重写说明书第12段。")
    form.locator("input[type=file]").first.set_input_files(
        {"name": "权利要求书（修改）.pdf", "mimeType": "application/pdf", "buffer": PAPER})
    form.locator(".hash").first.wait_for()


def confirming(one: Camera) -> None:
    filled(one)
    one.page.locator("[data-submit]").click()


def withdrawing(one: Camera) -> None:
    one.follow(one.page.locator("a", has_text="撤回"))


PICTURES = (
    Picture("portal", "applicant", "/mine", looks=ALL),
    Picture("start-list", "applicant", "/start", looks=ALL),
    Picture("start", "applicant", "/start/pre_examination", looks=ALL),
    Picture("party-case", "applicant", f"/cases/{ANSWERED}"),
    Picture("party-answer", "applicant", f"/cases/{ANSWERED}", answering),
    Picture("party-answer-filled", "applicant", f"/cases/{ANSWERED}", filled),
    Picture("party-answer-confirm", "applicant", f"/cases/{ANSWERED}", confirming),
    Picture("receipts", "applicant", f"/cases/{ANSWERED}/receipts"),
    Picture("party-withdraw", "applicant", f"/cases/{ANSWERED}", withdrawing),
)
