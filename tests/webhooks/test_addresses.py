"""The address guard of must 14: as a table, and with real sockets that must stay unconnected."""

import ipaddress
import socket
import threading
from collections.abc import Iterable

import httpx
import pytest

from tests.webhooks.wire import answering, listening
from webhooks.addresses import AddressPolicy, AddressRefused, check_address, check_url, resolve, system_resolver
from webhooks.transport import GuardedTransport

CLOSED = AddressPolicy()
GOVERNMENT = AddressPolicy.of(["10.20.0.0/16", "fd12::/16", "64:ff9b::/96", "::ffff:0:0/96"])

REFUSED = [
    *("0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.127.255.254", "127.0.0.1", "127.255.255.254"),
    *("169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.31.196.1", "192.52.193.1"),
    *("192.88.99.1", "192.168.1.1", "192.175.48.1", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.9"),
    *("224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255"),
    *("::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:0:127.0.0.1", "64:ff9b::7f00:1"),
    *("64:ff9b::8.8.8.8", "64:ff9b:1::1", "64:ff9b:1:fffe::10.0.0.1", "100::1", "2001::1", "2001:0:4136:e378::1"),
    *("2001:2::1", "2001:10::1", "2001:20::1", "2001:db8::1", "2002:7f00:1::", "2002:808:808::1", "2620:4f:8000::1"),
    *("3fff::1", "5f00::1", "4000::1", "fc00::1", "fd00::2", "fe80::1", "febf::1", "fec0::1", "ff02::1", "ff0e::1"),
    *("2a00:1450:4001::5efe:a00:1", "2a00:1450:4001::200:5efe:7f00:1", "fe80::1%1", "2a00:1450:4001::1%eth0"),
]
PUBLIC = ["1.1.1.1", "8.8.8.8", "172.32.0.1", "100.128.0.1", "192.0.1.1", "198.20.0.1", "223.255.255.255"]
PUBLIC += ["2a00:1450:4001::200e", "2001:4860:4860::8888", "2606:4700::1111", "240e::1"]


def allowed(text: str, policy: AddressPolicy) -> bool:
    try:
        check_address(ipaddress.ip_address(text), policy)
    except AddressRefused as error:
        assert error.code == "address_refused"
        assert not error.permanent
        return False
    return True


@pytest.mark.parametrize("text", REFUSED)
def test_special_addresses_are_refused(text: str) -> None:
    assert not allowed(text, CLOSED)


@pytest.mark.parametrize("text", PUBLIC)
def test_public_addresses_pass(text: str) -> None:
    assert allowed(text, CLOSED)


def test_allowed_ranges_open_only_themselves() -> None:
    assert allowed("10.20.1.1", GOVERNMENT)
    assert not allowed("10.21.1.1", GOVERNMENT)
    assert allowed("fd12::1", GOVERNMENT)
    assert allowed("8.8.8.8", GOVERNMENT)


def test_an_allowed_tunnel_does_not_open_what_is_behind_it() -> None:
    assert allowed("64:ff9b::8.8.8.8", GOVERNMENT)
    assert allowed("64:ff9b::10.20.1.1", GOVERNMENT)
    assert not allowed("64:ff9b::127.0.0.1", GOVERNMENT)
    assert not allowed("::ffff:169.254.169.254", GOVERNMENT)
    everything = AddressPolicy.of(["::/0", "2002::/16", "2001::/32"])
    assert not allowed("2002:7f00:1::", everything)
    assert not allowed("2001:0:4136:e378:8000:63bf:f5ff:fffe", everything)  # Teredo of 10.0.0.1


@pytest.mark.parametrize("text", ["169.254.169.254", "0.0.0.0", "224.0.0.1", "::", "fe80::1", "ff02::1"])
def test_some_are_never_allowed(text: str) -> None:
    assert not allowed(text, AddressPolicy.of(["0.0.0.0/0", "::/0"]))


@pytest.mark.parametrize(
    "url",
    [
        "",
        "partner.example",
        "//partner.example/",
        "ftp://partner.example/",
        "file:///etc/passwd",
        "HTTPS://partner.example/",
        "https://",
        "https:///x",
        "https://user@partner.example/",
        "https://user:pass@partner.example/",
        "https://partner.example@127.0.0.1/",
        "https://partner.example/#frag",
        "https://partner.example\\@127.0.0.1/",
        "https://partner.example./",
        "https://.partner.example/",
        "https://partner..example/",
        "https://-a.example/",
        "https://a.example:0/",
        "https://a.example:65536/",
        "https://a.example:/",
        "https://a.example:8o/",
        "https://a.example /",
        "https://a.example/ x",
        "https://a.example/\r\nx: y",
        "https://partner.示例/",
        "https://１２７.0.0.1/",
        "https://①②⑦.0.0.1/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0x7f.1/",
        "https://0177.0.0.1/",
        "https://127.1/",
        "https://127.0.0.1./",
        "https://127.0.0.256/",
        "https://1.2.3.4.5/",
        "https://a.0x7f/",
        "https://a.1/",
        "https://[::1%lo]/",
        "https://[::1%25lo]/",
        "https://[::1/",
        "https://[::g]/",
        "https://[127.0.0.1]/",
        "https://" + "a" * 64 + ".example/",
        "https://" + "a." * 130 + "example/",
        "https://a.example/" + "x" * 2000,
    ],
)
def test_odd_urls_are_refused_for_good(url: str) -> None:
    with pytest.raises(AddressRefused) as caught:
        check_url(url, CLOSED)
    assert (caught.value.code, caught.value.permanent) == ("url_malformed", True)


def test_plain_urls_are_read() -> None:
    target = check_url("https://Partner-1.Example:8443/a/b?c=d", CLOSED)
    assert (target.scheme, target.host, target.port) == ("https", "partner-1.example", 8443)
    assert check_url("https://[2606:4700:0::1111]/", CLOSED).host == "2606:4700::1111"
    assert check_url("https://1.1.1.1", CLOSED).port == 443


def test_plain_http_only_where_listed() -> None:
    listed = AddressPolicy.of(plain_allowed=["court.example:80", "127.0.0.1:8080", "[::1]:8080"])
    assert check_url("http://court.example/x", listed).port == 80
    assert check_url("http://[::1]:8080/", listed).host == "::1"
    for url in ("http://court.example:81/", "http://other.example/", "http://127.0.0.1/"):
        with pytest.raises(AddressRefused) as caught:
            check_url(url, listed)
        assert (caught.value.code, caught.value.permanent) == ("not_https", True)


def answers(*addresses: str) -> "Lookup":
    return Lookup(addresses)


class Lookup:
    """A resolver that gives ``addresses`` the first time and loopback ever after: DNS rebinding."""

    def __init__(self, addresses: Iterable[str]) -> None:
        self.addresses = list(addresses)
        self.asked = 0

    def __call__(self, host: str, port: int, seconds: float) -> list[str]:
        self.asked += 1
        return self.addresses if self.asked == 1 else ["127.0.0.1"]


def test_every_address_of_a_name_is_checked() -> None:
    target = check_url("https://partner.example/", CLOSED)
    found = resolve(target, CLOSED, answers("1.1.1.1", "1.1.1.1", "8.8.8.8"), 1)
    assert [str(address) for address in found] == ["1.1.1.1", "8.8.8.8"]
    for addresses, code in [
        (["1.1.1.1", "127.0.0.1"], "address_refused"),
        (["::ffff:10.0.0.1"], "address_refused"),
        (["fe80::1%eth0"], "address_refused"),
        ([], "not_resolved"),
        (["nonsense"], "not_resolved"),
    ]:
        with pytest.raises(AddressRefused) as caught:
            resolve(target, CLOSED, answers(*addresses), 1)
        assert (caught.value.code, caught.value.permanent) == (code, False)


def test_the_systems_resolver_gives_up_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    answered = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answered.wait(10) and [])
    with pytest.raises(TimeoutError):
        system_resolver("partner.example", 443, 0.01)
    answered.set()


