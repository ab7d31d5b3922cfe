"""One command, one transaction: repeated, refused, raced, counted."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from engine.domain.commands import BroadcastSignal, CompleteUserTask, ResolveIncident, StartCase, task_key
from engine.errors import IdempotencyConflict, KapokError, NotFound
from engine.services.runner import Runner
from engine.services.user_tasks import TaskTaken
from engine.store import schema as s
from engine.store.database import Collision
from tests.support.bpmn import assign, chain, end, flow, parallel, process, script, signal, start, user, xor
from tests.support.house import ACTORS, House, actor

EXAMINER = ACTORS["examiner"]
TASKS = [f"T{number}" for number in range(8)]
WIDE = process("wide", start("s"), parallel("fork"), *(user(name, assign(groups="examiner")) for name in TASKS),
               parallel("join"), end("e"), chain("s", "fork"),
               *(chain("fork", name, "join") for name in TASKS), chain("join", "e"))
LOOP = process("loop", start("s"), xor("m"), user("A", assign(groups="examiner")), xor("x", default="x-e"), end("e"),
               chain("s", "m", "A", "x"), flow("x", "m", "=again"), flow("x", "e"))

ENDLESS = process("endless", start("s"), xor("m"), script("count", "=n + 1", "n"), xor("x", default="x-m"), end("e"),
                  chain("s", "m", "count", "x"), flow("x", "e", "=n >= 2000"), flow("x", "m"))
ECHO = process("echo", start("s", signal("echo")), end("e", signal("echo")), chain("s", "e"))


def together(*acts: Callable[[], Any]) -> list[Any]:
    """What each answers or raises, all at once."""
    results: list[Any] = [None] * len(acts)
    ready = threading.Barrier(len(acts))

    def go(place: int) -> None:
        ready.wait()
        try:
            results[place] = acts[place]()
        except Exception as error:  # looked at by the test
            results[place] = error

    threads = [threading.Thread(target=go, args=(place,)) for place in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_a_repeated_key_gets_the_first_outcome(house: House) -> None:
    house.deploy(LOOP)
    command = StartCase("loop", {"n": 1})
    first = house.run(command, ACTORS["intake"], "key-1")
    assert house.run(command, ACTORS["intake"], "key-1") == first
    assert len(house.rows(s.case)) == 1
    assert house.run(command, ACTORS["supervisor"], "key-1") != first, "keys are each actor's own"


def test_a_key_with_another_request_is_a_conflict(house: House) -> None:
    house.deploy(LOOP)
    house.run(StartCase("loop", {"n": 1}), ACTORS["intake"], "key-1")
    with pytest.raises(IdempotencyConflict):
        house.run(StartCase("loop", {"n": 2}), ACTORS["intake"], "key-1")
    assert len(house.rows(s.case)) == 1


def test_a_refused_command_leaves_its_key_free(house: House) -> None:
    with pytest.raises(NotFound):
        house.run(StartCase("loop"), ACTORS["intake"], "key-1")
    house.deploy(LOOP)
    assert house.run(StartCase("loop"), ACTORS["intake"], "key-1")["case_id"]


def test_one_key_used_twice_at_once_starts_one_case(house: House) -> None:
    house.deploy(LOOP)
    answers = together(*[lambda: house.run(StartCase("loop"), ACTORS["intake"], "key-1")] * 4)
    assert len({str(answer) for answer in answers}) == 1
    assert len(house.rows(s.case)) == 1


def test_a_refusal_changes_nothing_and_is_audited(house: House) -> None:
    with pytest.raises(KapokError):
        house.run(CompleteUserTask("nobody~1"), EXAMINER)
    entry = house.audit()[-1]
    assert (entry.actor, entry.action) == ("examiner1", "CompleteUserTask")
    assert '"refused":"not_found"' in entry.entry
    assert house.broken() == []


def test_eight_people_complete_eight_parallel_tasks_of_one_case(house: House) -> None:
    house.deploy(WIDE)
    case = house.start("wide")
    answers = together(*[lambda name=name, number=number: house.complete(case, name, actor=actor("examiner", number))
                         for number, name in enumerate(TASKS)])
    assert [answer for answer in answers if isinstance(answer, Exception)] == []
    assert house.case(case).state == "completed"
    assert house.broken() == []


def test_of_two_who_complete_one_task_exactly_one_succeeds(house: House) -> None:
    house.deploy(WIDE)
    case = house.start("wide")
    for name in TASKS:
        command = CompleteUserTask(house.task(case, name))
        answers = together(*[lambda who=actor("examiner", number), command=command: house.run(command, who)
                             for number in (1, 2)])
        lost = [answer for answer in answers if isinstance(answer, Exception)]
        assert [type(error) for error in lost] == [TaskTaken]
        assert lost[0].params["by"] in ("examiner1", "examiner2")


def test_a_completed_task_costs_few_statements_and_one_commit(house: House) -> None:
    house.deploy(LOOP)
    case = house.start("loop", {"again": True})
    for _ in range(3):
        house.complete(case, "A", actor=EXAMINER)
    task = house.task(case, "A")
    with house.statements() as seen:
        house.run(CompleteUserTask(task), EXAMINER)
    sql = [statement for statement in seen if statement not in ("COMMIT", "BEGIN IMMEDIATE")]
    assert seen.count("COMMIT") == 1
    assert len(sql) <= 11, sql


def test_a_collision_is_tried_again_and_then_told(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.deploy(LOOP)
    tries = []
    real = Runner._try

    def colliding(runner: Runner, *args: Any) -> Any:
        tries.append(1)
        if len(tries) < 3:
            raise Collision
        return real(runner, *args)

    monkeypatch.setattr(Runner, "_try", colliding)
    assert house.start("loop")
    assert len(tries) == 3
    monkeypatch.setattr(Runner, "_try", lambda *_: (_ for _ in ()).throw(Collision()))
    with pytest.raises(Collision):
        house.start("loop")


def test_nothing_is_left_of_a_command_that_failed_half_way(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.deploy(LOOP)
    case = house.start("loop", {"again": False})
    before = {table.name: house.rows(table) for table in s.metadata.sorted_tables}

    def crash(*_: Any) -> None:
        raise RuntimeError("the power went out")

    with monkeypatch.context() as patch:
        patch.setattr("engine.services.recorder.cases.save", crash)
        with pytest.raises(RuntimeError):
            house.run(CompleteUserTask(task_key(case, 1)), EXAMINER)
    assert {table.name: house.rows(table) for table in s.metadata.sorted_tables} == before


def test_a_step_that_takes_too_long_is_an_incident_that_goes_on_when_told(
        house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.deploy(ENDLESS)
    moments = itertools.count(step=0.01)
    monkeypatch.setattr(house.clock, "monotonic", lambda: next(moments))
    case = house.start("endless", {"n": 0})
    incident = house.rows(s.incident)[0]
    assert (incident.case_id, incident.code) == (case, "step_time")
    assert house.case(case).state == "active"
    monkeypatch.setattr(house.clock, "monotonic", lambda: 0.0)
    house.run(ResolveIncident(task_key(case, incident.incident)), ACTORS["supervisor"])
    assert house.case(case).state == "completed"


def test_follow_ups_without_an_end_go_on_in_the_background_and_are_told_of(
        house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.deploy(ECHO)
    left: list[int] = []
    monkeypatch.setattr("engine.services.runner._FOLLOW_UP_LIMIT", 5)
    monkeypatch.setattr("engine.services.runner._log.warning", lambda _event, count, **_: left.append(count))
    house.run(BroadcastSignal("echo"), ACTORS["supervisor"])
    assert len(house.rows(s.case)) == 5
    assert left == [1]
    assert len(house.rows(s.correlation, s.correlation.c.pending)) == 1, "what is left is a durable row"
    house.clock.advance(timedelta(minutes=1))
    next(poller for poller in house.pollers if poller.name == "correlator").poll()
    assert len(house.rows(s.case)) == 5 + 1 + 5


def test_deadlocked_transactions_collide_instead_of_failing(postgresql_url: str, tmp_path: Any) -> None:
    house = House(postgresql_url, tmp_path)
    database = house.kapok.database
    with database.writing() as connection:
        connection.execute(s.number_series.insert(), [{"series": name, "year": 2026, "last": 0} for name in "ab"])
    both_hold = threading.Barrier(2)

    def bump(order: str) -> None:
        with database.writing() as connection:
            for place, name in enumerate(order):
                connection.execute(sa.update(s.number_series).where(s.number_series.c.series == name).values(last=1))
                if place == 0:
                    both_hold.wait()

    answers = together(lambda: bump("ab"), lambda: bump("ba"))
    assert sorted(type(answer).__name__ for answer in answers) == ["Collision", "NoneType"]
    house.close()
