"""``docs/feel.md`` says what is there: every built-in with its clause, every example of the language with its value."""

import re
from pathlib import Path

import pytest

from engine.feel import compile_expression, compile_unary_tests, to_text
from engine.feel import syntax as ast
from engine.feel.builtins import BUILTINS

PAGE = (Path(__file__).parents[2] / "docs" / "feel.md").read_text("utf-8")
ROWS = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in PAGE.splitlines() if line[:2] == "| "]
EXAMPLES = [(row[2].strip("`"), row[3].strip("`")) for row in ROWS if len(row) == 5 and row[2].startswith("`")]

DMN_15 = """
string|number|not|is|range|date|time|date and time|duration|years and months duration
substring|string length|upper case|lower case|substring before|substring after|replace|contains|starts with|ends with
matches|split|string join
list contains|count|min|max|sum|mean|all|any|sublist|append|concatenate|insert before|remove|list replace|reverse
index of|union|distinct values|flatten|product|median|stddev|mode|sort
decimal|floor|ceiling|round up|round down|round half up|round half down|abs|modulo|sqrt|log|exp|odd|even
day of year|day of week|month of year|week of year|now|today
before|after|meets|met by|overlaps|overlaps before|overlaps after|finishes|finished by|includes|during|starts
started by|coincides
get value|get entries|context|context put|context merge
"""


def test_every_builtin_is_on_the_page_with_its_clause() -> None:
    told = {(row[0].strip("`"), row[1]) for row in ROWS if len(row) == 3 and row[0].endswith(")`")}
    there = {(overload.signature, overload.clause) for one in BUILTINS.values() for overload in one.overloads}
    assert told == there


def test_all_of_dmn_15_is_there() -> None:
    wanted = set(re.split(r"[|\n]", DMN_15.strip()))
    assert wanted <= set(BUILTINS)
    standard = {name for name, one in BUILTINS.items() if any(o.clause != "Camunda" for o in one.overloads)}
    assert standard == wanted


@pytest.mark.parametrize(("example", "value"), EXAMPLES)
def test_example_on_the_page(example: str, value: str) -> None:
    result = compile_expression(example).evaluate({})
    assert to_text([result.value]) == f"[{value}]"


def test_every_construct_has_an_example() -> None:
    """Parsing all examples of the page, and a cell, meets every class of the syntax tree."""
    seen: set[type] = {type(compile_unary_tests("-").node), ast.Node}
    for example, _ in EXAMPLES:
        _visit(compile_expression(example).node, seen)
    constructs = {one for one in vars(ast).values() if isinstance(one, type) and issubclass(one, ast.Node)}
    assert constructs - seen == set()


def _visit(value: object, seen: set[type]) -> None:
    if isinstance(value, ast.Node):
        seen.add(type(value))
        for field in value.__dataclass_fields__:
            _visit(getattr(value, field), seen)
    elif isinstance(value, tuple):
        for part in value:
            _visit(part, seen)
