from tests.support.bpmn import (
    boundary,
    call,
    chain,
    end,
    error,
    input,
    model,
    output,
    pool,
    process,
    service,
    start,
    sub,
    user,
)


def failing(*boundaries):
    return process("p", start(), service("s"), end(), chain("start", "s", "end"), *boundaries)


def test_a_job_ends_in_an_error(play):
    case = play(failing(boundary("b", "s", error("E1")), end("e1"), chain("b", "e1")))
    assert case.error("s", "E1", why="x").path == "start -s b e1"
    assert case.variables == {"why": "x"}
    assert case.ended == "completed e1"


def test_a_specific_code_beats_catch_all(play):
    case = play(failing(boundary("b", "s", error()), end("e1"), chain("b", "e1"), boundary("c", "s", error("E1")),
                        end("e2"), chain("c", "e2")))
    assert case.error("s", "E1").ended == "completed e2"


def test_catch_all_takes_the_rest(play):
    case = play(failing(boundary("b", "s", error()), end("e1"), chain("b", "e1"), boundary("c", "s", error("E1")),
                        end("e2"), chain("c", "e2")))
    assert case.error("s", "E7").ended == "completed e1"


def test_a_nearer_catch_all_beats_an_outer_specific_one(play):
    inner = sub("i", start("i1"), end("i2", error("E")), chain("i1", "i2"))
    case = play(process("p", start(), sub("o", start("o1"), inner, boundary("near", "i", error()), end("o2"),
                                          chain("o1", "i"), chain("near", "o2")),
                        boundary("far", "o", error("E")), end(), chain("start", "o", "end"), chain("far", "end")))
    assert "near" in case.trace
    assert "far" not in case.trace


def test_uncaught_is_an_incident_and_the_task_is_offered_again(play):
    case = play(failing()).error("s", "E1")
    assert case.incidents == {1: "uncaught_error"}
    assert case.ended == ""
    assert case.waiting == []
    assert case.resolve().waiting == ["s"]
    assert case.complete("s").ended == "completed end"


def test_uncaught_error_end_event_is_an_incident(play):
    case = play(process("p", start(), end("e", error("E1")), chain("start", "e")))
    assert case.incidents == {1: "uncaught_error"}
    assert case.ended == ""


def test_a_user_task_may_end_in_an_error(play):
    case = play(process("p", start(), user("a"), boundary("b", "a", error("E")), end(), chain("start", "a"),
                        chain("b", "end")))
    assert case.error("a", "E").ended == "completed end"


def test_out_of_a_called_process(play):
    case = play(model(pool("p", start(), call("c", "q"), boundary("b", "c", error("E")), end(), chain("start", "c"),
                           chain("b", "end")),
                      pool("q", start("q1"), user("a"), end("q2", error("E")), chain("q1", "a", "q2"))))
    assert case.complete("a").path == "start q1 a -q2 -c b end"


def test_variables_go_with_it(play):
    case = play(process("p", start(), sub("s", start("s1"), end("s2", error("E"), input('= "bad"', "reason")),
                                          chain("s1", "s2")),
                        boundary("b", "s", error("E"), output("= reason", "why")), end(), chain("start", "s"),
                        chain("b", "end")))
    assert case.variables == {"why": "bad"}
