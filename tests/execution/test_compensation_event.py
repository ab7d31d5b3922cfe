from tests.support.bpmn import (
    association,
    boundary,
    call,
    chain,
    compensation,
    end,
    error,
    event_gateway,
    flow,
    input,
    model,
    multi,
    parallel,
    pool,
    process,
    script,
    start,
    sub,
    task,
    throw,
    timer,
    user,
    xor,
)


def undoable(id, handler=None):
    handler = handler or user(f"undo_{id}", isForCompensation=True)
    return (task(id), boundary(f"c_{id}", id, compensation()), handler,
            association(f"c_{id}", handler.attributes["id"]))


def test_undoes_completed_activities_last_first(play):
    case = play(process("p", start(), undoable("a"), undoable("b"), throw("t", compensation()), end(),
                        chain("start", "a", "b", "t", "end")))
    assert case.waiting == ["undo_b"]
    assert case.complete("undo_b").waiting == ["undo_a"]
    assert case.complete("undo_a").path == "start a b undo_b undo_a t end"
    assert case.ended == "completed end"


def test_of_one_activity(play):
    case = play(process("p", start(), undoable("a"), undoable("b"), throw("t", compensation("a")), end(),
                        chain("start", "a", "b", "t", "end")))
    assert case.waiting == ["undo_a"]
    assert case.complete("undo_a").ended == "completed end"


def test_end_event(play):
    case = play(process("p", start(), undoable("a"), end("end", compensation()), chain("start", "a", "end")))
    assert case.complete("undo_a").ended == "completed end"


def test_what_is_not_completed_is_not_undone(play):
    case = play(process("p", start(), parallel("f"), user("x"), boundary("c_x", "x", compensation()),
                        user("undo_x", isForCompensation=True), association("c_x", "undo_x"), throw("t",
                                                                                                    compensation()),
                        end(), end("e2"), chain("start", "f", "x", "end"), chain("f", "t", "e2")))
    assert case.waiting == ["x"]
    assert case.complete("x").ended == "completed e2 end"


def test_nothing_to_undo_goes_on(play):
    assert play(process("p", start(), throw("t", compensation()), end(), chain("start", "t", "end"))).ended == \
        "completed end"


def test_each_completion_once(play):
    case = play(process("p", start(), xor("m"), undoable("a"), xor("x", default="out"), script("n", "= n + 1", "n"),
                        throw("t", compensation()), throw("u", compensation()), end(),
                        chain("start", "m", "a", "n", "x"), flow("x", "m", "n < 3"), flow("x", "t", id="out"),
                        chain("t", "u", "end")), {"n": 0})
    for _ in range(3):
        assert case.waiting == ["undo_a"]
        case.complete("undo_a")
    assert case.ended == "completed end"


def test_inside_a_completed_sub_process_with_its_data(play):
    inner = sub("s", start("s1"), script("v", "= 7", "v"), undoable("a", user("undo_a", isForCompensation=True)),
                chain("s1", "v", "a"), input("= 1", "v"))
    case = play(process("p", start(), inner, throw("t", compensation()), end(), chain("start", "s", "t", "end")))
    assert case.instance.variables_of(case.instance_of("undo_a"))["v"] == 7
    assert "v" not in case.variables
    assert case.complete("undo_a").ended == "completed end"


def test_event_sub_process_handler_sees_the_snapshot(play):
    inner = sub("s", input("= 1", "v"), start("s1"), script("v", "= v + 1", "v"), end("s2"), chain("s1", "v", "s2"),
                sub("h", start("hs", compensation()), user("fix"), end("he"), chain("hs", "fix", "he"), event=True))
    case = play(process("p", start(), inner, throw("t", compensation("s")), end(), chain("start", "s", "t", "end")))
    assert case.waiting == ["fix"]
    assert case.instance.variables_of(case.instance_of("fix"))["v"] == 2
    assert case.complete("fix").path == "start s1 v s2 s hs fix he h t end"


