"""Papers, service, hearings, and the wire to partners."""

from __future__ import annotations

from tests.support.pictures.camera import ALL, Camera, Picture
from tests.support.pictures.desk import ANSWERED

TRIED = "{tried}"


def answering_board(one: Camera) -> None:
    one.unfold("办理")


PICTURES = (
    Picture("papers", "examiner", f"/cases/{ANSWERED}/papers", looks=ALL),
    Picture("papers-served", "supervisor", f"/cases/{ANSWERED}/papers", top="#deliveries"),
    Picture("paper", "supervisor", f"/cases/{ANSWERED}/papers/{{paper}}", looks=ALL),
    Picture("preview", "supervisor", "/files/{letter}/preview"),
    Picture("service", "supervisor", "/service", looks=ALL),
    Picture("hearings-week", "coordinator", "/hearings?week=2026-03-16", looks=ALL),
    Picture("hearings-day", "coordinator", "/hearings/day?on=2026-03-17"),
    Picture("hearings-empty", "coordinator", "/hearings?week=2026-06-15"),
    Picture("hearings-case", "coordinator", f"/cases/{TRIED}/hearings"),
    Picture("handoffs", "committee", "/handoffs", looks=ALL),
    Picture("handoffs-lower", "committee", "/handoffs", top="#out"),
    Picture("outbox", "committee", "/handoffs/outbox"),
    Picture("outbox-dead", "committee", "/handoffs/outbox?show=dead", answering_board),
    Picture("letter", "committee", "/handoffs/in/court.4401.73/m1", looks=ALL),
    Picture("letter-conflict", "committee", "/handoffs/in/court.4401.73/m2"),
    Picture("paper-choose", "committee", "/handoffs/paper/new"),
    Picture("paper-enter", "committee", "/handoffs/paper/new?partner=court.4401.73&type=court.confirm.result"),
    Picture("paper-check", "committee", "/handoffs/paper/{manual}"),
    Picture("messages", "supervisor", "/handoffs/messages"),
    Picture("message", "supervisor", "/handoffs/messages/court.confirm.result"),
    Picture("partners", "admin", "/handoffs/partners"),
    Picture("partner", "admin", "/handoffs/partners/court.4401.73"),
)
