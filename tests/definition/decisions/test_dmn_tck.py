"""The runner of the DMN conformance suite, over a few cases of our own; with ``DMN_TCK=folder`` over that folder.

    DMN_TCK=…/TestCases .venv/bin/pytest tests/definition/decisions/test_dmn_tck.py -s
"""

import os
from collections import Counter
from decimal import Decimal
from pathlib import Path

from tests.support.dmn import VERSION, data, decision, dmn, knowledge, literal, service, tag
from tests.support.dmn_tck import Outcome, run_folder

MODEL = dmn(data("a", "first amount", "number"), data("t", "text", "string"),
            decision("sum", literal("first amount + 1"), needs=["input:a"]),
            decision("both", literal('{n: sum, l: [text, null], when: date("2026-01-01")}'), needs=["sum", "input:t"]),
            decision("broken", literal("1 +")), knowledge("double", ["x"], literal("x * 2")),
            service("s", ["sum"], inputs=["a"]))
DECIMAL = 'xsi:type="xsd:decimal"'
HEAD = """<testCases xmlns="http://www.omg.org/spec/DMN/20160719/testcase"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema">
<modelName>model.dmn</modelName>"""
RIGHT = f"""{HEAD}
<testCase id="untyped">
  <inputNode name="first amount"><value>2</value></inputNode>
  <inputNode name="text"><value>7</value></inputNode>
  <resultNode name="sum" type="decision"><expected><value>3</value></expected></resultNode>
  <resultNode name="both" type="decision"><expected>
    <component name="n"><value {DECIMAL}>3</value></component>
    <component name="l"><list>
      <item><value xsi:type="xsd:string">7</value></item><item><value xsi:nil="true"/></item></list></component>
    <component name="when"><value xsi:type="xsd:date">2026-01-01</value></component>
  </expected></resultNode>
</testCase>
<testCase id="error">
  <resultNode name="broken" errorResult="true" type="decision"><expected><value xsi:nil="true"/></expected></resultNode>
</testCase>
<testCase id="service" type="decisionService" invocableName="s">
  <inputNode name="first amount"><value {DECIMAL}>4</value></inputNode>
  <resultNode name="sum" type="decision"><expected><value {DECIMAL}>5</value></expected></resultNode>
</testCase>
<testCase id="bkm" type="bkm" invocableName="double">
  <inputNode name="x"><value {DECIMAL}>4</value></inputNode>
  <resultNode name="double" type="bkm"><expected><value {DECIMAL}>8</value></expected></resultNode>
</testCase>
</testCases>"""
WRONG = """<testCase id="wrong"><inputNode name="first amount"><value>2</value></inputNode>
  <resultNode name="sum" type="decision"><expected><value>4</value></expected></resultNode></testCase></testCases>"""


def test_runner_tells_right_from_wrong(tmp_path):
    (tmp_path / "model.dmn").write_bytes(MODEL)
    (tmp_path / "cases.xml").write_text(RIGHT.removesuffix("</testCases>") + WRONG, encoding="utf-8")
    results = list(run_folder(tmp_path))
    assert [(one.case, one.node, one.passed) for one in results] == [
        ("untyped", "sum", True), ("untyped", "both", True), ("error", "broken", True), ("service", "sum", True),
        ("bkm", "double", True), ("wrong", "sum", False)]
    assert results[-1] == Outcome("cases.xml", "wrong", "sum", False, "4", Decimal(3))


def test_runner_does_not_take_null_for_what_we_cannot_hold(tmp_path):
    (tmp_path / "model.dmn").write_bytes(dmn(decision("old", literal('date("-1999999999-12-31")')),
                                             decision("none", literal("null"))))
    (tmp_path / "cases.xml").write_text(f"""{HEAD}<testCase id="1">
      <resultNode name="old"><expected><value xsi:type="xsd:date">-1999999999-12-31</value></expected></resultNode>
      <resultNode name="none"><expected><value/></expected></resultNode></testCase></testCases>""", encoding="utf-8")
    assert [(one.node, one.passed) for one in run_folder(tmp_path)] == [("old", False), ("none", True)]


