"""Role × relation × state × operation: the house does what the access table says, on both databases. One case is put
into each situation in a transaction that is rolled back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest

from engine.domain.access_matrix import OPERATIONS, RELATIONS, STATES, may_do, sight
from engine.domain.actors import Actor
from engine.domain.commands import (
    AssignUserTask,
    CancelCase,
    CompleteUserTask,
    ModifyCase,
    ReleaseUserTask,
    ResolveIncident,
    ResumeCase,
    SetVariables,
    SuspendCase,
)
from engine.domain.deadline_commands import ArmDeadline
from engine.domain.permissions import LEVELS, RIGHTS, ROLES, Sight
from engine.domain.search_terms import terms
from engine.errors import KapokError, NotAllowed, NotFound
from engine.services.handlers import HANDLERS
from engine.store import listings, queries, search
from engine.store import schema as s
from engine.store.database import Connection
from tests.support.bpmn import assign, boundary, chain, end, flow, parallel, process, start, timer, user, xor
from tests.support.house import MORNING, House, actor, emptied

FILE, ABSENT = "f" * 64, "00000000-0000-7000-8000-000000000000"
ACTORS = {role: replace(actor(role), units=frozenset({"u1"})) for role in (*ROLES, "worker")}
UNSEEN = (NotFound, NotAllowed)


class Undone(Exception):
    """The end of a situation."""


@dataclass(frozen=True)
class Case:
    id: str
    task: int
    deadline: int
    incident: int


@pytest.fixture(scope="module")
def house(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One for all: what a situation changes is rolled back."""
    built = House(emptied(database_url), tmp_path_factory.mktemp("matrix"))
    yield built
    built.close()


@pytest.fixture(scope="module")
def case(house: House) -> Case:
    house.deploy(process(
        "p", start("s"), parallel("both"), user("A", assign(groups="nobody")),
        boundary("b", "A", timer('=deadline("dl.pre.answer")', "date")), xor("X"),
        user("B", assign(groups="nobody")), end("e"), end("f"), end("x"), end("y"), chain("s", "both", "A", "B", "e"),
        chain("b", "f"), flow("both", "X"), flow("X", "x", "=amount > 9"), flow("X", "y", "=amount < 0")))
    key = house.start("p", {"title": "甲公司的发明", "kind": "invention", "amount": 1})
    with house.kapok.database.writing() as connection:
        connection.execute(s.file.insert(), {"sha256": FILE, "size": 1, "media": "text/plain", "staged_by": "somebody",
                                             "staged_at": house.clock.now()})
        connection.execute(s.document.insert(), {
            "case_id": key, "id": "d", "category": "attachment", "title": "t", "name": "n", "sha256": FILE,
            "added_by": "somebody", "added_at": house.clock.now(), "role": ""})
    return Case(key, house.rows(s.user_task)[0].wait, house.rows(s.deadline)[0].wait,
                house.rows(s.incident)[0].incident)


@contextmanager
def situation(house: House, case: Case, who: Actor, relation: str, level: str = "L2") -> Iterator[Connection]:
    """The case as it would be, until the end of the block."""
    with pytest.raises(Undone), house.kapok.database.writing() as connection:
        unit = "u2" if relation in ("elsewhere", "seated") else "u1"
        connection.execute(s.case.update().values(level=level, unit=unit))
        if relation in ("own", "recused"):
            connection.execute(s.user_task.update().where(s.user_task.c.wait == case.task).values(assignee=who.id))
        if relation == "seated":
            connection.execute(s.participant.insert(), {
                "case_id": case.id, "id": "p", "capacity": "respondent", "name": "乙商行", "agent": "", "authority": "",
                "user": who.id, "state": "active", "invited_by": "somebody", "invited_at": house.clock.now(),
                "reason": ""})
        if relation == "recused":
            connection.execute(s.recusal.insert(), {
                "id": "r", "case_id": case.id, "user": who.id, "state": "recused", "ground": "other", "source": "rule",
                "reason": "", "requested_by": "system", "requested_at": house.clock.now()})
        yield connection
        raise Undone


def _named(connection: Connection, who: Actor) -> list[str]:
    return search.found(connection, who, search.Wanted(terms("甲公司")), MORNING)


