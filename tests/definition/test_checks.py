"""Every rule by one diagram that breaks it, and diagrams that break none."""

from pathlib import Path

import pytest

from engine.definition import SourceFile, lint, load
from engine.definition.rules import RULES
from engine.errors import DeploymentRefused
from tests.definition.cases import CASES, VALID, around, expiring
from tests.support.bpmn import (
    boundary,
    call,
    catch,
    chain,
    condition,
    end,
    flow,
    message,
    parallel,
    process,
    properties,
    schedule,
    start,
    sub,
    task,
    terminate,
    timer,
    user,
)


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


def remarked(*contents: bytes) -> set[tuple[str, str]]:
    files = [SourceFile(f"{number}.bpmn", content) for number, content in enumerate(contents)]
    return {(item.rule, item.element) for item in lint(files)}


WITHDRAWN = sub("es", start("w", message("withdraw", "= no")), end("ew"), chain("w", "ew"), event=True)
OPEN = ("wait-without-exit", "a")


@pytest.mark.parametrize("parts", [
    (user("a"), WITHDRAWN, chain("start", "a", "end")),
    (sub("s", start("s1"), user("a"), end("e1"), chain("s1", "a", "e1")), boundary("b", "s", timer("P1D")), end("e2"),
     chain("start", "s", "end"), flow("b", "e2")),
    (parallel("f"), user("a"), catch("t", timer('= deadline("dl.pre.correct")')), end("e2", terminate()),
     chain("start", "f", "a", "end"), chain("f", "t", "e2")),
], ids=["withdrawal of the case", "a boundary around", "a deadline beside it"])
def test_a_way_out_anywhere_around_a_wait_counts(parts):
    assert OPEN not in remarked(process("p", start(), *parts, end()))


@pytest.mark.parametrize("parts", [
    (user("a"), catch("t", timer('= deadline("dl.pre.correct")')), chain("start", "a", "t", "end")),
    (parallel("f"), user("a"), task("b"), parallel("j"), catch("t", timer("P1D")),
     chain("start", "f", "a", "j", "t", "end"), chain("f", "b", "j")),
], ids=["a deadline after it", "a deadline after the join"])
def test_what_comes_only_after_a_wait_is_no_way_out(parts):
    assert OPEN in remarked(process("p", start(), *parts, end()))


@pytest.mark.parametrize(("interrupting", "exits"), [(False, False), (True, True)])
def test_a_condition_that_only_tells_is_no_way_out(interrupting, exits):
    told = sub("es", start("w", condition("=done = true"), interrupting=interrupting), end("ew"), chain("w", "ew"),
               event=True)
    found = remarked(process("p", start(), user("a"), told, end(), chain("start", "a", "end")))
    assert (OPEN not in found) is exits


def test_a_called_process_has_the_ways_out_of_all_its_calls():
    called = around(user("a"))
    guarded = process("q", start(), call("c", "p"), boundary("b", "c", message("withdraw", "= no")), end(), end("e2"),
                      chain("start", "c", "end"), flow("b", "e2"))
    between = process("q", start(), call("c", "m"), WITHDRAWN, end(), chain("start", "c", "end"))
    middle = process("m", start(), call("d", "p"), end(), chain("start", "d", "end"))
    bare = process("r", start(), call("c", "p"), end(), chain("start", "c", "end"))
    assert OPEN not in remarked(called, guarded)
    assert OPEN not in remarked(called, middle, between)
    assert OPEN in remarked(called, guarded, bare) and OPEN in remarked(called)


def test_an_internal_period_needs_no_confirmation():
    assert ("expiry-twice", "b") not in remarked(expiring("dl.pre.correct"))
    assert ("expiry-twice", "b") not in remarked(expiring("dl.inv.answer", expiry="engine"))


def test_refusal_carries_all_findings():
    rule, element, content = next(case for case in CASES if case[0] == "feel-syntax")
    with pytest.raises(DeploymentRefused) as refused:
        load([SourceFile("a.bpmn", content)])
    assert (rule, element) in {(item.rule, item.element) for item in refused.value.params["findings"]}


def test_same_process_in_two_files():
    found = lint([SourceFile("a.bpmn", VALID["straight"]), SourceFile("b.bpmn", VALID["straight"])])
    assert [(item.file, item.rule) for item in found if item.severity == "error"] == [("b.bpmn", "duplicate-process")]


def test_a_process_says_who_starts_it_unless_others_call_it():
    unsaid, said = ("starter-unnamed", "p"), process("p", start("start", properties(role="party")), end(),
                                                     chain("start", "end"))
    assert unsaid in remarked(around(user("a")))
    assert unsaid not in remarked(said)
    caller = process("q", start(), call("c", "p"), end(), chain("start", "c", "end"))
    assert unsaid not in remarked(around(user("a")), caller)
