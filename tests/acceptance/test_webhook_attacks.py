"""What somebody with one key, or none, might try at the door of the wire, each with the answer it gets.

Who has no key: guesses, replays, reflections, borrowed addresses. Who has one: another's name, another's receipts,
fields that the procedure uses itself, numbers that shut others out, many requests at once.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from engine.app import create_app
from engine.domain.actors import SHELL
from engine.domain.commands import AddPartner, PartnerKey
from engine.domain.wire_commands import RevokePartnerKey
from engine.execution import Instance
from engine.store import schema as s
from tests.support.bpmn import chain, end, message, process, receive, start, user
from tests.support.house import House
from tests.webhooks.world import CATALOGUE
from webhooks import strict_json
from webhooks.receipts import DUPLICATE_HEADER
from webhooks.signature import HMAC_SHA256, Key, generate_secret, sign

TOGETHER = 8
COURT, OTHER_COURT, THIRD_COURT = COURTS = ("court.one", "court.two", "court.three")
KEYS = {code: Key("k1", HMAC_SHA256, generate_secret()) for code in COURTS}
MAY_SEND = ("court.confirm.result", "court.info.case", "receipt")
WAITING = process("waiting", start("s"), receive("Await", message("court.confirm.result", "= number")), user("After"),
                  end("e"), chain("s", "Await", "After", "e"))


@dataclass
class Door:
    """One test's view of the house: ids and case numbers that no other test uses."""

    house: House
    client: FlaskClient
    tag: str

    @property
    def number(self) -> str:
        return f"TJ-{self.tag}"

    def result(self, number: int, sender: str = COURT, **changes: Any) -> dict[str, Any]:
        return CATALOGUE.example("court.confirm.result") | {
            "msg_id": f"{self.tag}-{number}", "sender": sender, "receiver": "gdippc", "event_seq": number,
            "correlation": {"center_case_no": self.number}} | changes

    def post(self, raw: bytes, headers: Mapping[str, str], partner: str = COURT, **environ: str) -> TestResponse:
        return self.client.post(f"/webhooks/v1/{partner}", data=raw, headers=dict(headers), environ_overrides={
            "REMOTE_ADDR": "127.0.0.1", **environ})

    def send(self, body: Mapping[str, Any], partner: str = COURT, **environ: str) -> TestResponse:
        raw = strict_json.dumps(dict(body))
        return self.post(raw, self.signed(raw, str(body["msg_id"]), partner), partner, **environ)

    def signed(self, raw: bytes, msg_id: str, key: str = COURT) -> dict[str, str]:
        return sign((KEYS[key],), msg_id, self.house.clock.now(), raw) | {"content-type": "application/json"}

    def begin(self, number: str = "") -> str:
        known = {"number": number or self.number, "mediator": "mediator1", "case_level": "L2"}
        return self.house.start("waiting", known)

    def variables(self, case: str) -> Mapping[str, Any]:
        row = self.house.case(case)
        with self.house.kapok.database.reading() as connection:
            definition = self.house.kapok.parts.definitions.get(connection, row.definition_key)
        return Instance.load(definition, row.execution).variables

    def inbound(self) -> list[Any]:
        return [row for row in self.house.rows(s.inbound) if row.message_id.startswith(f"{self.tag}-")]

    def kept(self) -> Counter[str]:
        return Counter(row.status for row in self.inbound())


