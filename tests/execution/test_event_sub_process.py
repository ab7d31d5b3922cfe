import pytest

from tests.support.bpmn import (
    boundary,
    chain,
    condition,
    end,
    error,
    escalation,
    message,
    parallel,
    process,
    signal,
    start,
    sub,
    terminate,
    throw,
    timer,
    user,
)


def handler(id, *trigger, interrupting=None, inside=None):
    inside = inside or (user(f"{id}_do"), end(f"{id}_end"), chain(f"{id}_start", f"{id}_do", f"{id}_end"))
    return sub(id, start(f"{id}_start", *trigger, interrupting=interrupting), *inside, event=True)


def test_interrupting_ends_the_main_path(play):
    case = play(process("p", start(), user("a"), end(), chain("start", "a", "end"), handler("h", timer("PT1H"))))
    assert case.fire("h_start").waiting == ["h_do"]
    assert case.complete("h_do").path == "start -a h_start h_do h_end h"
    assert case.ended == "completed"


def test_one_that_does_not_interrupt_runs_beside_it(play):
    case = play(process("p", start(), user("a"), end(), chain("start", "a", "end"),
                        handler("h", message("m", "= 1"), interrupting=False)))
    case.receive("h_start").receive("h_start")
    assert sorted(case.waiting) == ["a", "h_do", "h_do", "h_start"]
    assert case.complete("a").ended == ""
    assert case.complete("h_do").complete("h_do").ended == "completed end"


def test_an_unfired_timer_start_does_not_keep_the_case_open(play):
    case = play(process("p", start(), user("a"), end(), chain("start", "a", "end"), handler("h", timer("PT1H"))))
    assert case.complete("a").ended == "completed end"
    assert case.waiting == []


@pytest.mark.parametrize("interrupting", [True, False])
def test_in_embedded_sub_processes_at_any_depth(play, interrupting):
    deep = sub("t", start("t1"), user("a"), end("t2"), chain("t1", "a", "t2"),
               handler("h", signal("s"), interrupting=interrupting))
    case = play(process("p", start(), sub("s", start("s1"), deep, end("s2"), chain("s1", "t", "s2")), end(),
                        chain("start", "s", "end")))
    case.receive("h_start").complete("h_do")
    if not interrupting:
        case.complete("a")
    assert case.ended == "completed end"
    assert case.trace.count("h") == 1
    assert case.trace.count("t") == case.trace.count("s") == 1


def test_inside_an_event_sub_process(play):
    nested = handler("n", message("m", "= 1"))
    outer = (user("h_do"), end("h_end"), chain("h_start", "h_do", "h_end"), nested)
    case = play(process("p", start(), user("a"), chain("start", "a"), handler("h", timer("PT1H"), inside=outer)))
    case.fire("h_start").receive("n_start").complete("n_do")
    assert case.ended == "completed"
    assert case.path == "start -a h_start -h_do n_start n_do n_end n h"


def test_a_later_token_does_not_end_the_interrupted_scope_early(play):
    """Trap: an interrupting start zeroes the count of its scope; nothing else may count it down after that."""
    case = play(process("p", start(), parallel("f"), user("a"), user("b"), end(), chain("start", "f", "a", "end"),
                        chain("f", "b", "end"), handler("h", message("m", "= 1"))))
    case.complete("a").receive("h_start")
    assert case.ended == ""
    assert case.complete("h_do").ended == "completed end"


def test_only_one_interrupting_start_is_taken(play):
    case = play(process("p", start(), user("a"), chain("start", "a"), handler("h", message("m", "= 1")),
                        handler("g", message("n", "= 1"))))
    assert case.receive("h_start").waiting == ["h_do"]


def test_error_start_comes_before_the_boundary(play):
    case = play(process("p", start(), sub("s", start("s1"), end("s2", error("E")), chain("s1", "s2"),
                                          handler("h", error("E"))),
                        boundary("b", "s", error("E")), end(), chain("start", "s", "end"), chain("b", "end")))
    assert case.waiting == ["h_do"]
    assert case.complete("h_do").path == "start s1 -s2 h_start h_do h_end h s end"


def test_a_specific_code_beats_catch_all(play):
    case = play(process("p", start(), end("x", error("E")), chain("start", "x"), handler("h", error()),
                        handler("g", error("E"))))
    assert case.waiting == ["g_do"]


def test_a_handler_never_catches_its_own_error(play):
    again = (end("h_end", error("E")), chain("h_start", "h_end"))
    case = play(process("p", start(), sub("s", start("s1"), end("s2", error("E")), chain("s1", "s2"),
                                          handler("h", error("E"), inside=again)),
                        boundary("b", "s", error("E")), end(), chain("start", "s"), chain("b", "end")))
    assert case.ended == "completed end"
    assert case.trace.count("h_start") == 1
    assert case.trace[-2:] == ["b", "end"]


