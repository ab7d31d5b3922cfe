"""No expression gets out of FEEL, and none costs more than its limits: the corpus in ``attacks.txt``, and texts too
large to write down."""

import json
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from engine.feel import (
    FeelError,
    FeelLimitExceeded,
    FeelSyntaxError,
    Function,
    Limits,
    Range,
    YearsMonthsDuration,
    compile_expression,
    to_json,
    wide,
)

LINES = (Path(__file__).parent / "attacks.txt").read_text("utf-8").splitlines()
ATTACKS = [line for line in LINES if line and not line.startswith("# ")]
NOW = datetime(2026, 1, 1, tzinfo=UTC)
MOST_SECONDS = 1.0
"""Some 50 ms on a machine that does nothing else; here there is room for one that does."""
WIDE = (wide.WideDate, wide.WideMoment, wide.WideTime, wide.WideSpan)
ALLOWED = (bool, int, Decimal, str, date, datetime, clock, timedelta, YearsMonthsDuration, Function, *WIDE)


class Secret:
    """A Python object that a host left among the variables by mistake."""

    secret = "escaped"

    def __call__(self) -> str:
        return self.secret


def _variables() -> dict[str, Any]:
    cycle: list[Any] = []
    cycle.append(cycle)
    return {"host object": Secret(), "host list": [1, Secret()], "host cycle": cycle}


def _inner(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for key, item in value.items():
            assert type(key) is str
            yield from _inner(item)
    elif isinstance(value, list):
        for item in value:
            yield from _inner(item)
    elif isinstance(value, Range):
        yield from _inner(value.start)
        yield from _inner(value.end)
    else:
        yield value


@pytest.mark.parametrize("attack", ATTACKS)
def test_attack_is_contained(attack: str) -> None:
    variables = _variables()
    began = time.process_time()
    try:
        result = compile_expression(attack, variables).evaluate(variables, now=NOW)
        seen = list(_inner(result.value))
        text = json.dumps(to_json(result.value), default=str)
    except FeelError as refusal:
        assert refusal.message
        return
    finally:
        assert time.process_time() - began < MOST_SECONDS
    assert all(value is None or isinstance(value, ALLOWED) for value in seen)
    assert "escaped" not in text
    assert "root:" not in text


def test_corpus_is_large_enough() -> None:
    assert len(set(ATTACKS)) == len(ATTACKS) >= 180


@pytest.mark.parametrize(
    "text",
    [
        "(" * 5000 + "1" + ")" * 5000,
        "[" * 5000,
        "{a:" * 5000,
        "-" * 5000 + "1",
        "not(" * 5000,
        "if " * 5000,
        "function(x) " * 5000 + "1",
        "a" + ".b" * 5000,
        "a" + "[1]" * 5000,
        "f" + "()" * 5000,
        "1 instance of " + "list<" * 5000,
        "1" + " = 1" * 5000,
        "1 in " * 5000 + "1",
        "]1.." * 5000,
        "<" * 5000 + "1",
        "1" * 200_000,
        '"' + "a" * 200_000 + '"',
        "/*" * 20_000,
        "-a" * 5000,
        "f(" + "a," * 5000,
    ],
    ids=lambda text: text[:12],
)
def test_deep_or_long_text_is_a_syntax_error(text: str) -> None:
    with pytest.raises(FeelSyntaxError):
        compile_expression(text)


@pytest.mark.parametrize("text", [" + ".join(["1"] * 1500), " and ".join(["true"] * 1500), "[" + "1," * 1500 + "1]"])
def test_long_flat_text_is_fine(text: str) -> None:
    assert compile_expression(text).evaluate({}).value is not None


def test_limits_name_what_was_exceeded() -> None:
    with pytest.raises(FeelLimitExceeded) as steps:
        compile_expression("for i in 1..1000000 return i").evaluate({}, limits=Limits(steps=1000))
    assert (steps.value.code, steps.value.params["limit"]) == ("limit.steps", 1000)
    with pytest.raises(FeelLimitExceeded) as size:
        compile_expression('x + x').evaluate({"x": "a" * 60}, limits=Limits(string=100))
    assert size.value.code == "limit.string"


def test_a_foreign_object_is_null_with_a_diagnosis() -> None:
    result = compile_expression("x").evaluate({"x": Secret()})
    assert (result.value, [warning.code for warning in result.warnings]) == (None, ["value.foreign"])


def test_same_evaluation_costs_the_same() -> None:
    expression = compile_expression("count(for i in 1..100 return i * i)")
    steps = next(n for n in range(1, 5000) if _fits(expression, n))
    assert not _fits(expression, steps - 1)
    assert all(_fits(expression, steps) for _ in range(3))


def _fits(expression: Any, steps: int) -> bool:
    try:
        return bool(expression.evaluate({}, limits=Limits(steps=steps)).value)
    except FeelLimitExceeded:
        return False
