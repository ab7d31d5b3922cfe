from engine.domain import events as ev
from tests.support.bpmn import (
    boundary,
    call,
    chain,
    end,
    flow,
    input,
    model,
    output,
    pool,
    process,
    script,
    start,
    sub,
    terminate,
    timer,
    user,
    xor,
)


def calling(what, *more, inner=None):
    inner = inner or (start("q1"), user("a"), end("q2"), chain("q1", "a", "q2"))
    return model(pool("p", start(), what, end(), chain("start", "c", "end"), *more), pool("q", *inner))


def test_runs_the_called_process(play):
    case = play(calling(call("c", "q")), {"x": 1})
    opened = case.of(ev.UserTaskOpened)[0]
    assert (opened.element, opened.process) == ("a", "q")
    assert case.instance.variables_of(opened.instance) == {"x": 1}
    assert case.complete("a", y=2).path == "start q1 a q2 c end"
    assert case.variables == {"x": 1, "y": 2}


def test_variables_stay_inside_until_it_ends(play):
    case = play(calling(call("c", "q"), inner=(start("q1"), user("a"), user("b"), chain("q1", "a", "b"))), {"x": 1})
    assert case.complete("a", x=5).variables == {"x": 1}
    assert case.complete("b").variables == {"x": 5}


def test_mappings(play):
    case = play(calling(call("c", "q", input("= x + 1", "n"), output("= m * 2", "r"), parent=False)), {"x": 1})
    assert case.instance.variables_of(case.instance_of("a")) == {"n": 2}
    assert case.complete("a", m=10, other=1).variables == {"x": 1, "r": 20}


def test_without_propagation(play):
    case = play(calling(call("c", "q", parent=False, child=False)), {"x": 1})
    assert case.instance.variables_of(case.instance_of("a")) == {}
    assert case.complete("a", y=2).variables == {"x": 1}


def test_local_inputs_are_not_given_back(play):
    case = play(calling(call("c", "q", input("= x + 1", "n"))), {"x": 1}).complete("a", y=3)
    assert case.variables == {"x": 1, "y": 3}


def test_boundary(play):
    case = play(calling(call("c", "q"), boundary("b", "c", timer("PT1H")), chain("b", "end")))
    assert case.fire("b").path == "start q1 -a -c b end"


def test_terminate_ends_only_the_called_process(play):
    inner = (start("q1"), user("a"), end("q2", terminate()), chain("q1", "q2"), chain("q1", "a"))
    case = play(calling(call("c", "q"), inner=inner))
    assert case.ended == "completed end"


def test_end_events_of_the_called_process_are_not_those_of_the_case(play):
    assert play(calling(call("c", "q"))).complete("a").ended == "completed end"


def test_calls_itself(play):
    recursive = model(pool("p", start(), script("s", "= n - 1", "n"), xor("x", default="out"), call("c", "p"), end(),
                           chain("start", "s", "x"), flow("x", "c", "n > 0"), flow("x", "end", id="out"),
                           chain("c", "end")))
    case = play(recursive, {"n": 5})
    assert case.ended == "completed end"
    assert case.trace.count("s") == 5


def test_calling_itself_for_ever_is_an_incident(play):
    case = play(model(pool("p", start(), call("c", "p"), end(), chain("start", "c", "end"))))
    assert list(case.incidents.values()) == ["called_element"]
    assert len(case.instance.dump()) < 100_000
    assert case.resolve().incidents == {2: "called_element"}
    assert case.cancel().ended == "cancelled"


def test_recursion_with_a_wait_in_each_round_is_bounded_too(play):
    case = play(model(pool("p", start(), user("a"), call("c", "p"), end(), chain("start", "a", "c", "end"))))
    case.reload = False
    for _ in range(1001):
        case.complete("a")
    assert list(case.incidents.values()) == ["called_element"]


def test_one_that_cannot_start_by_itself_is_an_incident(play):
    inner = (start("q1", timer("PT1H")), user("a"), chain("q1", "a"))
    assert play(calling(call("c", "q"), inner=inner)).incidents == {1: "called_element"}


def test_an_unknown_one_is_an_incident(play):
    assert play(process("p", start(), call("c", "nowhere"), chain("start", "c"))).incidents == {1: "called_element"}


def test_twice_at_the_same_time(play):
    case = play(model(pool("p", start(), call("c", "q"), call("d", "q"), end(), chain("start", "c", "end"),
                           chain("start", "d", "end")),
                      pool("q", start("q1"), sub("s", user("a")), end("q2"), chain("q1", "s", "q2"))))
    assert case.complete("a", n=1).variables == {"n": 1}
    assert case.complete("a", n=2).variables == {"n": 2}
    assert case.ended == "completed end end"
