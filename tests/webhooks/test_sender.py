"""One delivery over real sockets: what goes out, and what each answer means."""

import gzip
import socket
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.webhooks.wire import answering, listening, read_request, secured
from tests.webhooks.world import CNIPA, HMAC_KEY, NOW, SEED_KEY, MemoryStore, message, post
from webhooks import strict_json
from webhooks.addresses import AddressPolicy
from webhooks.receipts import receipt_id
from webhooks.sender import MAX_ANSWER, DeliveryResult, OutboundRequest, deliver
from webhooks.signature import Key, sign, verify
from webhooks.transport import GuardedTransport

BODY = strict_json.dumps(message())
RECEIPT = post(BODY, MemoryStore())


def send(port: int, *, keys: tuple[Key, ...] = (HMAC_KEY,), **limits: Any) -> DeliveryResult:
    policy = AddressPolicy.of(["127.0.0.0/8"], [f"127.0.0.1:{port}"])
    request = OutboundRequest(f"http://127.0.0.1:{port}/hook?a=b", "msg_1", BODY, keys, (HMAC_KEY,))
    return deliver(request, GuardedTransport(policy, **limits), NOW)


def test_what_goes_out() -> None:
    seen: list[tuple[bytes, bytes]] = []
    with listening(answering(seen=seen)) as partner:
        assert send(partner.port, keys=(HMAC_KEY, SEED_KEY)).outcome == "delivered"
    head, body = seen[0]
    lines = head.decode().split("\r\n")
    headers = [tuple(line.split(": ", 1)) for line in lines[1:]]
    assert (lines[0], body) == ("POST /hook?a=b HTTP/1.1", BODY)
    assert verify((Key("p", "ed25519", public=SEED_KEY.public),), headers, body, NOW).msg_id == "msg_1"
    assert ("Content-Type", "application/json") in [(name.title(), value) for name, value in headers]
    assert ("Host", f"127.0.0.1:{partner.port}") in headers


def test_each_attempt_is_signed_anew_under_one_id() -> None:
    seen: list[tuple[bytes, bytes]] = []
    with listening(answering(500, seen=seen)) as partner:
        policy = AddressPolicy.of(["127.0.0.0/8"], [f"127.0.0.1:{partner.port}"])
        request = OutboundRequest(f"http://127.0.0.1:{partner.port}/", "msg_1", BODY, (HMAC_KEY,))
        for minutes in (0, 5):
            deliver(request, GuardedTransport(policy), NOW + timedelta(minutes=minutes))
    heads = [dict(line.split(b": ", 1) for line in head.lower().split(b"\r\n")[1:]) for head, _ in seen]
    assert {head[b"webhook-id"] for head in heads} == {b"msg_1"}
    assert len({head[b"webhook-signature"] for head in heads}) == 2


@pytest.mark.parametrize(
    ("status", "headers", "outcome", "retry_after"),
    [
        (200, {}, "delivered", None),
        (202, {}, "delivered", None),
        (204, {}, "delivered", None),
        (301, {"location": "/x"}, "retry", None),
        (307, {"location": "http://169.254.169.254/"}, "retry", None),
        (400, {}, "failed", None),
        (401, {}, "retry", None),
        (404, {}, "retry", None),
        (409, {}, "failed", None),
        (410, {}, "gone", None),
        (413, {}, "failed", None),
        (415, {}, "failed", None),
        (422, {}, "failed", None),
        (429, {"retry-after": "120"}, "retry", timedelta(minutes=2)),
        (500, {}, "retry", None),
        (503, {"retry-after": "Wed, 18 Mar 2026 02:22:33 GMT"}, "retry", timedelta(minutes=1)),
    ],
)
def test_each_status(status: int, headers: dict[str, str], outcome: str, retry_after: timedelta | None) -> None:
    with listening(answering(status, b"told you" if status != 204 else b"", headers)) as partner:
        result = send(partner.port)
        assert partner.connections == 1
    assert (result.outcome, result.status, result.retry_after) == (outcome, status, retry_after)
    assert result.code == ("" if outcome == "delivered" else f"http_{status}")


def test_the_partners_signed_receipt_is_verified() -> None:
    with listening(answering(202, RECEIPT.raw, RECEIPT.headers)) as partner:
        assert send(partner.port).receipt == RECEIPT.body


@pytest.mark.parametrize(
    ("raw", "headers", "code"),
    [
        (RECEIPT.raw + b" ", RECEIPT.headers, "signature_mismatch"),
        (RECEIPT.raw, RECEIPT.headers | {"webhook-signature": "v1"}, "signature_malformed"),
        (b"{}", sign((HMAC_KEY,), receipt_id(b"other"), NOW, b"{}"), "receipt_of_other_message"),
        (b"[]", sign((HMAC_KEY,), receipt_id(BODY), NOW, b"[]"), "receipt_malformed"),
    ],
)
def test_a_receipt_that_proves_nothing_is_no_delivery(raw: bytes, headers: dict[str, str], code: str) -> None:
    with listening(answering(202, raw, headers)) as partner:
        result = send(partner.port)
    assert (result.outcome, result.code) == ("retry", code)


