from tests.execution.test_compensation_event import undoable
from tests.support.bpmn import (
    association,
    boundary,
    cancel,
    chain,
    compensation,
    end,
    error,
    flow,
    multi,
    parallel,
    process,
    start,
    sub,
    task,
    timer,
    transaction,
    user,
    xor,
)


def booking(*inside, bounds=()):
    return process("p", start(), transaction("tx", start("s1"), *inside), end(), end("off"),
                   boundary("no", "tx", cancel()), chain("start", "tx", "end"), chain("no", "off"), *bounds)


def test_completes_like_a_sub_process(play):
    case = play(booking(user("a"), end("s2"), chain("s1", "a", "s2"))).complete("a")
    assert case.ended == "completed end"


def test_cancel_undoes_and_leaves_by_its_boundary(play):
    case = play(booking(undoable("a"), undoable("b"), end("x", cancel()), chain("s1", "a", "b", "x")))
    assert case.waiting == ["undo_b"]
    case.complete("undo_b").complete("undo_a")
    assert case.path == "start s1 a b x undo_b undo_a -tx no off"
    assert case.ended == "completed off"


def test_cancel_ends_what_still_runs(play):
    case = play(booking(parallel("f"), user("w"), undoable("a"), end("x", cancel()), chain("s1", "f", "w"),
                        chain("f", "a", "x")))
    assert case.waiting == ["undo_a"]
    assert "-w" in case.trace
    assert case.complete("undo_a").ended == "completed off"


def test_cancel_from_a_nested_sub_process(play):
    case = play(booking(undoable("a"), sub("n", start("n1"), end("x", cancel()), chain("n1", "x")), chain("s1", "a",
                                                                                                          "n")))
    assert case.complete("undo_a").ended == "completed off"


def test_an_error_leaves_without_compensation(play):
    case = play(booking(undoable("a"), end("x", error("E")), chain("s1", "a", "x"),
                        bounds=(boundary("bad", "tx", error("E")), chain("bad", "off"))))
    assert case.ended == "completed off"
    assert "undo_a" not in case.trace


def test_with_nothing_to_undo(play):
    assert play(booking(end("x", cancel()), chain("s1", "x"))).ended == "completed off"


def test_without_a_cancel_boundary_its_token_ends(play):
    case = play(process("p", start(), transaction("tx", start("s1"), end("x", cancel()), chain("s1", "x")), end(),
                        chain("start", "tx", "end")))
    assert case.ended == "completed"


def test_retries_until_it_holds(play):
    case = play(process("p", start(), xor("m"), transaction("tx", start("s1"), user("w"), undoable("a"),
                                                            xor("x", default="fine"), end("ok"), end("bad", cancel()),
                                                            chain("s1", "w", "a", "x"), flow("x", "bad", "again"),
                                                            flow("x", "ok", id="fine")),
                        boundary("no", "tx", cancel()), end(), chain("start", "m", "tx", "end"), chain("no", "m")))
    case.complete("w", again=True).complete("undo_a").complete("w", again=False)
    assert case.ended == "completed end"


def test_its_timers_do_not_disturb_compensation(play):
    case = play(booking(undoable("a"), end("x", cancel()), chain("s1", "a", "x"),
                        bounds=(boundary("late", "tx", timer("PT1H")), chain("late", "off"))))
    assert case.waiting == ["undo_a"]


def test_cancel_undoes_what_has_completed_inside_a_scope_that_has_not(play):
    inner = sub("n", start("n1"), undoable("b"), end("x", cancel()), chain("n1", "b", "x"))
    case = play(booking(undoable("a"), inner, boundary("whole", "n", compensation()),
                        task("undo_n", isForCompensation=True), association("whole", "undo_n"), end("s2"),
                        chain("s1", "a", "n", "s2")))
    case.complete("undo_b").complete("undo_a")
    assert case.path == "start s1 a n1 b x -n undo_b undo_a -tx no off"
    assert case.ended == "completed off"


def test_cancel_undoes_the_completed_instances_of_a_loop_that_still_runs(play):
    inner = sub("n", multi("= [1, 2, 3]", "i", sequential=True), start("n1"), undoable("b"), user("w"), end("n2"),
                chain("n1", "b", "w", "n2"))
    case = play(booking(parallel("f"), inner, user("stop"), end("x", cancel()), end("s2"), chain("s1", "f", "n", "s2"),
                        chain("f", "stop", "x")))
    case.complete("w").complete("stop")
    seen = []
    while case.waiting:
        seen.append(case.instance.variables_of(case.instance_of("undo_b"))["i"])
        case.complete("undo_b")
    assert seen == [2, 1]
    assert case.ended == "completed off"
