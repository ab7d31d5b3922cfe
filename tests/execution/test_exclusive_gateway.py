from tests.support.bpmn import chain, end, flow, process, start, task, user, xor


def draw(*flows, default=None):
    return process("p", start(), xor("x", default=default), task("a"), task("b"), end(), chain("start", "x"),
                   chain("a", "end"), chain("b", "end"), *flows)


def test_takes_the_first_true_flow_in_document_order(play):
    model = draw(flow("x", "b", "n > 1"), flow("x", "a", "n > 0"))
    assert play(model, {"n": 2}).path == "start x b end"
    assert play(model, {"n": 1}).path == "start x a end"


def test_takes_the_default_when_none_is_true(play):
    model = draw(flow("x", "a", id="d"), flow("x", "b", "n > 1"), default="d")
    assert play(model, {"n": 0}).path == "start x a end"
    assert play(model, {"n": 5}).path == "start x b end"


def test_what_is_not_true_is_false(play):
    model = draw(flow("x", "a", "missing > 1"), flow("x", "b", '"text"'), flow("x", "end"))
    assert play(model).path == "start x end"


def test_no_matching_flow_is_an_incident_that_can_be_mended(play):
    case = play(draw(flow("x", "a", "n > 0"), flow("x", "b", "n > 1")), {"n": 0})
    assert case.incidents == {1: "no_matching_flow"}
    assert case.ended == ""
    assert case.set(n=1).resolve().ended == "completed end"
    assert case.path == "start x a end"


def test_merges_without_waiting(play):
    case = play(process("p", start(), user("a"), xor("m"), user("b"), end(), flow("start", "a"), flow("start", "m"),
                        chain("a", "m", "b", "end")))
    assert case.waiting == ["a", "b"]
    assert case.complete("a").waiting == ["b", "b"]
