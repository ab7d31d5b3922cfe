"""Row by row: what stock SpiffWorkflow 3.2.0 gets wrong (ADR 0005), and the traps met while building a kernel."""

from random import Random

import pytest

from engine.domain import events as ev
from engine.feel import FeelSyntaxError
from tests.execution.case import Case, define
from tests.execution.test_compensation_event import undoable
from tests.support.bpmn import (
    association,
    boundary,
    call,
    catch,
    chain,
    compensation,
    complex_gateway,
    condition,
    end,
    error,
    escalation,
    event_gateway,
    flow,
    inclusive,
    input,
    link,
    message,
    model,
    multi,
    parallel,
    pool,
    process,
    script,
    signal,
    start,
    sub,
    task,
    throw,
    timer,
    user,
    xor,
)

# -- rows -------------------------------------------------------------------------------------------------------------


def test_row_long_loops_do_not_end_falsely():
    tasks = ["a", "b", "c", "d"]
    case = Case(define(process("p", start(), xor("m"), *(user(name) for name in tasks), xor("x", default="out"), end(),
                               chain("start", "m", *tasks, "x"), flow("x", "m", "n < 400", id="back"),
                               flow("x", "end", id="out"))), reload=False).start({"n": 0})
    for number in range(1, 401):
        for name in tasks:
            assert case.waiting == [name]
            case.complete(name, n=number)
    assert case.ended == "completed end"


def test_row_a_daily_reminder_never_stops():
    case = Case(define(process("p", start(), xor("m"), catch("t", timer("P1D")), chain("start", "m", "t", "m"))),
                reload=True).start()
    case.advance(days=1000)
    assert case.trace.count("t") == 1000
    assert case.waiting == ["t"]


@pytest.mark.parametrize("gateway", [parallel, inclusive])
def test_row_fork_and_join_in_a_loop_in_any_order(play, gateway):
    case = play(process("p", start(), xor("m"), gateway("f"), *(user(name) for name in "abc"), gateway("j"),
                        xor("x", default="out"), end(), chain("start", "m", "f", "a", "j", "x"), chain("f", "b", "j"),
                        chain("f", "c", "j"), flow("x", "m", "n < 20", id="back"), flow("x", "end", id="out")),
                {"n": 0})
    random = Random(1)
    for number in range(1, 21):
        for name in random.sample("abc", 3):
            case.complete(name, n=number)
    assert case.ended == "completed end"
    assert case.trace.count("j") == 20


def test_row_two_tokens_into_a_one_input_parallel_gateway_split_twice(play):
    case = play(process("p", start(), task("t"), parallel("g"), user("a"), user("b"), chain("start", "t", "g", "a"),
                        flow("start", "t", id="again"), chain("g", "b")))
    assert sorted(case.waiting) == ["a", "a", "b", "b"]


def test_row_the_state_does_not_grow_with_history():
    case = Case(define(process("p", start(), xor("m"), user("a"), chain("start", "m", "a", "m"))), reload=True).start()
    sizes = []
    for _ in range(1000):
        sizes.append(len(case.complete("a").instance.dump()))
    assert max(sizes) - sizes[9] <= 20


def test_row_links_signal_ends_and_compensation_throws_do_something(play):
    case = play(process("p", start(), throw("lt", link("L")), catch("lc", link("L")), undoable("a", task(
        "undo_a", isForCompensation=True)), throw("ct", compensation()), end("se", signal("s")), chain("start", "lt"),
        chain("lc", "a", "ct", "se")))
    assert case.path == "start lt lc a undo_a ct se"
    assert [event.name for event in case.of(ev.SignalThrown)] == ["s"]


def test_row_conditions_on_flows_leaving_a_task_count(play):
    case = play(process("p", start(), task("t"), user("a"), user("b"), chain("start", "t"), flow("t", "a", "false"),
                        flow("t", "b", "true")))
    assert case.waiting == ["b"]


def test_row_an_interrupting_event_sub_process_cancels_the_main_path(play):
    case = play(process("p", start(), sub("s", start("s1"), user("a"), chain("s1", "a"),
                                          sub("h", start("hs", timer("PT1H")), end("he"), chain("hs", "he"),
                                              event=True)),
                        end(), chain("start", "s", "end")))
    assert case.fire("hs").path == "start s1 -a hs he h s end"


def test_row_event_gateway_with_two_timers_takes_the_shorter(play):
    case = play(process("p", start(), event_gateway("g"), catch("t", timer("PT3H")), catch("u", timer("PT1H")), end(),
                        chain("start", "g", "t", "end"), chain("g", "u", "end")))
    assert case.advance(hours=4).path == "start g u end"


