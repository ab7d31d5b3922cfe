"""The audit chain notices every tampering and says where it begins."""

import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain import audit_chain
from engine.domain.audit_chain import GENESIS, Link, canonical_json, entry_hash, link, merkle_root, verify
from engine.errors import InvalidInput

SHANGHAI = timezone(timedelta(hours=8))


def chain(entries):
    links, previous = [], GENESIS
    for entry in entries:
        links.append(link(previous, entry))
        previous = links[-1].hash
    return links


LINKS = chain({"action": f"步骤{n}", "algorithm": "sha-256", "by": "examiner1", "n": n} for n in range(5))


@pytest.mark.parametrize(("value", "written"), [
    ({"b": 1, "a": [True, None, "木棉"]}, '{"a":[true,null,"木棉"],"b":1}'),
    (Decimal("1.50"), "1.5"), (Decimal("1E+2"), "100"), (Decimal("-0.00"), "0"), (-0.0, "0"), (1.0, "1"), (0.1, "0.1"),
    (1e-7, "0.0000001"), (10**30, "1" + "0" * 30), (100, "100"),
    (Decimal("12345678901234567890.10"), "12345678901234567890.1"),
    (date(2026, 2, 24), '"2026-02-24"'),
    (datetime(2026, 2, 24, 8, 0, tzinfo=SHANGHAI), '"2026-02-24T00:00:00Z"'),
    (datetime(2026, 2, 24, 8, 0, 0, 5, tzinfo=UTC), '"2026-02-24T08:00:00.000005Z"'),
    ((1, 2), "[1,2]"), ('a"\n', '"a\\"\\n"'),
])
def test_canonical_form(value, written):
    assert canonical_json(value).decode() == written


def test_text_is_not_normalised():
    assert canonical_json("é") != canonical_json("e\u0301")


@pytest.mark.parametrize(("value", "place"), [
    ({"a": [float("nan")]}, "$.a[0]"), (Decimal("Infinity"), "$"), ({1: 2}, "$"), (Decimal("1E+5000"), "$"),
    ({"x": b"1"}, "$.x"),
    (datetime(2026, 1, 1), "$"), ("\ud800", "$"), ({"s": {1}}, "$.s"),
])
def test_what_cannot_be_written_is_refused(value, place):
    with pytest.raises(InvalidInput) as refused:
        canonical_json(value)
    assert refused.value.params["where"] == place


def test_the_digest_is_the_documented_one():
    assert entry_hash(GENESIS, {"b": 1, "a": 2}) == hashlib.sha256(b"0" * 64 + b'\n{"a":2,"b":1}').hexdigest()


def test_an_unknown_digest_is_refused():
    with pytest.raises(InvalidInput, match="sha-256"):
        entry_hash(GENESIS, {"algorithm": "md5"})


def test_a_whole_chain_verifies():
    assert verify(LINKS).ok and verify(LINKS, head=LINKS[-1].hash).ok and verify([]).ok
    assert verify(LINKS[2:], previous_hash=LINKS[1].hash).ok


@pytest.mark.parametrize("at", range(5))
def test_a_changed_entry_is_found(at):
    forged = [replace(one, entry={**one.entry, "by": "x"}) if n == at else one for n, one in enumerate(LINKS)]
    assert (verify(forged).ok, verify(forged).first_broken_index) == (False, at)


def test_a_changed_and_rehashed_entry_breaks_the_next_one():
    forged = [*LINKS[:2], link(LINKS[1].hash, {"forged": True}), *LINKS[3:]]
    assert verify(forged).first_broken_index == 3


def test_removal_insertion_order_and_a_cut_end_are_found():
    assert verify(LINKS[:2] + LINKS[3:]).first_broken_index == 2
    assert verify(LINKS[1:]).first_broken_index == 0
    assert verify([LINKS[0], LINKS[2], LINKS[1], *LINKS[3:]]).first_broken_index == 1
    assert verify([LINKS[0], LINKS[0], *LINKS[1:]]).first_broken_index == 1
    assert verify(LINKS[:3]).ok
    assert not verify(LINKS[:3], head=LINKS[-1].hash).ok
    assert not verify([], head=LINKS[-1].hash).ok


def test_an_entry_that_cannot_be_digested_is_a_broken_link():
    verdict = verify([Link(GENESIS, "00", {"algorithm": "rot13"})])
    assert verdict.first_broken_index == 0 and "rot13" in verdict.reason


def test_merkle_root_after_rfc_6962():
    a, b, c = ("aa", "bb", "cc")
    leaf = {one: hashlib.sha256(b"\x00" + bytes.fromhex(one)).digest() for one in (a, b, c)}
    ab = hashlib.sha256(b"\x01" + leaf[a] + leaf[b]).digest()
    assert merkle_root([]) == hashlib.sha256(b"").hexdigest()
    assert merkle_root([a]) == leaf[a].hex()
    assert merkle_root([a, b, c]) == hashlib.sha256(b"\x01" + ab + leaf[c]).hexdigest()
    assert merkle_root([a, b, c]) != merkle_root([a, b, c, c])
    with pytest.raises(InvalidInput):
        merkle_root(["zz"])


TEXT = st.text(st.characters(exclude_categories=["Cs"]))
JSONISH = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals(allow_nan=False, allow_infinity=False, places=4) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text("abc木", max_size=3), JSONISH, max_size=4))
def test_order_of_keys_never_matters(entry):
    backwards = dict(reversed(list(entry.items())))
    assert canonical_json(entry) == canonical_json(backwards)


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63) + 1, 2**63 - 1) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(PLAIN)
def test_the_short_way_writes_the_same_as_the_long_one(value):
    assert audit_chain._is_plain(value)
    assert audit_chain._write_plain(value) == audit_chain._write(value, "$")


@pytest.mark.parametrize("value", [1.0, Decimal(1), 1 << 63, date(2026, 1, 1), {1: 2}, [{"a": 0.5}], b"", {"a": {1}}])
def test_what_json_writes_otherwise_takes_the_long_way(value):
    assert not audit_chain._is_plain(value)
