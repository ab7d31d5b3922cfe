"""The language by example: each line of ``cases/*.txt`` is an expression, ``=>``, and the FEEL text of its value.

``error`` stands for a syntax error. Lines that begin with ``#`` name the clauses of DMN 1.5.
"""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.feel import FeelSyntaxError, compile_expression, to_text

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
FILES = sorted((Path(__file__).parent / "cases").glob("*.txt"))


def _cases() -> list[pytest.param]:
    lines = [(file.stem, line) for file in FILES for line in file.read_text("utf-8").splitlines()]
    return [
        pytest.param(*line.rsplit(" => ", 1), id=f"{topic}: {line}")
        for topic, line in lines
        if line and not line.startswith("# ")
    ]


@pytest.mark.parametrize(("expression", "expected"), _cases())
def test_example(expression: str, expected: str) -> None:
    if expected == "error":
        with pytest.raises(FeelSyntaxError):
            compile_expression(expression)
        return
    value = compile_expression(expression).evaluate({}, now=NOW).value
    assert to_text([value])[1:-1] == expected
