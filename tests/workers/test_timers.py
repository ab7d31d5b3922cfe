"""Timers in batches: earliest first, one commit, nothing spoiled, nothing lost, nothing doubled.

    s ── T (timer) ── e
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from engine.clock import VirtualClock
from engine.execution import Instance
from engine.services import runner, timers
from engine.store import schema as s
from engine.store.prepared import Prepared
from engine.store.unit_of_work import savepoint
from engine.workers.timers import BATCH, TimerPoller
from tests.support.bpmn import boundary, catch, chain, end, process, start, timer, user
from tests.support.house import MORNING, House, emptied

TIMED = process("p", start("s"), catch("T", timer("=after", "duration")), end("e"), chain("s", "T", "e"))
TWICE = process("q", start("s"), user("A"), boundary("b", "A", timer("PT1H")), boundary("c", "A", timer("PT2H")),
                end("e"), end("f"), end("g"), chain("s", "A", "e"), chain("b", "f"), chain("c", "g"))
Rows = list[dict[str, Any]]


def due(house: House, count: int, model: bytes = TIMED, process_id: str = "p") -> list[str]:
    """Cases whose timers are due, the last begun first."""
    house.deploy(model)
    cases = [house.start(process_id, {"after": f"PT{count - place}H"}) for place in range(count)]
    house.clock.advance(timedelta(hours=count + 1))
    return cases


def poller(house: House) -> TimerPoller:
    return TimerPoller(house.kapok.runner, house.kapok.database, house.clock, timedelta(seconds=1))


def fired(house: House) -> list[str]:
    return [row.case_id for row in house.rows(s.history, s.history.c.kind == "completed", s.history.c.element == "T")]


def failing(monkeypatch: pytest.MonkeyPatch, victims: list[str], how: Callable[[Any], None]) -> list[str]:
    """From now on the timers of these cases fail, after their step has written its rows. Answers who has been tried."""
    tried: list[str] = []
    real = timers.steps.advance

    def advance(context: Any, row: Any, *args: Any) -> Any:
        tried.append(row.id)
        real(context, row, *args)
        if row.id in victims:
            how(context)

    monkeypatch.setattr(timers.steps, "advance", advance)
    return tried


def defect(_context: Any) -> None:
    raise ZeroDivisionError("defect")


def bad_row(context: Any) -> None:
    """Refused by the database, and noticed only when it is sent."""
    row = {"series": "taken", "year": 2026, "last": 0}
    Prepared(s.number_series.insert()).run(context.connection, [row, row])


def test_a_batch_is_earliest_first_with_one_commit(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    cases = due(house, 5)
    tried = failing(monkeypatch, [], defect)
    with house.statements() as seen:
        poller(house).poll()
    assert tried == list(reversed(cases))
    assert seen.count("COMMIT") == 1
    assert all(house.case(case).state == "completed" for case in cases)
    assert house.broken() == []


def test_a_batch_is_bounded_and_the_rest_is_next(house: House) -> None:
    due(house, BATCH + 3)
    timers_of_house = poller(house)
    assert timers_of_house.poll() == timedelta(0)
    assert len(house.rows(s.timer)) == 3
    timers_of_house.poll()
    assert house.rows(s.timer) == []
    assert timers_of_house.poll() > timedelta(0)


def test_a_batch_takes_up_no_more_when_its_time_is_over(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    due(house, 4)
    moments = iter(range(100))
    monkeypatch.setattr(house.clock, "monotonic", lambda: float(next(moments)))
    poller(house).poll()
    assert len(house.rows(s.timer)) == 3, f"one step took more than {runner.BATCH_SECONDS} s"


@pytest.mark.parametrize("how", [defect, bad_row])
def test_poisoned_rows_spoil_nothing_but_themselves(
        house: House, monkeypatch: pytest.MonkeyPatch, how: Callable[[Any], None]) -> None:
    cases = due(house, 6)
    victims = [cases[0], cases[3], cases[5]]  # the first, one in the middle, and the last
    before = {victim: (house.case(victim), house.history(victim)) for victim in victims}
    failing(monkeypatch, victims, how)
    poller(house).poll()
    assert {row.case_id for row in house.rows(s.timer)} == set(victims)
    assert {victim: (house.case(victim), house.history(victim)) for victim in victims} == before
    assert all(house.case(case).state == "completed" for case in cases if case not in victims)
    assert house.rows(s.number_series) == []
    assert house.broken() == []


def test_of_two_timers_of_one_case_the_second_knows_what_the_first_did(house: House) -> None:
    house.deploy(TWICE)
    case = house.start("q")
    house.clock.advance(timedelta(hours=3))
    poller(house).poll()
    assert house.case(case).ended_element == "f"
    assert house.rows(s.timer) == []
    assert house.broken() == []


def test_a_batch_that_is_killed_before_its_commit_is_fired_whole_by_the_next(
        house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    cases = due(house, 4)

    def killed(_context: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        failing(patch, cases[:1], killed)  # the last of the batch
        with pytest.raises(KeyboardInterrupt):
            poller(house).poll()
    assert fired(house) == []
    poller(house).poll()
    assert sorted(fired(house)) == sorted(cases)
    assert house.broken() == []


def test_two_workers_share_the_work_and_double_nothing(postgresql_url: str, tmp_path: Path) -> None:
    clock = VirtualClock(MORNING)
    first = House(emptied(postgresql_url), tmp_path / "first", clock=clock)
    cases = due(first, 2 * BATCH)
    second = House(postgresql_url, tmp_path / "second", clock=clock, seed=2)
    both_hold = threading.Barrier(2)
    shares: dict[int, int] = {}

    def work(place: int, house: House) -> None:
        real = house.kapok.runner.run_batch

        def run_batch(claim: Any) -> Any:
            def claimed(connection: Any) -> Any:
                found = list(claim(connection))
                if place not in shares:
                    shares[place] = len(found)
                    both_hold.wait()
                return found
            return real(claimed)

        house.kapok.runner.run_batch = run_batch
        worker = poller(house)
        while worker.poll() == timedelta(0):
            pass

    threads = [threading.Thread(target=work, args=pair) for pair in enumerate((first, second))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert shares == {0: BATCH, 1: BATCH}, "nobody waits for the other's rows"
    assert sorted(fired(first)) == sorted(cases)
    assert first.broken() == []
    first.close()
    second.close()


def test_a_savepoint_whose_work_was_never_sent_needs_no_undoing(house: House) -> None:
    with house.statements() as seen, house.kapok.database.writing() as connection:
        with pytest.raises(ZeroDivisionError), savepoint(connection):
            raise ZeroDivisionError
        assert [statement for statement in seen if "SAVEPOINT" in statement] == []


def test_late_timers_are_told_of_once_a_minute(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    due(house, 3)
    told: list[int] = []
    monkeypatch.setattr("engine.workers.timers._log.warning", lambda _event, seconds: told.append(seconds))
    monkeypatch.setattr(Instance, "fire", lambda *_: defect(None))
    late = poller(house)
    late.poll()
    late.poll()
    assert told == [3 * 3600]
    house.clock.advance(timedelta(seconds=60))
    late.poll()
    assert told == [3 * 3600, 3 * 3600 + 60]
