"""Unary tests as the cells of decision tables use them (DMN clause 7.3.3)."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from engine.feel import FeelSyntaxError, compile_unary_tests


@pytest.mark.parametrize(
    ("cell", "value", "expected"),
    [
        ("-", None, True),
        ("-", 1, True),
        ("5", 5, True),
        ("5", 5.0, True),
        ("5", 6, False),
        ("-5", -5, True),
        ("<5", 4, True),
        (">= 5", 4, False),
        ("!= 5", 4, True),
        ("[1..5]", 5, True),
        ("(1..5)", 5, False),
        ("]1..5[", 1, False),
        ('"a", "b"', "b", True),
        ('"a","b"', "c", False),
        ('not("a", "b")', "c", True),
        ('not("a", "b")', "a", False),
        ("not(< 5)", 5, True),
        ("not(null)", 1, True),
        ("null", None, True),
        ("null", 1, False),
        ("true", True, True),
        ("false", True, False),
        ("false", False, True),
        ("? > 5 and ? < 10", 7, True),
        ("? > 5 and ? < 10", 11, False),
        ('contains(?, "ab")', "cabd", True),
        ("odd(?)", 3, True),
        ("? = 4", 4, True),
        ("not(? > 5)", 4, True),
        ("even(?), 7", 7, True),
        ("limit", 9, True),
        ("< limit", 8, True),
        ("allowed", 2, True),
        ("allowed", 4, False),
        ("[1, 2]", 2, True),
        ("[1, 2]", [1, 2], True),
        ("? in [1, 2]", 2, True),
        ('date("2026-01-01")', date(2026, 1, 1), True),
        ('> date("2026-01-01")', date(2026, 1, 2), True),
        ("[@\"2026-01-01\"..@\"2026-02-01\"]", date(2026, 1, 2), True),
        ("< 5", "a", None),
        ("[1..5]", None, None),
        ("5", "a", None),
        ("5, 6", "a", None),
        ("? > 5", "a", None),
        ("count(?) > 1", [1, 2], True),
        ("some x in ? satisfies x > 1", [1, 2], True),
        ("0.1", Decimal("0.10"), True),
        ("?", "foo", True),
        ("?", False, True),
        ('"bar", string length(?) = 3', "foo", True),
        ('"bar", string length("?") = 1', "foo", None),
        ('("123", true)', "123", True),
        ('("123", true)', "124", None),
        ("(1 + 2) * 3", 9, True),
        ("(1..3)", 2, True),
        ("1 == 1", False, False),
    ],
)
def test_cell(cell: str, value: Any, expected: bool | None) -> None:
    result = compile_unary_tests(cell).evaluate(value, {"limit": 9, "allowed": [1, 2, 3]})
    assert result.value is expected


def test_what_cannot_be_told_says_why() -> None:
    result = compile_unary_tests("< 5").evaluate("a", {})
    assert (result.value, len(result.warnings)) == (None, 0) or result.warnings[0].code == "operands"


def test_names_leave_out_the_input() -> None:
    assert compile_unary_tests("? > limit, other").names == {"limit", "other"}


@pytest.mark.parametrize("cell", ["", "1,", "not(", "- 5 -", "< ", "not(1) 2"])
def test_no_unary_tests(cell: str) -> None:
    with pytest.raises(FeelSyntaxError):
        compile_unary_tests(cell)


def test_names_with_spaces_are_declared() -> None:
    tests = compile_unary_tests("> upper limit", ["upper limit"])
    assert tests.evaluate(5, {"upper limit": 4}).value is True
