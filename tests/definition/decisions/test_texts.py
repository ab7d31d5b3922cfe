"""Remarks of decisions in Chinese and English: what was expected, and where in the table or the expression."""

import ast
import re
from pathlib import Path

import pytest

from engine.definition import SourceFile, lint
from engine.definition.decisions import texts
from engine.feel import describe
from engine.feel.messages import MESSAGES
from tests.definition.decisions.support import evaluate
from tests.support.dmn import data, decision, dmn, knowledge, literal, table, tag, text

FOLDER = Path(texts.__file__).parent
HAN = re.compile("[\u4e00-\u9fff]")


def remarks(content, name="d", variables=None):
    return evaluate(content, name, variables).warnings


def grades(**options):
    return dmn(decision("d", table(["x"], ["o"], [("> 1", "1"), ("> 2", "2"), ("> 3", '1 + "a"')], **options)))


def test_every_text_is_there_twice_with_the_same_blanks():
    for code, (chinese, english) in {**texts.PLACES, **texts.FAULTS, **texts.SUBJECTS, **texts.REMARKS}.items():
        assert MESSAGES[code] == (chinese, english)
        assert set(re.findall(r"{(\w+)}", chinese)) == set(re.findall(r"{(\w+)}", english)), code
        assert (HAN.search(chinese) or chinese.startswith("{")) and not HAN.search(english), code


def test_every_code_that_is_used_has_a_text_and_no_text_is_unused():
    trees = [ast.parse(path.read_text("utf-8")) for path in FOLDER.glob("*.py")]
    used = {(node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id, node.args[0].value)
            for tree in trees for node in ast.walk(tree)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name) and node.args
            and isinstance(node.args[0], ast.Constant)}
    prefixes = {"null": "dmn.", "place": "dmn.at.", "subject": "dmn.of."}
    codes = {prefixes[name] + code for name, code in used if name in prefixes} | {
        "dmn.placed", "dmn.column", *(f"dmn.of.{what}" for what in ("input", "result", "expression", "argument"))}
    assert codes == {*texts.PLACES, *texts.SUBJECTS, *texts.REMARKS}


def test_violated_policies_name_the_rows():
    remark = remarks(grades(), variables={"x": 3})[0]
    assert remark.told("en") == "Expected one rule to hold, because the hit policy is UNIQUE, but rows 1, 2 do (r1, r2)"
    assert remark.told("zh") == "应只有一条规则成立，但成立的有第 1, 2 行（r1, r2）"
    assert remarks(grades(policy="ANY"), variables={"x": 3})[0].code == "dmn.any"


def test_a_cell_is_named_by_row_and_column_and_the_slip_by_line_and_column():
    remark = remarks(grades(policy="RULE ORDER"), variables={"x": 4})[0]
    assert (remark.code, remark.element, remark.line, remark.column, remark.text) == ("operands", "d", 1, 3, '1 + "a"')
    assert remark.told("en") == ("In output entry 1 of rule 3: Expected operands that fit '+', but they are number and "
                                 "string (line 1, column 3 of '1 + \"a\"')")
    assert remark.told("zh") == "规则 3 的第 1 个输出格：运算符 + 不适用于数字与字符串（“1 + \"a\"”第 1 行第 3 列）"


def test_a_cell_that_cannot_tell_is_remarked_unless_the_input_is_null():
    found = remarks(grades(policy="FIRST"), variables={"x": "high"})
    assert [one.code for one in found] == ["dmn.test"] * 3
    assert found[0].told("en") == (
        "In input entry 1 of rule 1: Expected an input that '> 1' can be compared with, but it is \"high\"")
    assert remarks(grades(policy="FIRST"), variables={"x": None}) == ()


def test_values_outside_the_allowed_ones():
    content = dmn(decision("d", table(["x"], ["o"], [("-", '"c"')], allowed={"x": "1, 2"}, order={"o": '"a", "b"'})))
    found = remarks(content, variables={"x": 3})
    assert [one.told("en") for one in found] == [
        "In input 1: Expected input 'x' to be one of 1, 2, but it is 3",
        "In output entry 1 of rule 1: Expected output 'o' to be one of \"a\", \"b\", but it is \"c\""]
    assert found[0].told("zh") == "第 1 个输入：输入“x”应为 1, 2 之一，但它是 3"


