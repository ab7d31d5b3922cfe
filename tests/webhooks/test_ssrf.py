"""Server-side request forgery with real sockets: each trick aims at a listener of this machine that must hear nothing.

Where the kernel itself would have followed the trick, the test shows that first, so that silence proves the guard.
"""

import contextlib
import hashlib
import io
import ipaddress
import socket
from collections.abc import Iterator, Sequence

import httpx
import pytest

from tests.webhooks.wire import Listener, Script, answering, listening
from tests.webhooks.world import HMAC_KEY, NOW
from webhooks.addresses import AddressPolicy
from webhooks.attachments import Attachment, AttachmentError, fetch
from webhooks.sender import DeliveryResult, OutboundRequest, deliver
from webhooks.transport import GuardedTransport

NAME = "partner.example"
BODY = b"the file"
FOLLOWED = ("127.0.0.1", "127.0.0.2", "127.255.255.254", "0.0.0.0", "::1", "::", "::ffff:127.0.0.1", "::ffff:0.0.0.0",
            "::ffff:7f00:1", "0:0:0:0:0:ffff:127.1.2.3")
"""Addresses by which the kernel reaches this machine itself."""
GATEWAYS = ("64:ff9b::127.0.0.1", "64:ff9b:1::7f00:1", "2002:7f00:1::1", "2002:a00:1::", "::127.0.0.1", "fe80::1",
            "2001:0:7f00:1::", "::ffff:0:127.0.0.1", "fec0::1", "fd00::1", "169.254.169.254", "fd00:ec2::254",
            "100.100.100.200", "192.168.0.1", "10.0.0.1", "172.16.0.1", "100.64.0.1", "224.0.0.1", "ff02::1",
            "255.255.255.255", "192.0.0.192", "198.18.0.1")
"""Addresses that a gateway (NAT64, 6to4, Teredo) or the network would carry to where nobody outside may ask."""


class Names:
    """A resolver with a given answer for each time it is asked; the last one is given for ever."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self._answers = list(answers)
        self.asked = 0

    def __call__(self, host: str, port: int, seconds: float) -> Sequence[str]:
        self.asked += 1
        return self._answers[min(self.asked, len(self._answers)) - 1]


@contextlib.contextmanager
def everywhere(script: Script) -> Iterator[tuple[Listener, Listener]]:
    """Listeners on every address of this machine, IPv4 and IPv6, on one port."""
    with listening(script, socket.AF_INET, "0.0.0.0") as old:  # noqa: S104
        six = Listener(script, socket.AF_INET6, "::", old.port)
        try:
            yield old, six
        finally:
            six.close()


def send(url: str, policy: AddressPolicy, names: Names | None = None) -> DeliveryResult:
    transport = GuardedTransport(policy, resolver=names) if names else GuardedTransport(policy)
    return deliver(OutboundRequest(url, "msg_1", b"{}", (HMAC_KEY,)), transport, NOW)


def download(url: str, policy: AddressPolicy, names: Names | None = None) -> tuple[str, bytes]:
    """(code of the refusal or "", what was written)."""
    transport = GuardedTransport(policy, resolver=names) if names else GuardedTransport(policy)
    wanted = Attachment("f-1", "a.pdf", "application/pdf", len(BODY), hashlib.sha256(BODY).hexdigest(), url)
    sink = io.BytesIO()
    try:
        fetch(wanted, sink, transport, NOW)
    except AttachmentError as error:
        return error.code, sink.getvalue()
    return "", sink.getvalue()


@pytest.mark.parametrize("address", FOLLOWED + GATEWAYS)
def test_a_name_that_leads_inside_is_not_followed(address: str) -> None:
    """What a partner's own name server may answer, for messages and for files."""
    with everywhere(answering(200, BODY)) as (old, six):
        policy = AddressPolicy.of(plain_allowed=[f"{NAME}:{old.port}"])
        url = f"http://{NAME}:{old.port}/x"
        result = send(url, policy, Names([address]))
        assert (result.outcome, result.code, result.status) == ("retry", "address_refused", None)
        assert download(url, policy, Names([address])) == ("address_refused", b"")
        assert download(url, policy, Names(["1.1.1.1", address])) == ("address_refused", b"")
        assert old.connections + six.connections == 0