def test_row_a_signal_boundary_that_does_not_interrupt_fires_again_and_again(play):
    case = play(process("p", start(), user("a"), boundary("b", "a", signal("s"), interrupting=False), chain("start",
                                                                                                            "a")))
    for _ in range(5):
        case.receive("b")
    assert case.trace.count("b") == 5


def test_row_conditional_events_see_task_data(play):
    case = play(process("p", start(), parallel("f"), catch("c", condition("= n = 1")), user("a"), chain("start", "f",
                                                                                                        "c"),
                        chain("f", "a")))
    assert case.complete("a", n=1).ended == "completed"


def test_row_a_message_goes_to_the_wait_with_its_key_only(play):
    case = play(process("p", start(), parallel("f"), catch("c", message("m", "= 1")), catch("d", message("m", "= 2")),
                        chain("start", "f", "c"), chain("f", "d")))
    assert [(event.element, event.key) for event in case.of(ev.MessageAwaited)] == [("c", "1"), ("d", "2")]
    assert case.receive("d").waiting == ["c"]


def test_row_months_clamp_and_missed_cycles_do_not_burst(play):
    case = play(process("p", start(), user("a"), boundary("r", "a", timer("R/2026-01-31T00:00:00Z/P1M"),
                                                          interrupting=False), chain("start", "a")))
    case.now = case.now.replace(month=6, day=15)
    case.fire("r")
    assert case.trace.count("r") == 1
    assert case.wait("r").due.isoformat() == "2026-06-30T00:00:00+00:00"


def test_row_nested_data_is_not_shared_with_history(play):
    case = play(process("p", start(), user("a"), user("b"), chain("start", "a", "b")), {"d": {"list": [1]}})
    case.complete("a", d={"list": [1, 2]})
    assert dict(case.of(ev.VariablesSet)[0].values) == {"d": {"list": [1]}}


def test_row_no_key_makes_a_case_unloadable(play):
    case = play(process("p", start(), user("a"), chain("start", "a")), {"typename": "Decimal",
                                                                        "x": {"__type__": "int"}})
    assert case.complete("a", version=2, nodes=[]).variables["typename"] == "Decimal"


@pytest.mark.parametrize("attack", ["__import__('os').system('true')", "().__class__.__bases__[0]",
                                    "open('/etc/passwd')",
                                    "n.__class__"])
def test_row_conditions_never_run_as_python(play, attack):
    case = play(process("p", start(), xor("x", default="no"), end("yes"), end("not"), chain("start", "x"),
                        flow("x", "yes", attack), flow("x", "not", id="no")), {"n": 1})
    assert "yes" not in case.trace
    assert case.ended == "completed not" or list(case.incidents.values()) == ["expression"]
    assert issubclass(FeelSyntaxError, Exception)


def test_row_three_thousand_elements_in_a_row(play):
    names = [f"t{n}" for n in range(3000)]
    case = play(process("p", start(), *(task(name) for name in names), end(), chain("start", *names, "end")))
    assert case.ended == "completed end"


# -- traps ------------------------------------------------------------------------------------------------------------


def test_trap_a_scope_zeroed_by_interruption_does_not_complete_early(play):
    """The interrupted sub-process had three tokens, one of them parked at a join."""
    case = play(process("p", start(), sub("s", parallel("f"), user("a"), user("b"), task("c"), parallel("j"),
                                          chain("f", "a"),
                                          chain("f", "b", "j"), chain("f", "c", "j"),
                                          sub("h", start("hs", message("m", "= 1")), user("do"), user("do2"),
                                              chain("hs", "do", "do2"), event=True)), end(), chain("start", "s",
                                                                                                   "end")))
    case.receive("hs").complete("do")
    assert case.waiting == ["do2"]
    assert case.complete("do2").ended == "completed end"


def test_trap_parked_tokens_keep_the_scope_alive(play):
    case = play(process("p", start(), sub("s", start("s1"), parallel("f"), task("a"), user("b"), parallel("j"),
                                          end("s2"),
                                          chain("s1", "f", "a", "j", "s2"), chain("f", "b", "j")), end(),
                        chain("start", "s", "end")))
    assert case.ended == ""
    assert case.complete("b").ended == "completed end"


def test_trap_a_true_condition_fires_before_the_body_runs(play):
    case = play(process("p", start(), sub("s", start("s1"), user("a"), chain("s1", "a")),
                        boundary("b", "s", condition("= true")), end(), chain("start", "s"), chain("b", "end")))
    assert case.path == "start -s b end"


