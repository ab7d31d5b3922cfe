from tests.support.bpmn import chain, end, parallel, process, start, sub, terminate, user


def test_ends_everything_in_the_case(play):
    case = play(process("p", start(), parallel("f"), user("a"), user("b"), end("stop", terminate()), end(),
                        chain("start", "f", "a", "stop"), chain("f", "b", "end")))
    assert case.complete("a").path == "start f a stop -b"
    assert case.ended == "completed stop"
    assert case.waiting == []


def test_ends_only_its_sub_process(play):
    case = play(process("p", start(), sub("s", parallel("f"), user("a"), user("b"), end("stop", terminate()),
                                          chain("f", "a", "stop"), chain("f", "b")), user("c"), end(),
                        chain("start", "s", "c", "end")))
    assert case.complete("a").waiting == ["c"]
    assert case.path == "start f a stop -b s"


def test_tokens_on_their_way_are_gone_too(play):
    case = play(process("p", start(), parallel("f"), end("stop", terminate()), user("a"), chain("start", "f", "stop"),
                        chain("f", "a")))
    assert case.ended == "completed stop"
