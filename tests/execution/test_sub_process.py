from tests.support.bpmn import boundary, chain, end, error, input, output, process, start, sub, task, timer, user


def test_runs_inside_and_goes_on(play):
    case = play(process("p", start(), sub("s", start("s1"), user("a"), end("s2"), chain("s1", "a", "s2")), end(),
                        chain("start", "s", "end")))
    assert case.waiting == ["a"]
    assert case.complete("a").path == "start s1 a s2 s end"
    assert case.ended == "completed end"


def test_interrupted_from_its_boundary_inner_first(play):
    case = play(process("p", start(), sub("s", start("s1"), sub("t", start("t1"), user("a"), chain("t1", "a")),
                                          chain("s1", "t")),
                        boundary("b", "s", timer("PT1H")), end(), end("late"), chain("start", "s", "end"),
                        chain("b", "late")))
    assert case.fire("b").path == "start s1 t1 -a -t -s b late"
    assert case.ended == "completed late"
    assert case.waiting == []


def test_boundary_that_does_not_interrupt(play):
    case = play(process("p", start(), sub("s", start("s1"), user("a"), end("s2"), chain("s1", "a", "s2")),
                        boundary("b", "s", timer("PT1H"), interrupting=False), end(), end("late"),
                        chain("start", "s", "end"), chain("b", "late")))
    assert case.fire("b").waiting == ["a"]
    assert case.complete("a").ended == "completed late end"


def test_starts_where_nothing_comes_in_when_it_has_no_start(play):
    case = play(process("p", start(), sub("s", user("a"), user("b"), task("c"), chain("a", "c")), end(),
                        chain("start", "s", "end")))
    assert case.waiting == ["a", "b"]
    assert case.complete("a").complete("b").ended == "completed end"


def test_an_empty_one_passes_through(play):
    assert play(process("p", start(), sub("s"), end(), chain("start", "s", "end"))).ended == "completed end"


def test_ends_only_when_all_its_tokens_are_gone(play):
    case = play(process("p", start(), sub("s", start("s1"), user("a"), user("b"), end("s2"), end("s3"),
                                          chain("s1", "a", "s2"), chain("s1", "b", "s3")), end(),
                        chain("start", "s", "end")))
    assert case.complete("a").ended == ""
    assert case.complete("b").ended == "completed end"


def test_variables_of_its_own(play):
    case = play(process("p", start(), sub("s", input("= x + 1", "y"), output("= y * 10", "z"), start("s1"), user("a"),
                                          chain("s1", "a")), end(), chain("start", "s", "end")), {"x": 1})
    assert case.instance.variables_of(case.instance_of("a")) == {"x": 1, "y": 2}
    case.complete("a", y=5, new=1)
    assert case.variables == {"x": 1, "new": 1, "z": 50}


def test_an_error_goes_outwards_through_several_levels(play):
    inner = sub("t", start("t1"), end("t2", error("E")), chain("t1", "t2"))
    case = play(process("p", start(), sub("s", start("s1"), inner, chain("s1", "t")), boundary("b", "s", error("E")),
                        end(), chain("start", "s"), chain("b", "end")))
    assert case.path == "start s1 t1 -t2 -t -s b end"


def test_a_hundred_levels(play):
    inner = user("a")
    for level in range(100):
        inner = sub(f"s{level}", inner)
    case = play(process("p", start(), inner, end(), chain("start", "s99", "end")))
    assert case.complete("a").ended == "completed end"