@pytest.mark.parametrize("address", FOLLOWED)
def test_the_kernel_would_have_followed(address: str) -> None:
    """The tricks are real: what asks the kernel is connected."""
    with everywhere(answering()) as (old, six), socket.create_connection((address, old.port), 5) as tricked:
        tricked.sendall(b"POST / HTTP/1.1\r\ncontent-length: 0\r\n\r\n")
        assert tricked.recv(12) == b"HTTP/1.1 202"
        assert old.connections + six.connections == 1


@pytest.mark.parametrize("spelling", [
    "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "0x7f.1", "0177.0.0.1", "017700000001", "0177.1",
    "127.0.0.01", "127.0.0.0x1", "00000177.0.0.1", "127.0.0.1.", "localhost.", "0", "0.0", "0x0", "00.0.0.0",
    "４.4.4.4", "①②⑦.0.0.1", "127。0。0。1", "loc%61lhost", "%31%32%37.0.0.1", "127.0.0.1%00.partner.example",
    "partner.example@127.0.0.1", "partner.example:80@127.0.0.1", "127.0.0.1\\@partner.example", "127.0.0.1#",
    "[::ffff:127.0.0.1%25lo]", "[::1%251]", "[0:0:0:0:0:0:0:1%lo]", "[::1].partner.example", "[::1]@partner.example",
    "[127.0.0.1]", "127.0.0.1 partner.example", "127.0.0.1\tpartner.example", "127.0.0.1\r\nHost: partner.example",
    "partner.example\x00.127.0.0.1.nip", "-127.0.0.1", "127.0.0.1-"])
def test_no_spelling_of_an_address_is_read_in_two_ways(spelling: str) -> None:
    with everywhere(answering(200, BODY)) as (old, six):
        url = f"http://{spelling}:{old.port}/x"
        policy = AddressPolicy.of(["127.0.0.0/8", "::1/128"], [f"{spelling}:{old.port}", f"127.0.0.1:{old.port}"])
        result = send(url, policy)
        assert (result.outcome, result.status) == ("failed", None), result
        assert result.code in ("url_malformed", "cannot_send", "not_https")
        assert download(url, policy)[0] in ("url_malformed", "not_https")
        assert old.connections + six.connections == 0


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("target", ["http://127.0.0.1:{port}/x", "//127.0.0.1:{port}/x", "http://[::1]:{port}/x",
                                    "https://127.0.0.1:{port}/x", "file:///etc/passwd", "gopher://127.0.0.1:{port}/_x"])
def test_no_redirect_is_followed(status: int, target: str) -> None:
    """From an address that may be called to one that may not."""
    with everywhere(answering(200, BODY)) as (inside, six):
        moved = {"location": target.format(port=inside.port)}
        with listening(answering(status, b"", moved), host="127.0.0.2") as partner:
            policy = AddressPolicy.of(["127.0.0.2/32"], [f"{NAME}:{partner.port}"])
            url, names = f"http://{NAME}:{partner.port}/x", Names(["127.0.0.2"])
            result = send(url, policy, names)
            assert (result.outcome, result.code) == ("retry", f"http_{status}")
            assert download(url, policy, names) == (f"http_{status}", b"")
            assert partner.connections == 2
        assert inside.connections + six.connections == 0


def test_a_name_that_changes_its_mind_is_asked_once_for_each_call() -> None:
    """DNS rebinding: checked and called is the same address; the second answer is checked like the first."""
    with listening(answering(), host="127.0.0.2") as partner, listening(answering(), host="127.0.0.1") as inside:
        names = Names(["127.0.0.2"], ["127.0.0.1"])
        policy = AddressPolicy.of(["127.0.0.2/32"], [f"{NAME}:{partner.port}", f"{NAME}:{inside.port}"])
        assert send(f"http://{NAME}:{partner.port}/x", policy, names).outcome == "delivered"
        assert (partner.connections, names.asked) == (1, 1)
        assert send(f"http://{NAME}:{inside.port}/x", policy, names).code == "address_refused"
        assert (inside.connections, names.asked) == (0, 2)


