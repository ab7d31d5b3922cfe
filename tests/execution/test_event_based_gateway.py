from engine.domain import events as ev
from tests.support.bpmn import (
    catch,
    chain,
    condition,
    end,
    event_gateway,
    message,
    process,
    receive,
    signal,
    start,
    task,
    timer,
    user,
)


def choosing(*more):
    return process("p", start(), event_gateway("g"), catch("m", message("m", "= 1")), catch("t", timer("PT1H")),
                   receive("r", message("r", "= 1")), catch("s", signal("s")), end(), chain("start", "g", "m", "end"),
                   chain("g", "t", "end"), chain("g", "r", "end"), chain("g", "s", "end"), *more)


def test_the_first_event_wins(play):
    for winner in ("m", "r", "s"):
        case = play(choosing())
        assert case.waiting == ["m", "t", "r", "s"]
        assert case.receive(winner, x=1).path == f"start g {winner} end"
        assert case.waiting == []
        assert case.variables == {"x": 1}
    assert play(choosing()).fire("t").path == "start g t end"


def test_those_that_lost_are_closed_and_not_traced(play):
    case = play(choosing()).receive("m")
    closed = [(event.kind, event.reason) for event in case.of(ev.WaitClosed)]
    assert closed == [("message", "triggered"), ("timer", "cancelled"), ("message", "cancelled"), ("signal",
                                                                                                   "cancelled")]
    assert case.of(ev.ElementTerminated) == []


def test_of_two_timers_the_shorter_fires(play):
    case = play(process("p", start(), event_gateway("g"), catch("long", timer("PT2H")), catch("short", timer("PT1H")),
                        end(), chain("start", "g", "long", "end"), chain("g", "short", "end")))
    assert case.advance(hours=5).path == "start g short end"


def test_a_condition(play):
    model = process("p", start(), event_gateway("g"), catch("c", condition("= n > 1")), catch("t", timer("PT1H")),
                    end(),
                    chain("start", "g", "c", "end"), chain("g", "t", "end"))
    assert play(model, {"n": 0}).set(n=2).path == "start g c end"
    assert play(model, {"n": 2}).path == "start g c end"


def test_exclusive_instantiating(given):
    model = process("p", event_gateway("g", instantiate=True), catch("m", message("m")), catch("n", message("n")),
                    user("a"), user("b"), end(), chain("g", "m", "a", "end"), chain("g", "n", "b", "end"))
    case = given(model).start({"x": 1}, element="n")
    assert case.waiting == ["b"]
    assert case.path == "g n"
    assert case.complete("b").ended == "completed end"


def test_parallel_instantiating_needs_all(given):
    model = process("p", event_gateway("g", instantiate=True, parallel=True), catch("m", message("m", "= k")),
                    catch("n", message("n", "= k")), task("a"), task("b"), end(), chain("g", "m", "a", "end"),
                    chain("g", "n", "b", "end"))
    case = given(model).start({"k": 1}, element="n")
    assert case.waiting == ["m"]
    assert case.receive("m").ended == "completed end end"


def test_instantiating_receive_tasks(given):
    model = process("p", event_gateway("g", instantiate=True), receive("m", message("m")), receive("n", message("n")),
                    end(), chain("g", "m", "end"), chain("g", "n", "end"))
    assert given(model).start({}, element="m").path == "g m end"


def test_interrupted_gateway_is_traced(play):
    case = play(choosing())
    case.cancel()
    assert case.path == "start -g"
