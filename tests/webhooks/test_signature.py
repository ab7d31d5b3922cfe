"""Signatures: the published vectors, the strictness of must 9, and agreement with the reference library."""

import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from tests.webhooks.world import HMAC_KEY, NOW, SEED_KEY
from webhooks.signature import (
    ED25519,
    HMAC_SHA256,
    Key,
    VerificationError,
    generate_keypair,
    generate_secret,
    sign,
    verify,
)

# The vector of every Standard Webhooks library, its Go library's ed25519 vector, and the one of the Svix server.
VECTOR_ID, VECTOR_BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", b'{"test": 2432232314}'
VECTOR_TIME = datetime.fromtimestamp(1614265330, UTC)
VECTORS = [
    (HMAC_KEY, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
    (SEED_KEY, "v1a,tQ9V2XOqn7jL/DQenEFpqIugdBVtiMmER5mhSkXBNwM0mkATuDe6KYYUuxqtaiHeYGb7KaaBRdM5WqyeFiL8Ag=="),
    (
        Key(
            "svix",
            ED25519,
            "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==",
        ),
        "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==",
    ),
]
STRANGER = "v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc="
BODY = b'{"a":1}'


def headers(**changes: str | None) -> dict[str, str]:
    given = sign((HMAC_KEY,), "msg_1", NOW, BODY)
    given |= {f"webhook-{name}": value for name, value in changes.items() if value is not None}
    return {name: value for name, value in given.items() if changes.get(name[8:], "") is not None}


def code_of(given: Any, *, body: bytes = BODY, keys: tuple[Key, ...] = (HMAC_KEY,), now: datetime = NOW) -> str:
    with pytest.raises(VerificationError) as caught:
        verify(keys, given, body, now)
    assert caught.value.message.startswith("Expected")
    return caught.value.code


@pytest.mark.parametrize(("key", "signature"), VECTORS)
def test_published_vectors_are_made_and_verified(key: Key, signature: str) -> None:
    made = sign((key,), VECTOR_ID, VECTOR_TIME, VECTOR_BODY)
    assert made == {"webhook-id": VECTOR_ID, "webhook-timestamp": "1614265330", "webhook-signature": signature}
    public = Key("p", key.algorithm, key.secret if key.algorithm == HMAC_SHA256 else "", key.public)
    assert verify((public,), made, VECTOR_BODY, VECTOR_TIME).key_id == "p"


def test_svix_public_key_is_the_published_one() -> None:
    assert VECTORS[2][0].public == "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4="


def test_the_reference_scenarios_of_several_signatures() -> None:
    good = headers()["webhook-signature"]
    several = " ".join([STRANGER, STRANGER.replace("v1", "v2"), good, STRANGER])
    assert verify((HMAC_KEY,), headers(signature=several), BODY, NOW).algorithm == HMAC_SHA256
    assert code_of(headers(signature=STRANGER)) == "signature_mismatch"
    assert code_of(headers(signature=good.replace("v1,", "v2,"))) == "signature_mismatch"


def test_reference_library_and_ours_accept_each_other() -> None:
    now = datetime.now(UTC)  # the reference library reads the clock itself
    Webhook(HMAC_KEY.secret).verify(BODY, sign((HMAC_KEY,), "msg_1", now, BODY))
    theirs = Webhook(HMAC_KEY.secret).sign("msg_1", now, BODY.decode())
    given = {"webhook-id": "msg_1", "webhook-timestamp": str(int(now.timestamp())), "webhook-signature": theirs}
    assert verify((HMAC_KEY,), given, BODY, now).msg_id == "msg_1"
    with pytest.raises(WebhookVerificationError):
        Webhook(generate_secret()).verify(BODY, sign((HMAC_KEY,), "msg_1", now, BODY))


@pytest.mark.parametrize("seconds", [-300, -1, 0, 1, 300])
def test_inside_the_window(seconds: int) -> None:
    assert verify((HMAC_KEY,), headers(), BODY, NOW + timedelta(seconds=seconds)).timestamp == NOW


@pytest.mark.parametrize("seconds", [-301, 301, 86400, -86400])
def test_outside_the_window(seconds: int) -> None:
    assert code_of(headers(), now=NOW + timedelta(seconds=seconds)) == "timestamp_outside_window"


@pytest.mark.parametrize("name", ["id", "timestamp", "signature"])
@pytest.mark.parametrize("value", [None, ""])
def test_missing_headers(name: str, value: str | None) -> None:
    assert code_of(headers(**{name: value})) == "header_missing"


@pytest.mark.parametrize(
    "text",
    ["x", "1.7e9", "-1", "+1773800493", " 1773800493", "1773800493\n", "1773800493.0", "0x6", "1" * 12, "１７７３８"],
)
def test_malformed_times(text: str) -> None:
    assert code_of(headers(timestamp=text)) in ("timestamp_malformed", "header_malformed")


@pytest.mark.parametrize("text", ["a.b", "a b", "a/b", "x" * 129, "é", "a,b", "a\n", "../x"])
def test_malformed_ids(text: str) -> None:
    assert code_of(headers(id=text)) in ("id_malformed", "header_malformed")


@pytest.mark.parametrize(
    "text",
    [
        "v1",
        "v1,",
        "v1,===",
        "v1,a",
        "v1,QQ",
        "v1,QR==",
        "v1,Q Q=",
        "v1:QQ==",
        ",QQ==",
        "V1,QQ==",
        "v1,QQ==,v1,QQ==",
        "v1,QQ==  v1,QQ==",
        "v1,QQ== ",
        " ".join([STRANGER] * 17),
        "v1,_-==",
        "x" * 5000,
    ],
)
def test_malformed_signatures(text: str) -> None:
    assert code_of(headers(signature=text)) in ("signature_malformed", "header_malformed")


def test_base64_has_one_spelling_only() -> None:
    good = headers()["webhook-signature"]
    assert base64.b64decode(good[3:]) == base64.b64decode(good[3:-2] + chr(ord(good[-2]) + 1) + "=")
    assert code_of(headers(signature=good[:-2] + chr(ord(good[-2]) + 1) + "=")) == "signature_malformed"


def test_header_names_in_any_case_but_once() -> None:
    upper = {name.upper(): value for name, value in headers().items()}
    assert verify((HMAC_KEY,), upper, BODY, NOW).msg_id == "msg_1"
    assert verify((HMAC_KEY,), list(headers().items()), BODY, NOW).msg_id == "msg_1"
    assert code_of([*headers().items(), ("Webhook-Id", "msg_1")]) == "header_duplicate"
    assert code_of(headers() | {"WEBHOOK-SIGNATURE": STRANGER}) == "header_duplicate"


def test_other_types_than_text_are_malformed_too() -> None:
    assert code_of(headers() | {"webhook-id": b"msg_1"}) == "header_malformed"
    assert code_of([*list(headers().items())[1:], (b"webhook-id", "msg_1")]) == "header_missing"


def test_any_change_of_what_was_signed_is_noticed() -> None:
    assert code_of(headers(), body=BODY + b" ") == "signature_mismatch"
    assert code_of(headers(id="msg_2")) == "signature_mismatch"
    assert code_of(headers(timestamp=str(int(NOW.timestamp()) + 1))) == "signature_mismatch"
    assert code_of(headers(), keys=()) == "signature_mismatch"
    assert verify((HMAC_KEY,), sign((HMAC_KEY,), "m", NOW, b"\xff\xfe"), b"\xff\xfe", NOW).msg_id == "m"


def test_ed25519_notices_changes_too() -> None:
    given = sign((SEED_KEY,), "msg_1", NOW, BODY)
    public = (Key("p", ED25519, public=SEED_KEY.public),)
    assert verify(public, given, BODY, NOW).algorithm == ED25519
    assert code_of(given, body=BODY + b" ", keys=public) == "signature_mismatch"
    assert code_of(given, keys=(Key("p", ED25519, public=generate_keypair()[1]),)) == "signature_mismatch"
    assert code_of(given | {"webhook-signature": "v1a,QQ=="}, keys=public) == "signature_mismatch"


def test_keys_work_between_their_dates_only() -> None:
    day = timedelta(days=1)
    for key, works in [
        (Key("k", HMAC_SHA256, HMAC_KEY.secret, not_before=NOW), True),
        (Key("k", HMAC_SHA256, HMAC_KEY.secret, not_before=NOW + day), False),
        (Key("k", HMAC_SHA256, HMAC_KEY.secret, expires_at=NOW), False),
        (Key("k", HMAC_SHA256, HMAC_KEY.secret, expires_at=NOW + day), True),
        (Key("k", HMAC_SHA256, HMAC_KEY.secret, expires_at=NOW + day, revoked_at=NOW), False),
    ]:
        assert key.active(NOW) is works
        if works:
            assert verify((key,), headers(), BODY, NOW).key_id == "k"
        else:
            assert code_of(headers(), keys=(key,)) == "signature_mismatch"


def test_rotation_signs_with_both_keys_and_either_verifies() -> None:
    new = Key("new", ED25519, generate_secret(ED25519))
    both = sign((HMAC_KEY, new), "msg_1", NOW, BODY)
    assert [entry[:3] for entry in both["webhook-signature"].split(" ")] == ["v1,", "v1a"]
    assert verify((Key("new", ED25519, public=new.public),), both, BODY, NOW).key_id == "new"
    assert verify((HMAC_KEY,), both, BODY, NOW).key_id == "k1"


def test_one_algorithms_signature_is_not_the_others() -> None:
    other = sign((SEED_KEY,), "msg_1", NOW, BODY)
    assert code_of(other) == "signature_mismatch"
    assert code_of(headers(signature=other["webhook-signature"].replace("v1a", "v1"))) == "signature_mismatch"


@pytest.mark.parametrize(
    "make",
    [
        lambda: Key("k", HMAC_SHA256, "whsec_" + base64.b64encode(b"x" * 23).decode()),
        lambda: Key("k", HMAC_SHA256, "whsec_" + base64.b64encode(b"x" * 65).decode()),
        lambda: Key("k", HMAC_SHA256, "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
        lambda: Key("k", HMAC_SHA256, "whsec_not base64"),
        lambda: Key("k", ED25519),
        lambda: Key("k", ED25519, SEED_KEY.secret, HMAC_KEY.secret),
        lambda: Key("k", ED25519, VECTORS[2][0].secret[:-6] + "AAAA=="),
        lambda: Key("k", ED25519, public="whpk_" + base64.b64encode(b"\x00" * 32).decode()),
        lambda: Key("k", ED25519, public="whpk_" + base64.b64encode(b"\x01" + b"\x00" * 30 + b"\x80").decode()),
        lambda: Key("k", "rsa", "x"),
        lambda: sign((), "msg_1", NOW, BODY),
        lambda: sign((Key("k", ED25519, public=SEED_KEY.public),), "msg_1", NOW, BODY),
        lambda: sign((HMAC_KEY,), "msg.1", NOW, BODY),
        lambda: sign((HMAC_KEY,), "msg_1", datetime(2026, 3, 18), BODY),
    ],
)
def test_our_own_mistakes_are_value_errors(make: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match="Expected"):
        make()


def test_secrets_are_fresh_and_not_shown() -> None:
    assert generate_secret() != generate_secret()
    assert len(base64.b64decode(generate_secret()[6:])) == 32
    private, public = generate_keypair()
    assert Key("k", ED25519, private).public == public
    assert private not in repr(Key("k", ED25519, private))
