"""5,000 mutated requests: nothing false is accepted, nothing breaks.

More of them, with another seed: ``python -m tests.webhooks.test_receiver_fuzz 100000 7``.
"""

import base64
import copy
import hashlib
import hmac
import random
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.webhooks.world import CATALOGUE, CNIPA, HMAC_KEY, NOW, SEED_KEY, MemoryStore, signed
from webhooks import strict_json
from webhooks.receiver import receive
from webhooks.signature import ED25519, Key

SECRET = base64.b64decode(HMAC_KEY.secret.removeprefix("whsec_"))
SEED = Ed25519PrivateKey.from_private_bytes(base64.b64decode(SEED_KEY.secret.removeprefix("whsk_")))
PARTNER = replace(CNIPA, verify_keys=(HMAC_KEY, Key("public", ED25519, public=SEED_KEY.public)))
EXAMPLES = [CATALOGUE.example(type_) for type_ in sorted(CNIPA.may_send)]
SCRAPS = ["", " ", "é", "１", "\x00", "\n", ".", ",", "=", "v1,", "v1a,", "-", "[", '"', "\\u0000", "\ud800", "9" * 40]
Headers = list[tuple[str, str]]


def request(rng: random.Random) -> tuple[bytes, Headers]:
    body = EXAMPLES[rng.randrange(len(EXAMPLES))] | {"event_seq": rng.randrange(1000)}
    return strict_json.dumps(body), list(signed(body, key=rng.choice([HMAC_KEY, SEED_KEY])).items())


def scrap(text: str, rng: random.Random) -> str:
    """The text with something cut, repeated, swapped or put in at random places."""
    at, to = sorted((rng.randrange(len(text) + 1), rng.randrange(len(text) + 1)))
    piece = rng.choice(SCRAPS)
    return rng.choice(
        [
            text[:at] + piece + text[at:],
            text[:at] + text[to:],
            text[:to] + text[at:],
            text[:at] + piece + text[to:],
            text.swapcase(),
            piece,
        ]
    )


def body_bytes(raw: bytes, headers: Headers, rng: random.Random) -> tuple[bytes, Headers]:
    at = rng.randrange(len(raw))
    flipped = bytes([raw[at] ^ (1 << rng.randrange(8))])
    return rng.choice([raw[:at], raw[:at] + flipped + raw[at + 1 :], raw + raw]), headers


def header_value(raw: bytes, headers: Headers, rng: random.Random) -> tuple[bytes, Headers]:
    at = rng.randrange(len(headers))
    return raw, headers[:at] + [(headers[at][0], scrap(headers[at][1], rng))] + headers[at + 1 :]


def header_gone(raw: bytes, headers: Headers, rng: random.Random) -> tuple[bytes, Headers]:
    at = rng.randrange(len(headers))
    return raw, headers[:at] + headers[at + 1 :]


def header_twice(raw: bytes, headers: Headers, rng: random.Random) -> tuple[bytes, Headers]:
    name, value = rng.choice(headers)
    return raw, [*headers, (name.title(), rng.choice([value, scrap(value, rng)]))]


def time_moved(raw: bytes, headers: Headers, rng: random.Random) -> tuple[bytes, Headers]:
    moved = str(int(NOW.timestamp()) + rng.choice([-301, -1, 1, 301, 10**9]))
    return raw, [(name, moved if name == "webhook-timestamp" else value) for name, value in headers]


def parts_shifted(raw: bytes, headers: Headers, rng: random.Random) -> tuple[bytes, Headers]:
    """The same signed bytes, cut at another dot: what ids without dots are for."""
    given = dict(headers)
    given["webhook-id"] += "." + given["webhook-timestamp"]
    given["webhook-timestamp"] = raw[:10].decode("latin-1")
    return raw[10:], list(given.items())


def signed_nonsense(raw: bytes, headers: Headers, rng: random.Random) -> tuple[bytes, Headers]:
    """A member replaced or removed anywhere, then signed as it should be."""
    body: Any = strict_json.loads(raw)
    place = copy.deepcopy(body)
    target = rng.choice([place, place["payload"], place["correlation"]])
    if target:
        name = rng.choice(sorted(target))
        target[name] = rng.choice([None, 0, -1, 2**53, [], {}, "", "x", "\ud800", "\x00", "a.b", [[[]]], 1e300, True])
        if rng.random() < 0.3:
            del target[name]
    text = str(place).encode("utf-8", "replace") if rng.random() < 0.2 else _lenient(place)
    return text, list(signed(text, msg_id=body["msg_id"]).items())


def signed_scraps(raw: bytes, headers: Headers, rng: random.Random) -> tuple[bytes, Headers]:
    text = scrap(raw.decode(), rng).encode("utf-8", "surrogatepass")
    return text, list(signed(text).items())


MUTATIONS: list[Callable[[bytes, Headers, random.Random], tuple[bytes, Headers]]] = [
    body_bytes,
    header_value,
    header_value,
    header_gone,
    header_twice,
    time_moved,
    parts_shifted,
    signed_nonsense,
    signed_scraps,
]


def _lenient(value: Any) -> bytes:
    return strict_json.json.dumps(value).encode()


def truly_signed(raw: bytes, headers: Headers) -> bool:
    """An oracle of its own: exactly one header of each name, and one entry that signs what they say."""
    given = {name.lower(): value for name, value in headers}
    names = [name.lower() for name, _ in headers]
    if any(names.count(f"webhook-{part}") != 1 for part in ("id", "timestamp", "signature")):
        return False
    content = f"{given['webhook-id']}.{given['webhook-timestamp']}.".encode("utf-8", "replace") + raw
    entries = given["webhook-signature"].split(" ")
    shared = "v1," + base64.b64encode(hmac.new(SECRET, content, hashlib.sha256).digest()).decode()
    own = "v1a," + base64.b64encode(SEED.sign(content)).decode()  # ed25519 signatures have one spelling
    return shared in entries or own in entries


def fuzz(count: int, seed: int) -> dict[int, int]:
    """How often each status was given; ``AssertionError`` names the first request that was treated wrongly."""
    rng = random.Random(seed)
    seen: dict[int, int] = {}
    for number in range(count):
        raw, headers = request(rng)
        mutation = rng.choice(MUTATIONS)
        raw, headers = mutation(raw, headers, rng)
        store = MemoryStore()
        answer = receive(raw, headers, PARTNER, store, NOW, CATALOGUE)
        told = (seed, number, mutation.__name__, answer.status, headers, raw[:200])
        assert answer.status in (202, 400, 401, 403, 415, 422), told
        assert (answer.status == 202) == (len(store.kept) == 1) == (store.refusals == []), told
        if answer.status == 202:
            assert truly_signed(raw, headers), told
            assert CATALOGUE.validate_envelope(strict_json.json.loads(raw)) == [], told
        seen[answer.status] = seen.get(answer.status, 0) + 1
    return seen


def test_5000_mutated_requests() -> None:
    assert set(fuzz(5000, seed=20260318)) == {202, 400, 401, 403, 415, 422}


if __name__ == "__main__":
    print(fuzz(int(sys.argv[1]), int(sys.argv[2])))
