from engine.domain import events as ev
from tests.support.bpmn import boundary, chain, end, loop, process, script, start, sub, timer, user


def repeated(what, *more):
    return process("p", start(), what, end(), chain("start", what.attributes["id"], "end"), *more)


def test_runs_while_its_condition_is_true(play):
    case = play(repeated(script("a", "= n + 1", "n", loop("= n < 3"))), {"n": 0})
    assert case.variables == {"n": 3}
    assert case.path == "start a a a end"


def test_tests_after_the_first_round_unless_told(play):
    assert play(repeated(script("a", "= n + 1", "n", loop("= n < 3"))), {"n": 9}).variables == {"n": 10}
    assert play(repeated(script("a", "= n + 1", "n", loop("= n < 3", before=True))), {"n": 9}).variables == {"n": 9}


def test_maximum(play):
    assert play(repeated(script("a", "= n + 1", "n", loop("= true", maximum=4))), {"n": 0}).variables == {"n": 4}
    assert play(repeated(script("a", "= n + 1", "n", loop(maximum=2))), {"n": 0}).variables == {"n": 2}


def test_counter(play):
    case = play(repeated(user("a", loop("= loopCounter < 3"))))
    assert case.instance.variables_of(case.instance_of("a"))["loopCounter"] == 1
    case.complete("a").complete("a")
    assert case.instance.variables_of(case.instance_of("a"))["loopCounter"] == 3
    assert case.complete("a").ended == "completed end"
    assert case.variables == {}


def test_boundary_spans_all_rounds(play):
    case = play(repeated(user("a", loop("= true")), boundary("b", "a", timer("PT1H")), chain("b", "end")))
    case.complete("a").complete("a")
    assert len(case.of(ev.TimerArmed)) == 1
    assert case.fire("b").path == "start a a -a b end"


def test_sub_process(play):
    case = play(repeated(sub("s", loop("= n < 2"), script("x", "= n + 1", "n"))), {"n": 0})
    assert case.path == "start x s x s end"


def test_an_endless_automatic_loop_is_an_incident(play):
    case = play(repeated(script("a", "= 1", "n", loop("= true"))))
    assert list(case.incidents.values()) == ["step_limit"]


def test_its_scope_is_known_to_history(play):
    case = play(repeated(user("a", loop("= true"))))
    assert [event.scope for event in case.of(ev.ElementActivated)] == [0, 0]