def reads(connection: Connection, who: Actor, case: Case) -> dict[str, bool]:
    found = search.found(connection, who, search.Wanted(), MORNING)
    return {
        "case": queries.case(connection, who, case.id) is not None,
        "cases": found == [case.id],
        "search": _named(connection, who) == [case.id],
        "deadline": queries.deadline(connection, who, case.id, case.deadline) is not None,
        "deadlines": bool(queries.all_deadlines(connection, who, 10)),
        "file": queries.file(connection, who, FILE) is not None,
        "documents": bool(queries.documents_of(connection, who, case.id)),
        "task": queries.task(connection, who, case.id, case.task) is not None,
        "incidents": bool(listings.incidents(connection, who, None, None, 10)),
    }


def expected(role: str, relation: str, state: str, level: str) -> dict[str, bool]:
    seen = sight(role, relation, level)
    inside = seen in (Sight.OUTLINE, Sight.WHOLE)
    some = seen is not None
    mine = some and relation == "own"
    return {
        "case": some, "cases": some, "search": some, "deadline": some,
        "deadlines": some, "file": inside, "documents": inside, "task": seen is Sight.WHOLE or mine,
        "incidents": inside and role in RIGHTS["incident.see"],
    }


@pytest.mark.parametrize("level", LEVELS)
def test_what_is_read(house: House, case: Case, level: str) -> None:
    """No condition on a case's row asks for its state: in every state on SQLite, in one on PostgreSQL."""
    every = level == "L2" and house.kapok.database.engine.dialect.name == "sqlite"
    wrong = []
    for role, who in ACTORS.items():
        for relation in RELATIONS:
            with situation(house, case, who, relation, level) as connection:
                for state in STATES if every else ("active",):
                    connection.execute(s.case.update().values(state=state))
                    found, wanted = reads(connection, who, case), expected(role, relation, state, level)
                    wrong += [(role, relation, state, name) for name in found if found[name] != wanted[name]]
    assert wrong == []


COMMANDS: dict[str, Callable[[Case, str], Any]] = {
    "task.complete": lambda case, key: CompleteUserTask(f"{key}~{case.task}"),
    "task.release": lambda case, key: ReleaseUserTask(f"{key}~{case.task}"),
    "task.assign": lambda case, key: AssignUserTask(f"{key}~{case.task}", "somebody"),
    "case.suspend": lambda case, key: SuspendCase(key, "r"),
    "case.resume": lambda case, key: ResumeCase(key, "r"),
    "case.cancel": lambda case, key: CancelCase(key, "r"),
    "case.modify": lambda case, key: ModifyCase(key, (), (), "r"),
    "case.variables": lambda case, key: SetVariables(key, {"a": 1}),
    "deadline.arm": lambda case, key: ArmDeadline(key, "dl.pre.correct", case_day),
    "incident.resolve": lambda case, key: ResolveIncident(f"{key}~{case.incident}", {"amount": 10}),
}
case_day = None


def attempt(house: House, connection: Connection, command: Any, who: Actor) -> KapokError | None:
    """What a command is refused with; None when it is carried out."""
    context = house.kapok.runner._context(connection, command, who)
    savepoint = connection.begin_nested()
    try:
        HANDLERS[type(command)](context, command)
    except KapokError as error:
        return error
    finally:
        savepoint.rollback()
    return None


@pytest.mark.parametrize("operation", OPERATIONS)
def test_what_is_done(house: House, case: Case, operation: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "case_day", house.today)
    command, wrong = COMMANDS[operation], []
    for role, who in ACTORS.items():
        absent = None
        for relation in RELATIONS:
            with situation(house, case, who, relation) as connection:
                absent = absent or attempt(house, connection, command(case, ABSENT), who)
                for state in STATES:
                    connection.execute(s.case.update().values(state=state))
                    here = attempt(house, connection, command(case, case.id), who)
                    if not may_do(role, relation, operation):
                        same = here is not None and absent is not None and told(here, case.id) == told(absent, ABSENT)
                        right = isinstance(here, UNSEEN) and same
                    else:
                        ready = state in OPERATIONS[operation].states
                        right = not isinstance(here, UNSEEN) and (here is None) is ready
                    if not right:
                        wrong.append((role, relation, state, str(here), str(absent)))
    assert wrong == []


def told(error: KapokError, key: str) -> tuple[str, str]:
    return error.code, error.message.replace(key, "…")
