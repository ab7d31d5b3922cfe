"""Requirement graphs, knowledge models, services, imports, types (DMN 6, 7.3.3, 10.4)."""

from datetime import UTC, datetime

import pytest

from engine.definition import SourceFile, lint, load
from engine.errors import DeploymentRefused
from tests.definition.decisions.support import evaluate
from tests.support.dmn import VERSION, data, decision, dmn, knowledge, literal, service, table, tag, text


def test_decisions_feed_decisions_by_name():
    content = dmn(data("i1", "monthly income", "number"), decision("total", literal("monthly income * 12"),
                                                                   name="yearly income", needs=["input:i1"]),
                  decision("d", literal("yearly income > 1000"), needs=["total"]))
    result = evaluate(content, "d", {"monthly income": 100})
    assert (result.value, dict(result.inputs)) == (True, {"monthly income": 100})


def test_a_decision_is_worked_out_once():
    seen = []
    content = dmn(decision("a", literal("tell()")), decision("b", literal("a"), needs=["a"]),
                  decision("c", literal("a"), needs=["a"]), decision("d", literal("b + c"), needs=["b", "c"]))
    assert evaluate(content, "d", functions={"tell": lambda: seen.append(1) or 21}).value == 42
    assert seen == [1]


def test_now_is_the_one_given():
    moment = datetime(2026, 3, 1, tzinfo=UTC)
    assert evaluate(dmn(decision("d", literal("now()"))), "d", now=moment).value == moment


def test_variables_without_input_data_are_seen():
    assert evaluate(dmn(decision("d", literal("applicant.age + 1"))), "d", {"applicant": {"age": 1}}).value == 2


def test_knowledge_model_types_its_parameters_and_result():
    content = dmn(knowledge("f", ["x:number"], literal("x = null")), knowledge("g", ["x"], literal("x", "string")),
                  decision("d", literal('f("text")'), knows=["f"]), decision("e", literal("g(1)"), knows=["g"]))
    assert evaluate(content, "d").value is True
    assert evaluate(content, "e").value is None


def test_knowledge_model_may_call_itself_but_not_for_ever():
    content = dmn(knowledge("fact", ["n"], literal("if n <= 1 then 1 else n * fact(n - 1)")),
                  decision("d", literal("fact(10)"), knows=["fact"]),
                  knowledge("loop", ["n"], literal("loop(n)")), decision("e", literal("loop(1)"), knows=["loop"]))
    assert evaluate(content, "d").value == 3628800
    result = evaluate(content, "e")
    assert result.value is None and "dmn.depth" in {warning.code for warning in result.warnings}


def test_knowledge_models_may_require_themselves_and_one_another():
    content = dmn(knowledge("fact", ["n"], literal("if n <= 1 then 1 else n * fact(n - 1)"), knows=["fact"]),
                  knowledge("even here", ["n"], literal("if n = 0 then true else odd here(n - 1)"), knows=["odd here"]),
                  knowledge("odd here", ["n"], literal("if n = 0 then false else even here(n - 1)"),
                            knows=["even here"]),
                  decision("d", literal("fact(5)"), knows=["fact"]),
                  decision("e", literal("even here(10)"), knows=["even here"]))
    assert evaluate(content, "d").value == 120
    assert evaluate(content, "e").value is True


def test_wrong_arguments_are_null():
    content = dmn(knowledge("f", ["x"], literal("x")), decision("d", literal("f(1, 2)"), knows=["f"]),
                  decision("e", literal("f(y: 1)"), knows=["f"]))
    assert evaluate(content, "d").value is None and evaluate(content, "e").value is None


def test_decision_service_takes_input_data_before_decisions():
    content = dmn(data("i"), decision("inner", literal("99")), decision("out", literal("i - inner"),
                                                                        needs=["input:i", "inner"]),
                  service("s", ["out"], decisions=["inner"], inputs=["i"]),
                  decision("d", literal("s(10, 3)"), knows=["s"]))
    assert evaluate(content, "d").value == 7
    assert evaluate(content, "s", {"i": 5, "inner": 1}).value == 4


def test_decision_service_with_several_outputs():
    content = dmn(decision("a", literal("1")), decision("b", literal("2")), service("s", ["a", "b"]))
    assert evaluate(content, "s").value == {"a": 1, "b": 2}


