"""JSON at the edge: exact, strict."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.http import wire

numbers = st.integers(-10**40, 10**40) | st.decimals(allow_nan=False, allow_infinity=False, places=9)
texts = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"))
values = st.recursive(st.none() | st.booleans() | numbers | texts,
                      lambda inner: st.lists(inner) | st.dictionaries(texts, inner), max_leaves=20)


@given(values)
def test_what_is_written_is_read_again(value: object) -> None:
    assert wire.decode(wire.encode(value)) == value


@given(st.binary(max_size=200))
def test_anything_is_read_or_refused(raw: bytes) -> None:
    try:
        wire.encode(wire.decode(raw))
    except wire.Malformed as error:
        assert error.message.startswith("Expected ")


def test_dates_and_instants_are_iso() -> None:
    written = wire.encode({"on": date(2026, 3, 2), "at": datetime(2026, 3, 2, tzinfo=UTC)})
    assert written == b'{"on":"2026-03-02","at":"2026-03-02T00:00:00Z"}'


@pytest.mark.parametrize(("raw", "told"), [
    (b"{", "line 1"), (b'{"a":1,"a":2}', "'a' twice"), (b"NaN", "NaN"), (b"-Infinity", "-Infinity"), (b"\xff", "UTF-8"),
    (b'"\\ud800"', "surrogate"), (b'{"\\u0000":1}', "U+0000"), (b"[" * 65 + b"1" + b"]" * 65, "64 levels"),
    (b"[" * 10**6, "64 levels"), (b"9" * 4301, "4300 digits"), (b"1e6145", "1E+6144"), (b"1e-6145", "1E-6144"),
    (b"", "JSON"), (b"1 2", "JSON")])
def test_what_two_readers_might_read_differently_is_refused(raw: bytes, told: str) -> None:
    with pytest.raises(wire.Malformed) as refused:
        wire.decode(raw)
    assert told in refused.value.message


@pytest.mark.parametrize(("raw", "value"), [
    (b"1e6144", "1E+6144"), (b"1e-6144", "1E-6144"), (b"0.10", "0.10"), (b"[" * 64 + b"]" * 64, "[" * 64 + "]" * 64)])
def test_the_limits_themselves_are_read(raw: bytes, value: str) -> None:
    assert str(wire.decode(raw)) == value
