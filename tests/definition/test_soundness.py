"""The walk through all markings: what is sound passes, what is not is named."""

import pytest

from engine.definition import soundness
from engine.definition.markup import parse
from engine.definition.read import read
from engine.definition.report import Report
from tests.definition.cases import VALID
from tests.support.bpmn import (
    boundary,
    chain,
    end,
    flow,
    inclusive,
    model,
    parallel,
    pool,
    process,
    start,
    sub,
    task,
    timer,
    user,
    xor,
)


def findings(content):
    report = Report("a.bpmn")
    for found in read(parse(content, report), report).processes:
        soundness.check(found, report)
    return [(item.rule, item.element) for item in report.sorted()]


SOUND = {
    "parallel block": process("p", start(), parallel("f"), task("a"), task("b"), parallel("j"), end(),
                              chain("start", "f", "a", "j", "end"), chain("f", "b", "j")),
    "exclusive block": process("p", start(), xor("f", default="f-b"), task("a"), task("b"), xor("j"), end(),
                               flow("start", "f"), flow("f", "a", "= x"), chain("a", "j", "end"), chain("f", "b", "j")),
    "inclusive block": process("p", start(), inclusive("f", default="f-b"), task("a"), task("b"), inclusive("j"), end(),
                               flow("start", "f"), flow("f", "a", "= x"), chain("a", "j", "end"), chain("f", "b", "j")),
    "loop": process("p", start(), user("a"), xor("x", default="x-end"), end(), chain("start", "a", "x", "end"),
                    flow("x", "a", "= again")),
    "several ends": process("p", start(), parallel("f"), end("e1"), end("e2"), chain("start", "f", "e1"),
                            flow("f", "e2")),
    "reminder": process("p", start(), user("a"), boundary("b", "a", timer("PT1H"), interrupting=False), task("r"),
                        end("e2"), end(), chain("start", "a", "end"), chain("b", "r", "e2")),
    "boundary": process("p", start(), user("a"), boundary("b", "a", timer("PT1H")), end(), chain("start", "a", "end"),
                        flow("b", "end")),
}


@pytest.mark.parametrize("name", SOUND)
def test_sound(name):
    assert findings(SOUND[name]) == []


@pytest.mark.parametrize("name", [name for name in VALID if name != "nowhere executable"])
def test_valid_diagrams_are_sound(name):
    assert findings(VALID[name]) == []


def test_exclusive_split_into_parallel_join_gets_stuck():
    content = process("p", start(), xor("f", default="f-b"), task("a"), task("b"), parallel("j"), end(),
                      flow("start", "f"), flow("f", "a", "= x"), chain("a", "j", "end"), chain("f", "b", "j"))
    assert findings(content) == [("soundness-deadlock", "p"), ("soundness-dead", "j"), ("soundness-dead", "end")]


def test_parallel_split_into_exclusive_merge_doubles_tokens():
    content = process("p", start(), parallel("f"), task("a"), task("b"), xor("j"), user("u"), end(),
                      chain("start", "f", "a", "j", "u", "end"), chain("f", "b", "j"))
    assert ("soundness-leftover", "u") in findings(content) or ("soundness-leftover", "j") in findings(content)


def test_fault_is_named_in_its_own_scope():
    inner = sub("s", start("s1"), xor("f", default="f-b"), task("a"), task("b"), parallel("j"), end("e1"),
                flow("s1", "f"), flow("f", "a", "= x"), chain("a", "j", "e1"), chain("f", "b", "j"))
    content = process("p", start(), inner, end(), chain("start", "s", "end"))
    assert ("soundness-deadlock", "s") in findings(content) and ("soundness-deadlock", "p") not in findings(content)


def test_too_many_states_are_admitted():
    names = [f"t{number}" for number in range(14)]
    content = model(pool("p", start(), parallel("f"), *(task(name) for name in names), parallel("j"), end(),
                         flow("start", "f"), *(part for name in names for part in chain("f", name, "j")),
                         flow("j", "end")))
    assert findings(content) == [("soundness-unknown", "p")]


def test_many_branches_at_once_end_the_walk_early():
    """Each state of 1,000 open branches has 1,000 that follow: what bounds the walk is tokens moved, not states."""
    branches = [f"t{number}" for number in range(1_000)]
    content = process("p", start(), parallel("f"), parallel("j"), end(), chain("start", "f"), chain("j", "end"),
                      *(task(name) for name in branches), *(chain("f", name, "j") for name in branches))
    report = Report("a.bpmn")
    soundness.check(read(parse(content, report), report).processes[0], report)
    assert [item.rule for item in report.sorted()] == ["soundness-unknown"]
    assert int(report.sorted()[0].params["limit"]) < 20
