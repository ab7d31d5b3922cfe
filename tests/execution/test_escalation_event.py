import pytest

from engine.domain import events as ev
from tests.support.bpmn import boundary, call, chain, end, escalation, model, pool, process, start, sub, throw, user


def raising(interrupting, code="X"):
    return process("p", start(), sub("s", start("s1"), throw("t", escalation("X")), user("a"), end("s2"),
                                     chain("s1", "t", "a", "s2")),
                   boundary("b", "s", escalation(code), interrupting=interrupting), end(), end("up"),
                   chain("start", "s", "end"), chain("b", "up"))


@pytest.mark.parametrize("code", ["X", None])
def test_boundary_that_does_not_interrupt(play, code):
    case = play(raising(False, code))
    assert case.waiting == ["a"]
    assert case.complete("a").ended == "completed up end"
    assert [event.caught for event in case.of(ev.EscalationThrown)] == [True]


def test_boundary_that_interrupts(play):
    case = play(raising(True))
    assert case.path == "start s1 -t -s b up"
    assert case.ended == "completed up"


def test_uncaught_goes_on(play):
    case = play(raising(True, "Y"))
    assert case.complete("a").ended == "completed end"
    assert [event.caught for event in case.of(ev.EscalationThrown)] == [False]


def test_end_event(play):
    case = play(process("p", start(), sub("s", start("s1"), end("s2", escalation("X")), chain("s1", "s2")),
                        boundary("b", "s", escalation("X"), interrupting=False), end(), end("up"),
                        chain("start", "s", "end"), chain("b", "up")))
    assert sorted(case.trace) == ["b", "end", "s", "s1", "s2", "start", "up"]
    assert case.ended == "completed up end"


def test_out_of_a_called_process(play):
    case = play(model(pool("p", start(), call("c", "q"), boundary("b", "c", escalation("X"), interrupting=False), end(),
                           end("up"), chain("start", "c", "end"), chain("b", "up")),
                      pool("q", start("q1"), throw("t", escalation("X")), end("q2"), chain("q1", "t", "q2"))))
    assert case.ended == "completed up end"


def test_each_throw_is_caught_anew(play):
    case = play(process("p", start(), sub("s", start("s1"), throw("t", escalation("X")), throw("u", escalation("X")),
                                          end("s2"), chain("s1", "t", "u", "s2")),
                        boundary("b", "s", escalation("X"), interrupting=False), end(), end("up"),
                        chain("start", "s", "end"), chain("b", "up")))
    assert case.trace.count("b") == 2