def test_trap_a_signal_after_a_fork_finds_the_other_branch_at_rest(play):
    case = play(process("p", start(), parallel("f"), throw("t", signal("s")), task("d1"), task("d2"), task("d3"),
                        catch("c", signal("s")), chain("start", "f", "t"), chain("f", "d1", "d2", "d3", "c")))
    assert case.ended == "completed"


def test_trap_errors_ask_event_sub_process_then_boundary_then_outwards(play):
    def nested(*, handler, near):
        parts = [start("i1"), end("i2", error("E")), chain("i1", "i2")]
        if handler:
            parts.append(sub("h", start("hs", error("E")), end("he"), chain("hs", "he"), event=True))
        outer = [start("o1"), sub("i", *parts), chain("o1", "i")]
        if near:
            outer.append(boundary("near", "i", error("E")))
        return process("p", start(), sub("o", *outer), boundary("far", "o", error("E")), chain("start", "o"))

    assert "hs" in play(nested(handler=True, near=True)).trace
    assert "near" in play(nested(handler=False, near=True)).trace
    assert "far" in play(nested(handler=False, near=False)).trace


def test_trap_an_end_event_that_interrupts_its_own_scope_does_not_complete_it(play):
    case = play(process("p", start(), sub("s", start("s1"), end("s2", escalation("X")), chain("s1", "s2")),
                        boundary("b", "s", escalation("X")), end(), end("up"), chain("start", "s", "end"), chain("b",
                                                                                                                 "up")))
    assert case.ended == "completed up"
    assert case.path == "start s1 -s2 -s b up"


def test_trap_empty_but_not_filled(play):
    """A token that can reach the filled flow as well does not hold an inclusive join back."""
    case = play(process("p", start(), parallel("f"), task("a"), user("u"), xor("choice", default="c1"), xor("m"),
                        xor("n"),
                        inclusive("j"), end(), chain("start", "f", "a", "m", "j", "end"), chain("f", "u", "choice"),
                        flow("choice", "m", id="c1"), flow("choice", "n", "other"), chain("n", "j")))
    assert case.trace.count("j") == 1


def test_trap_compensation_uses_a_snapshot_in_reverse_order(play):
    inner = sub("s", input("= round", "kept"), undoable("a"))
    case = play(process("p", start(), xor("m"), inner, script("n", "= round + 1", "round"), xor("x", default="out"),
                        throw("t", compensation()), end(), chain("start", "m", "s", "n", "x"), flow("x", "m",
                                                                                                    "round < 3"),
                        flow("x", "t", id="out"), chain("t", "end")), {"round": 0})
    seen = []
    for _ in range(3):
        seen.append(case.instance.variables_of(case.instance_of("undo_a"))["kept"])
        case.complete("undo_a")
    assert seen == [2, 1, 0]


def test_trap_a_call_is_a_variable_root_and_boundaries_attach_to_the_loop(play):
    case = play(model(pool("p", start(), call("c", "q", multi("= [1, 2]", "n")), boundary("b", "c", timer("PT1H")),
                           end(),
                           chain("start", "c"), chain("b", "end")),
                      pool("q", start("q1"), user("a"), chain("q1", "a"))))
    assert len(case.of(ev.TimerArmed)) == 1
    case.complete("a", secret=1)
    assert case.variables == {"secret": 1}
    assert case.fire("b").path.endswith("-a -c -c b end")


def test_trap_flow_order_is_document_order(play):
    case = play(process("p", start(), parallel("f"), *(user(name) for name in "cab"), chain("start", "f"),
                        *(flow("f", name) for name in "bca")))
    assert case.waiting == ["b", "c", "a"]


def test_trap_equal_timers_in_an_event_gateway_by_creation(play):
    case = play(process("p", start(), event_gateway("g"), catch("t", timer("PT1H")), catch("u", timer("PT1H")), end(),
                        chain("start", "g", "t", "end"), chain("g", "u", "end")))
    assert case.advance(hours=1).path == "start g t end"


def test_trap_a_compensation_handler_is_no_implicit_start(play):
    case = play(process("p", task("a"), boundary("c", "a", compensation()), task("undo", isForCompensation=True),
                        association("c", "undo")))
    assert case.path == "a"
    assert case.ended == "completed"


def test_row_the_state_does_not_grow_with_what_ends_again_and_again(play):
    case = play(process("p", start(), user("a"), boundary("b", "a", timer("R/P1D"), interrupting=False), end("e"),
                        end(), chain("start", "a", "end"), chain("b", "e")))
    sizes = [len(case.fire("b").instance.dump()) for _ in range(100)]
    assert sizes[-1] - sizes[30] <= 20
    assert case.complete("a").ended.split()[-1] == "end"


