"""Which addresses may be called: the guard against server-side request forgery.

A URL is read strictly (what browsers, resolvers and libraries read differently is refused), its host is resolved once,
and every address it resolves to must be a public unicast address or lie in a range the operator allowed for this
partner. Sources: the IANA special-purpose registries (RFC 6890 and its updates), RFC 3986, RFC 6052 and 8215 (NAT64).
"""

import ipaddress
import queue
import re
import socket
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
#: ``(host, port, seconds) -> addresses as text``; raises ``OSError`` (``TimeoutError`` among them) when there is none.
Resolver = Callable[[str, int, float], Iterable[str]]

_URL = re.compile(r"(https?)://(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::([0-9]{1,5}))?((?:/[!-~]*)?)")
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?")
_TOP_LABEL = re.compile(r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?")  # never a number, so no octal, hex or one-part IPv4
_PORTS = {"https": 443, "http": 80}


def _networks(*rows: tuple[str, str]) -> tuple[tuple[Network, str], ...]:
    return tuple((ipaddress.ip_network(cidr), name) for cidr, name in rows)


# No allowance opens these: nothing that speaks HTTPS to us lives there, cloud metadata services do.
_NEVER = _networks(
    ("0.0.0.0/8", "this network"),
    ("169.254.0.0/16", "link-local"),
    ("224.0.0.0/4", "multicast"),
    ("255.255.255.255/32", "broadcast"),
    ("::/128", "unspecified"),
    ("fe80::/10", "link-local"),
    ("fec0::/10", "site-local"),
    ("ff00::/8", "multicast"),
)
_SPECIAL = _networks(
    ("10.0.0.0/8", "private"),
    ("100.64.0.0/10", "carrier-grade NAT"),
    ("127.0.0.0/8", "loopback"),
    ("172.16.0.0/12", "private"),
    ("192.0.0.0/24", "IETF protocol assignments"),
    ("192.0.2.0/24", "documentation"),
    ("192.31.196.0/24", "AS112"),
    ("192.52.193.0/24", "AMT"),
    ("192.88.99.0/24", "6to4 relay"),
    ("192.168.0.0/16", "private"),
    ("192.175.48.0/24", "AS112"),
    ("198.18.0.0/15", "benchmarking"),
    ("198.51.100.0/24", "documentation"),
    ("203.0.113.0/24", "documentation"),
    ("240.0.0.0/4", "reserved"),
    ("::1/128", "loopback"),
    ("::ffff:0:0/96", "IPv4-mapped"),
    ("::ffff:0:0:0/96", "IPv4-translated"),
    ("::/96", "IPv4-compatible"),
    ("64:ff9b::/96", "NAT64"),
    ("64:ff9b:1::/48", "local-use NAT64"),
    ("100::/64", "discard-only"),
    ("2001::/32", "Teredo"),
    ("2001:2::/48", "benchmarking"),
    ("2001::/23", "IETF protocol assignments"),
    ("2001:db8::/32", "documentation"),
    ("2002::/16", "6to4"),
    ("2620:4f:8000::/48", "AS112"),
    ("3fff::/20", "documentation"),
    ("5f00::/16", "segment routing"),
    ("fc00::/7", "unique local"),
)
_GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")


class AddressRefused(Exception):  # noqa: N818 - named like the outcome it stands for
    """This may not be called. ``code`` is stable; ``permanent`` when the URL is wrong, not what it names now."""

    def __init__(self, code: str, message: str, permanent: bool = False) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.permanent = permanent


@dataclass(frozen=True)
class AddressPolicy:
    """What an operator opened for one partner.

    ``allow_cidrs``: ranges that are not public (government networks) yet may be called. ``plain_allowed``: the
    ``host:port`` pairs that may be called by plain HTTP; everything else needs HTTPS.
    """

    allow_cidrs: tuple[Network, ...] = ()
    plain_allowed: frozenset[str] = frozenset()

    @classmethod
    def of(cls, allow_cidrs: Iterable[str] = (), plain_allowed: Iterable[str] = ()) -> "AddressPolicy":
        """From text. Raises ``ValueError`` on what is not a CIDR."""
        return cls(tuple(ipaddress.ip_network(cidr) for cidr in allow_cidrs), frozenset(plain_allowed))


@dataclass(frozen=True)
class Target:
    """A URL that was read strictly: ``host`` in lower case, IPv6 without brackets."""

    scheme: str
    host: str
    port: int


def read_url(url: str) -> Target:
    """The host and port of ``url`` as it was given: a library that reads it afterwards may tidy it into another one.

    Raises :class:`AddressRefused` (permanent). Refused: user information, fragments, back-slashes, spaces, anything but
    ASCII, zone ids, trailing dots and hosts that some parser takes for a number (``0x7f.1``, ``2130706433``,
    ``0177.0.0.1``).
    """
    match = _URL.fullmatch(url) if len(url) <= 2000 else None
    if match is None or "#" in url or "\\" in url or "@" in url:
        raise AddressRefused("url_malformed", "Expected https://host[:port]/path in plain ASCII.", permanent=True)
    scheme = match[1]
    host = _host(match[2].lower())
    port = int(match[3] or _PORTS[scheme])
    if not 1 <= port <= 65535:
        raise AddressRefused("url_malformed", "Expected a port of 1 to 65535.", permanent=True)
    return Target(scheme, host, port)


def check_url(url: str, policy: AddressPolicy) -> Target:
    """The host and port of ``url``. Raises :class:`AddressRefused` (permanent) unless it is plainly callable."""
    target = read_url(url)
    shown = f"[{target.host}]" if ":" in target.host else target.host
    if target.scheme == "http" and f"{shown}:{target.port}" not in policy.plain_allowed:
        raise AddressRefused(
            "not_https", f"Expected https: {shown}:{target.port} is not listed for plain HTTP.", permanent=True
        )
    return target


def check_address(address: Address, policy: AddressPolicy) -> None:
    """Raises :class:`AddressRefused` unless ``address``, and an IPv4 address inside it, is public or allowed."""
    name = _named(address, _NEVER)
    if name is None and not any(address in network for network in policy.allow_cidrs):
        name = _named(address, _SPECIAL) or _outside(address)
    if name is not None:
        raise AddressRefused("address_refused", f"Expected a public or allowed address, but {address} is {name}.")
    inner = _embedded(address)
    if inner is not None:
        check_address(inner, policy)


def resolve(target: Target, policy: AddressPolicy, resolver: Resolver, seconds: float) -> tuple[Address, ...]:
    """The addresses of ``target``, resolved once and all of them checked. Raises :class:`AddressRefused`."""
    try:
        addresses = [ipaddress.ip_address(target.host)]
    except ValueError:
        addresses = _looked_up(target, resolver, seconds)
    for address in addresses:
        check_address(address, policy)
    return tuple(dict.fromkeys(addresses))


def system_resolver(host: str, port: int, seconds: float) -> list[str]:
    """The system's resolver, given up after ``seconds``: ``getaddrinfo`` itself knows no limit."""
    answers: queue.SimpleQueue[list[str] | OSError] = queue.SimpleQueue()
    threading.Thread(target=_getaddrinfo, args=(host, port, answers), daemon=True).start()
    try:
        answer = answers.get(timeout=max(0.0, seconds))
    except queue.Empty:
        raise TimeoutError(f"no answer for {host} within {seconds:.1f} s") from None
    if isinstance(answer, OSError):
        raise answer
    return answer


def _getaddrinfo(host: str, port: int, answers: "queue.SimpleQueue[list[str] | OSError]") -> None:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
        answers.put([str(sockaddr[0]) for *_, sockaddr in found])
    except (OSError, UnicodeError) as error:
        answers.put(error if isinstance(error, OSError) else OSError(str(error)))


def _looked_up(target: Target, resolver: Resolver, seconds: float) -> list[Address]:
    try:
        found = list(resolver(target.host, target.port, seconds))
    except OSError as error:
        raise AddressRefused("not_resolved", f"Expected an address for {target.host}, but {error}.") from None
    if not found:
        raise AddressRefused("not_resolved", f"Expected an address for {target.host}, but there is none.")
    try:
        return [ipaddress.ip_address(text) for text in found]
    except ValueError:
        raise AddressRefused("not_resolved", f"Expected addresses for {target.host}, but found other text.") from None


def _host(host: str) -> str:
    if host.startswith("["):
        return str(_literal(ipaddress.IPv6Address, host[1:-1]))
    if host[-1].isdigit() and host.replace(".", "").isdigit():
        return str(_literal(ipaddress.IPv4Address, host))
    *labels, top = host.split(".")
    if len(host) > 253 or not _TOP_LABEL.fullmatch(top) or not all(_LABEL.fullmatch(label) for label in labels):
        raise AddressRefused("url_malformed", f"Expected a host name or a dotted IPv4, not '{host}'.", permanent=True)
    return host


def _literal(kind: Callable[[str], Address], text: str) -> Address:
    try:
        return kind(text)
    except ValueError as error:
        raise AddressRefused("url_malformed", f"Expected an IP address, but {error}.", permanent=True) from None


def _named(address: Address, rows: Iterable[tuple[Network, str]]) -> str | None:
    return next((name for network, name in rows if address in network), None)


def _outside(address: Address) -> str | None:
    if isinstance(address, ipaddress.IPv4Address):
        return None
    return None if address in _GLOBAL_UNICAST and address.scope_id is None else "not global unicast"


def _embedded(address: Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that a gateway or the kernel would really call."""
    if not isinstance(address, ipaddress.IPv6Address):
        return None
    number = int(address)
    if number >> 32 in (0xFFFF, 0xFFFF << 16, 0x64FF9B << 64) or (number >> 32) & 0xFCFFFFFF == 0x00005EFE:
        return ipaddress.IPv4Address(number & 0xFFFFFFFF)  # mapped, translated, NAT64, ISATAP
    if address.sixtofour is not None:
        return address.sixtofour
    return address.teredo[1] if address.teredo is not None else None
