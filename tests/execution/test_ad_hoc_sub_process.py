from engine.domain import events as ev
from tests.support.bpmn import ad_hoc, boundary, chain, end, process, start, timer, user


def within(what, *more):
    return process("p", start(), what, end(), chain("start", what.attributes["id"], "end"), *more)


def test_everything_without_incoming_flow_is_offered(play):
    case = play(within(ad_hoc("h", user("a"), user("b"), user("c"), chain("a", "c"))))
    assert case.waiting == ["a", "b"]
    assert case.complete("a").waiting == ["b", "c"]
    assert case.complete("b").complete("c").ended == "completed end"


def test_sequential_offers_one_at_a_time(play):
    case = play(within(ad_hoc("h", user("a"), user("b"), sequential=True)))
    assert case.waiting == ["a"]
    assert case.complete("a").waiting == ["b"]
    assert case.complete("b").ended == "completed end"


def test_completion_condition_ends_the_rest(play):
    case = play(within(ad_hoc("h", user("a"), user("b"), until="= done")))
    assert case.complete("a", done=True).path == "start a -b h end"


def test_completion_condition_may_let_the_rest_finish(play):
    case = play(within(ad_hoc("h", user("a"), user("b"), until="= done", cancel_remaining=False)))
    assert case.complete("a", done=True).waiting == ["b"]
    assert case.complete("b", done=True).ended == "completed end"


def test_active_elements(play):
    case = play(within(ad_hoc("h", user("a"), user("b"), user("c"), active='= ["c", "a"]')))
    assert case.waiting == ["c", "a"]
    assert case.complete("a").complete("c").ended == "completed end"


def test_unknown_active_elements_are_an_incident(play):
    case = play(within(ad_hoc("h", user("a"), active="= which")))
    assert case.incidents == {1: "expression"}
    assert case.set(which=["a"]).resolve().waiting == ["a"]


def test_an_unmet_condition_is_waited_for(play):
    case = play(within(ad_hoc("h", user("a"), until="= done"))).complete("a", done=False)
    assert [(event.element, event.expression.strip()) for event in case.of(ev.ConditionAwaited)] == [("h", "done")]
    assert case.set(done=True).ended == "completed end"


def test_a_person_may_start_another_of_its_elements(play):
    case = play(within(ad_hoc("h", user("a"), until="= n = 2"))).complete("a", n=1)
    assert case.modify(["a"]).waiting == ["h", "a"]
    assert case.complete("a", n=2).ended == "completed end"


def test_boundary(play):
    case = play(within(ad_hoc("h", user("a"), user("b")), boundary("t", "h", timer("PT1H")), chain("t", "end")))
    assert case.fire("t").path == "start -a -b -h t end"