def test_import_of_another_file():
    other = dmn(knowledge("Say Hello", ["who"], literal('"Hello " + who')), namespace="urn:other")
    content = dmn(tag("import", namespace="urn:other", name="mine", importType=VERSION),
                  decision("d", literal('mine.Say Hello("you")'), knows=["urn:other#Say Hello"]))
    assert evaluate(content, "d", {}, other).value == "Hello you"


def test_two_files_of_one_namespace_keep_their_own_elements():
    one = dmn(decision("a", literal("1")), decision("x", literal("a"), needs=["a"]))
    two = dmn(decision("b", literal("2")))
    assert evaluate(one, "x", {}, two).value == 1


def components(name, /, **parts):
    return tag("itemDefinition", *(tag("itemComponent", tag("typeRef", base), name=part)
                                   for part, base in parts.items()), name=name)


def collection(name, base, *more):
    return tag("itemDefinition", tag("typeRef", base), *more, name=name, isCollection="true")


@pytest.mark.parametrize(("type", "expression", "expected"), [
    ("tPerson", '{name: "a", age: 1, more: 2}', {"name": "a", "age": 1, "more": 2}), ("tPerson", '{name: "a"}', None),
    ("tPerson", '{name: "a", age: "b"}', None), ("tNumbers", "[1, 2]", [1, 2]), ("tNumbers", "1", [1]),
    ("tNumbers", '["a"]', None), ("tNumbers", "null", None), ("number", "[1]", 1), ("number", "[[1]]", 1),
    ("tColour", '"red"', "red"), ("tColour", '"green"', None), ("tShort", "[1]", [1]), ("tShort", "[1, 2, 3]", None),
    ("Any", "1", 1), ("date", 'date("2026-01-01")', None)])
def test_types_convert_or_make_null(type, expression, expected):
    colours = tag("allowedValues", text('"red","blue"'))
    types = (components("tPerson", name="string", age="number"), collection("tNumbers", "number"),
             tag("itemDefinition", tag("typeRef", "string"), colours, name="tColour"),
             collection("tShort", "number", tag("typeConstraint", text("count(?) < 3"))))
    value = evaluate(dmn(*types, decision("d", literal(expression), type=type)), "d").value
    assert (value.isoformat() == "2026-01-01") if type == "date" else value == expected


def test_instance_of_an_item_definition():
    content = dmn(components("tPerson", name="string"), decision("d", literal('{name: "a"} instance of tPerson')))
    assert evaluate(content, "d").value is True


def test_input_of_the_wrong_type_is_null_with_a_warning():
    result = evaluate(dmn(data("n", type="number"), decision("d", literal("n"), needs=["input:n"])), "d", {"n": "x"})
    assert (result.value, result.warnings[0].code) == (None, "dmn.type")


@pytest.mark.parametrize("version", ["http://www.omg.org/spec/DMN/20151101/dmn.xsd",
                                     "http://www.omg.org/spec/DMN/20180521/MODEL/", VERSION,
                                     "https://www.omg.org/spec/DMN/20191111/MODEL/",
                                     "https://www.omg.org/spec/DMN/20211108/MODEL/"])
def test_every_version(version):
    content = dmn(decision("d", literal("1 + 1"), type="feel:number"), xmlns=version)
    assert evaluate(content, "d").value == 2


@pytest.mark.parametrize(("rule", "content"), [
    ("dmn-feel", dmn(decision("d", literal("1 +")))),
    ("dmn-feel", dmn(decision("d", table(["x"], ["o"], [("> >", "1")])))),
    ("dmn-language", dmn(decision("d", tag("literalExpression", text("x"), expressionLanguage="juel")))),
    ("dmn-reference", dmn(decision("d", literal("1"), needs=["nothing"]))),
    ("dmn-cycle", dmn(decision("d", literal("e"), needs=["e"]), decision("e", literal("d"), needs=["d"]))),
    ("dmn-structure", dmn(decision("d", table(["x"], ["o"], [("1",)])))),
    ("dmn-version", dmn(xmlns="https://www.omg.org/spec/DMN/20990101/MODEL/")),
    ("import-unsupported", dmn(tag("import", namespace="urn:gone", name="gone", importType=VERSION))),
    ("missing-id", dmn(tag("decision", literal("1")))),
    ("duplicate-id", dmn(decision("d", literal("1")), decision("d", literal("2"))))])
