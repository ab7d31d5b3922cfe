import pytest

from engine.domain import events as ev
from tests.support.bpmn import (
    boundary,
    call,
    chain,
    end,
    error,
    input,
    model,
    multi,
    node,
    output,
    pool,
    process,
    script,
    service,
    start,
    sub,
    task,
    timer,
    user,
)


def over(what, *more):
    return process("p", start(), what, end(), chain("start", what.attributes["id"], "end"), *more)


def test_parallel_over_a_collection(play):
    case = play(over(user("a", multi("= names", "name", into="results", output="= answer"))),
                {"names": ["x", "y", "z"]})
    assert case.waiting == ["a", "a", "a"]
    ids = [event.instance for event in case.of(ev.UserTaskOpened)]
    assert [case.instance.variables_of(each)["name"] for each in ids] == ["x", "y", "z"]
    assert [case.instance.variables_of(each)["loopCounter"] for each in ids] == [1, 2, 3]
    waits = list(case.instance.waits)
    for number, wait in ((2, waits[2]), (0, waits[0]), (1, waits[1])):
        case._after(case.instance.complete(wait, {"answer": number}, case.now))
    assert case.ended == "completed end"
    assert case.variables == {"names": ["x", "y", "z"], "results": [0, 1, 2]}
    assert case.path == "start a a a a end"


def test_the_body_is_traced_as_such(play):
    case = play(over(task("a", multi("= [1, 2]"))))
    types = [event.type for event in case.of(ev.ElementCompleted) if event.element == "a"]
    assert types == ["task", "task", "multiInstanceBody"]
    activated = case.of(ev.ElementActivated)
    body = next(event for event in activated if event.type == "multiInstanceBody")
    assert [event.scope for event in activated if event.element == "a"] == [0, body.instance, body.instance]


def test_sequential(play):
    case = play(over(user("a", multi("= [10, 20]", "n", into="out", output="= n + plus", sequential=True))))
    assert case.waiting == ["a"]
    assert case.complete("a", plus=1).waiting == ["a"]
    assert case.complete("a", plus=2).ended == "completed end"
    assert case.variables["out"] == [11, 22]


@pytest.mark.parametrize("sequential", [True, False])
def test_cardinality(play, sequential):
    case = play(over(task("a", multi(cardinality="= n", sequential=sequential))), {"n": 4})
    assert case.trace.count("a") == 5


@pytest.mark.parametrize("sequential", [True, False])
def test_an_empty_collection_passes_through(play, sequential):
    case = play(over(user("a", multi("= []", "n", into="out", output="= n", sequential=sequential))))
    assert case.ended == "completed end"
    assert case.variables == {"out": []}


@pytest.mark.parametrize("what", ["= missing", '= "text"', "= 5"])
def test_what_is_no_list_is_an_incident(play, what):
    case = play(over(user("a", multi(what, "n"))))
    assert case.incidents == {1: "expression"}


def test_a_mended_collection_is_tried_again(play):
    case = play(over(user("a", multi("= items", "n"))))
    assert case.set(items=[1, 2]).resolve().waiting == ["a", "a"]


def test_completion_condition_ends_the_rest(play):
    case = play(over(user("a", multi("= [1, 2, 3]", "n", until="= numberOfCompletedInstances >= 2"))))
    case.complete("a").complete("a")
    assert case.path == "start a a -a a end"
    assert case.ended == "completed end"


def test_completion_condition_sees_results_and_counts(play):
    case = play(over(user("a", multi("= [1, 2, 3]", "n", into="votes", output="= vote", sequential=True,
                                     until="= vote = false and numberOfInstances = 3"))))
    case.complete("a", vote=True).complete("a", vote=False)
    assert case.ended == "completed end"
    assert case.variables["votes"] == [True, False, None]


def test_boundary_attaches_to_the_body(play):
    case = play(over(user("a", multi("= [1, 2]", "n")), boundary("b", "a", timer("PT1H")), end("late"), chain("b",
                                                                                                              "late")))
    assert case.waiting.count("b") == 1
    assert case.fire("b").path == "start -a -a -a b late"


def test_boundary_that_does_not_interrupt(play):
    case = play(over(user("a", multi("= [1, 2]", "n")), boundary("b", "a", timer("PT1H"), interrupting=False),
                     end("late"), chain("b", "late")))
    case.fire("b").complete("a").complete("a")
    assert case.ended == "completed late end"


