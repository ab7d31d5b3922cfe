"""Bounds, incidents and what a person does about them."""

import pytest

from engine.domain import events as ev
from engine.errors import Conflict, InvalidInput
from engine.execution import Environment
from tests.support.bpmn import (
    boundary,
    call,
    chain,
    end,
    error,
    flow,
    input,
    message,
    model,
    multi,
    output,
    parallel,
    pool,
    process,
    script,
    service,
    start,
    sub,
    task,
    timer,
    user,
    xor,
)


def endless():
    return process("p", start(), xor("m"), script("s", "= n + 1", "n"), xor("x", default="back"), end(),
                   chain("start", "m", "s", "x"), flow("x", "m", id="back"), flow("x", "end", "n >= 25000"))


def test_a_runaway_is_bounded_and_goes_on_when_told(play):
    case = play(endless(), {"n": 0})
    raised = case.of(ev.IncidentRaised)[0]
    assert raised.code == "step_limit"
    assert raised.element in ("m", "s", "x")
    reached = case.variables["n"]
    assert 3000 < reached < 3400
    while not case.ended:
        case.resolve()
    assert case.variables["n"] == 25000
    assert case.ended == "completed end"
    assert case.incidents == {}


def test_the_bound_is_that_of_the_host(play):
    case = play(endless(), {"n": 0}, env=Environment(step_limit=30))
    assert case.variables["n"] <= 10


def test_a_step_whose_time_is_up_keeps_what_is_left_for_later(play):
    moments = iter(range(1_000_000))
    case = play(endless(), {"n": 0}, env=Environment(time_is_up=lambda: next(moments) % 5_000 == 4_999))
    raised = case.of(ev.IncidentRaised)[0]
    assert raised.code == "step_time"
    assert raised.message.startswith("Expected a wait before the time of a step was up, but '")
    assert 0 < case.variables["n"] < 5_000
    while not case.ended:
        case.resolve()
    assert case.variables["n"] == 25000


def test_a_chain_of_automatic_elements_within_the_bound_runs(play):
    names = [f"t{n}" for n in range(3000)]
    case = play(process("p", start(), *(task(name) for name in names), end(), chain("start", *names, "end")))
    assert case.ended == "completed end"


def test_interrupting_a_parked_scope_forgets_its_work(play):
    case = play(process("p", start(), sub("s", start("s1"), xor("m"), task("t"), chain("s1", "m", "t", "m")),
                        boundary("b", "s", timer("PT1H")), end(), chain("start", "s"), chain("b", "end")))
    assert list(case.incidents.values()) == ["step_limit"]
    assert case.fire("b").ended == "completed end"
    assert case.incidents == {}


def test_ending_the_case_closes_incidents(play):
    case = play(process("p", start(), parallel("f"), script("s", "= 1 +", "x"), user("a"), end("stop"),
                        chain("start", "f", "s"), chain("f", "a")))
    assert list(case.incidents.values()) == ["expression"]
    assert case.cancel().ended == "cancelled"
    assert case.incidents == {}
    assert case.path == "start f -s -a"


def test_interrupting_closes_the_incidents_inside(play):
    case = play(process("p", start(), sub("s", start("s1"), script("x", "= 1 +", "y"), chain("s1", "x")),
                        boundary("b", "s", timer("PT1H")), end(), chain("start", "s"), chain("b", "end")))
    assert case.fire("b").ended == "completed end"
    assert case.incidents == {}


def test_output_mappings_are_tried_again_with_the_same_result(play):
    limit = "= if ok then r else count(for i in 1..100000000 return i)"
    case = play(process("p", start(), user("a", output(limit, "kept")), boundary("b", "a", timer("PT1H")), end(),
                        chain("start", "a", "end"), chain("b", "end")), {"ok": False})
    case.complete("a", r=7)
    assert list(case.incidents.values()) == ["expression"]
    assert case.set(ok=True).resolve().variables == {"ok": True, "kept": 7}
    assert case.ended == "completed end"


def test_nothing_is_half_done_when_entry_fails(play):
    case = play(process("p", start(), user("a", input("= 1", "y")), boundary("b", "a", timer("= when", "date")), end(),
                        chain("start", "a", "end"), chain("b", "end")))
    assert case.waiting == []
    assert [event.scope for event in case.of(ev.VariablesSet)] == []
    case.set(when="2026-05-01").resolve()
    assert case.waiting == ["b", "a"]
    assert len(case.of(ev.ElementActivated)) == 2


def test_a_closed_incident_cannot_be_resolved(play):
    case = play(process("p", start(), user("a"), chain("start", "a")))
    with pytest.raises(Conflict):
        case.resolve(1)


# -- answering what is not there --------------------------------------------------------------------------------------

def test_an_answer_to_what_is_closed_is_a_conflict(play):
    case = play(process("p", start(), user("a"), user("b"), chain("start", "a", "b")))
    wait = case.wait("a").id
    case.complete("a")
    for answer in (lambda: case.instance.complete(wait, {}, case.now), lambda: case.instance.receive(999, {}, case.now),
                   lambda: case.instance.fire(wait, case.now), lambda: case.instance.fail(wait, "", 0, case.now)):
        with pytest.raises(Conflict):
            answer()


def test_an_answer_of_the_wrong_kind_is_a_conflict(play):
    case = play(process("p", start(), user("a"), chain("start", "a")))
    with pytest.raises(Conflict, match="userTask"):
        case.instance.fire(case.wait("a").id, case.now)


def test_an_ended_case_takes_no_commands(play):
    case = play(process("p", start(), end(), chain("start", "end")))
    for command in (case.cancel, lambda: case.set(x=1), lambda: case.modify(["end"])):
        with pytest.raises(Conflict):
            command()


