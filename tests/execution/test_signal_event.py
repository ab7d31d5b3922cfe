from engine.domain import events as ev
from tests.support.bpmn import (
    boundary,
    catch,
    chain,
    end,
    input,
    message,
    parallel,
    process,
    signal,
    start,
    sub,
    throw,
    user,
)


def test_reaches_everything_that_waits_in_the_case(play):
    case = play(process("p", start(), parallel("f"), catch("c", signal("s")), catch("d", signal("s")), user("a"),
                        throw("t", signal("s")), end("e1"), end("e2"), end("e3"), chain("start", "f", "c", "e1"),
                        chain("f", "d", "e2"), chain("f", "a", "t", "e3")))
    assert case.complete("a").ended == "completed e3 e1 e2" or case.ended.split()[0] == "completed"
    assert [event.name for event in case.of(ev.SignalThrown)] == ["s"]


def test_thrown_right_after_a_fork_lets_the_other_tokens_rest_first(play):
    """Trap: the throw is first in document order, the catch still on its way."""
    case = play(process("p", start(), parallel("f"), throw("t", signal("s")), catch("c", signal("s")), end("e1"),
                        end("e2"),
                        chain("start", "f", "t", "e1"), chain("f", "c", "e2")))
    assert case.ended.split()[0] == "completed"
    assert "c" in case.trace


def test_a_throw_that_interrupts_its_own_scope_does_not_go_on(play):
    """Trap: delivery is not put off until after the throw."""
    case = play(process("p", start(), sub("s", start("s1"), throw("t", signal("stop")), user("a"), chain("s1", "t",
                                                                                                         "a")),
                        boundary("b", "s", signal("stop")), end(), chain("start", "s"), chain("b", "end")))
    assert case.path == "start s1 -t -s b end"


def test_end_event(play):
    case = play(process("p", start(), parallel("f"), catch("c", signal("s")), end("e1"), end("e2", signal("s")),
                        chain("start", "f", "c", "e1"), chain("f", "e2")))
    assert case.ended.startswith("completed")
    assert "c" in case.trace


def test_boundary_that_does_not_interrupt_fires_each_time(play):
    case = play(process("p", start(), user("a"), boundary("b", "a", signal("s"), interrupting=False), end(), end("e"),
                        chain("start", "a", "end"), chain("b", "e")))
    case.receive("b", n=1).receive("b", n=2).receive("b", n=3)
    assert case.trace.count("b") == 3
    assert case.variables == {"n": 3}
    assert case.complete("a").waiting == []


def test_payload_is_what_the_input_mappings_made(play):
    case = play(process("p", start(), parallel("f"), catch("c", signal("s")), throw("t", signal("s"), input("= 7",
                                                                                                            "n")),
                        chain("start", "f", "c"), chain("f", "t")), {"x": 1})
    assert dict(case.of(ev.SignalThrown)[0].variables) == {"n": 7}
    assert case.variables == {"x": 1, "n": 7}


def test_start_event(given):
    model = process("p", start("s", signal("go")), user("a"), chain("s", "a"))
    assert given(model).start({"x": 1}, element="s").waiting == ["a"]


def test_a_name_by_expression(play):
    case = play(process("p", start(), catch("c", signal('= "s" + n')), chain("start", "c")), {"n": "1"})
    assert case.of(ev.SignalAwaited)[0].name == "s1"


def test_what_fails_at_one_receiver_keeps_it_from_no_other(play):
    """The first boundary event cannot be armed anew: its second part has no key any more."""
    both = boundary("b", "a", signal("s"), message("m", "= key"), interrupting=False, parallelMultiple=True)
    case = play(process("p", start(), parallel("f"), user("a"), both, catch("c", signal("s")), user("d"), end("e"),
                        throw("t", signal("s")), chain("start", "f", "a"), chain("f", "c", "e"), chain("f", "d", "t"),
                        chain("b", "e")), {"key": "k"})
    wait = next(wait for wait in case.instance.waits.values() if wait.at == "b" and wait.kind == "message")
    case._after(case.instance.receive(wait.id, {}, case.now))
    case.set(key=None).complete("d")
    assert case.incidents == {1: "expression"}
    assert {"c", "e", "t"} <= set(case.trace)
    assert "b" in case.set(key="k").resolve().trace
    assert case.incidents == {}