@pytest.fixture(scope="module")
def opened(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    house = House(database_url, tmp_path_factory.mktemp("attacks"), rate_webhooks="", secret_key="only for tests",
                  secure_cookies=False)
    house.deploy(WAITING)
    for code, key in KEYS.items():
        house.run(AddPartner(code, "court", code, None, ("127.0.0.0/8",), True, MAY_SEND,
                             (PartnerKey("k1", HMAC_SHA256, "shared", key.secret),)), SHELL)
    yield house
    house.close()


@pytest.fixture
def door(opened: House, request: pytest.FixtureRequest) -> Door:
    tag = hashlib.sha256(request.node.nodeid.encode()).hexdigest()[:12]
    return Door(opened, create_app(opened.kapok.settings, opened.kapok).test_client(), tag)


def all_at_once(door: Door, bodies: list[dict[str, Any]]) -> list[TestResponse]:
    """Each from its own thread, with its own connection to the application."""
    ready = threading.Barrier(len(bodies))
    app = door.client.application

    def one(body: dict[str, Any]) -> TestResponse:
        ready.wait(10)
        return Door(door.house, app.test_client(), door.tag).send(body)

    with ThreadPoolExecutor(len(bodies)) as pool:
        return list(pool.map(one, bodies))


def test_the_same_message_eight_times_at_once_is_applied_once(door: Door) -> None:
    case = door.begin()
    answers = all_at_once(door, [door.result(1)] * TOGETHER)
    assert [answer.status_code for answer in answers] == [202] * TOGETHER
    assert len({answer.data for answer in answers}) == 1
    assert sum(DUPLICATE_HEADER in answer.headers for answer in answers) == TOGETHER - 1
    assert door.kept() == {"accepted": 1}
    assert [row.element for row in door.house.history(case, "completed")].count("Await") == 1


def test_one_id_with_eight_bodies_at_once_is_one_message(door: Door) -> None:
    """The bodies name different cases, so no lock of a case keeps them apart."""
    for number in range(TOGETHER):
        door.begin(f"{door.number}-{number}")
    bodies = [door.result(1, correlation={"center_case_no": f"{door.number}-{number}"}) for number in range(TOGETHER)]
    answers = Counter(answer.status_code for answer in all_at_once(door, bodies))
    assert answers == {202: 1, 409: TOGETHER - 1}
    applied = [row for row in door.inbound() if row.applied_at is not None]
    moved = door.house.rows(s.history, s.history.c.case_id == applied[0].case_id, s.history.c.kind == "completed")
    assert (door.kept(), [row.element for row in moved]) == ({"accepted": 1}, ["s", "Await"])
    assert door.house.broken() == []


def test_our_own_message_sent_back_to_us_is_not_the_partners(door: Door) -> None:
    """With a shared key our signature is as good as the partner's; the sender's name is not."""
    ours = CATALOGUE.example("court.confirm.submit") | {
        "msg_id": f"{door.tag}-1", "sender": "gdippc", "receiver": COURT}
    answer = door.send(ours)
    assert (answer.status_code, answer.get_json()["code"]) == (403, "sender_mismatch")
    ours |= {"sender": COURT, "receiver": "gdippc"}
    answer = door.send(ours)
    assert (answer.status_code, answer.get_json()["code"]) == (403, "may_not_send")


def test_our_receipt_sent_back_to_us_is_not_a_message(door: Door) -> None:
    door.begin()
    receipt = door.send(door.result(1))
    headers = {name: receipt.headers[name] for name in ("webhook-id", "webhook-timestamp", "webhook-signature")}
    answer = door.post(receipt.data, headers | {"content-type": "application/json"})
    assert (answer.status_code, answer.get_json()["code"]) == (400, "id_reserved")


def test_a_partner_sets_nothing_but_what_its_message_is_for(door: Door) -> None:
    """Fields beyond the schema are kept with the message, and are no variables of the case."""
    case = door.begin()
    loaded = door.result(1)
    loaded["payload"] = loaded["payload"] | {
        "mediator": "their own", "case_level": "L0", "number": "x", "legal_receipt_on": "2020-01-01", "approved": True}
    assert door.send(loaded).get_json()["status"] == "accepted"
    found = door.variables(case)
    assert (found["mediator"], found["case_level"], found["number"]) == ("mediator1", "L2", door.number)
    assert "approved" not in found
    assert found["legal_receipt_on"] == door.house.today.isoformat()
    assert found["status"] == loaded["payload"]["status"]
    assert door.inbound()[0].envelope["payload"]["mediator"] == "their own"


def test_another_courts_word_does_not_count_where_one_was_asked(door: Door) -> None:
    """A signed receipt for a message that went to somebody else speaks to nobody."""
    case = door.begin()
    receipt = CATALOGUE.example("receipt") | {"msg_id": f"{door.tag}-1", "sender": OTHER_COURT, "receiver": "gdippc"}
    answer = door.send(receipt, OTHER_COURT)
    assert (answer.status_code, answer.get_json()["status"]) == (202, "unmatched")
    assert door.house.case(case).state == "active"


def test_one_partners_highest_number_shuts_out_nobody_else(door: Door) -> None:
    """``event_seq`` counts for its source and its case alone."""
    door.begin()
    first = door.result(1, OTHER_COURT, event_seq=2**53 - 1, correlation={"center_case_no": f"{door.number}-other"})
    assert door.send(first, OTHER_COURT).status_code == 202
    assert door.send(door.result(2, event_seq=0)).get_json()["status"] == "accepted"
    assert [row.late for row in door.inbound()] == [False, False]


def test_a_revoked_key_opens_nothing_from_the_next_request_on(door: Door) -> None:
    door.begin()
    assert door.send(door.result(1, THIRD_COURT), THIRD_COURT).status_code == 202
    door.house.run(RevokePartnerKey(THIRD_COURT, "k1"), SHELL)
    assert door.send(door.result(2, THIRD_COURT), THIRD_COURT).status_code == 401
    assert door.kept() == {"accepted": 1}


def test_addresses_are_not_borrowed_by_a_header(door: Door) -> None:
    """No proxy is configured, so nobody may speak for another's address."""
    spoofed = {"HTTP_X_FORWARDED_FOR": "127.0.0.1", "HTTP_X_REAL_IP": "127.0.0.1", "HTTP_FORWARDED": "for=127.0.0.1"}
    answer = door.send(door.result(1), REMOTE_ADDR="8.8.8.8", **spoofed)
    assert (answer.status_code, answer.get_json()["code"]) == (403, "address_not_allowed")


@pytest.mark.parametrize("twice", [
    lambda text: text.replace('"type":', '"\\u0074ype":"receipt","type":', 1),
    lambda text: text.replace('"sender":', '"sender":"court.two","sender":', 1),
    lambda text: text.replace('"status":', '"st\\u0061tus":"rejected","status":', 1)])
def test_a_name_written_in_two_ways_is_a_name_twice(door: Door, twice: Any) -> None:
    """Readers differ in which one they take, so nobody takes any."""
    raw = twice(json.dumps(door.result(1), separators=(",", ":"), ensure_ascii=False)).encode()
    answer = door.post(raw, door.signed(raw, f"{door.tag}-1"))
    assert (answer.status_code, answer.get_json()["code"]) == (400, "not_json")


def test_signatures_of_one_attempt_do_not_fit_another(door: Door) -> None:
    """Id, time and body are signed together: what is taken from one message helps no other."""
    first, second = strict_json.dumps(door.result(1)), strict_json.dumps(door.result(2))
    one, two = door.signed(first, f"{door.tag}-1"), door.signed(second, f"{door.tag}-2")
    mixed = [(first, two), (second, one), (first, one | {"webhook-id": f"{door.tag}-2"}),
             (second, two | {"webhook-signature": one["webhook-signature"]})]
    assert [door.post(raw, headers).status_code for raw, headers in mixed] == [401] * 4
    late = sign((KEYS[COURT],), f"{door.tag}-1", door.house.clock.now(), first) | {"content-type": "application/json"}
    door.house.clock.advance(timedelta(seconds=301))
    assert door.post(first, late).status_code == 401
    assert door.kept() == {}


def test_nothing_but_post_is_understood(door: Door) -> None:
    for method in ("get", "put", "patch", "delete"):
        answer = getattr(door.client, method)(f"/webhooks/v1/{COURT}", headers={"X-HTTP-Method-Override": "POST"})
        assert (answer.status_code, set(answer.headers["allow"].split(", "))) == (405, {"OPTIONS", "POST"})


def test_what_is_refused_says_nothing_about_who_is_known(door: Door) -> None:
    """A known partner with a wrong signature and nobody at all get the same answer, to the letter."""
    raw = strict_json.dumps(door.result(1))
    forged = sign((Key("k1", HMAC_SHA256, generate_secret()),), f"{door.tag}-1", door.house.clock.now(), raw)
    answers = [door.post(raw, forged | {"content-type": "application/json"}, partner)
               for partner in (COURT, "court.unknown")]
    assert answers[0].data == answers[1].data
    assert [answer.status_code for answer in answers] == [401, 401]
    assert [dict(answer.headers) for answer in answers] == [dict(answers[0].headers)] * 2
