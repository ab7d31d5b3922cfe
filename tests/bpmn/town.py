"""A throw-away town: the designers' folders deployed, people of every role, partners; what they do, by case number."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.cli.sandboxes import sandbox_house
from engine.clock import VirtualClock
from engine.domain.actors import SHELL, Actor
from engine.domain.commands import AddPartner, AddUser, CompleteUserTask, PublishMessage, task_key
from engine.domain.permissions import ROLES
from engine.services.operations.registry import OPERATIONS
from engine.store import recusals
from engine.store import schema as s
from engine.workbench.sandbox import Sandbox
from tests.bpmn.procedures import BPMN

KINDS = (".bpmn", ".dmn", ".form", ".docx")


def somebody(name: str) -> Actor:
    return Actor(name, name, frozenset({name.rstrip("0123456789")}))


@dataclass
class Town:
    """The house with its cases, and what people and partners do in it."""

    sandbox: Sandbox

    def case(self, number: str) -> Mapping[str, Any]:
        with self.sandbox.house.database.reading() as connection:
            found = connection.execute(s.case.select().where(s.case.c.case_no == number)).one()
        return found._mapping

    def waiting(self, number: str) -> list[str]:
        case = self.case(number)["id"]
        return sorted(item.element for item in self.sandbox.waiting() if item.case_id == case)

    def task(self, number: str, element: str) -> str:
        case = self.case(number)["id"]
        return next(task_key(case, item.wait) for item in self.sandbox.waiting()
                    if item.case_id == case and item.element == element and item.kind == "userTask")

    def do(self, number: str, element: str, who: str, **values: Any) -> None:
        self.sandbox.run(CompleteUserTask(self.task(number, element), values), somebody(who))

    def tell(self, message: str, key: str, **values: Any) -> None:
        self.sandbox.run(PublishMessage(message, key, values))

    def ended(self, number: str) -> str:
        return str(self.case(number)["ended_element"]).rpartition("/")[2]

    def links(self, number: str) -> set[str]:
        case = self.case(number)["id"]
        with self.sandbox.house.database.reading() as connection:
            return {row.case_no for row in recusals.links_of(connection, case)}

    def outbox(self, message: str) -> list[Mapping[str, Any]]:
        with self.sandbox.house.database.reading() as connection:
            rows = connection.execute(s.outbox.select().where(s.outbox.c.type == message)).all()
        return [json.loads(row.body) for row in rows]


@contextmanager
def open_town(*folders: str) -> Iterator[Town]:
    """At nine o'clock on the 2nd of March 2026, with three people of each role."""
    clock = VirtualClock(datetime.fromisoformat("2026-03-02T09:00:00+08:00"))
    house = sandbox_house(clock, operations=OPERATIONS)
    town = Town(Sandbox(house, clock))
    town.sandbox.deploy([(path.relative_to(BPMN).as_posix(), path.read_bytes()) for folder in folders
                         for path in sorted((BPMN / folder).rglob("*")) if path.suffix in KINDS])
    for role in ROLES:
        for number in "123":
            town.sandbox.run(AddUser(f"{role}{number}", f"{role}{number}", (role,), "!"), SHELL)
    for kind in ("cnipa", "court"):
        town.sandbox.run(AddPartner(kind, kind), SHELL)
    try:
        yield town
    finally:
        house.database.close()