def test_a_throw_inside_a_handler_uses_that_handlers_log(play):
    handler = (start("hs", compensation()), throw("ht", compensation()), end("he"), chain("hs", "ht", "he"))
    inner = sub("s", start("s1"), undoable("a"), end("s2"), chain("s1", "a", "s2"), sub("h", *handler, event=True))
    case = play(process("p", start(), undoable("b"), inner, throw("t", compensation("s")), end(),
                        chain("start", "b", "s", "t", "end")))
    assert case.waiting == ["undo_a"]
    assert case.complete("undo_a").ended == "completed end"


def test_a_boundary_handler_replaces_what_is_inside(play):
    inner = sub("s", start("s1"), undoable("a"), chain("s1", "a"))
    case = play(process("p", start(), inner, boundary("c_s", "s", compensation()), user("undo_s",
                                                                                        isForCompensation=True),
                        association("c_s", "undo_s"), throw("t", compensation()), end(),
                        chain("start", "s", "t", "end")))
    assert case.waiting == ["undo_s"]
    assert case.complete("undo_s").ended == "completed end"


def test_without_waiting_the_throw_goes_on(play):
    case = play(process("p", start(), undoable("a"), throw("t", compensation(wait=False)), user("next"), end(),
                        chain("start", "a", "t", "next", "end")))
    assert sorted(case.waiting) == ["next", "undo_a"]
    case.complete("next")
    assert case.ended == ""
    assert case.complete("undo_a").ended == "completed end"


def test_from_an_event_sub_process_it_reaches_the_scope_around(play):
    handler = sub("h", start("hs", error("E")), throw("ht", compensation()), end("he"), chain("hs", "ht", "he"),
                  event=True)
    case = play(process("p", start(), undoable("a"), end("x", error("E")), chain("start", "a", "x"), handler))
    assert case.waiting == ["undo_a"]
    assert case.complete("undo_a").path == "start a -x hs undo_a ht he h"


def test_each_instance_of_a_looped_sub_process(play):
    inner = sub("s", multi("= [1, 2, 3]", "n"), start("s1"), undoable("a"), chain("s1", "a"))
    case = play(process("p", start(), inner, throw("t", compensation()), end(), chain("start", "s", "t", "end")))
    seen = []
    for _ in range(3):
        seen.append(case.instance.variables_of(case.instance_of("undo_a"))["n"])
        case.complete("undo_a")
    assert seen == [3, 2, 1]
    assert case.ended == "completed end"


def test_in_a_called_process(play):
    case = play(model(pool("p", start(), call("c", "q"), throw("t", compensation()), end(),
                           chain("start", "c", "t", "end")),
                      pool("q", start("q1"), undoable("a"), end("q2"), chain("q1", "a", "q2"))))
    assert case.waiting == ["undo_a"]
    assert case.complete("undo_a").ended == "completed end"


def test_a_handler_may_be_a_sub_process(play):
    handler = sub("undo_a", start("u1"), user("u"), end("u2"), chain("u1", "u", "u2"), isForCompensation=True)
    case = play(process("p", start(), undoable("a", handler), throw("t", compensation()), end(),
                        chain("start", "a", "t", "end")))
    assert case.complete("u").path == "start a u1 u u2 undo_a t end"


def test_interrupted_handler_lets_compensation_go_on(play):
    case = play(process("p", start(), undoable("a"), undoable("b"), boundary("late", "undo_b", timer("PT1H")),
                        end("le"), throw("t", compensation()), end(), chain("start", "a", "b", "t", "end"),
                        chain("late", "le")))
    case.fire("late")
    assert case.waiting == ["undo_a"]
    assert case.complete("undo_a").ended == "completed le end"


def test_the_log_is_empty_where_nothing_ever_compensates(play):
    case = play(process("p", start(), undoable("a"), event_gateway("g"), end(), chain("start", "a", "end")))
    assert b"log" not in case.instance.dump()