def test_a_process_that_needs_an_event_does_not_start_by_itself(given):
    model_ = process("p", start("s", message("m")), user("a"), chain("s", "a"))
    for element in (None, "a", "nowhere"):
        with pytest.raises(InvalidInput):
            given(model_).start(element=element)


# -- cancelling and modifying -----------------------------------------------------------------------------------------

def test_cancel_ends_everything_inner_first(play):
    case = play(process("p", start(), sub("s", user("a"), service("b")), end(), chain("start", "s", "end")))
    assert case.cancel().path == "start -a -b -s"
    assert case.ended == "cancelled"
    assert case.waiting == []


def test_move_a_token(play):
    case = play(process("p", start(), user("a"), user("b"), end(), chain("start", "a", "b", "end")))
    assert case.modify(["b"], [case.instance_of("a")]).waiting == ["b"]
    assert case.complete("b").path == "start -a b end"
    assert case.ended == "completed end"


def test_start_before_an_element_beside_what_runs(play):
    case = play(process("p", start(), user("a"), user("b"), end(), chain("start", "a", "b", "end")))
    assert case.modify(["b"]).waiting == ["a", "b"]
    case.complete("b").complete("a").complete("b")
    assert case.ended == "completed end end"


def test_start_inside_a_sub_process_that_does_not_run(play):
    case = play(process("p", start(), user("a"), sub("s", start("s1"), user("b"), user("c"), end("s2"),
                                                     chain("s1", "b", "c", "s2")), end(), chain("start", "a", "s",
                                                                                                "end")))
    case.modify(["c"], [case.instance_of("a")])
    assert case.waiting == ["c"]
    assert case.complete("c").path == "start -a c s2 s end"


def test_start_inside_one_that_runs(play):
    case = play(process("p", start(), sub("s", start("s1"), user("b"), user("c"), end("s2"), chain("s1", "b", "c",
                                                                                                   "s2")),
                        end(), chain("start", "s", "end")))
    case.modify(["c"], [case.instance_of("b")]).complete("c")
    assert case.ended == "completed end"
    assert case.trace.count("s") == 1


def test_inside_a_called_process(play):
    case = play(model(pool("p", start(), call("c", "q"), end(), chain("start", "c", "end")),
                      pool("q", start("q1"), user("x"), user("y"), end("q2"), chain("q1", "x", "y", "q2"))))
    case.modify(["y"], [case.instance_of("x")])
    assert case.complete("y").ended == "completed end"


def test_ending_the_last_token_ends_the_case(play):
    case = play(process("p", start(), user("a"), chain("start", "a")))
    assert case.modify([], [case.instance_of("a")]).ended == "completed"


def test_start_inside_two_levels_that_do_not_run(play):
    inner = sub("t", start("t1"), user("b"), user("c"), chain("t1", "b", "c"), boundary("late", "t", timer("PT1H")))
    case = play(process("p", start(), user("a"), sub("s", start("s1"), inner, chain("s1", "t")), end(),
                        chain("start", "a", "s", "end")))
    case.modify(["c"], [case.instance_of("a")])
    assert case.waiting == ["late", "c"]
    assert case.complete("c").ended == "completed end"


def test_what_starts_in_the_same_scope_that_does_not_run_shares_it(play):
    inner = sub("t", start("t1"), user("b"), user("c"), end("t2"), chain("t1", "b", "t2"), chain("t1", "c", "t2"))
    case = play(process("p", start(), user("a"), sub("s", start("s1"), inner, user("d"), end("s2"),
                                                     chain("s1", "t", "d", "s2")),
                        end(), chain("start", "a", "s", "end")))
    case.modify(["b", "c", "d"], [case.instance_of("a")])
    assert sorted(case.waiting) == ["b", "c", "d"]
    activated = [event.element for event in case.of(ev.ElementActivated)]
    assert (activated.count("s"), activated.count("t")) == (1, 1)
    case.complete("b").complete("d")
    assert case.ended == ""
    assert case.complete("c").complete("d").ended == "completed end"


def test_the_same_element_twice_is_two_instances(play):
    case = play(process("p", start(), user("a"), sub("s", user("b")), end(), chain("start", "a", "s", "end")))
    assert case.modify(["b", "b"], [case.instance_of("a")]).waiting == ["b", "b"]
    assert [event.element for event in case.of(ev.ElementActivated)].count("s") == 1
    assert case.modify(["s", "s"]).waiting == ["b", "b", "b", "b"]


def test_end_one_instance_of_a_loop(play):
    for sequential, left in ((False, ["a", "a"]), (True, ["a"])):
        case = play(process("p", start(), user("a", multi("= [1, 2, 3]", "n", sequential=sequential)), end(),
                            chain("start", "a", "end")))
        case.modify([], [case.instance_of("a")])
        assert case.waiting == left
        while not case.ended:
            case.complete("a")
        assert case.ended == "completed end"


def test_a_start_that_cannot_listen_is_an_incident(play):
    case = play(process("p", start(), user("a"), chain("start", "a"),
                        sub("h", start("hs", timer("= when", "date")), user("do"), chain("hs", "do"), event=True)))
    assert list(case.incidents.values()) == ["timer"]
    assert case.waiting == []
    assert case.set(when="2026-05-01").resolve().waiting == ["hs", "a"]


def test_what_cannot_be_modified_is_refused(play):
    case = play(process("p", start(), user("a"), boundary("b", "a", error("E")), chain("start", "a"),
                        sub("h", start("hs", message("m", "= 1")), user("do"), chain("hs", "do"), event=True)))
    for elements in (["nowhere"], ["b"], ["h"], ["hs"]):
        with pytest.raises(InvalidInput):
            case.modify(elements)
    with pytest.raises(Conflict):
        case.modify([], [99])
