"""How fast FEEL is after the first evaluation, against the floor (the same in plain Python) and the budget.

Run: ``python benchmarks/feel_bench.py [--json]``. Prints microseconds per evaluation, the ratio to plain Python, and
the budget where there is one; exits 1 if a budget is missed. ``feelin`` (npm) is measured beside it if ``node`` and
``FEELIN_DIR`` (a folder where ``npm install feelin`` was run) are there.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
import timeit
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from engine.feel import compile_expression, compile_unary_tests

VARIABLES: dict[str, Any] = {
    "amount": 200_000,
    "right": {"type": "invention", "claims": 12},
    "parties": [{"name": "甲公司", "role": "applicant"}, {"name": "乙公司", "role": "respondent"}],
    "filed": date(2026, 3, 2),
}

FEELIN = """
const {evaluate, parseExpression} = require('feelin');
const [text, variables, count] = JSON.parse(process.argv[1]);
evaluate(text, variables);
const start = process.hrtime.bigint();
for (let i = 0; i < count; i++) evaluate(text, variables);
console.log(Number(process.hrtime.bigint() - start) / 1000 / count);
"""


@dataclass(frozen=True)
class Row:
    """One measurement in microseconds; ``budget`` and ``feelin`` are None where there is none."""

    name: str
    feel: float
    python: float
    ratio: float
    budget: float | None
    feelin: float | None


def microseconds(call: Callable[[], Any]) -> float:
    """The best of five runs of about a tenth of a second, in processor time, so that a busy machine matters less."""
    call()
    count = max(1, int(0.1 / max(timeit.timeit(call, number=20) / 20, 1e-7)))
    return min(timeit.repeat(call, number=count, repeat=5, timer=time.process_time)) / count * 1e6


def feelin(text: str) -> float | None:
    folder, node = os.environ.get("FEELIN_DIR"), shutil.which("node")
    if folder is None or node is None:
        return None
    given = json.dumps([text, VARIABLES, 2000], default=str)
    done = subprocess.run([node, "-e", FEELIN, given], cwd=folder, capture_output=True, text=True, check=False)
    return float(done.stdout) if done.returncode == 0 else None


def cases() -> list[tuple[str, str, Callable[[], Any], float | None]]:
    v = VARIABLES
    return [
        ("simple comparison", "amount > 100000", lambda: v["amount"] > 100000, 5.0),
        (
            "gateway condition",
            'amount > 100000 and right.type = "invention" and count(parties) >= 2',
            lambda: v["amount"] > 100000 and v["right"]["type"] == "invention" and len(v["parties"]) >= 2,
            15.0,
        ),
        ("arithmetic", "(amount + 1) * 1.05 / 3", lambda: (v["amount"] + 1) * 1.05 / 3, None),
        ("path and filter", 'parties[role = "applicant"][1].name', lambda: _applicant(v), None),
        ("date arithmetic", 'filed + @"P3M" > @"2026-01-01"', lambda: v["filed"] > date(2026, 1, 1), None),
        ("loop of 100", "sum(for i in 1..100 return i * i)", lambda: sum(i * i for i in range(1, 101)), None),
    ]


def _applicant(variables: dict[str, Any]) -> str:
    return str([party for party in variables["parties"] if party["role"] == "applicant"][0]["name"])


def table_of_50() -> tuple[float, float]:
    """A table of 50 rules with two inputs, cell by cell, against the same in plain Python."""
    rules = [(compile_unary_tests(f"[{n * 10}..{n * 10 + 9}]"), compile_unary_tests(f'"k{n % 5}"')) for n in range(50)]

    def decide() -> int | None:
        for index, (low, kind) in enumerate(rules):
            if low.evaluate(495, VARIABLES).value and kind.evaluate("k4", VARIABLES).value:
                return index
        return None

    def plain() -> int | None:
        return next((n for n in range(50) if n * 10 <= 495 <= n * 10 + 9 and n % 5 == 4), None)

    assert decide() == plain() == 49
    return microseconds(decide), microseconds(plain)


def measure() -> list[Row]:
    rows = []
    for name, text, plain, budget in cases():
        expression = compile_expression(text)
        feel, python = microseconds(lambda e=expression: e.evaluate(VARIABLES)), microseconds(plain)
        rows.append(Row(name, feel, python, feel / python, budget, feelin(text)))
    feel, python = table_of_50()
    rows.append(Row("50-rule table", feel, python, feel / python, 500.0, None))
    text = 'if amount > 100 and right.type = "invention" then count(parties) else sum([1, 2, 3])'
    compiled = microseconds(lambda: compile_expression.__globals__["_expression"].__wrapped__(text, frozenset()))
    rows.append(Row("compile once", compiled, compiled, 1.0, None, None))
    return rows


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--json", action="store_true")
    rows = measure()
    if options.parse_args().json:
        print(json.dumps([asdict(row) for row in rows]))
    else:
        print(f"{'case':20} {'feel µs':>9} {'python µs':>10} {'ratio':>7} {'budget µs':>10} {'feelin µs':>10}")
        for row in rows:
            budget, other = (f"{one:.1f}" if one is not None else "-" for one in (row.budget, row.feelin))
            print(f"{row.name:20} {row.feel:9.2f} {row.python:10.2f} {row.ratio:7.1f} {budget:>10} {other:>10}")
    return int(any(row.budget is not None and row.feel > row.budget for row in rows))


if __name__ == "__main__":
    sys.exit(main())
