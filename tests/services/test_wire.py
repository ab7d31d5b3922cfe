"""What people do about the wire: decide what no case has taken, enter what came on paper, replay, rotate keys; and what
the wire does by itself about receipts, answers, files and unpublished applications. On both databases."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from engine.domain.actors import SHELL, Actor
from engine.domain.administration import DecideApproval, RequestApproval
from engine.domain.commands import AcceptInbound, AddPartner, CancelCase, FileRef, PartnerKey, RecordDelivery
from engine.domain.wire_commands import (
    AddPartnerKey,
    ChangePartner,
    CheckMessage,
    CloseCircuit,
    DecideInbound,
    EnterMessage,
    HandOver,
    ReplayDeadLetter,
    RevokePartnerKey,
    WithdrawMessage,
)
from engine.errors import Conflict, InvalidInput, NotAllowed, NotFound
from engine.services.people.approvals import OwnRequest, SecondPersonNeeded
from engine.services.wire.catalogue import CATALOGUE, MessageRefused
from engine.services.wire.matching import NothingWaits
from engine.store import schema as s
from tests.support.bpmn import (
    Node,
    catch,
    chain,
    end,
    message,
    process,
    properties,
    service,
    start,
    user,
    zeebe,
)
from tests.support.house import ACTORS, SUPERVISOR, House, actor, emptied, partner_actor
from webhooks.signature import ED25519, HMAC_SHA256, generate_keypair, generate_secret

COURT, RESULT, SUBMIT = "court.4401.73", "court.confirm.result", "court.confirm.submit"
NUMBER = "TJ-2026-00042"
ADMIN, COORDINATOR = ACTORS["admin"], ACTORS["coordinator"]
WAITING = process("p", start("s"), user("First"), catch("M", message(RESULT, "=case_no")), user("A"), end("e"),
                  chain("s", "First", "M", "A", "e"))


@pytest.fixture
def court(house: House) -> House:
    """A house with a procedure that waits for a court, and the court."""
    house.deploy(WAITING)
    house.run(AddPartner(COURT, "court", may_send=(RESULT, "receipt"), may_see=(SUBMIT, "receipt")), ADMIN)
    return house


def waiting(house: House, number: str = NUMBER) -> str:
    case = house.start("p", {"case_no": number})
    house.complete(case, "First")
    return case


def accept(house: House, id: str = "m1", key: str = NUMBER, partner: str = COURT, type: str = RESULT,
           payload: Mapping[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    said = {"status": "valid", "decided_at": "2026-03-01"} if payload is None else payload
    envelope = {"payload": said, **more.pop("envelope", {})}
    return house.run(AcceptInbound(partner, id, f"hash of {id}", type, key, envelope, **more), partner_actor(partner))


def decide(house: House, decision: str, who: Actor = SUPERVISOR, id: str = "m1", **more: Any) -> dict[str, Any]:
    return house.run(DecideInbound(COURT, id, decision, **more), who)


def kept(house: House, id: str = "m1") -> Any:
    return house.rows(s.inbound, s.inbound.c.message_id == id)[0]


def test_who_may_not_see_the_case_is_told_of_no_case_id(court: House) -> None:
    court.deploy(process("q", properties(level="L3"), start("s"), user("A"), end("e"), chain("s", "A", "e")))
    case = court.start("q")
    sent(court, case)
    with court.kapok.database.writing() as connection:
        connection.execute(s.outbox.update().values(state="dead"))
    with pytest.raises(NotFound) as refused:
        court.run(HandOver("out-1", date(2026, 3, 2), "当面"), COORDINATOR)
    assert case not in refused.value.message and "out-1" in refused.value.message


# -- what no case has taken --------------------------------------------------------------------------------------------

def test_a_person_gives_an_unmatched_message_to_its_case(court: House) -> None:
    case = waiting(court)
    assert accept(court, key="（2026）粤73民特12号")["status"] == "unmatched"
    assert decide(court, "match", case=NUMBER)["case_no"] == court.case(case).case_no
    assert court.open_tasks(case) == ["A"]
    row = kept(court)
    assert (row.status, row.case_id, row.decided_by) == ("accepted", case, SUPERVISOR.id)
    assert [item.kind for item in court.history(case, "messageReceived", "messageDecided:match")] == [
        "messageReceived", "messageDecided:match"]
    with pytest.raises(Conflict):
        decide(court, "note")
    assert court.broken() == []


def test_given_once_it_is_not_taken_by_a_case_that_appears_later(court: House) -> None:
    case = waiting(court)
    accept(court, key="later")
    decide(court, "match", case=NUMBER)
    other = waiting(court, "later")
    assert (court.open_tasks(case), court.open_tasks(other)) == (["A"], [])


def test_a_case_that_does_not_wait_for_it_is_not_given_it(court: House) -> None:
    case = court.start("p", {"case_no": NUMBER})
    accept(court, key="x")
    with pytest.raises(NothingWaits):
        decide(court, "match", case=NUMBER)
    with pytest.raises(NotFound):
        decide(court, "match", case="TJ-2026-99999")
    assert decide(court, "note", case=NUMBER)["status"] == "noted"
    assert (court.open_tasks(case), kept(court).case_id) == (["First"], case)


def test_a_conflict_says_what_the_case_expected_and_is_told_to_who_may_decide(court: House) -> None:
    case = waiting(court)
    court.run(CancelCase(case, "x"), SUPERVISOR)
    assert accept(court)["status"] == "conflict"
    row = kept(court)
    assert (row.reason, row.expected["state"], row.expected["waits"]) == ("case_over", "cancelled", [])
    with pytest.raises(InvalidInput):
        decide(court, "reject")
    assert decide(court, "reject", reason="案件已撤回")["status"] == "rejected"
    body = court.rows(s.outbox)[0]
    assert (body.type, '"status":"rejected"' in body.body.replace(" ", "")) == ("receipt", True)


def test_a_message_the_procedure_does_not_know_is_a_conflict_at_once(court: House) -> None:
    case = waiting(court)
    assert accept(court, type="court.preservation", payload={})["status"] == "conflict"
    assert (kept(court).reason, kept(court).expected["waits"]) == ("not_expected", [RESULT])
    assert court.open_tasks(case) == []


def test_two_cases_that_wait_for_one_message_need_a_person(court: House) -> None:
    first, second = waiting(court), waiting(court)
    assert accept(court)["status"] == "conflict"
    assert kept(court).reason == "several_cases"
    decide(court, "match", case=second)
    assert (court.open_tasks(first), court.open_tasks(second)) == ([], ["A"])


def test_what_is_not_taken_in_72_hours_comes_before_a_person(court: House) -> None:
    court.start("p", {"case_no": NUMBER})
    assert accept(court)["status"] == "accepted"
    assert accept(court, "m2", key="nobody")["status"] == "unmatched"
    court.advance(hours=71)
    assert [kept(court, id).reason for id in ("m1", "m2")] == [None, None]
    court.advance(hours=2)
    assert [(kept(court, id).status, kept(court, id).reason) for id in ("m1", "m2")] == [
        ("conflict", "not_taken"), ("unmatched", "overdue")]


def test_who_may_not_see_the_case_cannot_decide(court: House) -> None:
    waiting(court)
    accept(court, type="court.preservation", payload={})
    with pytest.raises(NotAllowed):
        decide(court, "note", ACTORS["examiner"])
    with pytest.raises(NotFound):
        decide(court, "note", ACTORS["committee"])


def test_a_repeated_message_gets_the_first_answer_whatever_has_become_of_it(court: House) -> None:
    accept(court, key="later")
    waiting(court, "later")
    assert kept(court).status == "accepted"
    again = accept(court, key="later")
    assert again["first"]["sha256"] == "hash of m1"


# -- one partner and another -------------------------------------------------------------------------------------------

def sent(house: House, case: str, id: str = "out-1", partner: str = COURT, type: str = SUBMIT) -> None:
    with house.kapok.database.writing() as connection:
        connection.execute(s.outbox.insert(), {
            "id": id, "case_id": case, "partner": partner, "position": 1, "type": type, "body": "{}",
            "state": "delivered", "attempts": 1, "next_at": house.clock.now(), "created_at": house.clock.now(),
            "delivered_at": house.clock.now()})


def stage(house: House, id: str = "out-1") -> tuple[str | None, bool, bool]:
    row = house.rows(s.outbox, s.outbox.c.id == id)[0]
    return row.business, row.accepted_at is not None, row.decided_at is not None


def test_the_answer_of_a_partner_that_was_not_asked_needs_a_person(court: House) -> None:
    court.run(AddPartner("court.other", "court", may_send=(RESULT,)), ADMIN)
    case = waiting(court)
    sent(court, case)
    assert accept(court, partner="court.other")["status"] == "conflict"
    assert kept(court).reason == "other_partner"
    assert court.open_tasks(case) == []


def test_receipts_and_answers_move_what_was_sent_on(court: House) -> None:
    case = waiting(court)
    sent(court, case)
    receipt = {"of_msg_id": "out-1", "status": "accepted"}
    assert accept(court, "r0", "out-1", "court.other", "receipt", receipt)["status"] == "unmatched"
    assert stage(court) == (None, False, False), "a receipt of another says nothing"
    assert accept(court, "r1", "out-1", type="receipt", payload=receipt)["status"] == "accepted"
    assert stage(court) == ("accepted", True, False)
    accept(court, "m1", payload={"status": "accepted", "decided_at": "2026-03-01"})
    assert stage(court) == ("accepted", True, False)
    accept(court, "m2", envelope={"causation_id": "out-1"})
    assert stage(court) == ("valid", True, True)


def test_a_business_receipt_goes_to_who_asks_for_it(court: House) -> None:
    case = waiting(court)
    accept(court)
    row = court.rows(s.outbox)[0]
    assert (row.type, row.partner, row.case_id) == ("receipt", COURT, case)
    envelope = json.loads(row.body)
    assert CATALOGUE.validate_envelope(envelope) == [] == CATALOGUE.validate_message(envelope)
    assert envelope["payload"]["legal_receipt_date"] == "2026-03-02"


# -- out ---------------------------------------------------------------------------------------------------------------

@pytest.fixture
def two(database_url: str, tmp_path: Path) -> Iterator[House]:
    """A house in which two persons are needed, with the court."""
    house = House(emptied(database_url), tmp_path / "house", two_persons=True)
    house.deploy(WAITING, actor=SHELL)
    house.run(AddPartner(COURT, "court", may_send=(RESULT, "receipt")), SHELL)
    yield house
    house.close()


def dead(house: House, case: str) -> None:
    sent(house, case)
    with house.kapok.database.writing() as connection:
        connection.execute(s.outbox.update().values(state="pending", delivered_at=None))
    assert house.run(RecordDelivery("out-1", "failed", 422, "http_422"))["state"] == "dead"


def test_a_dead_letter_is_sent_again_by_two(two: House) -> None:
    case = waiting(two)
    dead(two, case)
    with pytest.raises(SecondPersonNeeded):
        two.run(ReplayDeadLetter("out-1", "已补件"), SUPERVISOR)
    asked = two.run(RequestApproval(ReplayDeadLetter("out-1", "已补件"), "已补件"), SUPERVISOR)["request"]
    with pytest.raises(OwnRequest):
        two.run(DecideApproval(asked, True), SUPERVISOR)
    two.run(DecideApproval(asked, True), actor("supervisor", 2))
    row = two.rows(s.outbox)[0]
    assert (row.id, row.state, row.attempts, row.replays) == ("out-1", "pending", 0, 1)
    assert two.history(case, "message:replayed")


def test_what_cannot_be_sent_is_handed_over_on_paper(court: House) -> None:
    case = waiting(court)
    dead(court, case)
    with pytest.raises(InvalidInput):
        court.run(HandOver("out-1", date(2026, 3, 3), "送至立案庭"), SUPERVISOR)
    court.run(HandOver("out-1", date(2026, 3, 2), "送至立案庭"), SUPERVISOR)
    row = court.rows(s.outbox)[0]
    assert (row.state, row.channel, row.receipt) == ("delivered", "manual", {"by": "supervisor1", "on": "2026-03-02"})


def inputs(**sources: str) -> tuple[Node, ...]:
    return tuple(zeebe("input", source=source, target=target) for target, source in sources.items())


LEVELS = [("L2", SUBMIT, {}, False), ("L3", SUBMIT, {}, True), ("L3", "pre.fastlane.push", {}, False),
          ("L3", "pre.fastlane.push", {"claims": "一种……"}, True)]


@pytest.mark.parametrize(("level", "kind", "more", "kept_back"), LEVELS)
def test_nothing_of_an_unpublished_application_leaves(house: House, level: str, kind: str, more: dict[str, str],
                                                      kept_back: bool) -> None:
    example = CATALOGUE.example(kind)
    payload = example["payload"] | more
    house.run(AddPartner("body", "court"), ADMIN)
    send = inputs(partner_kind='="court"', type=f'="{kind}"', payload="=letter", correlation="=about")
    house.deploy(process("p", start("s"), service("S", "message.send", *send), end("e"), chain("s", "S", "e"),
                         properties(level=level)))
    case = house.start("p", {"letter": payload, "about": example["correlation"], "case_no": NUMBER})
    assert [bool(house.rows(s.outbox)), bool(house.rows(s.incident))] == [not kept_back, kept_back], case


def test_a_partner_is_sent_only_what_it_may_see(house: House) -> None:
    house.run(AddPartner("body", "court", may_see=("court.filing.push",)), ADMIN)
    send = inputs(partner='="body"', type=f'="{SUBMIT}"', payload="=letter", correlation="={}")
    house.deploy(process("p", start("s"), service("S", "message.send", *send), end("e"), chain("s", "S", "e")))
    house.start("p", {"letter": CATALOGUE.example(SUBMIT)["payload"], "case_no": NUMBER})
    assert (house.rows(s.outbox), len(house.rows(s.incident))) == ([], 1)


# -- on paper ----------------------------------------------------------------------------------------------------------

def paper(**changes: Any) -> EnterMessage:
    said: dict[str, Any] = {
        "partner": COURT, "type": RESULT, "correlation": {"center_case_no": NUMBER},
        "payload": {"status": "valid", "decided_at": "2026-02-26", "served_at": "2026-02-27"},
        "received_on": date(2026, 2, 28), **changes}
    return EnterMessage(**said)


def test_what_came_on_paper_is_entered_by_one_and_released_by_another(two: House) -> None:
    case = waiting(two)
    staged = two.kapok.files.stage(io.BytesIO(b"%PDF-1.7 ruling"), "ruling.pdf", "", SUPERVISOR)
    entry = two.run(paper(files=(FileRef(staged.sha256, "裁定书.pdf"),)), SUPERVISOR)["entry"]
    assert two.open_tasks(case) == []
    with pytest.raises(OwnRequest):
        two.run(CheckMessage(entry, True), SUPERVISOR)
    two.clock.advance(timedelta(hours=30))
    two.settle()
    answer = two.run(CheckMessage(entry, True), actor("supervisor", 2))
    assert (answer["state"], answer["status"]) == ("released", "accepted")
    row = kept(two, entry)
    assert (row.channel, row.legal_on, row.case_id) == ("manual", date(2026, 2, 27), case)
    assert two.open_tasks(case) == ["A"]
    assert [item.sha256 for item in two.rows(s.document)] == [staged.sha256], "kept while it waited, then filed"
    assert two.broken() == []


def test_what_is_entered_wrongly_is_refused_or_given_back(two: House) -> None:
    mistakes = ((paper(payload={"status": "maybe"}), MessageRefused), (paper(type="cnipa.event"), InvalidInput),
                (paper(received_on=date(2026, 3, 3)), InvalidInput), (paper(correlation={}), MessageRefused),
                (paper(partner="nobody"), NotFound))
    for wrong, error in mistakes:
        with pytest.raises(error):
            two.run(wrong, SUPERVISOR)
    first, second = (two.run(paper(), SUPERVISOR)["entry"] for _ in range(2))
    two.run(CheckMessage(first, False, "日期看错"), COORDINATOR)
    with pytest.raises(NotAllowed):
        two.run(WithdrawMessage(second), COORDINATOR)
    two.run(WithdrawMessage(second), SUPERVISOR)
    assert [row.state for row in two.rows(s.manual_message)] == ["rejected", "withdrawn"]
    assert two.rows(s.inbound) == []


# -- partners ----------------------------------------------------------------------------------------------------------

def hmac(id: str) -> PartnerKey:
    return PartnerKey(id, HMAC_SHA256, "shared", generate_secret(HMAC_SHA256))


def good_keys(house: House) -> list[str]:
    rows = house.rows(s.partner_key, s.partner_key.c.revoked_at.is_(None))
    return [row.id for row in rows if row.expires_at is None or row.expires_at > house.clock.now()]


def test_keys_are_rotated_with_an_overlap_and_revoked_at_once(court: House) -> None:
    court.run(AddPartnerKey(COURT, hmac("k1")), ADMIN)
    court.run(AddPartnerKey(COURT, hmac("k2")), ADMIN)
    with pytest.raises(Conflict):
        court.run(AddPartnerKey(COURT, hmac("k3")), ADMIN)
    assert good_keys(court) == ["k1", "k2"]
    court.clock.advance(timedelta(hours=24))
    assert good_keys(court) == ["k2"]
    court.run(AddPartnerKey(COURT, hmac("k3")), ADMIN)
    court.run(RevokePartnerKey(COURT, "k2"), ADMIN)
    assert good_keys(court) == ["k3"]
    for again in (RevokePartnerKey(COURT, "k2"), AddPartnerKey(COURT, hmac("k1"))):
        with pytest.raises(Conflict):
            court.run(again, ADMIN)


def test_a_partner_moves_from_a_shared_secret_to_a_key_pair(court: House) -> None:
    private, public = generate_keypair()
    court.run(AddPartnerKey(COURT, hmac("k1")), ADMIN)
    court.run(AddPartnerKey(COURT, PartnerKey("p1", ED25519, "verify", public)), ADMIN)
    assert good_keys(court) == ["k1", "p1"]
    with pytest.raises(InvalidInput):
        court.run(AddPartnerKey(COURT, PartnerKey("k2", ED25519, "sign", public)), ADMIN)
    court.run(AddPartnerKey(COURT, PartnerKey("k2", ED25519, "sign", private)), ADMIN)
    assert good_keys(court) == ["k1", "k2", "p1"]


BAD = [{"endpoint": "http://court.example/in"}, {"endpoint": "https://user@court.example"}, {"endpoint": "https://["},
       {"allowed_cidrs": ("10.0.0.1/8",)}, {"may_send": (SUBMIT,)}, {"may_see": (RESULT,)}, {"may_send": ("x.y",)}]


@pytest.mark.parametrize("bad", BAD, ids=str)
def test_what_is_said_of_a_partner_has_to_make_sense(court: House, bad: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        court.run(ChangePartner(COURT, "法院", **bad), ADMIN)


def test_changing_a_partner_needs_two_and_switching_it_on_closes_its_breaker(two: House) -> None:
    off = ChangePartner(COURT, "示例法院", may_send=(RESULT,), contact={"phone": "020-1"}, enabled=False)
    with pytest.raises(SecondPersonNeeded):
        two.run(off, ADMIN)
    asked = two.run(RequestApproval(off), ADMIN)["request"]
    two.run(DecideApproval(asked, True), ACTORS["security"])
    row = two.rows(s.partner)[0]
    assert (row.name, row.enabled, row.contact) == ("示例法院", False, {"phone": "020-1"})
    two.run(CloseCircuit(COURT), SUPERVISOR)
