"""Attachments: only what the signed envelope announced is taken."""

import io
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.webhooks.wire import answering, listening
from tests.webhooks.world import NOW
from webhooks.addresses import AddressPolicy
from webhooks.attachments import Attachment, AttachmentError, fetch
from webhooks.receipts import digest
from webhooks.transport import GuardedTransport

FILE = b"ofd" * 40_000
ROW = {"file_id": "f-1", "name": "裁定书.ofd", "media": "application/ofd", "size": len(FILE), "sha256": digest(FILE)}


def attachment(port: int) -> Attachment:
    url = f"http://127.0.0.1:{port}/files/f-1"
    return Attachment.of(ROW | {"url": url, "expires_at": (NOW + timedelta(days=7)).isoformat()})


def fetched(wanted: Attachment, port: int, **more: int) -> bytes:
    sink = io.BytesIO()
    policy = AddressPolicy.of(["127.0.0.0/8"], [f"127.0.0.1:{port}"])
    fetch(wanted, sink, GuardedTransport(policy), NOW, **more)
    return sink.getvalue()


def test_the_announced_file_arrives() -> None:
    seen: list[tuple[bytes, bytes]] = []
    with listening(answering(200, FILE, seen=seen)) as server:
        assert fetched(attachment(server.port), server.port) == FILE
    assert seen[0][0].startswith(b"GET /files/f-1 HTTP/1.1")


@pytest.mark.parametrize(
    ("status", "body", "code", "permanent"),
    [
        (200, FILE[:-1] + b"x", "hash_differs", True),
        (200, FILE + b"x", "size_differs", True),
        (200, FILE[:-1], "size_differs", False),
        (404, b"", "http_404", True),
        (302, b"", "http_302", False),
        (503, b"", "http_503", False),
    ],
)
def test_anything_else_is_refused(status: int, body: bytes, code: str, permanent: bool) -> None:
    with listening(answering(status, body, {"location": "/x"})) as server, pytest.raises(AttachmentError) as caught:
        fetched(attachment(server.port), server.port)
    assert (caught.value.code, caught.value.permanent) == (code, permanent)


def test_a_file_that_does_not_come_in_time() -> None:
    with listening(lambda connection: connection.recv(1 << 20) and connection.recv(1)) as server:
        policy = AddressPolicy.of(["127.0.0.0/8"], [f"127.0.0.1:{server.port}"])
        with pytest.raises(AttachmentError) as caught:
            fetch(attachment(server.port), io.BytesIO(), GuardedTransport(policy, total_seconds=0.1), NOW)
    assert (caught.value.code, caught.value.permanent) == ("timeout", False)


def test_refused_before_a_connection_is_made() -> None:
    with listening(answering(200, FILE)) as server:
        wanted = attachment(server.port)
        for changed, limit, code in [
            (wanted, 1000, "too_large"),
            (replace(wanted, expires_at=NOW), len(FILE), "expired"),
            (replace(wanted, url="http://169.254.169.254/latest"), len(FILE), "not_https"),
            (replace(wanted, url=f"https://10.0.0.1:{server.port}/"), len(FILE), "address_refused"),
            (replace(wanted, url="https://[::1"), len(FILE), "url_malformed"),
        ]:
            with pytest.raises(AttachmentError) as caught:
                fetched(changed, server.port, max_bytes=limit)
            assert caught.value.code == code
        assert server.connections == 0
    with pytest.raises(AttachmentError) as caught:
        fetched(wanted, server.port)
    assert (caught.value.code, caught.value.permanent) == ("connection", False)
