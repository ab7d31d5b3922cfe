"""Laws of a deadline's life under any sequence of acts: never early, closed never moves, timer and row agree, and
a rung that has fired has told once."""

from __future__ import annotations

import tempfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.clock import LOCAL_ZONE
from engine.domain.actors import SYSTEM
from engine.domain.deadline_commands import (
    AcceptLate,
    ArmDeadline,
    ConfirmExpiry,
    ExtendDeadline,
    OverrideDeadline,
    PauseDeadline,
    ProveService,
    ResumeDeadline,
)
from engine.domain.periods import due_at
from engine.errors import KapokError
from engine.store import schema as s
from tests.support.bpmn import chain, end, process, start, user
from tests.support.house import SUPERVISOR, House, emptied

KEYS = ("dl.cnipa.oaN", "dl.inv.answer", "dl.cnipa.reexam")
ACTS = ("pause", "resume", "extend", "prove", "override", "confirm", "accept", "wait")
OVER = ("met", "expired", "cancelled", "superseded")
step = st.tuples(st.sampled_from(ACTS), st.integers(0, 40))


def act(house: House, key: str, name: str, days: int) -> None:
    """One act, a number of days after the one before; what the law refuses changes nothing."""
    house.clock.advance(timedelta(days=days))
    house.settle()
    today = house.clock.now().astimezone(LOCAL_ZONE).date()
    commands: dict[str, Any] = {
        "pause": PauseDeadline(key, "示例事由"), "resume": ResumeDeadline(key),
        "extend": ExtendDeadline(key, 1, "month"), "prove": ProveService(key, today - timedelta(days=days)),
        "override": OverrideDeadline(key, today + timedelta(days=days), "示例理由"), "confirm": ConfirmExpiry(key),
        "accept": AcceptLate(key, "示例理由")}
    if name in commands:
        try:
            house.run(commands[name], SUPERVISOR)
        except KapokError:
            return


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rule=st.sampled_from(KEYS), steps=st.lists(step, min_size=2, max_size=6))
def test_the_laws_hold_whatever_is_done(sqlite_url: str, rule: str, steps: list[tuple[str, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        house = House(emptied(sqlite_url), Path(folder))
        try:
            house.deploy(process("p", start("s"), user("A"), end("e"), chain("s", "A", "e")), actor=SYSTEM)
            case = house.start("p")
            key = house.run(ArmDeadline(case, rule, date(2026, 3, 2), "cnipa.post"), SUPERVISOR)["deadline"]
            over: Any = None
            for name, days in steps:
                act(house, key, name, days)
                over = _lawful(house, over)
            assert house.broken() == []
        finally:
            house.close()


def _lawful(house: House, over: Any) -> Any:
    """The laws after one act; ``over``: state and day of a deadline that was over before."""
    row, now = house.rows(s.deadline)[0], house.clock.now()
    timers = house.rows(s.timer)
    assert row.due_at == due_at(row.due_on)
    if over is not None:
        assert (row.state, row.due_on) == over
    if row.state == "expired":
        assert row.ended_at >= row.due_at
    if row.state == "running":
        assert [(one.due_at, one.held) for one in timers] == [(row.due_at, False)] and row.due_at > now - timedelta(1)
    if row.state == "paused":
        assert [one.held for one in timers] == [True]
    rungs = house.rows(s.escalation_rung)
    assert all(one.fired_at >= one.at for one in rungs if one.state == "fired")
    fired = sum(one.state == "fired" for one in rungs)
    assert len(house.history(row.case_id, "deadlineEscalated")) == fired
    return (row.state, row.due_on) if row.state in OVER else None