def test_conformance_suite(tmp_path, capsys):
    """Over ``DMN_TCK`` when it is set: prints what differs and the figures by file and level. All of level 2 must
    agree, and 95 % of any other."""
    given = os.environ.get("DMN_TCK")
    folder = Path(given) if given else tmp_path / "compliance-level-2"
    if not given:
        folder.mkdir()
        (folder / "model.dmn").write_bytes(MODEL)
        (folder / "cases.xml").write_text(RIGHT, encoding="utf-8")
    results = list(run_folder(folder))
    if given:
        with capsys.disabled():
            print(figures(results))
    levels = {one.level: [other.passed for other in results if other.level == one.level] for one in results}
    assert levels and all(sum(passed) >= (1 if level == "compliance-level-2" else 0.95) * len(passed)
                          for level, passed in levels.items())


def figures(results: list[Outcome]) -> str:
    """What differs, then passed and all results by file and by level."""
    wrong = [f"{one.file} {one.case} {one.node}: {one.expected!r} wanted, {one.actual!r} found"
             for one in results if not one.passed]
    total = Counter(group for one in results for group in (one.file, one.level or "all"))
    passed = Counter(group for one in results if one.passed for group in (one.file, one.level or "all"))
    groups = [f"{group}: {passed[group]} of {number}" for group, number in sorted(total.items())]
    return "\n".join(["", *wrong, *groups])


def test_the_model_tells_what_untyped_values_are(tmp_path):
    """Old test files write ``<value>2016-11-01</value>``: a date where the model says so, a text where it does not."""
    person = ('<itemDefinition name="tDay"><typeRef>date</typeRef></itemDefinition><itemDefinition name="tDays" '
              'isCollection="true"><typeRef>tDay</typeRef></itemDefinition><itemDefinition name="tA">'
              '<itemComponent name="no"><typeRef>string</typeRef></itemComponent><itemComponent name="days">'
              '<typeRef>tDays</typeRef></itemComponent></itemDefinition>')
    (tmp_path / "model.dmn").write_bytes(dmn(
        person, data("a", "a", "tA"), data("d", "d", "tns:tDay"),
        decision("no", literal("a.no + a.no"), needs=["input:a"]),
        decision("days", literal('d - a.days[1]'), needs=["input:a", "input:d"]),
        decision("day", literal('d'), needs=["input:d"])))
    inputs = """<inputNode name="a"><component name="no"><value>7</value></component>
      <component name="days"><list><item><value>2016-10-01</value></item></list></component></inputNode>
      <inputNode name="d"><value>2016-11-01</value></inputNode>"""
    (tmp_path / "cases.xml").write_text(f"""{HEAD}<testCase id="1">{inputs}
      <resultNode name="no"><expected><value>77</value></expected></resultNode>
      <resultNode name="days"><expected><value>P31D</value></expected></resultNode>
      <resultNode name="day"><expected><value>2016-11-01</value></expected></resultNode>
      <resultNode name="nobody"><expected><value xsi:nil="true"/></expected></resultNode>
    </testCase></testCases>""", encoding="utf-8")
    assert [(one.node, one.passed) for one in run_folder(tmp_path)] == [
        ("no", True), ("days", True), ("day", True), ("nobody", False)]


def test_limits_broken_files_and_models_in_folders_below(tmp_path):
    (tmp_path / "below").mkdir()
    (tmp_path / "broken.xml").write_text("<testCases>")
    (tmp_path / "below" / "other.dmn").write_bytes(dmn(decision("x", literal("21")), namespace="urn:other"))
    (tmp_path / "model.dmn").write_bytes(dmn(
        tag("import", name="o", namespace="urn:other", importType=VERSION),
        decision("twice", literal("o.x * 2"), needs=["urn:other#x"]),
        decision("endless", literal("for i in 1..1000000000 return i"))))
    (tmp_path / "cases.xml").write_text(f"""{HEAD}<testCase id="1">
      <resultNode name="twice"><expected><value>42</value></expected></resultNode>
      <resultNode name="endless" errorResult="true"><expected><value xsi:nil="true"/></expected></resultNode>
      <resultNode name="endless"><expected><value xsi:nil="true"/></expected></resultNode>
    </testCase></testCases>""", encoding="utf-8")
    assert [(one.node, one.passed) for one in run_folder(tmp_path)] == [
        ("twice", True), ("endless", True), ("endless", False)]


def test_figures_name_what_differs():
    results = [Outcome("a.xml", "1", "x", True, level="compliance-level-3"),
               Outcome("a.xml", "2", "y", False, 1, 2, "compliance-level-3")]
    assert figures(results).splitlines()[1:] == [
        "a.xml 2 y: 1 wanted, 2 found", "a.xml: 1 of 2", "compliance-level-3: 1 of 2"]
