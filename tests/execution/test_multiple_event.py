from engine.domain import events as ev
from tests.support.bpmn import (
    boundary,
    catch,
    chain,
    end,
    escalation,
    message,
    process,
    signal,
    start,
    sub,
    throw,
    timer,
    user,
)


def test_catch_takes_any(play):
    case = play(process("p", start(), catch("c", message("m", "= 1"), timer("PT1H")), end(), chain("start", "c",
                                                                                                   "end")))
    assert case.waiting == ["c", "c"]
    assert case.fire("c").ended == "completed end"
    assert case.waiting == []


def test_parallel_multiple_catch_needs_all(play):
    case = play(process("p", start(), catch("c", message("m", "= 1"), message("n", "= 1"), parallelMultiple=True),
                        end(),
                        chain("start", "c", "end")))
    assert case.receive("c", a=1).ended == ""
    assert case.receive("c", b=2).ended == "completed end"
    assert case.variables == {"a": 1, "b": 2}


def test_boundary_takes_any(play):
    case = play(process("p", start(), user("a"), boundary("b", "a", message("m", "= 1"), timer("PT1H")), end(),
                        chain("start", "a"), chain("b", "end")))
    assert case.fire("b").path == "start -a b end"


def test_parallel_multiple_boundary_needs_all_and_may_come_again(play):
    case = play(process("p", start(), user("a"), boundary("b", "a", message("m", "= 1"), message("n", "= 1"),
                                                          interrupting=False, parallelMultiple=True), end(), end("e"),
                        chain("start", "a", "end"), chain("b", "e")))
    case.receive("b")
    assert "b" not in case.trace
    case.receive("b")
    assert case.trace.count("b") == 1
    case.receive("b").receive("b")
    assert case.trace.count("b") == 2


def test_throw_throws_all_in_order(play):
    case = play(process("p", start(), throw("t", message("m"), signal("s"), escalation("X")), end(),
                        chain("start", "t", "end")))
    assert [type(event).__name__ for event in case.events if type(event).__name__.endswith("Thrown")] == [
        "MessageThrown", "SignalThrown", "EscalationThrown"]
    assert case.ended == "completed end"


def test_start_by_any(given):
    model = process("p", start("s", message("m"), signal("g")), user("a"), chain("s", "a"))
    assert given(model).start(element="s").waiting == ["a"]


def test_parallel_multiple_start_waits_for_the_others(given):
    model = process("p", start("s", message("m", "= k"), message("n", "= k"), parallelMultiple=True), user("a"),
                    chain("s", "a"))
    case = given(model).start({"k": 1}, element="s", event=1)
    assert [(event.name, event.key) for event in case.of(ev.MessageAwaited)] == [("m", "1")]
    assert case.receive("s", x=1).waiting == ["a"]
    assert case.variables == {"k": 1, "x": 1}


def test_event_sub_process_takes_any(play):
    case = play(process("p", start(), user("a"), chain("start", "a"),
                        sub("h", start("hs", message("m", "= 1"), timer("PT1H"), interrupting=False), user("do"),
                            chain("hs", "do"), event=True)))
    case.receive("hs").fire("hs")
    assert case.waiting.count("do") == 2


def test_an_end_event_throws_all(play):
    case = play(process("p", start(), end("e", message("m"), signal("s")), chain("start", "e")))
    assert [type(event).__name__ for event in case.events if type(event).__name__.endswith("Thrown")] == [
        "MessageThrown", "SignalThrown"]
    assert case.ended == "completed e"
