"""I-JSON: one value for every reader, or a clear refusal."""

import json

import pytest

from webhooks.strict_json import MAX_DEPTH, JsonError, dumps, loads


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"{'a':1}",
        b'{"a":1,}',
        b'\xef\xbb\xbf{"a":1}',
        b'{"a":"\xff"}',
        '{"a":1}'.encode("utf-16"),
        b'{"a":1,"a":2}',
        b'{"a":1,"\\u0061":2}',
        b'[{"x":{"b":1,"b":1}}]',
        b'{"a":NaN}',
        b'{"a":Infinity}',
        b'{"a":-Infinity}',
        b'{"a":1e999}',
        b'{"a":9007199254740992}',
        b'{"a":' + b"9" * 5000 + b"}",
        b'{"a":"\\ud800"}',
        b'{"\\udfff":1}',
        b'{"a":"\\u0000"}',
        b'{"a":"\x00"}',
        b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1),
        b"[" * 200_000,
        b'{"a":' * 50_000,
        b'"' + b'\\"' * 100_000,
        b'{"a":1} x',
    ],
)
def test_refused(raw: bytes) -> None:
    with pytest.raises(JsonError, match="Expected"):
        loads(raw)


@pytest.mark.parametrize(
    "raw",
    [
        b'{"a":[1,2.5,-3e2,true,null,"\xe4\xb8\xad"]}',
        b"[" * MAX_DEPTH + b"]" * MAX_DEPTH,
        b'"\\ud83d\\ude00"',
        b'{"a":"[[[{{{\\"]]]"}',
        b"9007199254740991",
        b' {"a" : 1}\n',
    ],
)
def test_read_like_any_reader_would(raw: bytes) -> None:
    assert loads(raw) == json.loads(raw)


def test_one_spelling() -> None:
    assert dumps({"b": 1, "a": "中"}) == '{"a":"中","b":1}'.encode()
    with pytest.raises(ValueError):
        dumps(float("nan"))
