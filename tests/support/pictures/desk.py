"""The caseworker's own: inbox, task, case, search, deadlines."""

from __future__ import annotations

from tests.support.pictures.camera import ALL, Camera, Picture

EXAMINED, ANSWERED = "YS-2026-FM-000003", "YS-2026-FM-000001"


def claimed(one: Camera) -> None:
    claim = one.row(EXAMINED, "button")
    if claim.count():
        claim.first.click()
        one.open("/")
    one.follow(one.row(EXAMINED, "a.btn"))


def refused(one: Camera) -> None:
    claimed(one)
    one.page.locator("[data-submit]").click()
    one.page.locator(".errors:visible").first.wait_for()


def printed(one: Camera) -> None:
    one.page.emulate_media(media="print")


def chip(one: Camera) -> None:
    one.follow(one.page.locator("a.chip"))


def chip_printed(one: Camera) -> None:
    chip(one)
    printed(one)


PICTURES = (
    *(Picture(f"inbox-{name}", name, "/") for name in
      ("applicant", "intake", "classifier", "quality", "supervisor", "admin")),
    Picture("inbox-examiner", "examiner", "/", looks=ALL),
    Picture("inbox-all", "supervisor", "/?view=all"),
    Picture("inbox-filter", "supervisor", "/?view=all", lambda one: one.unfold("筛选")),
    Picture("inbox-empty", "supervisor", "/?q=没有这样的案件"),
    Picture("task", "examiner", "/", claimed, shows="ui.task", looks=ALL),
    Picture("task-refused", "examiner", "/", refused),
    Picture("case", "examiner", f"/cases/{EXAMINED}", looks=ALL),
    Picture("case-mediation", "mediator", "/cases/TJ-2026-00002"),
    Picture("case-invalidation", "coordinator", "/cases/WX-2026-00002"),
    Picture("case-adjudication", "adjudicator", "/cases/LH-2026-00001"),
    Picture("case-dispatch", "hr", "/cases/TP-2026-00001"),
    Picture("task-mediation", "mediator", "/", lambda one: one.follow(one.row("TJ-2026-00001", "a.btn"))),
    Picture("case-lower", "examiner", f"/cases/{ANSWERED}", top="#docs"),
    Picture("case-print", "examiner", f"/cases/{ANSWERED}", printed, looks=("desk",)),
    Picture("case-supervisor", "supervisor", f"/cases/{ANSWERED}"),
    Picture("case-notes", "supervisor", f"/cases/{ANSWERED}", top="#notes"),
    Picture("participants", "supervisor", f"/cases/{ANSWERED}/participants"),
    Picture("case-merge", "supervisor", f"/cases/{ANSWERED}/do/merge"),
    Picture("cases", "supervisor", "/cases", looks=ALL),
    Picture("search", "supervisor", "/cases?q=散热"),
    Picture("search-empty", "supervisor", "/cases?q=没有这样的案件"),
    Picture("deadlines", "supervisor", "/deadlines", looks=ALL),
    Picture("month", "supervisor", "/deadlines/calendar", looks=ALL),
    Picture("deadline", "examiner", f"/cases/{ANSWERED}", chip, shows="ui.deadline", looks=ALL),
    Picture("deadline-print", "examiner", f"/cases/{ANSWERED}", chip_printed, looks=("desk",)),
)
