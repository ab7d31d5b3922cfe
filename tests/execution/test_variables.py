"""Scopes, mappings and what may be a value."""

from datetime import date
from decimal import Decimal

import pytest

from engine.domain import events as ev
from engine.errors import InvalidInput
from engine.execution import Environment, Instance
from tests.execution.case import START, define
from tests.support.bpmn import chain, end, input, output, parallel, process, script, start, sub, task, user


def one(*parts):
    return process("p", start(), user("a", *parts), end(), chain("start", "a", "end"))


def test_input_mapping_is_local(play):
    case = play(one(input("= x + 1", "y"), input("= y + 1", "z"), input("fixed", "t")), {"x": 1})
    assert case.instance.variables_of(case.instance_of("a")) == {"x": 1, "y": 2, "z": 3, "t": "fixed"}
    assert case.complete("a").variables == {"x": 1}


def test_a_result_named_like_an_input_stays_local(play):
    assert play(one(input("= 1", "y"))).complete("a", y=5, z=6).variables == {"z": 6}


def test_output_mapping_decides(play):
    assert play(one(output("= r.n * 2", "twice"))).complete("a", r={"n": 4}, other=1).variables == {"twice": 8}


def test_dotted_targets_fill_in_a_context(play):
    case = play(one(output("= r", "form.answer.value"), output("= 2", "form.count")), {"form": {"kept": True}})
    assert case.complete("a", r=1).variables == {"form": {"kept": True, "answer": {"value": 1}, "count": 2}}


def test_a_result_goes_to_the_nearest_scope_that_has_it(play):
    case = play(process("p", start(), sub("s", input("= 0", "x"), user("a")), end(), chain("start", "s", "end")),
                {"y": 0})
    case.complete("a", x=1, y=2, z=3)
    assert case.variables == {"y": 2, "z": 3}


def test_branches_do_not_share_what_is_nested(play):
    case = play(process("p", start(), parallel("f"), sub("s", input("= doc", "mine"), user("a")), user("b"), end(),
                        chain("start", "f", "s", "end"), chain("f", "b", "end")), {"doc": {"list": [1]}})
    case.set(case.instance_of("s"), mine={"list": [1, 2]})
    assert case.variables == {"doc": {"list": [1]}}


def test_any_name_and_any_json_is_kept(play):
    values = {"typename": "x", "__class__": 1, "big": 10**30, "empty": {}, "text": "\u2028\"\\",
              "中文": "值", "z": 1, "a": {"z": None, "a": [True, {"b": Decimal("1.10")}]}}
    case = play(one(), values)
    assert case.variables == values
    assert list(case.variables) == list(values)


def test_numbers_are_exact(play):
    case = play(process("p", start(), script("s", "= 0.1 + 0.2", "x"), user("a"), chain("start", "s", "a")))
    assert case.variables["x"] == Decimal("0.3")
    assert case.complete("a", y=0.1).variables["y"] == Decimal("0.1")


def test_temporal_values_are_kept_as_text(play):
    case = play(process("p", start(), script("s", '= date("2026-03-01") + duration("P1D")', "d"), user("a"),
                        chain("start", "s", "a")))
    assert case.variables["d"] == "2026-03-02"
    assert case.complete("a", on=date(2026, 5, 1)).variables["on"] == "2026-05-01"


@pytest.mark.parametrize("value", [object(), {1: 2}, float("nan"), {"a": {2, 3}}, b"x"])
def test_what_is_no_json_is_refused(value):
    with pytest.raises(InvalidInput) as refused:
        Instance.start(define(one()), {"x": value}, START)
    assert "variables" in str(refused.value)


def test_history_hears_of_each_change(play):
    case = play(one(input("= 1", "y")), {"x": 1}).complete("a", z=2)
    assert [(event.scope, dict(event.values)) for event in case.of(ev.VariablesSet)] == [
        (0, {"x": 1}), (case.instance_of("a"), {"y": 1}), (0, {"z": 2})]


def test_events_are_not_changed_by_what_comes_later(play):
    case = play(process("p", start(), task("t"), user("a"), chain("start", "t", "a")), {"x": {"n": 1}})
    case.complete("a", x={"n": 2})
    assert dict(case.of(ev.VariablesSet)[0].values) == {"x": {"n": 1}}


def test_looking_does_not_change(play):
    case = play(one(), {"x": 1})
    case.variables["x"] = 2
    case.instance.variables_of(0)["x"] = 3
    assert case.variables == {"x": 1}


def test_a_host_function_sees_in_the_first_step_what_that_step_has_made():
    definition = define(process("p", start(), script("a", "= n + 1", "n"), script("b", "= seen()", "found"), user("u"),
                                chain("start", "a", "b", "u")))
    at_hand = []
    env = Environment(functions={"seen": lambda: at_hand[0].variables["n"]})
    instance, _ = Instance.start(definition, {"n": 1}, START, env=env, ready=at_hand.append)
    assert instance.variables == {"n": 2, "found": 2}