def test_a_handler_never_catches_its_own_error_at_the_root(play):
    again = (end("h_end", error("E")), chain("h_start", "h_end"))
    case = play(process("p", start(), end("x", error("E")), chain("start", "x"), handler("h", error("E"),
                                                                                         inside=again)))
    assert list(case.incidents.values()) == ["uncaught_error"]


def test_an_error_of_a_handler_that_does_not_interrupt_is_caught_beside_it(play):
    failing = (end("h_end", error("E")), chain("h_start", "h_end"))
    case = play(process("p", start(), user("a"), chain("start", "a"),
                        handler("h", message("m", "= 1"), interrupting=False, inside=failing), handler("g",
                                                                                                       error("E"))))
    assert case.receive("h_start").waiting == ["g_do"]
    assert case.path == "start h_start -a -h_end -h g_start"


def test_escalation_start_that_does_not_interrupt_lets_the_throw_go_on(play):
    case = play(process("p", start(), throw("t", escalation("X")), user("a"), end(), chain("start", "t", "a", "end"),
                        handler("h", escalation("X"), interrupting=False)))
    assert sorted(case.waiting) == ["a", "h_do"]
    assert case.complete("a").complete("h_do").ended == "completed end"


def test_a_throw_that_interrupts_its_own_scope_does_not_go_on(play):
    case = play(process("p", start(), throw("t", escalation("X")), user("a"), chain("start", "t", "a"),
                        handler("h", escalation("X"))))
    assert case.waiting == ["h_do"]
    assert case.path == "start -t h_start"


def test_condition_start(play):
    case = play(process("p", start(), user("a"), chain("start", "a"), handler("h", condition("= n > 5"))), {"n": 0})
    assert case.set(n=3).waiting == ["h_start", "a"]
    assert case.set(n=6).waiting == ["h_do"]


def test_a_condition_that_is_true_already_fires_before_the_body_runs(play):
    case = play(process("p", start(), user("a"), chain("start", "a"), handler("h", condition("= n > 5"))), {"n": 9})
    assert case.waiting == ["h_do"]
    assert case.path == "h_start"


def test_terminate_inside_ends_only_the_handler(play):
    inside = (end("h_end", terminate()), chain("h_start", "h_end"))
    case = play(process("p", start(), user("a"), chain("start", "a"),
                        handler("h", message("m", "= 1"), interrupting=False, inside=inside)))
    assert case.receive("h_start").waiting == ["h_start", "a"] or sorted(case.waiting) == ["a", "h_start"]
    assert case.complete("a").ended == "completed"


def test_variables_of_the_trigger(play):
    case = play(process("p", start(), user("a"), chain("start", "a"), handler("h", message("m", "= 1"))))
    assert case.receive("h_start", reason="late").variables == {"reason": "late"}


def test_boundary_stays_while_the_handler_runs(play):
    case = play(process("p", start(), sub("s", start("s1"), user("a"), chain("s1", "a"), handler("h", message("m",
                                                                                                              "= 1"))),
                        boundary("b", "s", timer("PT1H")), end(), chain("start", "s"), chain("b", "end")))
    assert case.receive("h_start").fire("b").ended == "completed end"
    assert case.path == "start s1 -a h_start -h_do -h -s b end"


def test_no_other_starts_once_only_such_are_left_to_finish(play):
    case = play(process("p", start(), user("a"), chain("start", "a"),
                        handler("h", message("m", "= 1"), interrupting=False), handler("g", timer("P1D"))))
    assert case.receive("h_start").complete("a").waiting == ["h_do"]
    assert case.complete("h_do").path == "start h_start a h_do h_end h"
    assert case.ended == "completed"


def test_a_token_of_the_main_path_keeps_the_others_listening(play):
    case = play(process("p", start(), parallel("f"), user("a"), user("b"), chain("start", "f", "a"), chain("f", "b"),
                        handler("h", message("m", "= 1"), interrupting=False), handler("g", error("E"))))
    assert case.receive("h_start").complete("a").waiting == ["b", "h_start", "h_do"]
    assert case.receive("h_start").error("b", "E").waiting == ["g_do"]


def test_an_error_of_the_last_handler_goes_outwards(play):
    failing = (user("h_do"), end("h_end", error("E")), chain("h_start", "h_do", "h_end"))
    case = play(process("p", start(), sub("s", start("s1"), user("a"), chain("s1", "a"),
                                          handler("h", message("m", "= 1"), interrupting=False, inside=failing),
                                          handler("g", error("E"))),
                        boundary("b", "s", error("E")), end(), chain("start", "s"), chain("b", "end")))
    assert case.receive("h_start").complete("a").complete("h_do").ended == "completed end"


def test_a_condition_met_by_the_last_result_starts_the_last_one(play):
    case = play(process("p", start(), user("a"), chain("start", "a"),
                        handler("h", condition("= n > 5"), interrupting=False), handler("g", timer("P1D"))), {"n": 0})
    assert case.complete("a", n=6).waiting == ["h_do"]
    assert case.complete("h_do").ended == "completed"