def test_types_say_what_of_what_in_one_language():
    content = dmn(data("i", "age", "number"), decision("d", literal("age"), needs=["input:i"], type="string"))
    assert remarks(content, variables={"age": "old"})[0].told("zh") == "“age”：输入数据应为 数字，但它是 \"old\""
    assert remarks(content, variables={"age": 3})[0].told("en") == (
        "Expected the result of 'd' to be string, but it is 3")


@pytest.mark.parametrize(("box", "code"), [
    ("", "dmn.empty"),
    (tag("invocation", literal("1"), tag("binding", tag("parameter", name="a"), literal("1"))), "dmn.invocation"),
    (tag("conditional", tag("if", literal("1")), tag("then", literal("1")), tag("else", literal("2"))),
     "dmn.condition"),
    (tag("context", tag("contextEntry", tag("variable", name="f"),
                        tag("functionDefinition", literal("1"), kind="Java")),
         tag("contextEntry", literal("f()"))), "dmn.kind"),
    (table(["1"], ["o"], [("-", '"a"'), ("-", "2")], policy="COLLECT", aggregation="SUM"), "dmn.aggregation"),
])
def test_each_has_its_sentence(box, code):
    found = next(one for one in remarks(dmn(decision("d", box))) if one.code == code)
    assert HAN.search(found.told("zh")) and found.told("en").endswith(describe(found, "en"))
    assert "{" not in found.told("zh") + found.told("en")


def test_arguments_and_depth():
    content = dmn(knowledge("f", ["x", "y"], literal("f(x, y)")), decision("d", literal("f(1)"), knows=["f"]),
                  decision("e", literal("f(1, 2)"), knows=["f"]))
    assert remarks(content)[0].told("en") == "Expected 'f' to be called with (x, y)"
    assert "dmn.depth" in {one.code for one in remarks(content, "e")}


def test_no_more_remarks_are_kept_than_someone_would_read():
    content = dmn(knowledge("f", ["x"], literal('x + "a"')), decision("d", literal("for i in 1..500 return f(i)"),
                                                                      knows=["f"]))
    assert len(remarks(content)) == 100


def test_large_values_are_not_written_out():
    content = dmn(decision("d", literal("for i in 1..5000 return i"), type="string"))
    assert remarks(content)[0].told("en") == "Expected the result of 'd' to be string, but it is …"


def test_lint_names_the_cell_in_both_languages():
    content = dmn(decision("d", table(["x"], ["o"], [("> 1", "1"), ("> ", "2")])))
    found = [one for one in lint([SourceFile("a.dmn", content)]) if one.rule == "dmn-feel"][0]
    assert (found.params["what"], found.params["what_zh"]) == (
        "input entry 1 of rule 2", "规则 2 的第 1 个输入格")
    assert (found.params["table_rule"], found.params["table_column"], found.params["row"], found.params["column"]) == (
        2, 1, 1, 2)
    assert found.params["reason_zh"] == "此处应为表达式，但遇到表达式结尾"
    assert "input entry 1 of rule 2 of 'd'" in found.message


def test_lint_counts_the_cells_of_a_rule_in_both_languages():
    content = dmn(decision("d", table(["x"], ["o"], [("1", "2"), ("1",)])))
    (found,) = [one for one in lint([SourceFile("a.dmn", content)]) if one.rule == "dmn-structure"]
    assert found.params["reason"] == "rule 2 (r2) has 1 input and 0 output entries for 1 inputs and 1 outputs"
    assert found.params["reason_zh"] == "规则 2（r2）有 1 个输入格和 0 个输出格，表中却有 1 个输入和 1 个输出"


def test_expressions_side_by_side_are_a_list():
    assert evaluate(dmn(decision("d", literal("1 + 1, [3]"))), "d").value == [2, [3]]
    broken = tag("decision", tag("variable", name="d"), tag("literalExpression", text("1, + ,")), id="d", name="d")
    assert [one.params["column"] for one in lint([SourceFile("a.dmn", dmn(broken))]) if one.rule == "dmn-feel"] == [2]
