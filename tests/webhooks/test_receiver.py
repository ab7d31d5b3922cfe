"""The receiver: each answer it can give, when, and what is kept."""

import dataclasses
from datetime import timedelta

import pytest

from tests.webhooks.world import CNIPA, HMAC_KEY, NOW, SEED_KEY, MemoryStore, message, post, signed
from webhooks import strict_json
from webhooks.receipts import StoredReceipt, check_answer, digest
from webhooks.receiver import MAX_BODY, Outcome, too_many
from webhooks.signature import HMAC_SHA256, Key, VerificationError, generate_secret, sign


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


def refused(store: MemoryStore, answer, status: int, code: str) -> None:
    assert (answer.status, answer.body["code"]) == (status, code)
    assert store.kept == []
    assert store.refusals[-1][1] == code


def test_a_message_is_kept_and_acknowledged(store: MemoryStore) -> None:
    raw = strict_json.dumps(message(event_seq=3))
    answer = post(raw, store)
    assert (answer.status, answer.body) == (
        202,
        {
            "msg_id": message()["msg_id"],
            "status": "accepted",
            "received_at": "2026-03-18T02:21:33+00:00",
            "sha256": digest(raw),
            "case_no": "YS-2026-FM-000001",
        },
    )
    kept = store.kept[0]
    assert (kept.partner, kept.type, kept.event_seq) == ("cnipa", "cnipa.event", 3)
    assert kept.correlation_key == "202610123456.7"
    assert (kept.raw, kept.sha256, kept.key_id, kept.payload["event_code"]) == (raw, digest(raw), "k1", "一通")
    assert kept.sent_at.utcoffset() == timedelta(hours=8)
    assert store.refusals == []


def test_the_receipt_is_signed_for_exactly_these_bytes(store: MemoryStore) -> None:
    raw = strict_json.dumps(message())
    answer = post(raw, store)
    assert check_answer((HMAC_KEY,), raw, answer.headers, answer.raw, NOW) == answer.body
    for other_raw, other_answer in [(raw + b" ", answer.raw), (raw, answer.raw.replace(b"accepted", b"conflict"))]:
        with pytest.raises(VerificationError):
            check_answer((HMAC_KEY,), other_raw, answer.headers, other_answer, NOW)


def test_a_receipt_cannot_come_back_as_a_message(store: MemoryStore) -> None:
    answer = post(message(), store)
    reflected = post(answer.raw, MemoryStore(), headers=answer.headers)
    assert (reflected.status, reflected.body["code"]) == (400, "id_reserved")


def test_our_own_message_cannot_come_back(store: MemoryStore) -> None:
    refused(store, post(message(sender="gdippc", receiver="cnipa"), store), 403, "sender_mismatch")
    refused(store, post(message(receiver="court"), store), 403, "receiver_mismatch")


@pytest.mark.parametrize("status", ["unmatched", "conflict"])
def test_whatever_is_kept_is_acknowledged(status: str) -> None:
    answer = post(message(), MemoryStore(Outcome(status)))
    assert (answer.status, answer.body["status"], "case_no" in answer.body) == (202, status, False)


def test_a_repetition_gets_the_first_receipt_again(store: MemoryStore) -> None:
    first = post(message(), store)
    later = NOW + timedelta(hours=2)
    again = post(message(), store, now=later, headers=signed(message(), at=later))
    assert (again.status, again.raw, again.headers["kapok-duplicate"]) == (202, first.raw, "true")
    assert len(store.kept) == 1
    assert check_answer((HMAC_KEY,), strict_json.dumps(message()), again.headers, again.raw, later) == first.body


def test_the_same_id_with_another_body_is_409_and_an_alert(store: MemoryStore) -> None:
    post(message(), store)
    answer = post(message(event_seq=9), store)
    assert (answer.status, answer.body["code"], len(store.kept)) == (409, "id_reused", 1)
    assert store.refusals == [("cnipa", "id_reused")]


@pytest.mark.parametrize(("sha256", "status"), [(digest(strict_json.dumps(message())), 202), ("0" * 64, 409)])
def test_losing_the_race_for_an_id(sha256: str, status: int) -> None:
    first = StoredReceipt(message()["msg_id"], "unmatched", NOW - timedelta(seconds=1), sha256)
    answer = post(message(), MemoryStore(Outcome("duplicate", first=first)))
    assert answer.status == status
    if status == 202:
        assert answer.body == first.body()


def test_ids_belong_to_their_partner(store: MemoryStore) -> None:
    post(message(), store)
    other = dataclasses.replace(CNIPA, code="other")
    assert post(message(sender="other"), store, other).status == 202
    assert len(store.kept) == 2


def test_too_large_before_anything_else(store: MemoryStore) -> None:
    refused(store, post(b"x" * (MAX_BODY + 1), store, headers={"a": "b"}), 413, "too_large")


@pytest.mark.parametrize(
    "extra",
    [
        {"content-type": "text/plain"},
        {"content-type": ""},
        {"content-type": "application/json; charset=gbk"},
        {"content-type": "application/xml, application/json"},
        {"content-encoding": "gzip"},
    ],
)
def test_content_type(store: MemoryStore, extra: dict[str, str]) -> None:
    refused(store, post(message(), store, headers=signed(message()) | extra), 415, "content_type")


