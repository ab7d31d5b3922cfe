"""Partners at the door, over real HTTP: what is not rightly signed, fresh, addressed and shaped is refused with the
status that is defined for it, leaves an audit entry, and changes nothing.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest

from engine.clock import SystemClock
from engine.domain.actors import SHELL
from engine.domain.commands import AddPartner, PartnerKey, Resource
from engine.store import schema as s
from tests.support.bpmn import chain, end, form, message, process, properties, receive, start
from tests.support.person import Person
from tests.support.server import Site
from tests.webhooks.world import CATALOGUE
from webhooks import strict_json
from webhooks.receipts import DUPLICATE_HEADER
from webhooks.receiver import MAX_BODY
from webhooks.signature import HMAC_SHA256, Key, generate_secret, sign

pytestmark = pytest.mark.process
AWAITING = process(
    "awaiting", start("s", properties(role="applicant"), form("application")),
    receive("Await", message("cnipa.event", "=application_no")), end("e"), chain("s", "Await", "e"))
FORM = {"type": "default", "id": "application", "components": [
    {"type": "textfield", "id": "Field_no", "key": "application_no", "label": "申请号"}]}
KEY = Key("k1", HMAC_SHA256, generate_secret())
OTHER = Key("k1", HMAC_SHA256, generate_secret())
APPLICATION = "202610123456.7"
CLOCK = SystemClock()


@dataclass(frozen=True)
class Door:
    site: Site
    url: str

    def post(self, raw: bytes, headers: Mapping[str, str], partner: str = "cnipa") -> httpx.Response:
        return httpx.post(f"{self.url}/webhooks/v1/{partner}", content=raw, headers=dict(headers), trust_env=False)

    def refusals(self) -> list[dict[str, Any]]:
        """What the audit trail says about refused messages."""
        rows = self.site.rows(s.audit, s.audit.c.chain == "system", s.audit.c.action == "ReceiveWebhook")
        return [json.loads(row.entry) for row in rows]

    def changes(self) -> tuple[Any, ...]:
        """Everything a message could change."""
        kept = [(row.partner, row.message_id, row.status) for row in self.site.rows(s.inbound)]
        cases = [(row.id, row.state, row.audit_seq) for row in self.site.rows(s.case)]
        return kept, cases, len(self.site.rows(s.history)), len(self.site.rows(s.message))


@pytest.fixture(scope="module")
def door(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    site = Site(tmp_path_factory.mktemp("webhooks"), database_url)
    site.prepare(Resource("awaiting.bpmn", AWAITING), Resource("application.form", json.dumps(FORM).encode()),
                 accounts=("applicant",))
    with site.house() as kapok:
        for code, key in (("cnipa", KEY), ("cnipa.two", OTHER)):
            kapok.run(AddPartner(code, "cnipa", code, None, ("127.0.0.0/8",), True, ("cnipa.event",),
                                 (PartnerKey("k1", HMAC_SHA256, "shared", key.secret),)), SHELL)
    with site.serve() as server:
        yield Door(site, server.url)


@pytest.fixture(scope="module")
def case(door: Door) -> str:
    """A case that waits for the office."""
    return Person(door.url, "applicant").sign_in().start("awaiting", {"application_no": APPLICATION})


def envelope(number: int, **changes: Any) -> dict[str, Any]:
    return CATALOGUE.example("cnipa.event") | {"msg_id": f"message-{number}", "event_seq": number} | changes


def signed(raw: bytes, msg_id: str, key: Key = KEY, ago: timedelta = timedelta(0)) -> dict[str, str]:
    return sign((key,), msg_id, CLOCK.now() - ago, raw) | {"content-type": "application/json"}


def good(number: int, **changes: Any) -> tuple[bytes, dict[str, str]]:
    body = envelope(number, **changes)
    raw = strict_json.dumps(body)
    return raw, signed(raw, body["msg_id"])


def forged() -> tuple[bytes, dict[str, str], str]:
    raw, _ = good(1)
    return raw, signed(raw, "message-1", Key("k1", HMAC_SHA256, generate_secret())), "cnipa"


def stale() -> tuple[bytes, dict[str, str], str]:
    raw, _ = good(2)
    return raw, signed(raw, "message-2", ago=timedelta(seconds=301)), "cnipa"


def from_the_future() -> tuple[bytes, dict[str, str], str]:
    raw, _ = good(3)
    return raw, signed(raw, "message-3", ago=timedelta(seconds=-330)), "cnipa"


def by_another_partner() -> tuple[bytes, dict[str, str], str]:
    """Signed well, by a partner who is not the one of the address."""
    raw, _ = good(4)
    return raw, signed(raw, "message-4", OTHER), "cnipa"


def in_anothers_name() -> tuple[bytes, dict[str, str], str]:
    """Signed by the partner of the address, sent in the name of another."""
    raw, _ = good(5)
    return raw, signed(raw, "message-5", OTHER), "cnipa.two"


def from_nobody() -> tuple[bytes, dict[str, str], str]:
    return *good(6), "nobody"


def body_changed_on_the_way() -> tuple[bytes, dict[str, str], str]:
    raw, headers = good(7)
    return raw.replace("一通".encode(), "授权".encode()), headers, "cnipa"


def unsigned() -> tuple[bytes, dict[str, str], str]:
    return good(8)[0], {"content-type": "application/json"}, "cnipa"


def signature_that_is_none() -> tuple[bytes, dict[str, str], str]:
    raw, headers = good(9)
    return raw, {**headers, "webhook-signature": "v1"}, "cnipa"


def time_in_letters() -> tuple[bytes, dict[str, str], str]:
    raw, headers = good(10)
    return raw, {**headers, "webhook-timestamp": "1.7e9"}, "cnipa"


def no_json() -> tuple[bytes, dict[str, str], str]:
    raw = b'{"msg_id": '
    return raw, signed(raw, "message-11"), "cnipa"


def doubled_member() -> tuple[bytes, dict[str, str], str]:
    raw = good(12)[0].replace(b'{', b'{"msg_id":"message-12",', 1)
    return raw, signed(raw, "message-12"), "cnipa"


def wrong_shape() -> tuple[bytes, dict[str, str], str]:
    return *good(13, payload={"event_code": "升天", "issued_at": "2026-03-18"}), "cnipa"


def not_his_to_send() -> tuple[bytes, dict[str, str], str]:
    body = CATALOGUE.example("pre.fastlane.ack") | {"msg_id": "message-14"}
    raw = strict_json.dumps(body)
    return raw, signed(raw, "message-14"), "cnipa"


def too_large() -> tuple[bytes, dict[str, str], str]:
    raw = b'{"note": "' + b"x" * MAX_BODY + b'"}'
    return raw, signed(raw, "message-15"), "cnipa"


def far_too_large() -> tuple[bytes, dict[str, str], str]:
    """Larger than the largest upload of anybody."""
    raw = b" " * (21 * 1024 * 1024 + 1)
    return raw, signed(raw, "message-18"), "cnipa"


def form_encoded() -> tuple[bytes, dict[str, str], str]:
    raw, headers = good(16)
    return raw, {**headers, "content-type": "application/x-www-form-urlencoded"}, "cnipa"


def compressed() -> tuple[bytes, dict[str, str], str]:
    raw, headers = good(17)
    return raw, {**headers, "content-encoding": "gzip"}, "cnipa"


REFUSED = [
    (forged, 401, "signature_mismatch"), (stale, 401, "timestamp_outside_window"),
    (from_the_future, 401, "timestamp_outside_window"), (by_another_partner, 401, "signature_mismatch"),
    (in_anothers_name, 403, "sender_mismatch"), (from_nobody, 401, "signature_mismatch"),
    (body_changed_on_the_way, 401, "signature_mismatch"), (unsigned, 401, "header_missing"),
    (signature_that_is_none, 400, "signature_malformed"), (time_in_letters, 400, "timestamp_malformed"),
    (no_json, 400, "not_json"), (doubled_member, 400, "not_json"), (wrong_shape, 422, "schema"),
    (not_his_to_send, 403, "may_not_send"), (too_large, 413, "too_large"), (far_too_large, 413, "too_large"),
    (form_encoded, 415, "content_type"),
    (compressed, 415, "content_type")]


@pytest.mark.parametrize(("made", "status", "code"), REFUSED, ids=[made.__name__ for made, _, _ in REFUSED])
def test_what_is_not_right_is_refused_recorded_and_changes_nothing(
        door: Door, case: str, made: Any, status: int, code: str) -> None:
    raw, headers, partner = made()
    before, told = door.changes(), len(door.refusals())
    answer = door.post(raw, headers, partner)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"].startswith("Expected ")
    entries = door.refusals()[told:]
    assert [(entry["detail"]["refused"], entry["actor"], entry["client"]) for entry in entries] == [
        (code, partner, "127.0.0.1")]
    assert door.changes() == before


NO_HTTP: Mapping[str, tuple[int, bytes]] = {
    "two lengths": (400, b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}"),
    "a length below zero": (400, b"Content-Length: -1\r\n\r\n{}"),
    "a length with a sign": (400, b"Content-Length: +2\r\n\r\n{}"),
    "a length in letters": (400, b"Content-Length: two\r\n\r\n{}"),
    "more than a server takes": (413, b"Content-Length: 99999999999\r\n\r\n"),
    "no length": (401, b"\r\n"),
    "a chunk without a size": (400, b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n"),
    "chunks and a length": (401, b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"),
    "a coding that no server knows (RFC 9112, 6.1)": (501, b"Transfer-Encoding: gzip\r\n\r\n{}"),
    "NUL in a header": (400, b"webhook-id: a\x00b\r\nContent-Length: 2\r\n\r\n{}"),
    "a space before the colon": (400, b"webhook-id : a\r\nContent-Length: 2\r\n\r\n{}"),
    "a header without a colon": (400, b"webhook-id\r\nContent-Length: 2\r\n\r\n{}"),
    "a folded header": (401, b"webhook-id: a\r\n b\r\nContent-Length: 2\r\n\r\n{}"),
    "an underscore for a hyphen": (401, b"webhook_id: a\r\nContent-Length: 2\r\n\r\n{}"),
    "bytes that are no ASCII": (400, b"webhook-id: \xc3\xa9\r\nwebhook-timestamp: 1\r\nContent-Length: 2\r\n\r\n{}"),
    "bytes that are no text": (401, b"Cookie: \xff=\xfe\r\nAccept-Language: \xff;q=9\r\nContent-Length: 2\r\n\r\n{}"),
    "an endless header": (431, b"webhook-id: " + b"a" * 300_000 + b"\r\nContent-Length: 2\r\n\r\n{}"),
    "another protocol": (401, b"Upgrade: h2c\r\nConnection: Upgrade\r\nContent-Length: 2\r\n\r\n{}"),
}


@pytest.mark.parametrize("what", NO_HTTP)
def test_bytes_that_are_hardly_http_change_nothing(door: Door, case: str, what: str) -> None:
    """What the web server itself refuses never reaches us and is not in the trail; what reaches us is."""
    status, rest = NO_HTTP[what]
    before, told = door.changes(), len(door.refusals())
    asked = b"POST /webhooks/v1/cnipa HTTP/1.1\r\nHost: kapok\r\nContent-Type: application/json\r\n" + rest
    assert f" {status} ".encode() in _said(door.site.port, asked)
    assert door.changes() == before
    assert len(door.refusals()) - told == (status == 401 or what == "bytes that are no ASCII")


def _said(port: int, asked: bytes) -> bytes:
    """The first line of the answer."""
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        connection.sendall(asked)
        return connection.makefile("rb").readline()


def test_a_good_message_moves_the_case_once_however_often_it_comes(door: Door, case: str) -> None:
    raw, headers = good(100)
    first = door.post(raw, headers)
    assert (first.status_code, first.json()["status"]) == (202, "accepted")
    assert door.site.rows(s.case, s.case.c.id == case)[0].state == "completed"
    after, told = door.changes(), len(door.refusals())
    again = door.post(raw, headers)
    resigned = door.post(raw, signed(raw, "message-100", ago=timedelta(seconds=-20)))
    assert (again.status_code, resigned.status_code) == (202, 202)
    assert again.json() == resigned.json() == first.json()
    assert again.headers[DUPLICATE_HEADER] == resigned.headers[DUPLICATE_HEADER] == "true"
    assert DUPLICATE_HEADER not in first.headers
    other, _ = good(100, payload={"event_code": "授权", "issued_at": "2026-06-05"})
    conflict = door.post(other, signed(other, "message-100"))
    assert (conflict.status_code, conflict.json()["code"]) == (409, "id_reused")
    assert door.changes() == after
    assert [entry["detail"]["refused"] for entry in door.refusals()[told:]] == ["id_reused"]


def test_a_message_whose_case_is_not_there_yet_is_kept_for_it(door: Door) -> None:
    raw, headers = good(200, correlation={"application_no": "202610999999.9"})
    answer = door.post(raw, headers)
    assert (answer.status_code, answer.json()["status"]) == (202, "unmatched")
    late = Person(door.url, "applicant").sign_in().start("awaiting", {"application_no": "202610999999.9"})
    assert door.site.rows(s.case, s.case.c.id == late)[0].state == "completed"


def test_the_trail_is_whole_after_all_this(door: Door) -> None:
    assert door.site.broken() == []
