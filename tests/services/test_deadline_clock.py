"""The clock moved over year ends, leap days, make-up days and midnights: nothing early, missed or twice."""

import random
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from engine.clock import LOCAL_ZONE, VirtualClock
from engine.domain.actors import SYSTEM
from engine.domain.commands import ResumeCase, SuspendCase
from engine.domain.deadline_commands import ArmDeadline, PauseDeadline, ResumeDeadline
from engine.domain.periods import due_at
from engine.errors import KapokError
from engine.store import schema as s
from tests.support.bpmn import boundary, chain, end, process, start, timer, user
from tests.support.house import SUPERVISOR, House, emptied

ONE_SECOND = timedelta(seconds=1)


def waiting(key: str, from_on: str) -> bytes:
    return process("p", start("s"), user("A"), boundary("b", "A", timer(f'= deadline("{key}", date("{from_on}"))')),
                   end("e"), end("f"), chain("s", "A", "e"), chain("b", "f"))


def midnight(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T00:00:00").replace(tzinfo=LOCAL_ZONE).astimezone(UTC)


@pytest.mark.parametrize(("key", "from_on", "due_on"), [
    ("dl.cnipa.oaN", "2025-10-31", "2025-12-31"),  # the last moment of a year
    ("dl.inv.answer", "2025-12-01", "2026-01-05"),  # New Year's holiday, 4 January made up: CNIPA goes on to Monday
    ("dl.inv.supplement", "2024-01-29", "2024-02-29"),  # the leap day is there
    ("dl.inv.supplement", "2024-01-31", "2024-02-29"),  # no 31st, so the leap day
    ("dl.cnipa.suspend", "2024-02-29", "2025-02-28"),  # and a year later it is not
    ("dl.adj.file", "2024-09-29", "2024-10-11"),  # make-up Sunday, long holiday
    ("dl.adj.sue", "2025-09-20", "2025-10-09"),
])
def test_to_the_second(database_url: str, tmp_path: Path, key: str, from_on: str, due_on: str) -> None:
    begun = datetime.fromisoformat(f"{from_on}T09:00:00+08:00")
    house = House(emptied(database_url), tmp_path / "house", clock=VirtualClock(begun))
    house.deploy(waiting(key, from_on), actor=SYSTEM)
    case = house.start("p", {"case_class": "ordinary"})
    row: Any = house.rows(s.deadline)[0]
    end_of_day = due_at(row.due_on)
    assert row.due_on.isoformat() == due_on
    assert end_of_day == midnight((row.due_on + timedelta(days=1)).isoformat())
    house.clock.move_to(end_of_day - ONE_SECOND)
    house.settle()
    assert house.rows(s.deadline)[0].state == "running" and house.open_tasks(case) == ["A"]
    house.clock.move_to(end_of_day)
    house.settle()
    again = House(database_url, tmp_path / "house", clock=house.clock, seed=2)
    again.settle()
    again.advance(days=400)
    assert house.rows(s.deadline)[0].state == "expired"
    expiries = [note for note in house.history(case) if note.kind in ("deadline:expired", "caseEnded")]
    assert len(expiries) == 1
    again.close()
    house.close()


@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_done_row_timer_and_ladder_agree(database_url: str, tmp_path: Path, seed: int) -> None:
    """Random pauses, suspensions and days: the due day is that of an independent account of the days that counted."""
    chance = random.Random(seed)
    house = House(emptied(database_url), tmp_path / "house")
    house.deploy(process("p", start("s"), user("A"), end("e"), chain("s", "A", "e")), actor=SYSTEM)
    case = house.start("p")
    armed = house.run(ArmDeadline(case, "dl.limitation", date(2026, 3, 2)), SUPERVISOR)["deadline"]
    stopped, suspended, still = None, False, 0
    for _ in range(12):
        house.clock.advance(timedelta(days=chance.randint(0, 20)))
        today = house.clock.now().astimezone(LOCAL_ZONE).date()
        action = chance.choice(("pause", "resume", "suspend", "unsuspend"))
        try:
            if action == "pause" and not suspended:
                house.run(PauseDeadline(armed, "中止事由"), SUPERVISOR)
                stopped = today
            elif action == "resume" and not suspended:
                house.run(ResumeDeadline(armed), SUPERVISOR)
                still, stopped = still + (today - stopped).days, None
            elif action == "suspend":
                running = stopped is None
                house.run(SuspendCase(case, "案件中止"), SUPERVISOR)
                suspended, stopped = True, today if running else stopped
                by_case = running
            elif action == "unsuspend" and suspended:
                house.run(ResumeCase(case), SUPERVISOR)
                suspended = False
                if by_case and stopped is not None:
                    still, stopped = still + (today - stopped).days, None
        except KapokError:
            pass
        row, moment = house.rows(s.deadline)[0], house.rows(s.timer)[0]
        assert row.state == ("running" if stopped is None else "paused")
        assert moment.held is (stopped is not None)
        planned = house.rows(s.escalation_rung, s.escalation_rung.c.state == "planned")
        assert (planned == []) is (stopped is not None)
        if stopped is None:
            assert row.nominal_on == date(2029, 3, 2) + timedelta(days=still)
            assert moment.due_at == row.due_at == due_at(row.due_on)
    assert house.broken() == []
    house.close()