def test_the_systems_resolver_knows_localhost_and_no_invalid_name() -> None:
    assert {"127.0.0.1", "::1"} & set(system_resolver("localhost", 80, 5))
    target = check_url("https://no-such-host.invalid/", CLOSED)
    with pytest.raises(AddressRefused) as caught:
        resolve(target, CLOSED, system_resolver, 5)
    assert caught.value.code == "not_resolved"


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "0.0.0.0",
        "127.0.0.1.",
        "localhost.",
        "user@127.0.0.1",
        "１２７.０.０.１",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[64:ff9b:1::7f00:1]",
        "[2002:7f00:1::]",
        "[0:0:0:0:0:ffff:127.0.0.1]",
    ],
)
@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_INET6])
def test_no_socket_is_ever_connected(host: str, family: int) -> None:
    """Plain HTTP is allowed to each spelling here, so that it is the address that is refused."""
    bind = "127.0.0.1" if family == socket.AF_INET else "::1"
    with listening(answering(), family, bind) as listener:
        policy = AddressPolicy.of(plain_allowed=[f"{host}:{listener.port}"])
        transport = GuardedTransport(policy)
        refused = pytest.raises((AddressRefused, httpx.InvalidURL))
        with httpx.Client(transport=transport, trust_env=False) as client, refused:
            client.post(f"http://{host}:{listener.port}/x", content=b"{}")
        assert listener.connections == 0


def test_a_second_dns_answer_is_never_asked_for() -> None:
    with listening(answering()) as local:
        lookup = answers("127.0.0.1")
        policy = AddressPolicy.of(["127.0.0.0/8"], [f"partner.example:{local.port}"])
        with httpx.Client(transport=GuardedTransport(policy, resolver=lookup), trust_env=False) as client:
            assert client.post(f"http://partner.example:{local.port}/", content=b"{}").status_code == 202
            assert lookup.asked == 1
    rebinding = answers("1.1.1.1", "127.0.0.1")
    with pytest.raises(AddressRefused):
        resolve(check_url("https://partner.example/", CLOSED), CLOSED, rebinding, 1)
