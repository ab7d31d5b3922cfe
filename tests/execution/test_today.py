"""``today()`` in a diagram is the day in Beijing, not in Greenwich."""

from datetime import UTC, datetime

from engine.execution import Instance
from tests.execution.case import define
from tests.support.bpmn import chain, end, process, script, start

LATE_IN_GREENWICH = datetime(2026, 3, 1, 17, tzinfo=UTC)


def test_today_is_the_legal_day():
    definition = define(process("p", start(), script("a", "= today()", "day"), end(), chain("start", "a", "end")))
    case, _ = Instance.start(definition, {}, LATE_IN_GREENWICH)
    assert case.variables == {"day": "2026-03-02"}
