"""Decision tables: hit policies, aggregation, defaults, allowed values, several outputs (DMN 8)."""

from decimal import Decimal

import pytest

from tests.definition.decisions.support import evaluate
from tests.support.dmn import decision, dmn, table

GRADES = [(">= 90", '"A"'), (">= 80", '"B"'), (">= 60", '"C"')]


def run(variables, *args, **options):
    return evaluate(dmn(decision("d", table(*args, **options))), "d", variables)


def test_unique_gives_the_one_rule_that_holds():
    result = run({"x": 5}, ["x"], ["o"], [("< 3", "1"), (">= 3", "x * 2")])
    assert (result.value, result.matched, result.inputs) == (10, ("r2",), {"x": 5})


def test_unique_violated_is_null_with_a_warning():
    result = run({"x": 95}, ["x"], ["o"], GRADES)
    assert result.value is None
    assert [warning.code for warning in result.warnings] == ["dmn.unique"]
    assert "r1, r2, r3" in result.warnings[0].message


@pytest.mark.parametrize(("policy", "expected"), [
    ("FIRST", "A"), ("RULE ORDER", ["A", "B", "C"]), ("COLLECT", ["A", "B", "C"]),
    ("PRIORITY", "C"), ("OUTPUT ORDER", ["C", "B", "A"])])
def test_policies_over_several_hits(policy, expected):
    assert run({"x": 95}, ["x"], ["o"], GRADES, policy=policy, order={"o": '"C", "B", "A"'}).value == expected


def test_any_needs_equal_outputs():
    same = [("> 1", '"yes"'), ("> 2", '"yes"')]
    assert run({"x": 3}, ["x"], ["o"], same, policy="ANY").value == "yes"
    assert run({"x": 95}, ["x"], ["o"], GRADES, policy="ANY").value is None


@pytest.mark.parametrize(("aggregation", "expected"), [("SUM", 60), ("MIN", 10), ("MAX", 30), ("COUNT", 3)])
def test_collect_aggregates(aggregation, expected):
    rules = [("> 1", "10"), ("> 2", "20"), ("> 3", "30"), ("> 9", "40")]
    assert run({"x": 5}, ["x"], ["o"], rules, policy="COLLECT", aggregation=aggregation).value == expected


def test_sum_of_texts_and_of_mixed_values():
    rules = [("> 1", '"a"'), ("> 2", "1")]
    result = run({"x": 5}, ["x"], ["o"], rules, policy="COLLECT", aggregation="SUM")
    assert (result.value, result.warnings[-1].code) == (None, "dmn.aggregation")


@pytest.mark.parametrize(("policy", "aggregation", "expected"), [
    (None, None, None), ("FIRST", None, None), ("COLLECT", None, []), ("COLLECT", "COUNT", 0),
    ("COLLECT", "SUM", None)])
def test_no_rule_holds(policy, aggregation, expected):
    assert run({"x": 0}, ["x"], ["o"], GRADES, policy=policy, aggregation=aggregation).value == expected


def test_default_output_when_no_rule_holds():
    assert run({"x": 0}, ["x"], ["o"], GRADES, default={"o": '"F"'}).value == "F"


def test_several_outputs_are_a_context():
    result = run({"age": 20, "risk": "low"}, ["age", "risk"], ["ok", "rate"], [
        (">= 18", '"low","medium"', "true", "1.5"), ("< 18", "-", "false", "null")])
    assert result.value == {"ok": True, "rate": Decimal("1.5")}


def test_priority_over_several_outputs_reads_left_to_right():
    rules = [("-", '"b"', '"x"'), ("-", '"a"', '"y"'), ("-", '"a"', '"x"')]
    order = {"p": '"a", "b"', "q": '"x", "y"'}
    assert run({"n": 1}, ["n"], ["p", "q"], rules, policy="PRIORITY", order=order).value == {"p": "a", "q": "x"}
    listed = run({"n": 1}, ["n"], ["p", "q"], rules, policy="OUTPUT ORDER", order=order).value
    assert [(one["p"], one["q"]) for one in listed] == [("a", "x"), ("a", "y"), ("b", "x")]


def test_priority_by_the_allowed_values_of_the_output_type():
    grade = ('<itemDefinition name="tGrade"><typeRef>string</typeRef><allowedValues><text>"C","B","A"</text>'
             "</allowedValues></itemDefinition>")
    content = dmn(grade, decision("d", table(["x"], ["o"], GRADES, policy="PRIORITY"))).replace(
        b'<output name="o">', b'<output name="o" typeRef="tGrade">')
    assert evaluate(content, "d", {"x": 95}).value == "C"


def test_input_outside_its_allowed_values():
    result = run({"c": "green"}, ["c"], ["o"], [('"green"', "1"), ("null", "2")], allowed={"c": '"red","blue"'})
    assert (result.value, result.warnings[0].code) == (2, "dmn.input")


def test_output_outside_its_allowed_values():
    result = run({}, [], ["p", "q"], [('"a"', '"z"')], order={"p": '"a","b"', "q": '"x","y"'})
    assert (result.value, result.warnings[0].code) == ({"p": "a", "q": None}, "dmn.output")


def test_cells_may_use_the_question_mark_and_other_inputs():
    rules = [("? > limit", '"over"'), ("not(? > limit)", '"under"')]
    assert run({"x": 5, "limit": 3}, ["x"], ["o"], rules).value == "over"


def test_table_without_inputs_holds_always():
    assert run({}, [], ["o"], [("42",)]).value == 42


def test_camunda_number_types_are_numbers():
    content = dmn(decision("d", table(["x"], ["o"], [("> 1", "2")]))).replace(
        b"<inputExpression>", b'<inputExpression typeRef="integer">')
    assert evaluate(content, "d", {"x": 3}).value == 2
