import itertools

import pytest

from tests.support.bpmn import boundary, chain, end, flow, inclusive, parallel, process, start, task, timer, user, xor


def split_and_join(*, default=None):
    return process("p", start(), inclusive("s", default=default), user("a"), user("b"), user("c"), inclusive("j"),
                   end(),
                   chain("start", "s"), flow("s", "a", "a"), flow("s", "b", "b"), flow("s", "c",
                                                                                       None if default else "c",
                                                                                       id="s-c"),
                   chain("a", "j", "end"), chain("b", "j"), chain("c", "j"))


@pytest.mark.parametrize("chosen", [set(each) for n in (1, 2, 3) for each in itertools.combinations("abc", n)])
def test_joins_exactly_what_it_split(play, chosen):
    case = play(split_and_join(), {name: name in chosen for name in "abc"})
    assert set(case.waiting) == chosen
    for element in sorted(chosen, reverse=True):
        assert case.ended == ""
        case.complete(element)
    assert case.ended == "completed end"
    assert case.trace.count("j") == 1


def test_default_only_when_nothing_else_is_true(play):
    assert play(split_and_join(default="s-c"), {"a": False, "b": False}).waiting == ["c"]
    assert play(split_and_join(default="s-c"), {"a": True, "b": False}).waiting == ["a"]


def test_no_true_flow_is_an_incident(play):
    assert play(split_and_join(), {"a": False, "b": False, "c": False}).incidents == {1: "no_matching_flow"}


def test_fork_and_join_in_a_loop(play):
    case = play(process("p", start(), xor("m"), inclusive("s"), user("a"), user("b"), inclusive("j"),
                        xor("x", default="out"), end(), chain("start", "m", "s"), flow("s", "a"), flow("s", "b", "two"),
                        chain("a", "j", "x"), chain("b", "j"), flow("x", "m", "n < 20", id="back"),
                        flow("x", "end", id="out")), {"n": 0, "two": True})
    for n in range(1, 21):
        order = ("a", "b") if n % 3 else ("b", "a")
        for element in order if case.variables["two"] else ("a",):
            case.complete(element, n=n, two=n % 4 != 0 if element == order[-1] or len(case.waiting) == 1 else
                          case.variables["two"])
        assert case.trace.count("j") == n
    assert case.ended == "completed end"


def test_does_not_wait_for_a_token_that_can_reach_a_filled_flow_only(play):
    """BPMN 13.4.3: the token at ``u`` can come by the flow that is filled already, so nothing empty is waited for."""
    case = play(process("p", start(), parallel("f"), user("u"), task("t"), xor("m"), xor("x"), task("e"),
                        inclusive("j"),
                        end(), chain("start", "f", "t", "m", "j", "end"), chain("f", "u", "m"), chain("x", "e", "j")))
    assert case.trace.count("j") == 1
    case.complete("u")
    assert case.trace.count("j") == 2
    assert case.ended == "completed end end"


def test_a_path_through_the_gateway_itself_does_not_count(play):
    """After ``j`` a loop leads back to its empty flow: that must not make it wait for itself."""
    case = play(process("p", start(), inclusive("j"), user("a"), xor("x", default="out"), end(),
                        chain("start", "j", "a", "x"), flow("x", "j", "again", id="back"), flow("x", "end", id="out")))
    assert case.waiting == ["a"]
    case.complete("a", again=True).complete("a", again=False)
    assert case.ended == "completed end"


def test_boundary_events_extend_reachability(play):
    """The boundary event of ``u`` could still send a token to ``j``."""
    case = play(process("p", start(), parallel("f"), user("u"), task("t"), boundary("late", "u", timer("PT1H")),
                        inclusive("j"), end("e1"), end("e2"), chain("start", "f", "t", "j", "e1"), chain("f", "u",
                                                                                                         "e2"),
                        chain("late", "j")))
    assert "j" not in case.trace
    case.complete("u")
    assert case.ended == "completed e2 e1"


def test_waits_for_a_parallel_join_upstream(play):
    case = play(process("p", start(), parallel("f"), task("t"), user("a"), user("b"), parallel("pj"), inclusive("j"),
                        end(), chain("start", "f", "t", "j", "end"), chain("f", "a", "pj", "j"), chain("f", "b", "pj")))
    case.complete("a")
    assert "j" not in case.trace
    assert case.complete("b").ended == "completed end"
    assert case.trace.count("j") == 1


def test_loses_a_branch_by_termination_and_goes_on(play):
    case = play(process("p", start(), parallel("f"), task("t"), user("a"), inclusive("j"), end(), end("away"),
                        boundary("late", "a", timer("PT1H")), chain("start", "f", "t", "j", "end"),
                        chain("f", "a", "j"), chain("late", "away")))
    case.fire("late")
    assert case.ended == "completed away end"
