"""What is stored: small, flat, exact, and the same history every time."""

import pytest
from hypothesis import given as such_that
from hypothesis import settings
from hypothesis import strategies as st

from engine.errors import InvariantBroken
from engine.execution import Instance
from engine.execution.state import Cycle, Extra, Incident, Loop, Node, Record, State, Undo, Wait, decode, encode
from tests.execution.case import START, Case, define
from tests.support.bpmn import boundary, chain, end, flow, parallel, process, start, timer, user, xor


def loop():
    return process("p", start(), xor("m"), user("a"), boundary("r", "a", timer("R/PT1H"), interrupting=False),
                   end("note"),
                   xor("x", default="out"), end(), chain("start", "m", "a", "x"), chain("r", "note"),
                   flow("x", "m", "again", id="back"), flow("x", "end", id="out"))


def test_five_thousand_rounds_end_right_and_stay_small():
    case = Case(define(loop()), reload=True).start({"text": "x" * 1000})
    sizes = {}
    for number in range(5000):
        case.complete("a", again=number < 4999)
        case.events, seen = [], case.events
        sizes[number] = len(case.instance.dump())
    case.events = seen
    assert case.ended == "completed end"
    assert sizes[4998] <= 1.1 * sizes[10] < 2000


def test_the_definition_never_travels_inside():
    case = Case(define(loop()), reload=False).start()
    assert len(case.instance.dump()) < 300


def test_the_same_commands_give_the_same_history():
    def history():
        case = Case(define(loop()), reload=False).start({"n": 1})
        for _ in range(5):
            case.advance(hours=2).complete("a", again=True)
        return case.events, case.instance.dump()

    assert history() == history()


def test_straight_and_reloaded_have_the_same_history():
    def history(reload):
        case = Case(define(loop()), reload=reload).start({"n": 1})
        for _ in range(5):
            case.advance(hours=2).complete("a", again=True)
        return case.events, case.instance.dump()

    assert history(True) == history(False)


def test_a_case_that_fails_to_load_says_so():
    definition = define(loop())
    data = Case(definition, reload=False).start().instance.dump()
    for broken in (b"", b"{}", b"[1]", data[:-5], data.replace(b'"version":1', b'"version":99'), b"\xff" + data):
        with pytest.raises(InvariantBroken):
            Instance.load(definition, broken)


def test_dumping_changes_nothing():
    case = Case(define(loop()), reload=False).start()
    assert case.instance.dump() == case.instance.dump()


def test_a_command_that_is_refused_leaves_the_bytes_alone():
    definition = define(process("p", start(), parallel("f"), user("a"), user("b"), chain("start", "f", "a"),
                                chain("f", "b")))
    case = Case(definition, reload=False).start()
    data = case.instance.dump()
    with pytest.raises(Exception, match="variables"):
        case.instance.complete(case.wait("a").id, {"x": object()}, START)
    assert Instance.load(definition, data).dump() == data


texts = st.text(max_size=5)
numbers = st.integers(0, 9)
values = st.recursive(st.none() | st.booleans() | st.integers() | texts
                      | st.decimals(-10**9, 10**9, places=2).filter(lambda d: d % 1 != 0),
                      lambda inner: st.lists(inner, max_size=2) | st.dictionaries(texts, inner, max_size=2),
                      max_leaves=4)
variables = st.none() | st.dictionaries(texts, values, max_size=2)
records = st.builds(Record, texts, variables, st.just([]), st.booleans())
loops = st.builds(Loop, st.none() | st.lists(values, max_size=2), numbers, numbers, numbers, numbers)
extras = st.builds(Extra, st.none() | loops, st.booleans(), st.booleans(), st.lists(records, max_size=2),
                   st.lists(st.builds(Undo, numbers, st.none() | records), max_size=2), st.integers(-2, 2), numbers,
                   st.dictionaries(texts, st.dictionaries(texts, values, max_size=1), max_size=1),
                   st.dictionaries(texts, st.lists(texts, max_size=2), max_size=1), st.lists(texts, max_size=2),
                   st.booleans())
nodes = st.builds(Node, numbers, texts, st.integers(-1, 9), variables, st.integers(-1, 9),
                  st.none() | st.dictionaries(texts, numbers, max_size=2), st.none() | extras)
cycles = st.builds(Cycle, st.just(START), texts, numbers, st.none() | numbers, st.none() | st.just(START))
waits = st.builds(Wait, numbers, texts, numbers, texts, numbers, texts, texts, st.none() | st.just(START),
                  st.none() | cycles, st.booleans())
incidents = st.builds(Incident, numbers, numbers, texts, texts, texts,
                      st.lists(st.tuples(texts, numbers, values).map(list), max_size=2))


@settings(max_examples=200, deadline=None)
@such_that(st.builds(State, st.just(1), st.lists(nodes, max_size=3), st.lists(waits, max_size=2),
                     st.lists(incidents, max_size=2), numbers, numbers, numbers, texts, st.lists(texts, max_size=2)))
def test_round_trip(state):
    assert decode(encode(state)) == state
