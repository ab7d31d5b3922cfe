"""Mutated requests through the whole service: the real application, a real partner, a case that waits.

5,000 in ``make test``, 100,000 in ``make prove``. Every kind of malformed header, body, encoding, time, address and
signature gets the 4xx that is defined for it and one audit entry, and changes nothing. What is accepted is proved right
by an oracle that shares no code with the receiver. The audit trail is whole at the end.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import hmac
import io
import json
import random
import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import Flask

from engine.app import create_app
from engine.domain.actors import SHELL
from engine.domain.commands import AddPartner, PartnerKey
from engine.store import schema as s
from tests.support.bpmn import chain, end, message, process, receive, start
from tests.support.house import House
from tests.webhooks.world import CATALOGUE
from webhooks import strict_json
from webhooks.receiver import MAX_BODY
from webhooks.signature import ED25519, HMAC_SHA256, Key, generate_keypair, generate_secret, sign

AWAITING = process("awaiting", start("s"), receive("Await", message("cnipa.event", "=application_no")), end("e"),
                   chain("s", "Await", "e"))
WAITING = 40
"""Cases that wait when it begins; a good message in between moves one."""
SECRET, OTHERS, (PRIVATE, PUBLIC) = generate_secret(), generate_secret(), generate_keypair()
SHARED, OWN = Key("k1", HMAC_SHA256, SECRET), Key("k2", ED25519, PRIVATE)
OTHER, STRANGER = Key("k1", HMAC_SHA256, OTHERS), Key("k1", HMAC_SHA256, generate_secret())
MAY_SEND = ("cnipa.event", "pre.fastlane.ack", "receipt")
SCRAPS = ["", " ", "é", "１", "\x00", "\n", "\r\nx: y", "\t", ".", ",", "=", "v1,", "v1a,", "v2,AA==", "-", "[", '"',
          "\\u0000", "\\ud800", "9" * 40, "٣", "%00", "../", "A" * 5000]
DEFINED = {400, 401, 403, 409, 413, 415, 422}


@dataclass(frozen=True)
class Ask:
    """One request as it stands on the wire; ``allowed``: the answers that are right for what was done to it."""

    raw: bytes
    headers: tuple[tuple[str, str], ...]
    partner: str = "cnipa"
    remote: str = "127.0.0.1"
    allowed: frozenset[int] = frozenset(DEFINED | {202})

    def header(self, name: str) -> str:
        """As a server hands it on: equal names are joined (RFC 9110, 5.3)."""
        return ",".join(value for found, value in self.headers if found.lower() == name)

    def with_header(self, name: str, value: str) -> Ask:
        return replace(self, headers=tuple((found, value if found == name else old) for found, old in self.headers))

    def environ(self) -> dict[str, Any]:
        names = dict.fromkeys(name.lower() for name, _ in self.headers)
        given = {"HTTP_" + name.upper().replace("-", "_"): _latin(self.header(name)) for name in names}
        given["CONTENT_TYPE"] = given.pop("HTTP_CONTENT_TYPE", "")
        return given | {
            "REQUEST_METHOD": "POST", "SCRIPT_NAME": "", "PATH_INFO": _latin(f"/webhooks/v1/{self.partner}"),
            "QUERY_STRING": "", "SERVER_NAME": "localhost", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": self.remote, "CONTENT_LENGTH": str(len(self.raw)), "wsgi.input": io.BytesIO(self.raw),
            "wsgi.version": (1, 0), "wsgi.url_scheme": "http", "wsgi.errors": io.StringIO(), "wsgi.multithread": False,
            "wsgi.multiprocess": False, "wsgi.run_once": False}


def _latin(text: str) -> str:
    """Bytes of UTF-8 as WSGI strings carry them (PEP 3333)."""
    return text.encode("utf-8", "surrogatepass").decode("latin-1")


@dataclass
class World:
    """The house, its application, and what it looked like after the last answer."""

    house: House
    app: Flask
    application_nos: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    """Codes of refusals, in order, since the audit trail was last read."""
    read: int = 0
    """How far it was read."""
    accepted: list[str] = field(default_factory=list)

    def ask(self, ask: Ask) -> tuple[int, dict[str, str], bytes]:
        status: list[int] = []
        headers: dict[str, str] = {}

        def begin(line: str, pairs: list[tuple[str, str]], _exc: Any = None) -> Callable[[bytes], object]:
            status.append(int(line[:3]))
            headers.update({name.lower(): value for name, value in pairs})
            return lambda _data: None

        body = b"".join(self.app.wsgi_app(ask.environ(), begin))
        return status[0], headers, body

    def refusals(self) -> list[str]:
        """What the audit trail says since it was last asked."""
        rows = self.house.rows(s.audit, s.audit.c.chain == "system", s.audit.c.seq > self.read)
        self.read = rows[-1].seq if rows else self.read
        return [json.loads(row.entry)["detail"]["refused"] for row in rows if row.action == "ReceiveWebhook"]

    def changes(self) -> tuple[int, ...]:
        """Everything that a message could change, counted."""
        tables = (s.inbound, s.inbound_evidence, s.message, s.correlation, s.case, s.history, s.outbox, s.partner_key)
        with self.house.kapok.database.reading() as connection:
            return tuple(connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
                         for table in tables)

    def kept(self) -> list[str]:
        return sorted(row.message_id for row in self.house.rows(s.inbound))


@pytest.fixture
def world(fresh_database_url: str, tmp_path: Path) -> Iterator[World]:
    """On SQLite in memory: that thousands of refusals reach a disk is not the question."""
    url = "sqlite://" if fresh_database_url.startswith("sqlite") else fresh_database_url
    house = House(url, tmp_path, rate_webhooks="", secret_key="only for tests", secure_cookies=False)
    house.deploy(AWAITING)
    shared = (PartnerKey("k1", HMAC_SHA256, "shared", SECRET), PartnerKey("k2", ED25519, "verify", PUBLIC))
    for code, keys in (("cnipa", shared), ("cnipa.two", (PartnerKey("k1", HMAC_SHA256, "shared", OTHERS),))):
        house.run(AddPartner(code, "cnipa", code, None, ("127.0.0.0/8", "10.1.0.0/16"), True, MAY_SEND, keys), SHELL)
    found = World(house, create_app(house.kapok.settings, house.kapok))
    for number in range(WAITING):
        found.application_nos.append(f"2026101{number:05}.7")
        house.start("awaiting", {"application_no": found.application_nos[-1]})
    yield found
    house.close()


class Mutator:
    """Good requests, and all that may be wrong with one."""

    def __init__(self, world: World, rng: random.Random) -> None:
        self._world, self._rng = world, rng
        self._number = 0
        self._now = world.house.clock.now()
        self.kinds: tuple[Callable[[Ask], Ask], ...] = (
            self.bytes_of_body, self.header_value, self.header_value, self.header_gone, self.header_twice,
            self.time, self.time_text, self.shifted, self.signed_nonsense, self.signed_nonsense, self.signed_scraps,
            self.signed_scraps, self.encoding, self.compressed, self.media_type, self.size, self.stranger,
            self.others_key, self.others_name, self.others_door, self.address, self.no_partner, self.type,
            self.replayed, self.reserved_id, self.signature_text, self.algorithm, self.good)

    def fresh(self) -> Ask:
        self._number += 1
        body: dict[str, Any] = CATALOGUE.example(self._rng.choice(MAY_SEND)) | {
            "msg_id": f"fuzz-{self._number}", "sender": "cnipa", "receiver": "gdippc"}
        if body["type"] == "cnipa.event":
            body["correlation"] = {"application_no": self._rng.choice(self._world.application_nos)}
        return self.signed(strict_json.dumps(body))

    def signed(self, raw: bytes, msg_id: str | None = None, key: Key | None = None, seconds: int = 0) -> Ask:
        at = self._now.fromtimestamp(int(self._now.timestamp()) + seconds, self._now.tzinfo)
        headers = sign((key or self._rng.choice((SHARED, OWN)),), msg_id or f"fuzz-{self._number}", at, raw)
        return Ask(raw, (*headers.items(), ("content-type", "application/json")))

    def scrap(self, text: str) -> str:
        """The text with something cut, repeated, swapped or put in."""
        at, to = sorted((self._rng.randrange(len(text) + 1), self._rng.randrange(len(text) + 1)))
        piece = self._rng.choice(SCRAPS)
        return self._rng.choice((text[:at] + piece + text[at:], text[:at] + text[to:], text[:to] + text[at:],
                                 text[:at] + piece + text[to:], text.swapcase(), piece))

    def good(self, ask: Ask) -> Ask:
        return replace(ask, allowed=frozenset({202}))

    def bytes_of_body(self, ask: Ask) -> Ask:
        at = self._rng.randrange(len(ask.raw))
        flipped = bytes([ask.raw[at] ^ (1 << self._rng.randrange(8))])
        raw = self._rng.choice((ask.raw[:at], ask.raw[:at] + flipped + ask.raw[at + 1:], ask.raw * 2, b"", b"\x00"))
        return replace(ask, raw=raw, allowed=frozenset({401}))

    def header_value(self, ask: Ask) -> Ask:
        name, value = self._rng.choice(ask.headers)
        return ask.with_header(name, self.scrap(value))

    def header_gone(self, ask: Ask) -> Ask:
        at = self._rng.randrange(len(ask.headers))
        return replace(ask, headers=ask.headers[:at] + ask.headers[at + 1:], allowed=frozenset({401, 415}))

    def header_twice(self, ask: Ask) -> Ask:
        name, value = self._rng.choice(ask.headers)
        again = (name.title(), self._rng.choice((value, self.scrap(value) or "x")))
        return replace(ask, headers=(*ask.headers, again), allowed=frozenset({400, 401, 415}))

    def time(self, ask: Ask) -> Ask:
        seconds = self._rng.choice((-10**9, -86_400, -8 * 3600, -301, 301, 8 * 3600, 10**9))
        return replace(self.signed(ask.raw, seconds=seconds), allowed=frozenset({401}))

    def time_text(self, ask: Ask) -> Ask:
        """What ``int()`` or ``float()`` would read, signed as it stands."""
        seconds = str(int(self._now.timestamp()))
        text = self._rng.choice((f"+{seconds}", f" {seconds}", f"{seconds}.0", "1.7e9", seconds + "000", "0x699",
                                 "".join(chr(0xFF10 + int(digit)) for digit in seconds), f"{seconds[0]}_{seconds[1:]}",
                                 "-1", "NaN", "", f"{seconds}\n", "9" * 12, "2026-03-02T01:00:00Z"))
        content = f"fuzz-{self._number}.{text}.".encode() + ask.raw
        return replace(ask.with_header("webhook-timestamp", text).with_header("webhook-signature", _hmac(content)),
                       allowed=frozenset({400, 401}))

    def shifted(self, ask: Ask) -> Ask:
        """The same signed bytes, cut at another dot."""
        moved = ask.header("webhook-id") + "." + ask.header("webhook-timestamp")
        return replace(ask.with_header("webhook-id", moved).with_header("webhook-timestamp", ask.raw[:10].decode()),
                       raw=ask.raw[10:], allowed=frozenset({400}))

    def signed_nonsense(self, ask: Ask) -> Ask:
        """A member replaced, added or removed anywhere, then signed as it should be."""
        body = json.loads(ask.raw)
        target = self._rng.choice([part for part in (body, body["payload"], body["correlation"]) if part])
        name = self._rng.choice([*target, "extra"])
        target[name] = self._rng.choice((None, 0, -1, 2**53, 1e300, True, [], {}, "", "x", "\x00", "a.b", [[[]]],
                                         {"a": {"b": []}}, "9" * 3000, "../../etc/passwd", "<script>", "' OR 1=1 --"))
        if self._rng.random() < 0.3:
            del target[name]
        return self.signed(json.dumps(body, ensure_ascii=self._rng.random() < 0.5).encode())

    def signed_scraps(self, ask: Ask) -> Ask:
        return self.signed(self.scrap(ask.raw.decode()).encode("utf-8", "surrogatepass"))

    def encoding(self, ask: Ask) -> Ask:
        text = ask.raw.decode()
        deep = '{"a":' * 200 + "1" + "}" * 200
        raw = self._rng.choice((
            text.encode("utf-16"), text.encode("utf-32"), text.encode("gb18030"), b"\xef\xbb\xbf" + ask.raw,
            ask.raw.replace(b'"type"', b'"type\xff"'), ask.raw.replace(b"1.0", b"\xc0\xb1.0"), deep.encode(),
            b"[" * 100_000, text.replace('"type"', '"msg_id":"a","type"', 1).encode(), ask.raw + b"\x00",
            ask.raw + b"{}",
            text.replace('"version":"1.0"', '"version":NaN').encode(), b"null", b"[]", b'"text"', b"1", b"-0",
            text.replace('"payload"', '"event_seq":1e400,"payload"', 1).encode(),
            text.replace('"payload"', f'"event_seq":{"9" * 5000},"payload"', 1).encode(),
            text.replace('"sender"', '"sender\\ud800"', 1).encode()))
        return replace(self.signed(raw), allowed=frozenset({202} if raw == ask.raw else {400, 422}))

    def compressed(self, ask: Ask) -> Ask:
        name = self._rng.choice(("gzip", "deflate", "br", "identity, gzip", "x"))
        packed = self.signed(gzip.compress(ask.raw) if name == "gzip" else zlib.compress(ask.raw))
        return replace(packed, headers=(*packed.headers, ("content-encoding", name)), allowed=frozenset({415}))

    def media_type(self, ask: Ask) -> Ask:
        value = self._rng.choice(("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "", "json",
                                  "application/json; charset=gbk", "application/json; charset=utf-16", "*/*",
                                  "application/jsonp", "application/json,text/html", "APPLICATION/XML"))
        return replace(ask.with_header("content-type", value), allowed=frozenset({415}))

    def size(self, ask: Ask) -> Ask:
        if self._rng.random() < 0.9:  # they are slow, and all alike
            return self.media_type(ask)
        return replace(self.signed(ask.raw[:-1] + b" " * MAX_BODY + b"}"), allowed=frozenset({413}))

    def stranger(self, ask: Ask) -> Ask:
        return replace(self.signed(ask.raw, key=STRANGER), allowed=frozenset({401}))

    def others_key(self, ask: Ask) -> Ask:
        """One partner's key never opens another's messages."""
        return replace(self.signed(ask.raw, key=OTHER), allowed=frozenset({401}))

    def others_name(self, ask: Ask) -> Ask:
        body = json.loads(ask.raw) | self._rng.choice(({"sender": "cnipa.two"}, {"receiver": "cnipa"}))
        return replace(self.signed(strict_json.dumps(body)), allowed=frozenset({403}))

    def others_door(self, ask: Ask) -> Ask:
        return replace(ask, partner="cnipa.two", allowed=frozenset({401}))

    def address(self, ask: Ask) -> Ask:
        remote = self._rng.choice(("8.8.8.8", "10.2.0.1", "::1", "::ffff:10.2.0.1", "unix:", "", "127.0.0.1, 8.8.8.8"))
        return replace(ask, remote=remote, allowed=frozenset({403}))

    def no_partner(self, ask: Ask) -> Ask:
        name = self._rng.choice(("nobody", "CNIPA", "cnipa ", "cnipa\x00", "cnipa'--", "é", "木棉", "x" * 300, "..;"))
        return replace(ask, partner=name, allowed=frozenset({401}))

    def type(self, ask: Ask) -> Ask:
        name = self._rng.choice((*(name for name in CATALOGUE.types if name not in MAY_SEND), "no.such.type"))
        body = json.loads(ask.raw) | {"type": name}
        return replace(self.signed(strict_json.dumps(body)), allowed=frozenset({403, 422}))

    def replayed(self, ask: Ask) -> Ask:
        """An id that was used before, with other bytes, signed well; and what was accepted, too late."""
        if not self._world.accepted:
            return self.good(ask)
        msg_id = self._rng.choice(self._world.accepted)
        body = json.loads(ask.raw) | {"msg_id": msg_id, "sent_at": "2026-01-01T00:00:00Z"}
        return replace(self.signed(strict_json.dumps(body), msg_id), allowed=frozenset({409}))

    def reserved_id(self, ask: Ask) -> Ask:
        """Our own receipts are signed with the same shared key: none may come back as a message."""
        msg_id = "receipt_" + "0" * 32
        raw = strict_json.dumps(json.loads(ask.raw) | {"msg_id": msg_id})
        return replace(self.signed(raw, msg_id), allowed=frozenset({400}))

    def signature_text(self, ask: Ask) -> Ask:
        good = ask.header("webhook-signature")
        version, _, text = good.partition(",")
        value = self._rng.choice((text, version, "v1", ",", good + ",", f"{version}, {text}", good.rstrip("="),
                                  good + "=", f"{version},{text}\n", good.replace(",", ";"), " " + good, f"{good}  x",
                                  " ".join([good] * 17), f"{version},{base64.b32encode(b'x' * 32).decode()}",
                                  f"{version}," + text.replace("+", "-").replace("/", "_") + "*", f"V{good[1:]}",
                                  f"{version}é,{text}"))
        return replace(ask.with_header("webhook-signature", value), allowed=frozenset({400, 401}))

    def algorithm(self, ask: Ask) -> Ask:
        """The public key used as a shared secret, a signature under the other's label, an empty key, no key."""
        raw = ask.raw
        content = f"fuzz-{self._number}.{int(self._now.timestamp())}.".encode() + raw
        public = base64.b64decode(PUBLIC.removeprefix("whpk_"))
        value = self._rng.choice((_hmac(content, public), _hmac(content, b""), _hmac(content).replace("v1,", "v1a,"),
                                  _hmac(content, SECRET.encode()), "v1a," + base64.b64encode(bytes(64)).decode(),
                                  "v0," + base64.b64encode(bytes(32)).decode(), _hmac(raw), _hmac(content[:-1])))
        return replace(ask.with_header("webhook-signature", value), allowed=frozenset({401}))


