from tests.support.bpmn import chain, complex_gateway, end, flow, parallel, process, start, user, xor


def two_of_three(*flows, activation="activationCount >= 2"):
    return process("p", start(), xor("m"), parallel("f"), user("a"), user("b"), user("c"),
                   complex_gateway("j", activation), user("next"), end(),
                   chain("start", "m", "f", "a", "j"), chain("f", "b", "j"), chain("f", "c", "j"), *flows)


def test_goes_on_once_its_condition_is_met(play):
    case = play(two_of_three(chain("j", "next", "end")))
    case.complete("c")
    assert "next" not in case.waiting
    case.complete("a")
    assert case.waiting == ["b", "next"]
    case.complete("b")
    assert case.complete("next").ended == "completed end"
    assert case.trace.count("j") == 1


def test_resets_and_counts_anew(play):
    model = process("p", start(), xor("m"), parallel("f"), user("a"), user("b"), user("c"),
                    complex_gateway("j", "activationCount >= 2"), user("next"), xor("x", default="out"), end(),
                    chain("start", "m", "f", "a", "j", "next", "x"), chain("f", "b", "j"), chain("f", "c", "j"),
                    flow("x", "m", "again", id="back"), flow("x", "end", id="out"))
    case = play(model).complete("a").complete("b").complete("c").complete("next", again=True)
    assert case.waiting == ["a", "b", "c"]
    case.complete("c").complete("b")
    assert case.waiting == ["a", "next"]
    case.complete("next", again=False)
    assert case.ended == ""
    assert case.complete("a").ended == "completed end"


def test_flows_that_ask_for_waiting_for_start(play):
    case = play(two_of_three(flow("j", "next", "waitingForStart"), flow("j", "end", "not(waitingForStart)"),
                             chain("next", "end")))
    case.complete("a").complete("b").complete("next")
    assert case.ended == ""
    assert case.complete("c").ended == "completed end end"


def test_no_true_flow_is_an_incident(play):
    case = play(two_of_three(flow("j", "next", "go"), chain("next", "end"))).complete("a").complete("b")
    assert case.incidents == {1: "no_matching_flow"}
    assert case.set(go=True).resolve().waiting == ["c", "next"]


def test_without_a_condition_it_joins_what_may_come(play):
    case = play(two_of_three(chain("j", "next", "end"), activation=None)).complete("a").complete("b")
    assert case.waiting == ["c"]
    assert case.complete("c").waiting == ["next"]


def test_splits_by_conditions(play):
    case = play(process("p", start(), complex_gateway("s"), user("a"), user("b"), user("c"), end(), chain("start", "s"),
                        flow("s", "a", "true"), flow("s", "b", "false"), flow("s", "c", "true")))
    assert case.waiting == ["a", "c"]