def test_refused_by_name(rule, content):
    found = lint([SourceFile("a.dmn", content)])
    assert rule in {item.rule for item in found}, found
    with pytest.raises(DeploymentRefused):
        load([SourceFile("a.dmn", content)])


def test_same_decision_in_two_files():
    content = dmn(decision("d", literal("1")))
    found = lint([SourceFile("a.dmn", content), SourceFile("b.dmn", content)])
    assert [(item.file, item.rule) for item in found] == [("b.dmn", "duplicate-decision")]


def item(name, base=None, *inner, **attributes):
    return tag("itemDefinition", tag("typeRef", base) if base else "", *inner, name=name, **attributes)


TYPES = (item("tSmall", "number", tag("allowedValues", text("[0..9]"))),
         item("tBig", "tSmall", tag("allowedValues", text("> 9"))), item("tCopy", "tSmall"),
         item("tNumbers", "number", isCollection="true"),
         item("tPair", None, tag("itemComponent", tag("typeRef", "string"), name="left"),
              tag("itemComponent", tag("typeRef", "tNumbers"), name="right")),
         item("tMaker", None, tag("functionItem", tag("parameters", name="a", typeRef="string"),
                                  outputTypeRef="number")))


@pytest.mark.parametrize(("expression", "expected"), [
    ("10 instance of tSmall", True), ("1 instance of tNumbers", False), ("[1] instance of tNumbers", True),
    ('["a"] instance of tNumbers', False), ('{left: "a", right: [1]} instance of tPair', True),
    ('{left: "a"} instance of tPair', False), ('{left: "a", right: 1} instance of tPair', False),
    ("(function(a: string) 1) instance of tMaker", True), ("(function(a: number) 1) instance of tMaker", False),
    ('(function(a: string) "x") instance of tMaker', False), ("1 instance of tMaker", False)])
def test_instance_of_neither_converts_nor_asks_for_allowed_values(expression, expected):
    assert evaluate(dmn(*TYPES, decision("d", literal(expression))), "d").value is expected


@pytest.mark.parametrize(("type", "expression", "expected"), [
    ("tCopy", "10", None), ("tCopy", "5", 5), ("tBig", "10", 10), ("tBig", "5", None)])
def test_allowed_values_are_inherited_until_a_type_has_its_own(type, expression, expected):
    assert evaluate(dmn(*TYPES, decision("d", literal(expression), type=type)), "d").value == expected


def test_a_function_made_by_a_knowledge_model_keeps_its_argument():
    content = dmn(knowledge("times", ["a"], literal("function(b) a * b")),
                  decision("by ten", literal("times(10)"), knows=["times"]),
                  decision("d", literal("by ten(3)"), needs=["by ten"]))
    assert evaluate(content, "d", {"a": 7}).value == 30


def test_the_type_of_a_service_types_its_arguments():
    content = dmn(item("tService", None, tag("functionItem", tag("parameters", name="n", typeRef="tSmall"))), *TYPES,
                  data("n"), decision("inner", literal("n = null"), needs=["input:n"]),
                  tag("decisionService", tag("variable", name="s", typeRef="tService"),
                      tag("outputDecision", href="#inner"), tag("inputData", href="#n"), id="s", name="s"))
    assert (evaluate(content, "s", {"n": 10}).value, evaluate(content, "s", {"n": 5}).value) == (True, False)


def test_an_import_without_a_name_brings_everything_in_as_if_it_were_here():
    bring = [tag("import", namespace=f"urn:{name}", name="", importType=VERSION) for name in ("b", "c")]
    here = dmn(bring[0], decision("own", literal('"ours"')), decision("d", literal("shared + own"), type="tWord",
                                                                      needs=["shared", "own"]))
    between = dmn(bring[1], item("tWord", "string"), namespace="urn:b")
    last = dmn(bring[0], decision("shared", literal('"c"')), item("tWord", "number"), namespace="urn:c")
    assert evaluate(here, "d", {}, between, last).value == "cours"


def test_a_node_without_an_id_goes_by_its_name():
    assert evaluate(dmn(tag("decision", literal("1"), name="plain")), "plain").value == 1