def _hmac(content: bytes, key: bytes | None = None) -> str:
    shared = base64.b64decode(SECRET.removeprefix("whsec_")) if key is None else key
    return "v1," + base64.b64encode(hmac.new(shared, content, hashlib.sha256).digest()).decode()


_SEED = Ed25519PrivateKey.from_private_bytes(base64.b64decode(PRIVATE.removeprefix("whsk_"))[:32])


def rightly_accepted(ask: Ask, now: float) -> bool:
    """The oracle: signed by this partner's keys, at this time, over these bytes, in its own name, for us."""
    msg_id, seconds = ask.header("webhook-id"), ask.header("webhook-timestamp")
    if not re.fullmatch(r"[0-9]+", seconds, re.ASCII) or abs(int(seconds) - int(now)) > 300 or "." in msg_id:
        return False
    content = f"{msg_id}.{seconds}.".encode() + ask.raw
    genuine = {_hmac(content), "v1a," + base64.b64encode(_SEED.sign(content)).decode()}
    body = json.loads(ask.raw.decode("utf-8"))
    return (bool(genuine & set(ask.header("webhook-signature").split(" "))) and ask.partner == "cnipa"
            and (body["msg_id"], body["sender"], body["receiver"]) == (msg_id, "cnipa", "gdippc")
            and body["type"] in MAY_SEND and CATALOGUE.validate_message(body) == []
            and ask.remote.startswith(("127.", "10.1.")))


