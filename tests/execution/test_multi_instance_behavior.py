"""What a multi-instance activity throws as its instances complete (BPMN 13.3.7)."""

import pytest

from engine.definition import SourceFile, lint
from engine.domain import events as ev
from tests.support.bpmn import (
    boundary,
    call,
    catch,
    chain,
    end,
    error,
    escalation,
    message,
    model,
    multi,
    parallel,
    pool,
    process,
    signal,
    start,
    sub,
    task,
    timer,
    user,
)


def over(what, event, *, interrupting=True):
    """The activity ``a`` with a boundary event ``b`` that leads to ``told``."""
    return process("p", start(), what, boundary("b", "a", event, interrupting=interrupting), end(), task("told"),
                   end("e2"), chain("start", "a", "end"), chain("b", "told", "e2"))


@pytest.mark.parametrize("sequential", [True, False])
def test_none_throws_at_each_instance(play, sequential):
    loop = multi(cardinality="3", sequential=sequential, behavior="None", throws=signal("s"))
    case = play(over(user("a", loop), signal("s"), interrupting=False))
    for number in (1, 2, 3):
        case.complete("a")
        assert case.trace.count("told") == number
    assert case.ended.startswith("completed")
    assert [event.variables["numberOfCompletedInstances"] for event in case.of(ev.SignalThrown)] == [1, 2, 3]


def test_none_ends_the_rest_when_its_boundary_interrupts(play):
    loop = multi(cardinality="3", sequential=True, behavior="None", throws=signal("s"))
    assert play(over(task("a", loop), signal("s"))).path == "start a -a b told e2"


def test_none_ends_other_instances_that_still_run(play):
    case = play(over(user("a", multi(cardinality="3", behavior="None", throws=signal("s"))), signal("s")))
    assert case.complete("a").path == "start a -a -a -a b told e2"
    assert case.ended == "completed e2"


@pytest.mark.parametrize("sequential", [True, False])
def test_one_throws_at_the_first_instance_only(play, sequential):
    loop = multi(cardinality="3", sequential=sequential, behavior="One", throws=signal("s"))
    case = play(over(task("a", loop), signal("s"), interrupting=False))
    assert case.trace.count("a") == 4
    assert case.trace.count("told") == 1
    assert case.ended.startswith("completed")


def test_one_interrupts_after_the_first(play):
    loop = multi(cardinality="3", sequential=True, behavior="One", throws=escalation("E"))
    case = play(over(task("a", loop), escalation("E")))
    assert case.path == "start a -a b told e2"
    assert [(event.code, event.caught) for event in case.of(ev.EscalationThrown)] == [("E", True)]


def test_all_throws_nothing(play):
    loop = multi(cardinality="3", sequential=True, behavior="All", throws=signal("s"))
    case = play(over(task("a", loop), signal("s")))
    assert case.path == "start a a a a end"
    assert case.of(ev.SignalThrown) == []


def test_complex_throws_where_its_condition_holds(play):
    cases = (("= numberOfCompletedInstances = 2", signal("s")), ("= loopCounter = 3", signal("t")),
             ("= numberOfActiveInstances > 5", signal("never")))
    case = play(over(task("a", multi(cardinality="4", sequential=True, behavior="Complex", cases=cases)), signal("s"),
                     interrupting=False))
    assert [event.name for event in case.of(ev.SignalThrown)] == ["s", "t"]
    assert case.path == "start a a b a a told a end e2" or case.trace.count("told") == 1
    assert case.ended.startswith("completed")


def test_complex_may_throw_several_events_at_once(play):
    cases = (("= true", signal("s")), ("= n = 2", escalation("E")))
    case = play(over(task("a", multi("= [1, 2, 3]", "n", sequential=True, behavior="Complex", cases=cases)),
                     escalation("E")))
    assert [event.name for event in case.of(ev.SignalThrown)] == ["s", "s"]
    assert case.path == "start a a -a b told e2"


def test_an_error_ends_the_activity(play):
    case = play(over(user("a", multi(cardinality="3", behavior="One", throws=error("E"))), error("E")))
    assert case.complete("a").path == "start a -a -a -a b told e2"


def test_an_uncaught_error_is_an_incident(play):
    case = play(over(user("a", multi(cardinality="2", behavior="One", throws=error("E"))), timer("PT1H")))
    assert case.complete("a").incidents == {1: "uncaught_error"}
    assert case.fire("b").ended == "completed e2"


def test_a_message_goes_out_with_its_key(play):
    loop = multi("= [7]", "n", behavior="None", throws=message("m", "= string(n)"))
    case = play(over(task("a", loop), timer("PT1H")))
    assert [(event.name, event.key) for event in case.of(ev.MessageThrown)] == [("m", "7")]
    assert case.ended == "completed end"


def test_the_completion_condition_waits_for_the_throw(play):
    loop = multi(cardinality="3", behavior="None", throws=signal("s"), until="= numberOfCompletedInstances = 2")
    case = play(over(user("a", loop), signal("s"), interrupting=False))
    assert case.complete("a").complete("a").trace.count("told") == 2
    assert "-a" in case.trace
    assert case.ended.startswith("completed")


def test_other_branches_hear_it_too(play):
    case = play(process("p", start(), parallel("f"), task("a", multi(cardinality="2", behavior="One",
                                                                     throws=signal("s"))),
                        catch("c", signal("s")), end(), chain("start", "f", "a", "end"), chain("f", "c", "end")))
    assert case.ended == "completed end end"


@pytest.mark.parametrize("sequential", [True, False])
def test_sub_processes_and_calls(play, sequential):
    loop = multi(cardinality="2", sequential=sequential, behavior="None", throws=signal("s"))
    inner = over(sub("a", loop, start("s1"), end("s2"), chain("s1", "s2")), signal("s"), interrupting=False)
    assert play(inner).trace.count("told") == 2
    called = model(pool("p", start(), call("a", "q", loop), boundary("b", "a", signal("s"), interrupting=False), end(),
                        task("told"), end("e2"), chain("start", "a", "end"), chain("b", "told", "e2")),
                   pool("q", start("q1"), end("q2"), chain("q1", "q2")))
    assert play(called).trace.count("told") == 2


def test_what_can_be_thrown_is_accepted_and_what_cannot_is_named():
    def rules(loop):
        found = lint([SourceFile("a.bpmn", over(task("a", loop), signal("s")))])
        return {item.rule for item in found if item.element == "a" and item.rule.startswith("multi")}

    assert rules(multi(cardinality="3", behavior="None", throws=signal("s"))) == set()
    assert rules(multi(cardinality="3", behavior="Complex", cases=(("= true", signal("s")),))) == set()
    assert rules(multi(cardinality="3", behavior="One")) == {"multi-instance-silent"}
    assert rules(multi(cardinality="3", behavior="One", throws=timer("PT1H"))) == {"multi-instance-behavior"}
    assert rules(multi(cardinality="3", behavior="One", throws=error())) == {"multi-instance-behavior"}