def test_long_and_compressed_answers() -> None:
    with listening(answering(202, b"x" * (MAX_ANSWER + 1))) as partner:
        assert (send(partner.port).outcome, send(partner.port).code) == ("retry", "answer_too_large")
    bomb = gzip.compress(b"x" * 5_000_000)
    with listening(answering(200, bomb[:MAX_ANSWER], {"content-encoding": "gzip"})) as partner:
        assert send(partner.port).outcome == "delivered"
    with listening(answering(500, "坏\x1b[31m\r\n".encode() + b"\xff" * 5000)) as partner:
        excerpt = send(partner.port).answer_excerpt
        assert (excerpt[:2], len(excerpt), excerpt.isprintable()) == ("坏 ", 1000, True)


def test_nobody_there_and_broken_answers_are_tried_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert (send(port).outcome, send(port).code) == ("retry", "connection")
    for script in (lambda connection: None, lambda connection: connection.sendall(b"SSH-2.0-x\r\n\r\n")):
        with listening(script) as partner:
            assert (send(partner.port).outcome, send(partner.port).code) == ("retry", "connection")


def test_an_answer_that_drips_is_cut_off_at_the_total_limit() -> None:
    """Each byte comes well within any single read's limit; only the total ends it."""
    over = threading.Event()

    def drip(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nx: ")
        while not over.wait(0.02):
            connection.sendall(b"a")

    with listening(drip) as partner:
        result = send(partner.port, total_seconds=0.3)
        over.set()
    assert (result.outcome, result.code) == ("retry", "timeout")


def test_time_spent_connecting_is_limited_by_itself() -> None:
    ticks = iter([0.0, 0.0, 0.0, 0.0, 6.0, 6.0, 6.0])
    policy = AddressPolicy.of(["127.0.0.0/8"], ["partner.example:9"])
    transport = GuardedTransport(
        policy, resolver=lambda *_: ["127.0.0.1", "127.0.0.2"], elapsed=lambda: next(ticks, 6.0)
    )
    request = OutboundRequest("http://partner.example:9/", "msg_1", BODY, (HMAC_KEY,))
    assert deliver(request, transport, NOW).code in ("timeout", "connection")


def tls(folder: Path, name: str, host: str) -> tuple[DeliveryResult, list[str | None], list[tuple[bytes, bytes]]]:
    sni: list[str | None] = []
    seen: list[tuple[bytes, bytes]] = []
    script, trust = secured(answering(seen=seen), folder, name, sni)
    with listening(script) as partner:
        policy = AddressPolicy.of(["127.0.0.0/8"])
        transport = GuardedTransport(policy, resolver=lambda *_: ["127.0.0.1"], ssl_context=trust)
        request = OutboundRequest(f"https://{host}:{partner.port}/hook", "msg_1", BODY, (HMAC_KEY,))
        return deliver(request, transport, NOW), sni, seen


def test_tls_goes_to_the_checked_address_under_the_original_name(tmp_path: Path) -> None:
    result, sni, seen = tls(tmp_path, "partner.example", "partner.example")
    assert (result.outcome, sni) == ("delivered", ["partner.example"])
    assert b"\r\nhost: partner.example:" in seen[0][0].lower()


def test_a_certificate_for_another_name_is_refused(tmp_path: Path) -> None:
    result, sni, seen = tls(tmp_path, "other.example", "partner.example")
    assert (result.outcome, result.code, sni, seen) == ("retry", "connection", ["partner.example"], [])


def test_an_address_may_have_a_certificate_too(tmp_path: Path) -> None:
    assert tls(tmp_path, "127.0.0.1", "127.0.0.1")[0].outcome == "delivered"


@pytest.mark.parametrize(
    ("url", "outcome", "code"),
    [
        ("http://partner.example/", "failed", "not_https"),
        ("https://user@partner.example/", "failed", "url_malformed"),
        ("https://[::1", "failed", "url_malformed"),
        ("https://127.0.0.1/", "retry", "address_refused"),
        ("https://no-such-host.invalid/", "retry", "not_resolved"),
        ("x", "failed", "url_malformed"),
    ],
)
def test_where_we_may_not_send(url: str, outcome: str, code: str) -> None:
    request = OutboundRequest(url, "msg_1", BODY, (HMAC_KEY,))
    result = deliver(request, GuardedTransport(AddressPolicy()), NOW)
    assert (result.outcome, result.code, result.status) == (outcome, code, None)


def raising(error: Exception) -> Callable[[httpx.Request], httpx.Response]:
    def handle(request: httpx.Request) -> httpx.Response:
        raise error

    return handle


def test_mistakes_of_ours_never_raise() -> None:
    transport = httpx.MockTransport(raising(RuntimeError("bug")))
    assert deliver(OutboundRequest("https://a.example/", "m", BODY, (HMAC_KEY,)), transport, NOW).code == "unexpected"
    for request in (
        OutboundRequest("https://a.example/", "m", BODY, ()),
        OutboundRequest("https://a.example/", "a.b", BODY, CNIPA.sign_keys),
    ):
        assert deliver(request, transport, NOW).code == "cannot_send"


def test_proxies_of_the_environment_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    with listening(answering()) as partner, listening(answering()) as proxy:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        assert send(partner.port).outcome == "delivered"
        assert (partner.connections, proxy.connections) == (1, 0)
