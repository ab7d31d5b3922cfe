"""``kapok feel`` and ``kapok decide``: one result, and why it is null, in the language asked for."""

import json

import pytest
from click.testing import CliRunner

from engine.cli import main
from tests.support.dmn import VERSION, data, decision, dmn, literal, table, tag

GRADES = dmn(data("i", "score", "number"),
             decision("d", table(["score"], ["o"], [(">= 90", '"A"'), (">= 60", '"B"')]), name="the grade",
                      needs=["input:i"]))


def call(*words):
    return CliRunner().invoke(main, [str(word) for word in words], env={"LANG": "C", "LC_ALL": "C"})


def test_a_decision_by_id_and_by_name(tmp_path):
    (tmp_path / "g.dmn").write_bytes(GRADES)
    for name in ("d", "the grade"):
        answer = call("decide", tmp_path / "g.dmn", "--decision", name, "--context", '{"score": 70}')
        assert (answer.exit_code, json.loads(answer.stdout)) == (0, "B")
    answer = call("decide", tmp_path / "g.dmn", "--decision", "e")
    assert answer.exit_code == 1 and "found d" in answer.stderr


def test_a_violated_hit_policy_says_which_rows_in_both_languages(tmp_path):
    (tmp_path / "g.dmn").write_bytes(GRADES)
    words = ("decide", tmp_path / "g.dmn", "--decision", "d", "--context", '{"score": 95}', "--format", "json")
    assert json.loads(call(*words).stdout) == {"result": None, "warnings": [
        "Expected one rule to hold, because the hit policy is UNIQUE, but rows 1, 2 do (r1, r2)"]}
    assert json.loads(call(*words, "--lang", "zh").stdout)["warnings"] == [
        "应只有一条规则成立，但成立的有第 1, 2 行（r1, r2）"]


def test_what_a_decision_imports_is_found_beside_it(tmp_path):
    (tmp_path / "g.dmn").write_bytes(GRADES)
    (tmp_path / "h.dmn").write_bytes(dmn(
        tag("import", name="g", namespace="urn:test", importType=VERSION),
        decision("e", literal('g.the grade + "+"'), needs=["urn:test#d"]), namespace="urn:other"))
    answer = call("decide", tmp_path / "h.dmn", "--decision", "e", "--context", '{"score": 70}')
    assert (answer.exit_code, answer.stdout) == (0, '"B+"\n')


def test_the_time_is_that_of_the_call(tmp_path):
    (tmp_path / "t.dmn").write_bytes(dmn(decision("d", literal("now() instance of date and time"))))
    assert call("decide", tmp_path / "t.dmn", "--decision", "d").stdout == "true\n"
    assert call("feel", "today() > date(2020, 1, 1)").stdout == "true\n"


def test_a_limit_is_an_error_with_its_place():
    answer = call("feel", "1 +\n count(for i in 1..1000000000 return i)", "--format", "json", "--language", "zh")
    assert answer.exit_code == 1
    assert json.loads(answer.stdout)["error"] == {"message": "计算超过 50000 步", "line": 1, "column": 1}


def test_years_and_fractions_beyond_pythons():
    assert call("feel", '@"-000044-03-15"').stdout == "null\n"
    assert call("feel", '@"-0044-03-15" + @"P1D"').stdout == '"-0044-03-16"\n'
    moment = '"12026-01-01T00:00:00.123456789Z"'
    assert call("feel", f"date and time({moment})").stdout == f"{moment}\n"


@pytest.mark.parametrize("context", ["{bad", "[1]", "5", '{"a": NaN}', "[" * 100_000])
def test_a_context_that_is_no_object_is_a_wrong_call(tmp_path, context):
    (tmp_path / "g.dmn").write_bytes(GRADES)
    for words in (("feel", "a"), ("decide", tmp_path / "g.dmn", "--decision", "d")):
        answer = call(*words, "--context", context)
        assert (answer.exit_code, answer.stdout) == (2, "")
        assert "in --context" in answer.stderr


@pytest.mark.parametrize("option", ["--lang", "--language"])
def test_every_command_takes_its_language_by_either_name(tmp_path, option):
    (tmp_path / "g.dmn").write_bytes(GRADES)
    model = tmp_path / "g.dmn"
    for words in (("feel", "1 + null"), ("lint", model), ("decide", model, "--decision", "d")):
        assert call(*words, option, "zh").exit_code == 0
