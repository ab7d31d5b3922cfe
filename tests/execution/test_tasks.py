"""Undefined, manual, service, script, business rule tasks, and flows that leave them."""

from dataclasses import dataclass, field
from decimal import Decimal
from types import SimpleNamespace

from engine.domain import events as ev
from engine.execution import Environment
from tests.support.bpmn import chain, end, flow, headers, manual, process, rule, script, service, start, task, user


def test_undefined_and_manual_tasks_pass_through(play):
    case = play(process("p", start(), task("a"), manual("b"), end(), chain("start", "a", "b", "end")))
    assert case.path == "start a b end"


def test_service_task_opens_a_job(play):
    case = play(process("p", start(), service("s", '= "do." + what', headers(h="1"), retries="5"), end(),
                        chain("start", "s", "end")), {"what": "it"})
    opened = case.of(ev.JobOpened)[0]
    assert (opened.type, opened.retries, dict(opened.headers)) == ("do.it", 5, {"h": "1"})
    assert opened.variables == {"what": "it"}
    assert case.complete("s", r=1).variables == {"what": "it", "r": 1}


def test_a_failed_job_without_retries_is_an_incident(play):
    case = play(process("p", start(), service("s"), end(), chain("start", "s", "end"))).fail("s", 2)
    assert case.incidents == {}
    case.fail("s", 0, "no paper")
    assert case.of(ev.IncidentRaised)[0].message == "no paper"
    assert case.incidents == {1: "job_failed"}
    case.resolve()
    assert len(case.of(ev.JobOpened)) == 2
    assert case.complete("s").ended == "completed end"
    assert case.incidents == {}


def test_a_job_that_fails_again_has_one_incident(play):
    case = play(process("p", start(), service("s"), end(), chain("start", "s", "end")))
    case.fail("s", 0).fail("s", 0, "still")
    assert case.incidents == {2: "job_failed"}
    assert case.of(ev.IncidentRaised)[-1].message == "still"
    case.resolve()
    assert case.complete("s").ended == "completed end"


def test_a_failed_job_may_still_be_completed(play):
    case = play(process("p", start(), service("s"), end(), chain("start", "s", "end"))).fail("s", 0)
    assert case.complete("s").ended == "completed end"
    assert case.incidents == {}


def test_service_task_without_a_type_is_a_job_of_its_own_id(play):
    case = play(process("p", start(), service("s", None), end(), chain("start", "s", "end")))
    assert case.of(ev.JobOpened)[0].type == "s"


def test_script(play):
    case = play(process("p", start(), script("s", "= price * 1.5", "total"), end(), chain("start", "s", "end")),
                {"price": 3})
    assert case.variables == {"price": 3, "total": Decimal("4.5")}


def test_script_with_a_host_function(play):
    env = Environment({"twice": lambda n: n * 2})
    case = play(process("p", start(), script("s", "= twice(21)", "x"), end(), chain("start", "s", "end")), env=env)
    assert case.variables == {"x": 42}


def test_an_expression_over_its_limit_is_an_incident(play):
    case = play(process("p", start(), script("s", "= count(for i in 1..100000000 return i)", "x"), chain("start", "s")))
    assert list(case.incidents.values()) == ["expression"]


def test_an_expression_that_is_no_feel_is_an_incident(play):
    case = play(process("p", start(), script("s", "= 1 +", "x"), chain("start", "s")))
    assert list(case.incidents.values()) == ["expression"]


@dataclass(frozen=True)
class Doubling:
    id: str = "d"
    seen: list = field(default_factory=list)

    def evaluate(self, variables, *, functions=None, now=None):
        return SimpleNamespace(value=variables["n"] * 2, matched=(1,), inputs={"n": variables["n"]}, warnings=())


def test_business_rule_task_with_a_decision(play):
    case = play(process("p", start(), rule("r", "d", "out"), end(), chain("start", "r", "end")), {"n": 4},
                decisions={"d": Doubling()})
    assert case.variables == {"n": 4, "out": 8}
    evaluated = case.of(ev.DecisionEvaluated)[0]
    assert (evaluated.decision, evaluated.inputs, evaluated.matched, evaluated.result) == ("d", {"n": 4}, (1,), 8)


def test_an_unknown_decision_is_an_incident(play):
    case = play(process("p", start(), rule("r", "d", "out"), chain("start", "r")))
    assert list(case.incidents.values()) == ["decision"]


def test_conditions_on_flows_leaving_a_task(play):
    model = process("p", start(), user("t", default="else"), user("a"), user("b"), user("c"), chain("start", "t"),
                    flow("t", "a", "n > 1"), flow("t", "b", "n > 2"), flow("t", "c", id="else"))
    assert play(model).complete("t", n=3).waiting == ["a", "b"]
    assert play(model).complete("t", n=2).waiting == ["a"]
    assert play(model).complete("t", n=0).waiting == ["c"]


def test_a_default_beside_an_unconditional_flow_is_taken_unless_a_condition_is_true(play):
    model = process("p", start(), user("t", default="else"), user("a"), user("b"), user("c"), chain("start", "t"),
                    flow("t", "a", "n > 1"), flow("t", "b"), flow("t", "c", id="else"))
    assert play(model).complete("t", n=2).waiting == ["a", "b"]
    assert play(model).complete("t", n=0).waiting == ["b", "c"]


def test_quantities_of_tokens(play):
    """BPMN 10.3: an activity may put several tokens on each flow, and may need several, from any flows, to begin."""
    model = process("p", start(), task("a", completionQuantity=3), user("b"), user("c", startQuantity=2), end(),
                    chain("start", "a", "b", "c", "end"))
    case = play(model)
    assert case.waiting == ["b", "b", "b"]
    assert case.complete("b").waiting == ["b", "b"]
    assert case.complete("b").waiting == ["b", "c"]
    assert case.complete("c").complete("b").incidents == {1: "stuck"}
    assert case.trace.count("c") == 1


def test_a_quantity_counts_tokens_of_all_flows(play):
    model = process("p", start(), task("a"), task("b"), task("c"), task("d", startQuantity=2), end(),
                    chain("start", "a", "b", "d", "end"), chain("a", "c", "d"))
    assert play(model).path == "start a b c d end"


def test_implicit_split_merge_start_and_end(play):
    case = play(process("p", task("t"), user("a"), user("b"), task("m"), chain("t", "a", "m"), chain("t", "b", "m")))
    assert case.waiting == ["a", "b"]
    assert case.complete("a").complete("b").ended == "completed"
    assert case.trace.count("m") == 2


def test_no_condition_true_and_no_default_is_an_incident(play):
    case = play(process("p", start(), task("t"), end(), chain("start", "t"), flow("t", "end", "go")))
    assert case.incidents == {1: "no_matching_flow"}
    assert case.set(go=True).resolve().ended == "completed end"
    assert case.trace.count("t") == 1