def fuzz(world: World, count: int, rng: random.Random) -> Counter[str]:
    """Ask ``count`` times; the database is looked at after each batch of 100. How often each status was given."""
    mutator, now = Mutator(world, rng), world.house.clock.now().timestamp()
    seen: Counter[str] = Counter()
    for number in range(count):
        mutation = rng.choice(mutator.kinds)
        ask = mutation(mutator.fresh())
        before = world.changes() if number % 100 == 0 else None
        status, headers, body = world.ask(ask)
        told = (number, mutation.__name__, status, body[:300], ask.headers, ask.partner, ask.raw[:300])
        assert status in ask.allowed, told
        if status == 202:
            assert rightly_accepted(ask, now), told
            world.accepted.append(json.loads(body)["msg_id"])
        else:
            answer = json.loads(body)
            assert headers["content-type"] == "application/problem+json", told
            assert answer["detail"].startswith("Expected "), told
            world.told.append(answer["code"])
            assert before is None or world.changes() == before, told
        seen[str(status)] += 1
        if number % 100 == 99:
            _as_told(world)
    _as_told(world)
    return seen


def _as_told(world: World) -> None:
    """Each refusal is one audit entry, in order."""
    told, world.told = world.told, []
    assert world.refusals() == told


def test_mutated_requests_are_refused_recorded_and_change_nothing(
        world: World, rng: random.Random, scale: Callable[[int, int], int]) -> None:
    small = world.house.kapok.database.dialect == "postgresql"
    seen = fuzz(world, scale(500 if small else 5_000, 10_000 if small else 100_000), rng)
    assert {int(status) for status in seen} >= DEFINED - {413} | {202}
    assert seen["202"] == len(world.accepted) < sum(seen.values()) / 4
    assert world.kept() == sorted(world.accepted)
    assert world.house.broken() == []
