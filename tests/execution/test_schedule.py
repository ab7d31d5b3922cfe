"""Timer start events of processes that no case runs yet."""

from datetime import timedelta

import pytest

from engine.definition.model import EventDefinition, Trigger, Value
from engine.errors import InvalidInput
from engine.execution import schedule
from tests.execution.case import START


def armed(text, kind, feel=False):
    return schedule.first(EventDefinition(Trigger.TIMER, timer=Value(text, feel), timer_kind=kind), START, {})


@pytest.mark.parametrize(("text", "kind", "feel", "hours"), [
    ("PT2H", "duration", False, 2), ("2026-01-01T05:00:00Z", "date", False, 5), ("R/PT1H", "cycle", False, 1),
    ('duration("PT3H")', "duration", True, 3)])
def test_first(text, kind, feel, hours):
    assert armed(text, kind, feel).due_at == START + timedelta(hours=hours)


def test_a_cycle_goes_on_and_coalesces():
    first = armed("R3/PT1H", "cycle")
    second = schedule.following(first.cycle, START + timedelta(hours=1))
    assert second.due_at == START + timedelta(hours=2)
    assert schedule.following(second.cycle, START + timedelta(hours=9)) is None


def test_what_is_single_does_not_go_on():
    assert schedule.following(armed("PT1H", "duration").cycle, START) is None


def test_what_is_no_timer_is_refused():
    with pytest.raises(InvalidInput):
        armed("soon", "date")
    with pytest.raises(InvalidInput):
        armed("missing", "duration", feel=True)
