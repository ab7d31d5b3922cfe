"""What comes in from partners and what goes out to them: kept once, in order, brought to its case."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engine.domain.commands import AcceptInbound, AddPartner, CancelCase, RecordDelivery
from engine.errors import Conflict
from engine.store import schema as s
from tests.support.bpmn import catch, chain, end, message, process, start, user
from tests.support.house import ACTORS, MORNING, SUPERVISOR, House, partner_actor

COURT = partner_actor("court")
WAITING = process("p", start("s"), catch("M", message("ruling", "=application_no")), user("A"), end("e"),
                  chain("s", "M", "A", "e"))


def accept(house: House, id: str = "m1", key: str = "2026", seq: int | None = None, **more: Any) -> dict[str, Any]:
    command: dict[str, Any] = {"partner": "court", "message_id": id, "body_hash": f"hash of {id}", "type": "ruling",
                               "key": key, "envelope": {"payload": {"text": id}}, "event_seq": seq, **more}
    return house.run(AcceptInbound(**command), COURT)


def inbound(house: House) -> list[tuple[str, str | None]]:
    return [(row.status, row.case_id) for row in house.rows(s.inbound)]


def test_a_message_is_accepted_by_the_case_it_is_about(house: House) -> None:
    house.deploy(WAITING)
    case = house.start("p", {"application_no": "2026"})
    assert accept(house)["status"] == "accepted"
    assert house.open_tasks(case) == ["A"]
    assert inbound(house) == [("accepted", case)]
    assert house.history(case, "messageReceived")[0].data["partner"] == "court"
    assert house.broken() == []


def test_the_same_id_gets_the_first_receipt(house: House) -> None:
    accept(house)
    again = accept(house)
    assert (again["first"]["status"], again["first"]["sha256"]) == ("unmatched", "hash of m1")
    assert len(house.rows(s.inbound)) == 1


def test_what_found_no_case_waits_for_it(house: House) -> None:
    assert accept(house)["status"] == "unmatched"
    house.deploy(WAITING)
    house.advance(hours=70)
    case = house.start("p", {"application_no": "2026"})
    assert house.open_tasks(case) == ["A"]
    assert inbound(house) == [("accepted", case)]


def test_what_is_about_an_ended_case_needs_a_person(house: House) -> None:
    house.deploy(WAITING)
    case = house.start("p", {"application_no": "2026"})
    house.run(CancelCase(case, "x"), SUPERVISOR)
    assert accept(house)["status"] == "conflict"
    assert inbound(house) == [("conflict", case)]


def test_of_two_cases_it_is_for_the_one_that_waits(house: House) -> None:
    house.deploy(WAITING, process("other", start("s"), user("B"), end("e"), chain("s", "B", "e")))
    house.start("other", {"application_no": "2026"})
    house.start("other", {"application_no": "2026"})
    assert accept(house, "early")["status"] == "conflict"
    case = house.start("p", {"application_no": "2026"})
    assert accept(house, "m1")["status"] == "accepted"
    assert inbound(house)[1] == ("accepted", case)


def test_an_older_event_is_kept_and_shown_but_not_applied(house: House) -> None:
    house.deploy(WAITING)
    case = house.start("p", {"application_no": "2026"})
    accept(house, "new", seq=5)
    message_rows = len(house.rows(s.message))
    assert accept(house, "old", seq=4)["status"] == "accepted"
    assert len(house.rows(s.message)) == message_rows
    assert [row.data["late"] for row in house.history(case, "messageReceived")] == [False, True]


# -- out --------------------------------------------------------------------------------------------------------------

def queue(house: House, *ids: str, case: str, partner: str = "court") -> None:
    with house.kapok.database.writing() as connection:
        connection.execute(s.outbox.insert(), [
            {"id": id, "case_id": case, "partner": partner, "position": place, "type": "t", "body": "{}",
             "state": "pending", "attempts": 0, "next_at": MORNING, "created_at": MORNING}
            for place, id in enumerate(ids, 1)])


@pytest.fixture
def case(house: House) -> str:
    house.deploy(WAITING)
    house.run(AddPartner("court", "court"), ACTORS["admin"])
    return house.start("p", {"application_no": "2026"})


def claim(house: House, **lease: float) -> str | None:
    entry = house.kapok.runner.claim_outbox(house.clock.now() + timedelta(**(lease or {"seconds": 60})))
    return None if entry is None else str(entry.id)


def test_entries_of_a_case_leave_in_order_and_a_lease_runs_out(house: House, case: str) -> None:
    queue(house, "b", "a", case=case)
    assert [claim(house), claim(house)] == ["b", None]
    house.clock.advance(timedelta(seconds=60))
    assert claim(house) == "b"
    house.run(RecordDelivery("b", "delivered", 202, receipt={"id": "b"}))
    assert claim(house) == "a"
    row = house.rows(s.outbox, s.outbox.c.id == "b")[0]
    assert (row.state, row.attempts, row.receipt) == ("delivered", 2, {"id": "b"})


def test_another_case_does_not_wait(house: House, case: str) -> None:
    other = house.start("p", {"application_no": "x"})
    queue(house, "a", case=case)
    queue(house, "b", case=other)
    assert [claim(house), claim(house)] == ["a", "b"]


def test_a_failed_attempt_waits_and_the_last_is_a_dead_letter(house: House, case: str) -> None:
    queue(house, "a", "b", case=case)
    claim(house)
    later = house.clock.now() + timedelta(hours=1)
    house.run(RecordDelivery("a", "retry", 503, "http_503", later, circuit={"state": "closed", "failures": 1}))
    assert claim(house) is None
    assert house.rows(s.partner)[0].circuit["failures"] == 1
    house.clock.advance(timedelta(hours=1))
    assert claim(house) == "a"
    assert house.run(RecordDelivery("a", "retry", 503))["state"] == "dead"
    assert claim(house) == "b", "a dead letter holds up nobody"
    assert house.history(case, "message:dead")[0].data["id"] == "a"


def test_gone_disables_the_partner(house: House, case: str) -> None:
    queue(house, "a", case=case)
    house.run(RecordDelivery("a", "gone", 410))
    assert not house.rows(s.partner)[0].enabled


def test_a_partner_is_added_once(house: House, case: str) -> None:
    with pytest.raises(Conflict):
        house.run(AddPartner("court", "court"), ACTORS["admin"])
