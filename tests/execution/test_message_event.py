from engine.domain import events as ev
from tests.support.bpmn import (
    boundary,
    catch,
    chain,
    end,
    input,
    message,
    output,
    process,
    receive,
    send,
    start,
    sub,
    throw,
    user,
)


def test_catch_waits_for_name_and_key(play):
    case = play(process("p", start(), catch("c", message("paid", "= number")), end(), chain("start", "c", "end")),
                {"number": 7})
    awaited = case.of(ev.MessageAwaited)[0]
    assert (awaited.name, awaited.key, awaited.element) == ("paid", "7", "c")
    assert case.receive("c", amount=3).ended == "completed end"
    assert case.variables == {"number": 7, "amount": 3}


def test_name_may_be_an_expression(play):
    case = play(process("p", start(), catch("c", message('= "paid." + kind', "= 1")), chain("start", "c")),
                {"kind": "x"})
    assert case.of(ev.MessageAwaited)[0].name == "paid.x"


def test_a_key_that_is_null_is_an_incident(play):
    case = play(process("p", start(), catch("c", message("paid", "= missing")), chain("start", "c")))
    assert case.incidents == {1: "expression"}
    assert case.set(missing="k").resolve().waiting == ["c"]


def test_output_mapping_decides_what_is_kept(play):
    case = play(process("p", start(), catch("c", message("paid", "= 1"), output("= amount * 2", "twice")), end(),
                        chain("start", "c", "end"))).receive("c", amount=3)
    assert case.variables == {"twice": 6}


def test_start_event(given):
    model = process("p", start("s", message("ask")), start("none"), user("a"), user("b"), end(), chain("s", "a", "end"),
                    chain("none", "b", "end"))
    assert given(model).start({"x": 1}, element="s").waiting == ["a"]
    assert given(model).start().waiting == ["b"]


def test_start_event_with_output_mapping(given):
    model = process("p", start("s", message("ask"), output("= x + 1", "y")), user("a"), chain("s", "a"))
    assert given(model).start({"x": 1}, element="s").variables == {"y": 2}


def test_throw_and_end_and_send_task(play):
    case = play(process("p", start(), throw("t", message("hello", "= k"), input("= k + 1", "n")), send("s",
                                                                                                       message("m")),
                        end("end", message("bye")), chain("start", "t", "s", "end")), {"k": 5, "secret": 1})
    thrown = [(event.element, event.name, event.key, dict(event.variables)) for event in case.of(ev.MessageThrown)]
    assert thrown == [("t", "hello", "5", {"n": 6}), ("s", "m", "", {}), ("end", "bye", "", {})]
    assert case.ended == "completed end"


def test_send_task_with_a_job_waits_for_it(play):
    case = play(process("p", start(), send("s", "mailer"), end(), chain("start", "s", "end")))
    assert case.of(ev.JobOpened)[0].type == "mailer"
    assert case.complete("s").ended == "completed end"


def test_receive_task(play):
    case = play(process("p", start(), receive("r", message("m", "= 1")), boundary("b", "r", message("stop", "= 1")),
                        end(), end("stopped"), chain("start", "r", "end"), chain("b", "stopped")))
    assert case.waiting == ["b", "r"]
    assert case.receive("b").ended == "completed stopped"
    assert case.path == "start -r b stopped"


def test_receive_task_takes_its_message(play):
    case = play(process("p", start(), receive("r", message("m", "= 1")), end(), chain("start", "r", "end")))
    assert case.receive("r", x=1).variables == {"x": 1}


def test_instantiating_receive_task(given):
    model = process("p", receive("r", message("m"), instantiate=True), user("a"), end(), chain("r", "a", "end"))
    case = given(model).start({"x": 1}, element="r")
    assert case.waiting == ["a"]
    assert case.path == "r"
    assert case.variables == {"x": 1}


def test_boundary_that_does_not_interrupt_may_come_again(play):
    case = play(process("p", start(), user("a"), boundary("b", "a", message("note", "= 1"), interrupting=False),
                        user("n"),
                        end(), chain("start", "a", "end"), chain("b", "n", "end")))
    case.receive("b", text="1").receive("b", text="2")
    assert sorted(case.waiting) == ["a", "b", "n", "n"]
    assert len({event.wait for event in case.of(ev.MessageAwaited)}) == 3
    case.complete("n").complete("n").complete("a")
    assert case.ended == "completed end end end"


def test_event_sub_process_starts(play):
    for interrupting, expected in ((True, ["h"]), (False, ["a", "m", "h"])):
        case = play(process("p", start(), user("a"), end(), chain("start", "a", "end"),
                            sub("e", start("m", message("stop", "= 1"), interrupting=interrupting), user("h"),
                                end("he"),
                                chain("m", "h", "he"), event=True)))
        assert sorted(case.receive("m", why="x").waiting) == sorted(expected)
        assert case.variables == {"why": "x"}