def test_row_an_unfired_start_of_an_event_sub_process_does_not_keep_the_case_open(play):
    handler = sub("h", start("hs", timer("P1D"), interrupting=False), end("he"), chain("hs", "he"), event=True)
    case = play(process("p", start(), user("a"), end(), chain("start", "a", "end"), handler))
    assert case.complete("a").ended == "completed end"
    assert case.waiting == []


def test_row_a_thousand_parallel_instances_join(play):
    case = Case(define(process("p", start(), user("a", multi(cardinality="1000")), end(), chain("start", "a", "end"))),
                reload=False).start()
    for _ in range(1000):
        case.complete("a")
    assert case.ended == "completed end"


def test_row_no_correlation_takes_any_message_of_that_name(play):
    case = play(process("p", start(), catch("c", message("m", "= nothing")), chain("start", "c")))
    assert (case.waiting, case.incidents) == ([], {1: "expression"})


def test_trap_a_specific_code_beats_one_that_catches_all(play):
    case = play(process("p", start(), sub("s", start("s1"), end("s2", error("E")), chain("s1", "s2")),
                        boundary("any", "s", error()), boundary("exact", "s", error("E")), end(), chain("start", "s"),
                        chain("any", "end"), chain("exact", "end")))
    assert case.path == "start s1 -s2 -s exact end"


def test_trap_a_handler_never_catches_its_own_error(play):
    handler = sub("h", start("hs", error("E")), end("he", error("E")), chain("hs", "he"), event=True)
    case = play(process("p", start(), sub("s", start("s1"), end("s2", error("E")), chain("s1", "s2"), handler),
                        boundary("b", "s", error("E")), end(), chain("start", "s"), chain("b", "end")))
    assert case.path == "start s1 -s2 hs -he -h -s b end"


def test_trap_outgoing_tokens_come_before_the_scope_is_counted_down(play):
    """The last token inside leaves its element: the scope must not seem empty between the two flows."""
    inner = sub("s", start("s1"), task("a"), task("b"), end("s2"), chain("s1", "a", "b", "s2"))
    case = play(process("p", start(), inner, end(), chain("start", "s", "end")))
    assert case.path == "start s1 a b s2 s end"


def test_trap_boundary_events_extend_what_a_join_waits_for(play):
    case = play(process("p", start(), parallel("f"), user("a"), boundary("b", "a", timer("PT1H")), task("late"),
                        inclusive("j"), end(), end("e2"), chain("start", "f", "a", "e2"), chain("b", "late", "j"),
                        chain("f", "j", "end")))
    assert "j" not in case.trace
    assert case.fire("b").path == "start f -a b late j end"


def test_trap_a_join_resets_only_when_all_tokens_rest(play):
    """A complex gateway that has fired takes the late token without firing anew, in the same step as well."""
    case = play(process("p", start(), parallel("f"), task("a"), task("b"), task("c1"), task("c2"), task("c3"),
                        complex_gateway("g", "= activationCount >= 2"), end(), chain("start", "f", "a", "g", "end"),
                        chain("f", "b", "g"), chain("f", "c1", "c2", "c3", "g")))
    assert case.trace.count("g") == 1
    assert case.ended == "completed end"


def test_trap_edge_triggered_conditions_need_to_have_been_false(play):
    case = play(process("p", start(), user("a"), boundary("b", "a", condition("= n > 1"), interrupting=False), end(),
                        chain("start", "a"), chain("b", "end")), {"n": 0})
    assert [case.set(n=value).trace.count("b") for value in (2, 3, 0, 4)] == [1, 1, 1, 2]


def test_trap_a_throw_inside_a_handler_uses_its_own_log(play):
    """The handler is a sub-process: what it throws undoes what it did itself, not what lies around it."""
    handler = sub("undo_a", start("u1"), undoable("x"), throw("again", compensation()), end("u2"),
                  chain("u1", "x", "again", "u2"), isForCompensation=True)
    case = play(process("p", start(), task("a"), boundary("ca", "a", compensation()), handler,
                        association("ca", "undo_a"), throw("t", compensation()), end(),
                        chain("start", "a", "t", "end")))
    while not case.ended:
        case.complete(case.waiting[0])
    assert case.path == "start a u1 x undo_x again u2 undo_a t end"


def test_trap_a_runaway_is_bounded_by_counting(play):
    case = play(process("p", start(), xor("m"), task("a"), xor("x", default="back"), end(),
                        chain("start", "m", "a", "x"), flow("x", "m", id="back"), flow("x", "end", "false")))
    assert case.incidents == {1: "step_limit"}
    assert len(case.of(ev.ElementActivated)) == 10_000