def test_content_type_in_other_spellings(store: MemoryStore) -> None:
    headers = signed(message()) | {"content-type": 'Application/JSON ; charset="UTF-8"'}
    assert post(message(), store, headers=headers).status == 202


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"webhook-signature": "v1,"}, 400, "signature_malformed"),
        ({"webhook-timestamp": "1.7e9"}, 400, "timestamp_malformed"),
        ({"webhook-id": "a.b"}, 400, "id_malformed"),
        ({"webhook-id": "ｍ"}, 400, "header_malformed"),
        ({"webhook-signature": ""}, 401, "header_missing"),
        ({"webhook-id": "another"}, 401, "signature_mismatch"),
    ],
)
def test_headers(store: MemoryStore, changes: dict[str, str], status: int, code: str) -> None:
    refused(store, post(message(), store, headers=signed(message()) | changes), status, code)


def test_doubled_headers(store: MemoryStore) -> None:
    headers = [*signed(message()).items(), ("Webhook-Id", message()["msg_id"])]
    refused(store, post(message(), store, headers=headers), 400, "header_duplicate")


def test_stale_forged_and_foreign_signatures_look_the_same_and_change_nothing(store: MemoryStore) -> None:
    stale = signed(message(), at=NOW - timedelta(seconds=301))
    refused(store, post(message(), store, headers=stale), 401, "timestamp_outside_window")
    forged = signed(message(), key=Key("x", HMAC_SHA256, generate_secret()))
    refused(store, post(message(), store, headers=forged), 401, "signature_mismatch")
    refused(store, post(message(), store, headers=signed(message(), key=SEED_KEY)), 401, "signature_mismatch")
    known = post(message(), store, headers=forged)
    nobody = post(message(), store, None, headers=signed(message()))
    assert (known.status, known.raw, known.headers) == (nobody.status, nobody.raw, nobody.headers)
    assert store.refusals[-1] == (None, "signature_mismatch")


@pytest.mark.parametrize(
    ("remote", "status"),
    [("10.1.2.3", 202), ("::ffff:10.1.2.3", 202), ("10.2.0.1", 403), ("2001:db8::1", 403), (None, 403), ("x", 403)],
)
def test_allowed_addresses(store: MemoryStore, remote: str | None, status: int) -> None:
    partner = dataclasses.replace(CNIPA, allow_cidrs=("10.1.0.0/16",))
    answer = post(message(), store, partner, remote=remote)
    assert answer.status == status
    if status == 403:
        assert store.refusals == [("cnipa", "address_not_allowed")]


@pytest.mark.parametrize("raw", [b"{", b'{"a":1,"a":1}', b"\xff", b'{"a":NaN}', b"[" * 9999])
def test_signed_nonsense_is_400(store: MemoryStore, raw: bytes) -> None:
    refused(store, post(raw, store), 400, "not_json")


@pytest.mark.parametrize("raw", [b"null", b"[]", b"5", b'"x"', b"{}"])
def test_signed_json_that_is_no_envelope_is_422(store: MemoryStore, raw: bytes) -> None:
    refused(store, post(raw, store), 422, "schema")


def test_problems_are_told_with_pointers_and_signed(store: MemoryStore) -> None:
    body = message(payload={"event_code": "一通"})
    answer = post(body, store)
    refused(store, answer, 422, "schema")
    assert answer.body["problems"] == [{"pointer": "/payload/issued_at", "expected": "a value", "found": "nothing"}]
    assert answer.headers["content-type"] == "application/problem+json"
    assert check_answer((HMAC_KEY,), strict_json.dumps(body), answer.headers, answer.raw, NOW) == answer.body


def test_the_id_inside_is_the_id_outside(store: MemoryStore) -> None:
    answer = post(message(), store, headers=signed(message(), msg_id="another"))
    refused(store, answer, 422, "schema")
    assert answer.body["problems"][0]["pointer"] == "/msg_id"


def test_only_types_this_partner_may_send(store: MemoryStore) -> None:
    refused(store, post(message(type="court.preservation"), store), 403, "may_not_send")
    refused(store, post(message(type="no.such.type"), store), 422, "schema")


def test_a_failing_store_is_503_and_never_an_exception(store: MemoryStore) -> None:
    store.broken = True
    for headers in (signed(message()), {"content-type": "text/plain"}):
        answer = post(message(), store, headers=headers)
        assert (answer.status, answer.body["code"], answer.headers["retry-after"]) == (503, "unavailable", "5")
    assert too_many(timedelta(seconds=30)).headers["retry-after"] == "30"


def test_without_a_key_of_ours_the_answer_is_unsigned(store: MemoryStore) -> None:
    answer = post(message(), store, dataclasses.replace(CNIPA, sign_keys=()))
    assert answer.status == 202
    assert check_answer((HMAC_KEY,), b"", answer.headers, answer.raw, NOW) is None


@pytest.mark.parametrize("raw", [b"x", b"[]", b'{"sha256":"other"}'])
def test_a_signed_answer_that_is_no_receipt(raw: bytes) -> None:
    receipt_id = "receipt_" + digest(b"request")[:32]
    with pytest.raises(VerificationError, match="Expected"):
        check_answer((HMAC_KEY,), b"request", sign((HMAC_KEY,), receipt_id, NOW, raw), raw, NOW)
