"""Files that messages refer to: fetched when the network allows, checked, filed once their message has its case."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest

from engine.domain.actors import SHELL
from engine.domain.commands import AcceptInbound, AddPartner
from engine.store import schema as s
from engine.workers.attachments import AttachmentPoller
from tests.support.bpmn import catch, chain, end, message, process, start, user
from tests.support.house import House, partner_actor
from webhooks.addresses import AddressPolicy
from webhooks.transport import GuardedTransport

COURT, RESULT = "court", "court.confirm.result"
PAPER = b"%PDF-1.7 a ruling"
WAITING = process("p", start("s"), catch("M", message(RESULT, "=case_no")), user("A"), end("e"),
                  chain("s", "M", "A", "e"))


def reference(url: str = "https://court.example/f-1", content: bytes = PAPER, **changes: Any) -> dict[str, Any]:
    return {"file_id": "f-1", "name": "裁定书.pdf", "media": "application/pdf", "size": len(content),
            "sha256": hashlib.sha256(content).hexdigest(), "url": url, **changes}


def came(house: House, *attachments: dict[str, Any], key: str = "TJ-1") -> None:
    envelope = {"payload": {"status": "valid"}, "attachments": list(attachments)}
    house.run(AcceptInbound(COURT, "m1", "h", RESULT, key, envelope), partner_actor(COURT))


def found_there(content: bytes) -> httpx.Response:
    return httpx.Response(200, stream=httpx.ByteStream(content))


def fetched(house: House, answer: Callable[[httpx.Request], httpx.Response] | None = None,
            transport: httpx.BaseTransport | None = None) -> list[str]:
    """What becomes of the files of a message when they are fetched once."""
    found = transport or httpx.MockTransport(answer or (lambda request: found_there(PAPER)))
    kapok = house.kapok
    poller = AttachmentPoller(kapok.runner, kapok.database, kapok.clock, timedelta(seconds=1),
                              lambda partner: found, kapok.parts.files)
    poller.poll()
    return [row.state for row in house.rows(s.inbound_file)]


@pytest.fixture
def court(house: House) -> House:
    house.deploy(WAITING)
    house.run(AddPartner(COURT, "court", may_send=(RESULT,)), SHELL)
    return house


def test_a_file_is_filed_in_the_case_of_its_message(court: House) -> None:
    case = court.start("p", {"case_no": "TJ-1"})
    came(court, reference())
    assert fetched(court) == ["filed"]
    row = court.rows(s.document)[0]
    assert (row.case_id, row.name, row.sha256, row.internal) == (case, "裁定书.pdf", reference()["sha256"], True)
    assert court.broken() == []


def test_it_waits_with_an_unmatched_message_and_is_not_swept(court: House) -> None:
    came(court, reference())
    assert fetched(court) == ["fetched"]
    court.advance(hours=50)
    case = court.start("p", {"case_no": "TJ-1"})
    assert [row.case_id for row in court.rows(s.document)] == [case]
    assert court.kapok.parts.files.read(reference()["sha256"]) == PAPER


WRONG = {
    "another hash": (reference(sha256="0" * 64), None), "longer": (reference(size=3), None),
    "gone": (reference(), lambda request: httpx.Response(404)),
    "no kind we take": (reference(content=b"MZ", name="x.exe"), lambda request: found_there(b"MZ")),
    "too long": (reference(size=300 << 20), None)}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_not_what_was_announced_is_refused_for_good(court: House, wrong: str) -> None:
    came(court, WRONG[wrong][0])
    assert fetched(court, WRONG[wrong][1]) == ["refused"]
    assert court.rows(s.inbound_file)[0].detail
    assert court.rows(s.file) == []


@pytest.mark.parametrize("url", ["https://127.0.0.1/x", "https://169.254.169.254/latest", "http://court.example/f",
                                 "https://[::ffff:10.0.0.1]/x"])
def test_no_address_is_called_that_the_partner_may_not_name(court: House, url: str) -> None:
    came(court, reference(url))
    guarded = GuardedTransport(AddressPolicy.of((), set()))
    fetched(court, transport=guarded)
    row = court.rows(s.inbound_file)[0]
    assert row.detail.startswith(("address_refused", "not_https"))
    assert court.rows(s.file) == []


def test_what_fails_for_now_is_tried_again(court: House) -> None:
    came(court, reference())
    assert fetched(court, lambda request: httpx.Response(503)) == ["pending"]
    assert fetched(court) == ["pending"], "not before its time"
    court.clock.advance(court.rows(s.inbound_file)[0].next_at - court.clock.now())
    assert fetched(court) == ["fetched"]
