from tests.support.bpmn import chain, end, flow, parallel, process, start, task, user, xor


def test_forks_and_joins(play):
    case = play(process("p", start(), parallel("f"), user("a"), user("b"), parallel("j"), end(),
                        chain("start", "f", "a", "j", "end"), chain("f", "b", "j")))
    assert case.waiting == ["a", "b"]
    assert case.complete("b").ended == ""
    assert case.complete("a").ended == "completed end"
    assert case.path == "start f b a j end"


def two_tokens_on_one_flow():
    """``a`` and ``b`` merge before ``j``, so two tokens reach it on one flow; ``c`` is the other."""
    return process("p", start(), parallel("f"), user("a"), user("b"), user("c"), xor("m"), parallel("j"), end(),
                   chain("start", "f", "a", "m", "j", "end"), chain("f", "b", "m"), chain("f", "c", "j"))


def test_takes_one_token_of_each_flow_a_round(play):
    case = play(two_tokens_on_one_flow()).complete("a").complete("b")
    assert case.trace.count("j") == 0
    case.complete("c")
    assert case.trace.count("j") == 1
    assert case.ended == ""
    assert list(case.incidents.values()) == ["stuck"]


def test_two_tokens_through_one_input_pass_one_by_one(play):
    case = play(process("p", start(), parallel("f"), xor("m"), parallel("g"), user("a"), user("b"), end(),
                        chain("start", "f", "m", "g", "a", "end"), flow("f", "m", id="second"), chain("g", "b", "end")))
    assert case.waiting == ["a", "b", "a", "b"]
    for element in ("a", "a", "b", "b"):
        case.complete(element)
    assert case.ended == "completed end end end end"


def test_fork_and_join_in_a_loop(play):
    case = play(process("p", start(), xor("m"), parallel("f"), user("a"), user("b"), parallel("j"),
                        xor("x", default="out"), end(), chain("start", "m", "f", "a", "j", "x"), chain("f", "b", "j"),
                        flow("x", "m", "n < 20", id="back"), flow("x", "end", id="out")), {"n": 0})
    for n in range(1, 21):
        first, second = ("a", "b") if n % 3 else ("b", "a")
        case.complete(first, n=n).complete(second)
    assert case.ended == "completed end"
    assert case.trace.count("j") == 20


def test_conditions_on_its_flows_are_ignored(play):
    case = play(process("p", start(), parallel("f"), task("a"), task("b"), end(), chain("start", "f", "a", "end"),
                        flow("f", "b", "false"), chain("b", "end")))
    assert case.ended == "completed end end"


def test_a_join_that_can_never_be_complete_is_said(play):
    case = play(process("p", start(), xor("x", default="left"), parallel("j"), end(), chain("start", "x"),
                        flow("x", "j", id="left"), flow("x", "j", "false", id="right"), chain("j", "end")))
    assert case.ended == ""
    assert list(case.incidents.values()) == ["stuck"]


def test_a_thousand_parallel_instances_all_complete(reload, play):
    branches = [f"b{n}" for n in range(1000)]
    case = play(process("p", start(), parallel("f"), *(task(branch) for branch in branches), parallel("j"), end(),
                        chain("start", "f"), chain("j", "end"),
                        *(chain("f", branch, "j") for branch in branches)))
    assert case.ended == "completed end"
    assert case.trace.count("j") == 1
