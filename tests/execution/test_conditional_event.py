from engine.domain import events as ev
from tests.support.bpmn import boundary, catch, chain, condition, end, parallel, process, start, user


def test_catch_waits_until_it_is_true(play):
    case = play(process("p", start(), catch("c", condition("= n > 2")), end(), chain("start", "c", "end")), {"n": 0})
    assert case.of(ev.ConditionAwaited)[0].expression.strip() == "n > 2"
    assert case.set(n=1).waiting == ["c"]
    assert case.set(n=3).ended == "completed end"


def test_catch_that_is_true_goes_on_at_once(play):
    case = play(process("p", start(), catch("c", condition("= n > 2")), end(), chain("start", "c", "end")), {"n": 5})
    assert case.ended == "completed end"


def test_looks_at_results_of_tasks(play):
    case = play(process("p", start(), parallel("f"), catch("c", condition("= done")), user("a"), end("e1"), end("e2"),
                        chain("start", "f", "c", "e1"), chain("f", "a", "e2")))
    assert case.complete("a", done=True).ended.startswith("completed")
    assert "c" in case.trace


def guarded(interrupting):
    return process("p", start(), user("a"), boundary("b", "a", condition("= n > 2"), interrupting=interrupting), end(),
                   user("h"), chain("start", "a", "end"), chain("b", "h"))


def test_boundary_that_interrupts(play):
    case = play(guarded(True), {"n": 0})
    assert case.set(n=3).waiting == ["h"]
    assert case.path == "start -a b"


def test_boundary_that_is_true_already_fires_before_the_body_runs(play):
    case = play(guarded(True), {"n": 9})
    assert case.waiting == ["h"]
    assert case.of(ev.UserTaskOpened)[0].element == "h"
    assert case.path == "start -a b"


def test_boundary_that_does_not_interrupt_is_edge_triggered(play):
    case = play(guarded(False), {"n": 9})
    assert sorted(case.waiting) == ["a", "b", "h"]
    case.set(n=10)
    assert case.trace.count("b") == 1
    case.set(n=0).set(n=5)
    assert case.trace.count("b") == 2


def test_the_result_of_the_task_itself_does_not_trigger_its_own_boundary(play):
    case = play(guarded(True), {"n": 0}).complete("a", n=9)
    assert case.ended == "completed end"


def test_local_variables_are_seen(play):
    case = play(guarded(True), {"n": 0})
    case.set(case.instance_of("a"), n=7)
    assert case.waiting == ["h"]
    assert case.variables == {"n": 0}


ENDLESS = "= count(for i in 1..n, j in 1..n return i) > 3"


def test_one_that_cannot_be_evaluated_is_an_incident_until_it_can(play):
    case = play(process("p", start(), parallel("f"), user("a"), catch("c", condition(ENDLESS)), end(),
                        chain("start", "f", "c", "end"), chain("f", "a", "end")), {"n": 1})
    assert case.set(n=1_000_000).incidents == {1: "expression"}
    assert case.set(m=1).incidents == {1: "expression"}
    assert case.resolve(1).incidents == {2: "expression"}
    assert case.set(n=1).incidents == {}
    assert case.set(n=2).trace == ["start", "f", "c", "end"]


def test_an_incident_of_one_is_resolved_by_a_retry(play):
    case = play(guarded(True), {"n": 1})
    assert case.incidents == {}
    case = play(process("p", start(), user("a"), boundary("b", "a", condition(ENDLESS)), end(), chain("start", "a"),
                        chain("b", "end")), {"n": 1}).set(n=1_000_000)
    assert case.complete("a").incidents == {}
    assert case.ended == "completed"
