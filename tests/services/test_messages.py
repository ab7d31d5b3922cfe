"""Messages and signals: published, kept, matched, delivered once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engine.domain.commands import BroadcastSignal, CancelCase, PublishMessage, ResumeCase, SuspendCase
from engine.errors import KapokError, NotAllowed
from engine.services.runner import Runner
from engine.store import schema as s
from tests.support.bpmn import (
    boundary,
    call,
    catch,
    chain,
    end,
    event_gateway,
    message,
    model,
    output,
    parallel,
    pool,
    process,
    receive,
    signal,
    start,
    throw,
    timer,
    user,
)
from tests.support.house import ACTORS, SUPERVISOR, House

WAITING = process("p", start("s"), user("A"), catch("M", message("pay", "=key")), end("e"), chain("s", "A", "M", "e"))
STARTED = process("q", start("s", message("come")), user("A"), end("e"), chain("s", "A", "e"))


@pytest.fixture
def case(house: House) -> str:
    house.deploy(WAITING)
    return house.start("p", {"key": "k"})


def test_a_message_reaches_who_waits(house: House, case: str) -> None:
    house.complete(case, "A")
    assert house.publish("pay", "other")["matched"] == 0
    assert house.publish("pay", "k", {"amount": 5})["matched"] == 1
    assert house.case(case).state == "completed"
    assert {"amount": 5} in [row.data for row in house.history(case, "variables")]


def test_a_message_waits_for_its_receiver(house: House, case: str) -> None:
    house.publish("pay", "k")
    house.complete(case, "A")
    assert house.case(case).state == "completed"


def test_a_message_waits_no_longer_than_it_lives(house: House, case: str) -> None:
    house.publish("pay", "k", time_to_live=timedelta(hours=1))
    house.clock.advance(timedelta(hours=1))
    house.complete(case, "A")
    assert house.case(case).state == "active"


def test_the_same_id_is_published_once(house: House, case: str) -> None:
    first = house.publish("pay", "k", message_id="m1")
    second = house.publish("pay", "k", message_id="m1")
    assert (first["duplicate"], second["duplicate"]) == (False, True)
    assert first["message"] == second["message"]
    assert len(house.rows(s.message)) == 1


def test_of_two_cases_of_one_process_the_older_gets_it_and_of_two_processes_each(house: House) -> None:
    house.deploy(model(*(pool(id, start(f"s{id}"), catch(f"M{id}", message("pay", "=key")), end(f"e{id}"),
                              chain(f"s{id}", f"M{id}", f"e{id}")) for id in ("one", "two"))))
    older = house.start("one", {"key": "k"})
    house.advance(seconds=1)
    younger, other = house.start("one", {"key": "k"}), house.start("two", {"key": "k"})
    assert house.publish("pay", "k")["matched"] == 2
    assert [house.case(case).state for case in (older, younger, other)] == ["completed", "active", "completed"]


def test_a_message_starts_one_case_for_each_key(house: House) -> None:
    house.deploy(STARTED)
    assert [house.publish("come", key)["matched"] for key in ("a", "b", "a", "")] == [1, 1, 0, 1]
    assert house.publish("come", "")["matched"] == 1, "without a key every message starts one"
    assert len(house.rows(s.case)) == 4


def test_a_message_that_came_too_early_starts_a_case_when_the_first_has_ended(house: House) -> None:
    house.deploy(STARTED)
    house.publish("come", "k", {"number": 1})
    house.publish("come", "k", {"number": 2})
    house.publish("come", "k", {"number": 3})
    first = house.rows(s.case)[0].id
    house.complete(first, "A")
    assert [row.state for row in house.rows(s.case)].count("active") == 1
    assert len(house.rows(s.case)) == 2
    second = next(row.id for row in house.rows(s.case) if row.state == "active")
    assert {"number": 2, "correlation_key": "k"} in [row.data for row in house.history(second, "variables")]
    house.run(CancelCase(second, "x"), SUPERVISOR)
    assert len(house.rows(s.case)) == 3


def test_what_a_message_started_does_not_receive_it_again(house: House) -> None:
    house.deploy(process("r", start("s", message("come")), catch("M", message("come")), end("e"),
                         chain("s", "M", "e")))
    assert house.publish("come")["matched"] == 1
    (case,) = house.rows(s.case)
    assert case.state == "active"
    assert house.publish("come")["matched"] == 1
    assert [(row.id, row.state) for row in house.rows(s.case)] == [(case.id, "completed")]


def test_a_parallel_instantiating_gateway_takes_its_second_message_into_the_same_case(house: House) -> None:
    house.deploy(process("g", event_gateway("G", instantiate=True, parallel=True), catch("A", message("one")),
                         catch("B", message("two")), parallel("J"), end("e"), chain("G", "A", "J", "e"),
                         chain("G", "B", "J")))
    house.publish("one")
    house.publish("two")
    assert [row.state for row in house.rows(s.case)] == ["completed"]


def test_two_processes_may_start_by_one_message(house: House) -> None:
    house.deploy(model(*(pool(id, start(f"s{id}", message("come")), user(f"A{id}"), end(f"e{id}"),
                              chain(f"s{id}", f"A{id}", f"e{id}")) for id in ("one", "two"))))
    assert house.publish("come", "k")["matched"] == 2
    assert sorted(row.process_id for row in house.rows(s.case)) == ["one", "two"]


def test_a_wait_inside_a_called_process_is_a_wait(house: House) -> None:
    house.deploy(model(
        pool("child", start("cs"), receive("R", message("pay", "=key"), output("=amount", "paid")), end("ce"),
             chain("cs", "R", "ce")),
        pool("parent", start("s"), call("C", "child"), end("e"), chain("s", "C", "e"))))
    case = house.start("parent", {"key": "k"})
    assert house.rows(s.subscription)[0].process == "child"
    house.publish("pay", "k", {"amount": 7})
    assert house.case(case).state == "completed"


def test_a_case_may_answer_itself(house: House) -> None:
    house.deploy(process("p", start("s"), throw("T", message("ping", "=key")), catch("C", message("ping", "=key")),
                         end("e"), chain("s", "T", "C", "e")))
    assert house.case(house.start("p", {"key": "k"})).state == "completed"


def test_a_message_whose_wait_is_gone_goes_to_the_next(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.deploy(process("p", start("s"), event_gateway("g"), catch("M", message("pay", "=key")),
                         catch("T", timer("PT1H")), end("e"), chain("s", "g", "M", "e"), chain("g", "T", "e")))
    first = house.start("p", {"key": "k"})
    house.clock.advance(timedelta(minutes=30))
    second = house.start("p", {"key": "k"})
    with monkeypatch.context() as patch:
        patch.setattr(Runner, "_drain", lambda *_: None)  # as if the process died right after the commit
        assert house.publish("pay", "k")["matched"] == 1
    house.clock.advance(timedelta(minutes=30))
    house.run_timers()
    assert (house.case(first).state, house.case(second).state) == ("completed", "active")
    house.advance(seconds=2)
    assert house.case(second).state == "completed"
    assert house.completed(first) == ["s", "g", "T", "e"]
    assert house.completed(second) == ["s", "g", "M", "e"]


def test_what_a_crash_left_undelivered_is_delivered_later(house: House, case: str,
                                                          monkeypatch: pytest.MonkeyPatch) -> None:
    house.deploy(STARTED)
    house.complete(case, "A")
    with monkeypatch.context() as patch:
        patch.setattr(Runner, "_drain", lambda *_: None)
        house.publish("pay", "k")
        house.publish("come", "x")
        house.publish("come", "x")
    assert len(house.rows(s.case)) == 1
    house.advance(seconds=2)
    assert house.case(case).state == "completed"
    assert [row.process_id for row in house.rows(s.case) if row.id != case] == ["q"]
    assert [row.pending for row in house.rows(s.correlation)] == [False, False]


def test_a_suspended_case_gets_its_message_when_it_is_resumed(house: House, case: str) -> None:
    house.complete(case, "A")
    house.run(SuspendCase(case, "x"), SUPERVISOR)
    house.publish("pay", "k")
    house.advance(seconds=5)
    assert house.case(case).state == "suspended"
    house.run(ResumeCase(case), SUPERVISOR)
    assert house.case(case).state == "completed"


def test_a_signal_reaches_everyone_and_is_not_kept(house: House) -> None:
    house.deploy(model(
        pool("p", start("s"), user("A"), boundary("b", "A", signal("alarm")), end("e"), chain("s", "A", "e"),
             chain("b", "e")),
        pool("q", start("t", signal("alarm")), user("B"), end("f"), chain("t", "B", "f"))))
    cases = [house.start("p") for _ in range(3)]
    assert house.run(BroadcastSignal("alarm"), SUPERVISOR)["receivers"] == 4
    assert [house.case(case).state for case in cases] == ["completed"] * 3
    late = house.start("p")
    assert house.case(late).state == "active"
    assert [row.process_id for row in house.rows(s.case)].count("q") == 1


def test_a_signal_thrown_by_a_case_reaches_it_once(house: House) -> None:
    house.deploy(process("p", start("s"), user("A"), boundary("b", "A", signal("go"), interrupting=False), user("B"),
                         end("e"), end("f"), chain("s", "A", "e"), chain("b", "B", "f")),
                 process("thrower", start("s"), throw("T", signal("go")), end("e"), chain("s", "T", "e")))
    case = house.start("p")
    house.start("thrower")
    assert sorted(house.open_tasks(case)) == ["A", "B"]


@pytest.mark.parametrize("command", [PublishMessage("pay"), BroadcastSignal("go")])
def test_who_may_not_publish_is_refused(house: House, command: Any) -> None:
    with pytest.raises(NotAllowed) as refused:
        house.run(command, ACTORS["examiner"])
    assert isinstance(refused.value, KapokError)
    assert house.rows(s.message) == []
