"""Every finding can be said in Chinese and in English, and both say the same things."""

import re
from string import Formatter

import pytest

from engine.definition import SourceFile, lint
from engine.definition.chinese import CHINESE
from engine.definition.model import Finding
from engine.definition.rules import RULES
from engine.definition.wording import say, severity
from tests.definition.cases import CASES, VALID
from tests.support.bpmn import chain, end, node, process, start, task, xor

QUOTED = re.compile(r"“[^”]*”|[$]\{[^}]*\}|zeebe:\w+|[A-Za-z]\w*\(")
OURS = re.compile(r"\b(the|is|are|has|of|not|but|its|an)\b")


def places(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name}


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_speaks_both_languages(rule):
    assert places(CHINESE[rule]) <= places(RULES[rule][1]) | {"element"}
    assert places(RULES[rule][1]) - places(CHINESE[rule]) <= {"element", "scope"}


def test_no_rule_is_said_that_there_is_not():
    assert set(CHINESE) == set(RULES)


def found_everywhere() -> list[Finding]:
    contents = [content for _, _, content in CASES if content is not None] + list(VALID.values())
    return [item for content in contents for item in lint([SourceFile("a.bpmn", content)])]


def test_no_english_is_left_in_a_chinese_sentence():
    for item in found_everywhere():
        said = say(item, "zh")
        assert say(item, "en") == item.message
        if item.rule != "schema":
            assert not OURS.search(QUOTED.sub("", said)), (item.rule, said)


def test_sentences_read_well():
    model = process("p", start(), xor("x"), task("a"), end(), chain("start", "x", "end"), node("callChoreography"))
    found = {item.rule: say(item, "zh") for item in lint([SourceFile("a.bpmn", model)])}
    assert found["gateway-useless"] == "网关“x”应有多条流入或多条流出的顺序流，实际为 1 条和 1 条。"
    assert [severity(item, "zh") for item in lint([SourceFile("a.bpmn", model)])][0] in ("错误", "提示")


@pytest.mark.parametrize(("inside", "element", "chinese"), [
    (node("fooTask", id="x"), "x", "此处不应出现元素 bpmn:fooTask。"),
    (node("sequenceFlow", id="f", sourceRef="start"), "f", "元素 bpmn:sequenceFlow 缺少必需的属性 targetRef。"),
    (task("a", colour="red"), "a", "元素 bpmn:task 不允许有属性 colour。"),
])
def test_what_breaks_the_schema_is_told_by_element_in_both_languages(inside, element, chinese):
    content = process("p", start(), inside, end(), chain("start", "end"))
    told = [item for item in lint([SourceFile("a.bpmn", content)]) if item.rule == "schema"]
    assert [item.element for item in told] == [element]
    assert told[0].message.endswith(".") and not told[0].message.endswith("..")
    assert say(told[0], "zh").endswith(chinese)