def test_one_bad_address_among_good_ones_spoils_the_name() -> None:
    with listening(answering(), host="127.0.0.2") as partner:
        policy = AddressPolicy.of(["127.0.0.2/32"], [f"{NAME}:{partner.port}"])
        for answer in (["127.0.0.2", "127.0.0.1"], ["127.0.0.1", "127.0.0.2"], ["127.0.0.2", "::ffff:127.0.0.2"]):
            assert send(f"http://{NAME}:{partner.port}/x", policy, Names(answer)).code == "address_refused"
        assert partner.connections == 0


def test_an_allowed_range_opens_nothing_that_is_wrapped_in_another_family() -> None:
    with everywhere(answering()) as (old, six):
        policy = AddressPolicy.of(["127.0.0.0/8"], [f"{NAME}:{old.port}"])
        for address in ("::ffff:127.0.0.1", "::127.0.0.1", "64:ff9b::127.0.0.1", "2002:7f00:1::", "::1", "0.0.0.0"):
            assert send(f"http://{NAME}:{old.port}/x", policy, Names([address])).code == "address_refused"
        assert old.connections + six.connections == 0
        assert send(f"http://{NAME}:{old.port}/x", policy, Names(["127.0.0.1"])).outcome == "delivered"


def test_plain_http_is_open_for_one_host_and_port_only() -> None:
    with listening(answering()) as listed, listening(answering()) as other:
        policy = AddressPolicy.of(["127.0.0.0/8"], [f"127.0.0.1:{listed.port}"])
        assert send(f"http://127.0.0.1:{listed.port}/", policy).outcome == "delivered"
        for url in (f"http://127.0.0.1:{other.port}/", f"http://127.0.0.2:{listed.port}/",
                    f"http://{NAME}:{listed.port}/"):
            assert (send(url, policy).outcome, send(url, policy).code) == ("failed", "not_https")
        assert (listed.connections, other.connections) == (1, 0)


def test_no_proxy_of_the_environment_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with listening(answering()) as partner, listening(answering()) as proxy:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        policy = AddressPolicy.of(["127.0.0.0/8"], [f"127.0.0.1:{partner.port}"])
        assert send(f"http://127.0.0.1:{partner.port}/", policy).outcome == "delivered"
        assert (partner.connections, proxy.connections) == (1, 0)


def test_the_host_asked_for_is_the_one_in_the_url() -> None:
    """The socket goes to the checked address, the name stays in the request."""
    seen: list[tuple[bytes, bytes]] = []
    with listening(answering(seen=seen)) as partner:
        policy = AddressPolicy.of(["127.0.0.0/8"], [f"{NAME}:{partner.port}"])
        assert send(f"http://{NAME}:{partner.port}/hook?a=b", policy, Names(["127.0.0.1"])).outcome == "delivered"
    lines = seen[0][0].decode().split("\r\n")
    assert lines[0] == "POST /hook?a=b HTTP/1.1"
    assert f"host: {NAME}:{partner.port}" in [line.lower() for line in lines]


def test_the_standard_librarys_own_judgement_would_not_do() -> None:
    """``is_global`` holds several of these for public addresses (RELIABILITY must 14)."""
    public = {text for text in FOLLOWED + GATEWAYS if ipaddress.ip_address(text).is_global}
    assert {"192.0.0.192", "64:ff9b::127.0.0.1", "224.0.0.1"} <= public


def test_an_open_door_stays_open() -> None:
    """The guard refuses by what it found, not by refusing all: the same call goes through where it is allowed."""
    with listening(answering(200, BODY)) as partner:
        policy = AddressPolicy.of(["127.0.0.1/32"], [f"{NAME}:{partner.port}"])
        assert download(f"http://{NAME}:{partner.port}/f-1", policy, Names(["127.0.0.1"])) == ("", BODY)
        with httpx.Client(transport=GuardedTransport(policy, resolver=Names(["127.0.0.1"])), trust_env=False) as client:
            assert client.get(f"http://{NAME}:{partner.port}/").content == BODY
