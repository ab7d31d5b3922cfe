import pytest

from tests.support.bpmn import chain, condition, end, message, process, signal, start, task, timer, user


@pytest.mark.parametrize("trigger", [message("m"), timer("PT1H"), timer("R/P1D"), signal("s"), condition("= true")],
                         ids=["message", "timer", "cycle", "signal", "condition"])
def test_each_trigger_starts_the_case_there(given, trigger):
    model = process("p", start("none"), start("s", trigger), user("a"), user("b"), end(), chain("none", "b", "end"),
                    chain("s", "a", "end"))
    case = given(model).start({"x": 1}, element="s")
    assert case.waiting == ["a"]
    assert case.path == "s"
    assert case.variables == {"x": 1}


def test_none_starts_by_itself(play):
    assert play(process("p", start(), end(), chain("start", "end"))).ended == "completed end"


def test_of_several_none_starts_the_first_is_taken(play):
    case = play(process("p", start("s1"), start("s2"), user("a"), user("b"), chain("s1", "a"), chain("s2", "b")))
    assert case.waiting == ["a"]


def test_a_process_without_one_starts_where_nothing_comes_in(play):
    case = play(process("p", task("t"), user("a"), user("b"), chain("t", "a")))
    assert sorted(case.waiting) == ["a", "b"]
