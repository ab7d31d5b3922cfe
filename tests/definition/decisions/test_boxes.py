"""Boxed expressions (DMN 7.3, 10.2)."""

import pytest

from tests.definition.decisions.support import evaluate
from tests.support.dmn import decision, dmn, knowledge, literal, tag


def run(box, variables=None, *more, **options):
    return evaluate(dmn(decision("d", box, **options), *more), "d", variables).value


def entry(name, box):
    return tag("contextEntry", tag("variable", name=name) if name else "", box)


def test_literal_with_type():
    assert run(literal('["a"]', "string")) == "a"
    assert run(literal('"a"', "number")) is None


def test_context_entries_see_earlier_ones():
    assert run(tag("context", entry("a", literal("1")), entry("b", literal("a + 1")))) == {"a": 1, "b": 2}


def test_context_with_a_result():
    assert run(tag("context", entry("net sum", literal("10")), entry(None, literal("net sum * 2")))) == 20


def test_invocation_binds_by_name():
    model = knowledge("price", ["net amount:number", "rate:number"], literal("net amount * (1 + rate)"))
    call = tag("invocation", literal("price"),
               tag("binding", tag("parameter", name="rate"), literal("0.5")),
               tag("binding", tag("parameter", name="net amount"), literal("x")))
    assert run(call, {"x": 10}, model, knows=["price"]) == 15


def test_invocation_of_a_built_in():
    call = tag("invocation", literal("upper case"), tag("binding", tag("parameter", name="string"), literal('"a"')))
    assert run(call) == "A"


def test_invocation_of_nothing_is_null():
    call = tag("invocation", literal("missing"), tag("binding", tag("parameter", name="x"), literal("1")))
    assert run(call) is None


def test_relation_and_list():
    relation = tag("relation", tag("column", name="a"), tag("column", name="b c"),
                   tag("row", literal("1"), literal("2")), tag("row", literal("3"), literal("4")))
    assert run(relation) == [{"a": 1, "b c": 2}, {"a": 3, "b c": 4}]
    assert run(tag("list", literal("1"), literal('"x"'))) == [1, "x"]


def test_function_definition_is_a_closure():
    function = tag("functionDefinition", tag("formalParameter", name="x"), literal("x + base"))
    box = tag("context", entry("base", literal("10")), entry("f", function), entry(None, literal("f(5)")))
    assert run(box) == 15


def test_foreign_function_is_null():
    function = tag("functionDefinition", literal("1"), kind="Java")
    assert run(tag("context", entry("f", function), entry(None, literal("f()")))) is None


@pytest.mark.parametrize(("condition", "expected"), [("true", 1), ("false", 2), ("null", 2), ('"abc"', 2)])
def test_conditional(condition, expected):
    assert run(tag("conditional", tag("if", literal(condition)), tag("then", literal("1")),
                   tag("else", literal("2")))) == expected


@pytest.mark.parametrize(("source", "match", "expected"), [
    ("[1,2,3,4,5]", "item >= 3", [3, 4, 5]), ("[{a: 1}, {a: 2}]", "a = 2", [{"a": 2}]), ("[1,2]", "item > 5", [])])
def test_filter(source, match, expected):
    assert run(tag("filter", tag("in", literal(source)), tag("match", literal(match)))) == expected


def iterate(kind, source, body):
    part = "return" if kind == "for" else "satisfies"
    return tag(kind, tag("in", literal(source)), tag(part, literal(body)), iteratorVariable="line item")


@pytest.mark.parametrize(("kind", "source", "body", "expected"), [
    ("for", "[1,2,3]", "line item * 2", [2, 4, 6]), ("for", "[1,2,3]", "count(partial)", [0, 1, 2]),
    ("for", "null", "1", None), ("every", "[1,2]", "line item > 0", True), ("every", "[1,2]", "line item > 1", False),
    ("some", "[1,2]", "line item > 1", True), ("some", "[]", "true", False)])
def test_iteration(kind, source, body, expected):
    assert run(iterate(kind, source, body)) == expected
