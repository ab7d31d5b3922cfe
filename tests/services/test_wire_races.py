"""Two messages with one id and different keys come at once: one is kept, the other hears what became of the first."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.domain.commands import AddPartner
from engine.services import steps
from engine.services.context import Context
from engine.store import schema as s
from tests.services.test_wire import ADMIN, COURT, RESULT, WAITING, accept, kept, waiting
from tests.support.house import House, emptied


@pytest.fixture
def court(postgresql_url: str, tmp_path: Path) -> Iterator[House]:
    house = House(emptied(postgresql_url), tmp_path / "house")
    house.deploy(WAITING)
    house.run(AddPartner(COURT, "court", may_send=(RESULT,)), ADMIN)
    yield house
    house.close()


def test_what_is_answered_is_kept(court: House, monkeypatch: pytest.MonkeyPatch) -> None:
    case, deliver = waiting(court), steps.deliver_at_once
    first = {"partner": COURT, "message_id": "m1", "body_hash": "of the first", "type": RESULT, "key": "elsewhere",
             "status": "unmatched", "channel": "webhook", "envelope": {}, "received_at": court.clock.now(),
             "legal_on": court.today, "late": False}

    def come_across(context: Context) -> None:
        """The other commits when this one has seen that its id is free, and before its own row is sent."""
        monkeypatch.setattr(steps, "deliver_at_once", deliver)
        with court.kapok.database.writing() as other:
            other.execute(s.inbound.insert(), first)
        deliver(context)

    monkeypatch.setattr(steps, "deliver_at_once", come_across)
    answer = accept(court)
    assert (answer["first"]["status"], answer["first"]["sha256"]) == ("unmatched", "of the first")
    assert (kept(court).body_hash, court.open_tasks(case)) == ("of the first", [])
