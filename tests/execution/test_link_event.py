from tests.support.bpmn import catch, chain, end, flow, link, process, start, sub, throw, user, xor


def test_goes_on_at_the_catching_event(play):
    case = play(process("p", start(), throw("t", link("L")), catch("c", link("L")), user("a"), end(), chain("start",
                                                                                                            "t"),
                        chain("c", "a", "end")))
    assert case.waiting == ["a"]
    assert case.complete("a").path == "start t c a end"


def test_several_throws_one_catch(play):
    case = play(process("p", start(), xor("x"), throw("t", link("L")), throw("u", link("L")), catch("c", link("L")),
                        end(),
                        chain("start", "x"), flow("x", "t", "n = 1"), flow("x", "u", "n = 2"), chain("c", "end")),
                {"n": 2})
    assert case.path == "start x u c end"


def test_in_a_sub_process(play):
    case = play(process("p", start(), sub("s", start("s1"), throw("t", link("L")), catch("c", link("L")), end("s2"),
                                          chain("s1", "t"), chain("c", "s2")), end(), chain("start", "s", "end")))
    assert case.path == "start s1 t c s2 s end"


def test_without_a_catch_it_is_an_incident(play):
    assert play(process("p", start(), throw("t", link("L")), chain("start", "t"))).incidents == {1: "link"}


def test_a_loop_by_link(play):
    case = play(process("p", start(), xor("m"), user("a"), xor("x", default="out"), throw("t", link("L")),
                        catch("c", link("L")), end(), chain("start", "m", "a", "x"), flow("x", "t", "again"),
                        flow("x", "end", id="out"), chain("c", "m")))
    case.complete("a", again=True).complete("a", again=False)
    assert case.ended == "completed end"


def test_a_throw_of_nothing_passes_through(play):
    assert play(process("p", start(), throw("t"), end(), chain("start", "t", "end"))).path == "start t end"
