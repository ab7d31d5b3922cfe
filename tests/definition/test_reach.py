"""What a token can still reach: flows, boundary events, links, cycles, and the size of it."""

from hypothesis import given
from hypothesis import strategies as st

from engine.definition.markup import parse
from engine.definition.reach import closure
from engine.definition.read import read
from engine.definition.report import Report
from tests.support.bpmn import boundary, catch, chain, flow, link, parallel, process, task, throw, timer, xor


def reach(*parts):
    report = Report("a.bpmn")
    return read(parse(process("p", *parts), report), report).processes[0].reachable


def test_along_flows_the_target_included():
    found = reach(task("a"), task("b"), task("c"), chain("a", "b", "c"))
    assert found["a-b"] == {"b", "c"} and found["b-c"] == {"c"}


def test_boundary_events_extend_it():
    found = reach(task("a"), task("b"), task("c"), boundary("t", "b", timer("PT1H")), chain("a", "b"), flow("t", "c"))
    assert found["a-b"] == {"b", "t", "c"}


def test_links_extend_it():
    found = reach(task("a"), throw("t", link("L")), catch("c", link("L")), task("b"), chain("a", "t"), chain("c", "b"))
    assert found["a-t"] == {"t", "c", "b"}


def test_elements_of_a_cycle_reach_each_other():
    found = reach(xor("x"), task("a"), task("b"), chain("x", "a", "b", "x"))
    assert found["x-a"] == found["a-b"] == found["b-x"] == {"x", "a", "b"}


def test_two_thousand_elements_are_quick_and_small():
    names = [f"t{number}" for number in range(2000)]
    found = reach(*(parallel(name) for name in names), chain(*names))
    assert len(found["t0-t1"]) == 1999 and len(found["t1997-t1998"]) == 2


@given(st.dictionaries(st.integers(0, 8), st.lists(st.integers(0, 8), max_size=3), min_size=1))
def test_closure_equals_a_plain_search(graph):
    nodes = sorted(set(graph) | {ahead for after in graph.values() for ahead in after})
    after = {str(node): tuple(str(ahead) for ahead in graph.get(node, [])) for node in nodes}
    closed = closure(after)
    for name in after:
        seen, todo = {name}, [name]
        while todo:
            todo += [ahead for ahead in after[todo.pop()] if ahead not in seen and not seen.add(ahead)]
        assert {other for place, other in enumerate(after) if closed[name] >> place & 1} == seen
