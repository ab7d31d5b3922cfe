"""Every rule by one diagram that breaks it, and diagrams that break none."""

from pathlib import Path

import pytest

from engine.definition import SourceFile, lint, load
from engine.definition.rules import RULES
from engine.errors import DeploymentRefused
from tests.definition.cases import CASES, VALID
from tests.support.bpmn import chain, end, process, schedule, start, user


def test_every_rule_has_a_diagram():
    tests = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.rglob("test_*.py"))
    shown = {rule for rule, _, _ in CASES}
    assert [rule for rule in RULES if rule not in shown and f'"{rule}"' not in tests] == []


def findings(content: bytes):
    return lint([SourceFile("a.bpmn", content)])


@pytest.mark.parametrize(("rule", "element", "content"), [case for case in CASES if case[2] is not None],
                         ids=[f"{rule}:{element}" for rule, element, content in CASES if content is not None])
def test_rule_names_the_element(rule, element, content):
    found = findings(content)
    assert "schema" not in {item.rule for item in found}, found
    matching = [item for item in found if item.rule == rule and item.element == element]
    assert matching, found
    assert matching[0].severity == RULES[rule][0]
    assert matching[0].message.startswith("Expected ") and "{" not in matching[0].message.replace("${", "")
    assert element == "" or matching[0].line > 1


@pytest.mark.parametrize("name", VALID)
def test_valid_diagrams_have_no_error(name):
    assert [item.message for item in findings(VALID[name]) if item.severity == "error"] == []


def test_a_due_date_is_a_deadline_of_a_task():
    dated = process("p", start(), user("a", schedule('= deadline("dl.pre.correct")'), name="A"), end(),
                    chain("start", "a", "end"))
    assert "wait-without-exit" not in {item.rule for item in findings(dated)}
    assert "wait-without-exit" in {item.rule for item in findings(VALID["straight"])}


def test_refusal_carries_all_findings():
    rule, element, content = next(case for case in CASES if case[0] == "feel-syntax")
    with pytest.raises(DeploymentRefused) as refused:
        load([SourceFile("a.bpmn", content)])
    assert (rule, element) in {(item.rule, item.element) for item in refused.value.params["findings"]}


def test_same_process_in_two_files():
    found = lint([SourceFile("a.bpmn", VALID["straight"]), SourceFile("b.bpmn", VALID["straight"])])
    assert [(item.file, item.rule) for item in found if item.severity == "error"] == [("b.bpmn", "duplicate-process")]
