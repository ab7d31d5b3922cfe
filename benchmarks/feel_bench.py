"""How fast FEEL is after the first evaluation, against the floor (the same in plain Python), the budget, and feelin.

Run: ``python -m benchmarks.feel_bench [--json]``. Prints microseconds per evaluation, the ratio to plain Python, and
the budget where there is one; exits 1 if a budget is missed. ``feelin`` (npm, ``peers/feelin``) does the same work in
the same run, where node and npm are there. It has no compiled form, so that each of its evaluations reads the text
again; ``anew`` is what ours takes when it does that too.
"""

import argparse
import json
import math
import sys
import time
import timeit
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from benchmarks.peers import programs
from engine.feel import compile_expression, compile_unary_tests, expression, to_json

VARIABLES: dict[str, Any] = {
    "amount": 200_000,
    "right": {"type": "invention", "claims": 12},
    "parties": [{"name": "甲公司", "role": "applicant"}, {"name": "乙公司", "role": "respondent"}],
    "filed": date(2026, 3, 2),
}

TABLE = "50-rule table"
RULES = [(f"[{n * 10}..{n * 10 + 9}]", f'"k{n % 5}"') for n in range(50)]
INPUTS = (495, "k4")


@dataclass(frozen=True)
class Row:
    """One measurement in microseconds; ``anew``, ``budget`` and ``feelin`` are None where there is none."""

    name: str
    feel: float
    python: float
    ratio: float
    budget: float | None
    anew: float | None
    feelin: float | None


def microseconds(call: Callable[[], Any]) -> float:
    """The best of five runs of about a tenth of a second, in processor time, so that a busy machine matters less."""
    call()
    count = max(1, int(0.1 / max(timeit.timeit(call, number=20) / 20, 1e-7)))
    return min(timeit.repeat(call, number=count, repeat=5, timer=time.process_time)) / count * 1e6


def feelin() -> tuple[str, dict[str, Any]]:
    """The version, and of each case the microseconds and the result. Raises ``LeftOut``."""
    node, _ = programs.found("node", "npm")
    folder = programs.node_package("feelin")
    dated = {name: {"feel": f'date("{value}")'} if isinstance(value, date) else value
             for name, value in VARIABLES.items()}
    given = {"variables": dated, "expressions": {name: text for name, text, *_ in cases()},
             "table": {"rules": RULES, "inputs": INPUTS}}
    (answer,) = programs.answers([node, "peer.mjs"], folder, json.dumps(given))
    return programs.node_version(folder), answer


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


def table_of_50() -> tuple[float, float, Any]:
    """A table of 50 rules with two inputs, cell by cell, against the same in plain Python; and the rule that hits."""
    rules = [(compile_unary_tests(low), compile_unary_tests(kind)) for low, kind in RULES]

    def decide() -> int | None:
        for index, (low, kind) in enumerate(rules):
            if low.evaluate(INPUTS[0], VARIABLES).value and kind.evaluate(INPUTS[1], VARIABLES).value:
                return index
        return None

    def plain() -> int | None:
        return next((n for n in range(50) if n * 10 <= 495 <= n * 10 + 9 and n % 5 == 4), None)

    assert decide() == plain() == 49
    return microseconds(decide), microseconds(plain), decide()


def _compiled_anew(text: str) -> expression.Expression:
    return expression._expression.__wrapped__(text, frozenset())


def measure(with_feelin: bool = True) -> tuple[list[Row], dict[str, str]]:
    """The rows, and of feelin its ``version`` or why it is ``left_out``."""
    beside: dict[str, Any] = {}
    try:
        if not with_feelin:
            raise programs.LeftOut("not asked for")
        version, beside = feelin()
        about = {"version": version}
    except programs.LeftOut as reason:
        about = {"left_out": str(reason)}
    rows = []
    for name, text, plain, budget in cases():
        compiled = compile_expression(text)
        feel, python = microseconds(lambda e=compiled: e.evaluate(VARIABLES)), microseconds(plain)
        anew = microseconds(lambda t=text: _compiled_anew(t).evaluate(VARIABLES))
        other = _agreeing(beside, name, to_json(compiled.evaluate(VARIABLES).value))
        rows.append(Row(name, feel, python, feel / python, budget, anew, other))
    feel, python, hit = table_of_50()
    rows.append(Row(TABLE, feel, python, feel / python, 500.0, None, _agreeing(beside, TABLE, hit)))
    return rows, about


def _agreeing(beside: dict[str, Any], name: str, value: Any) -> float | None:
    """Microseconds of feelin; None where it is not there or comes to another result."""
    found = beside.get(name)
    if found is None:
        return None
    try:
        same = math.isclose(float(value), float(found["value"]))
    except (TypeError, ValueError):
        same = value == found["value"]
    return float(found["us"]) if same else None


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--json", action="store_true")
    rows, about = measure()
    if options.parse_args().json:
        print(json.dumps({"rows": [asdict(row) for row in rows], "feelin": about}))
    else:
        print(f"{'case':20} {'feel µs':>9} {'python µs':>10} {'ratio':>7} {'budget µs':>10} {'anew µs':>10}"
              f" {'feelin µs':>10}  feelin: {about}")
        for row in rows:
            rest = (f"{one:10.1f}" if one is not None else f"{'-':>10}" for one in (row.budget, row.anew, row.feelin))
            print(f"{row.name:20} {row.feel:9.2f} {row.python:10.2f} {row.ratio:7.1f} {' '.join(rest)}")
    return int(any(row.budget is not None and row.feel > row.budget for row in rows))


if __name__ == "__main__":
    sys.exit(main())