def test_an_error_of_one_instance_ends_the_body(play):
    case = play(over(service("a", "t", multi("= [1, 2]", "n")), boundary("b", "a", error("E")), chain("b", "end")))
    case.error("a", "E")
    assert case.path == "start -a -a -a b end"


@pytest.mark.parametrize("sequential", [True, False])
def test_sub_processes(play, sequential):
    inner = sub("s", multi("= [1, 2, 3]", "n", into="out", output="= r", sequential=sequential), start("s1"),
                script("x", "= n * n", "r"), end("s2"), chain("s1", "x", "s2"))
    case = play(over(inner))
    assert case.ended == "completed end"
    assert case.variables == {"out": [1, 4, 9]}
    assert case.trace.count("s") == 4


def test_nested(play):
    inner = sub("s", multi("= [1, 2]", "n"), user("a", multi("= [1, 2, 3]", "m")))
    case = play(over(inner))
    assert case.waiting == ["a"] * 6
    for _ in range(6):
        case.complete("a")
    assert case.ended == "completed end"
    assert case.trace.count("a") == 8


def test_calls(play):
    case = play(model(pool("p", start(), call("c", "q", multi("= [1, 2, 3]", "n", into="out", output="= r")), end(),
                           chain("start", "c", "end")),
                      pool("q", start("q1"), script("x", "= n + 1", "r"), end("q2"), chain("q1", "x", "q2"))))
    assert case.ended == "completed end"
    assert case.variables == {"out": [2, 3, 4]}


def test_mappings_of_the_inner_instance(play):
    case = play(over(script("a", "= m * 2", "r", input("= n + 1", "m"), output("= r + 1", "q"),
                            multi("= [1, 2]", "n", into="out", output="= q"))))
    assert case.variables == {"out": [5, 7]}


def test_inner_results_stay_inside_only_if_they_are_named(play):
    """As Zeebe: an output element that is a plain name is local; any other result goes to the root."""
    case = play(over(user("a", multi("= [1]", "n", into="out", output="= r")))).complete("a", r=1, other=2)
    assert case.variables == {"out": [1], "other": 2}


def test_a_thousand_instances_join(play):
    case = play(over(task("a", multi("= for i in 1..1000 return i", "n", into="out", output="= n * 2"))))
    assert case.ended == "completed end"
    assert case.variables["out"] == [2 * n for n in range(1, 1001)]


def test_more_instances_than_a_step_may_have_is_an_incident(play):
    case = play(over(task("a", multi(cardinality="= 20000"))))
    assert case.incidents == {1: "step_limit"}


def test_interrupted_while_rounds_are_on_their_way(play):
    case = play(process("p", start(), sub("s", task("t", multi("= [1, 2, 3]", "n", until="= n = 1")), end("x",
                                                                                                          error("E"))),
                        boundary("b", "s", error("E")), end(), chain("start", "s", "end"), chain("b", "end")))
    assert case.ended == "completed end"


def plain(*parts, written="names"):
    """Multi-instance as plain BPMN says it: items of what ``loopDataInputRef`` points at."""
    return node("multiInstanceLoopCharacteristics", node("loopDataInputRef", text=written),
                node("inputDataItem", id="item", name="name"), *parts)


@pytest.mark.parametrize(("written", "drawn"), [
    ("names", ()),
    ("shown", (node("dataObject", id="object"), node("dataObjectReference", id="shown", name="names",
                                                      dataObjectRef="object"))),
    ("shown", (node("dataObject", id="object", name="names"),
               node("dataObjectReference", id="shown", dataObjectRef="object"))),
    ("names", (node("dataObject", id="names"),)),
], ids=["variable", "reference", "object", "object-id"])
def test_over_a_data_object(play, written, drawn):
    case = play(over(user("a", plain(written=written)), *drawn), {"names": ["x", "y"]})
    ids = [event.instance for event in case.of(ev.UserTaskOpened)]
    assert [case.instance.variables_of(each)["name"] for each in ids] == ["x", "y"]


def test_data_items_are_gathered_in_a_data_object(play):
    gathers = (node("loopDataOutputRef", text="results"), node("outputDataItem", id="answer"))
    case = play(over(user("a", plain(*gathers))), {"names": ["x", "y"]})
    case.complete("a", answer=1).complete("a", answer=2)
    assert case.variables["results"] == [1, 2]
