"""From diagram to model: every element and position, zeebe extensions, plain BPMN where its meaning is plain."""

import pytest

from engine.definition import Deployed, SourceFile, load
from engine.definition.markup import parse
from engine.definition.model import IoMapping, Kind, MultiInstance, StandardLoop, Trigger, Value
from engine.definition.read import read
from engine.definition.report import Report
from engine.errors import NotFound
from tests.definition.cases import VALID
from tests.support.bpmn import (
    ad_hoc,
    assign,
    association,
    boundary,
    call,
    catch,
    chain,
    compensation,
    complex_gateway,
    condition,
    end,
    error,
    escalation,
    event_gateway,
    flow,
    form,
    headers,
    input,
    loop,
    message,
    model,
    multi,
    node,
    output,
    pool,
    priority,
    process,
    properties,
    receive,
    rule,
    schedule,
    script,
    send,
    service,
    signal,
    start,
    sub,
    task,
    throw,
    timer,
    user,
    xor,
    zeebe,
)


def model_of(content):
    report = Report("a.bpmn")
    return read(parse(content, report), report)


def element(part, *others):
    """One element, read from a process of its own."""
    return model_of(process("p", part, *others)).processes[0].elements[part.attributes["id"]]



def texts(value):
    return (value.text, value.feel) if value is not None else None


# -- flows and scopes ----------------------------------------------------------------------------------

def test_flows_are_in_document_order_with_conditions_and_default():
    found = model_of(process("p", start(), xor("x", default="x-b"), task("b"), task("c"), chain("start", "x", "b"),
                             flow("x", "c", "= n > 1"), flow("x", "b", "n < 0", id="again"))).processes[0]
    gateway = found.elements["x"]
    assert (gateway.outgoing, gateway.default_flow) == (("x-b", "x-c", "again"), "x-b")
    assert [texts(found.flows[name].condition) for name in gateway.outgoing] == [
        None, ("n > 1", True), ("n < 0", True)]
    assert found.elements["b"].incoming == ("x-b", "again")
    assert found.flows["x-c"].line > found.flows["x-b"].line > 1


def test_scopes_know_their_members():
    inner = sub("s", start("s1"), user("u"), end("e1"), chain("s1", "u", "e1"))
    handler = sub("es", start("es1", signal("S")), end("es2"), chain("es1", "es2"), event=True)
    found = model_of(process("p", start(), inner, handler, end(), chain("start", "s", "end"))).processes[0]
    assert found.scopes["p"].elements == ("start", "s", "es", "end")
    assert found.scopes["p"].event_sub_processes == ("es",)
    assert (found.scopes["s"].parent, found.scopes["s"].start_events) == ("p", ("s1",))
    assert found.elements["u"].scope == "s" and found.elements["es"].triggered_by_event
    assert found.scopes["s"].flows == ("s1-u", "u-e1")


def test_a_handler_is_found_among_the_remarks_of_its_event():
    drawn = model(
        node("collaboration", node("participant", id="pool", processRef="p"), association("c", "h"), id="co"),
        pool("p", start(), task("a"), boundary("c", "a", compensation()), task("h", isForCompensation=True), end(),
             chain("start", "a", "end"), association("c", "note"), association("h", "note"),
             node("textAnnotation", node("text", text="undo it"), id="note")))
    assert model_of(drawn).processes[0].elements["c"].compensation_handler == "h"


def test_implicit_start_has_entries_without_handlers_and_events():
    found = model_of(process(
        "p", task("a"), task("b"), task("h", isForCompensation=True), boundary("t", "a", timer("PT1H")),
        sub("es", start("s", signal("S")), event=True), receive("r", message("M"), instantiate=True),
        chain("a", "b"))).processes[0]
    assert found.scopes["p"].entry_elements == ("a",)


def test_ad_hoc_enables_what_nothing_leads_to():
    found = model_of(process("p", ad_hoc("ah", user("a"), user("b"), user("c"), chain("a", "b"), until="= done",
                                         sequential=True, cancel_remaining=False, active='= ["a"]'))).processes[0]
    assert found.scopes["ah"].entry_elements == ("a", "c")
    told = found.elements["ah"].ad_hoc
    assert (told.sequential, told.cancel_remaining) == (True, False)
    assert texts(told.completion_condition) == ("done", True) and texts(told.active_elements) == ('["a"]', True)


# -- events ----------------------------------------------------------------------------------

@pytest.mark.parametrize(("definition", "trigger"), [
    (message("M"), Trigger.MESSAGE), (signal("S"), Trigger.SIGNAL), (timer("PT1H"), Trigger.TIMER),
    (condition("= x"), Trigger.CONDITION), (error("E"), Trigger.ERROR), (escalation("E"), Trigger.ESCALATION),
    (compensation(), Trigger.COMPENSATION)])
def test_triggers(definition, trigger):
    assert [item.trigger for item in element(boundary("b", "a", definition)).events] == [trigger]


@pytest.mark.parametrize(("written", "kind", "expected"), [
    ("PT1H", "duration", ("PT1H", False)), ("R3/PT1H", "cycle", ("R3/PT1H", False)),
    ("2026-01-01T00:00:00Z", "date", ("2026-01-01T00:00:00Z", False)),
    ('= deadline("dl.x")', "date", ('deadline("dl.x")', True))])
def test_timers(written, kind, expected):
    found = element(catch("c", timer(written, kind))).events[0]
    assert (found.timer_kind, texts(found.timer)) == (kind, expected)


def test_message_has_name_and_key():
    found = element(catch("c", message("= name", "= case.number"))).events[0]
    assert (texts(found.name), texts(found.key)) == (("name", True), ("case.number", True))


def test_message_without_subscription_has_the_empty_key():
    assert texts(element(catch("c", message("M"))).events[0].key) == ("", False)


def test_message_without_name_goes_by_its_id():
    content = process("p", catch("c", node("messageEventDefinition", messageRef="m1"))).replace(
        b"<bpmn:process", b'<bpmn:message id="m1"/><bpmn:process', 1)
    assert model_of(content).processes[0].elements["c"].events[0].name.text == "m1"


def test_codes_and_catch_all():
    assert element(boundary("b", "a", error("E1"))).events[0].code == "E1"
    assert element(boundary("b", "a", error())).events[0].code is None
    assert element(end("e", escalation("X"))).events[0].code == "X"


def test_event_definition_by_reference():
    content = process("p", catch("c", node("eventDefinitionRef", text="shared"))).replace(
        b"<bpmn:process", b'<bpmn:terminateEventDefinition id="shared"/><bpmn:process', 1)
    assert model_of(content).processes[0].elements["c"].events[0].trigger is Trigger.TERMINATE


def test_multiple_and_parallel_multiple():
    found = element(catch("c", message("M"), signal("S"), parallelMultiple=True))
    assert [item.trigger for item in found.events] == ["message", "signal"] and found.parallel_multiple


def test_boundaries_by_activity_and_interruption():
    found = model_of(process("p", task("a"), boundary("b1", "a", timer("PT1H"), interrupting=False),
                             boundary("b2", "a", error()))).processes[0]
    assert found.boundaries == {"a": ("b1", "b2")}
    assert [found.elements[name].interrupting for name in ("b1", "b2")] == [False, True]


def test_compensation_handler_and_what_is_compensable():
    found = load([SourceFile("a.bpmn", VALID["transaction"])]).processes["p"]
    assert found.elements["cb"].compensation_handler == "h" and found.elements["h"].for_compensation
    assert found.compensable == {"a", "t"}


def test_compensation_throw():
    found = element(throw("t", compensation("a", wait=False))).events[0]
    assert (found.activity, found.wait) == ("a", False)


def test_gateways():
    assert element(event_gateway("g", instantiate=True, parallel=True)).parallel_gateway
    assert element(event_gateway("g", instantiate=True)).instantiate
    assert texts(element(complex_gateway("g", "= count > 1")).activation_condition) == ("count > 1", True)


# -- activities ----------------------------------------------------------------------------------

def test_user_task():
    found = element(user("u", assign("= who", "a,b", "c"), schedule("= due", "2026-01-01T00:00:00Z"), priority("70"),
                         form("f"))).user_task
    assert [texts(value) for value in (found.assignee, found.candidate_groups, found.candidate_users, found.due_date,
                                       found.follow_up_date, found.priority)] == [
        ("who", True), ("a,b", False), ("c", False), ("due", True), ("2026-01-01T00:00:00Z", False), ("70", False)]
    assert found.form_id == "f"


def test_plain_user_task_is_one():
    assert element(node("userTask", id="u")).user_task is not None


def test_job_with_headers_and_retries():
    found = element(service("s", "document.issue", headers(a="1"), retries="5")).job
    assert (texts(found.type), texts(found.retries), dict(found.headers)) == (
        ("document.issue", False), ("5", False), {"a": "1"})


@pytest.mark.parametrize("part", [service("x", None), node("sendTask", id="x"), node("businessRuleTask", id="x")])
def test_task_without_definition_is_a_job_of_its_own_id(part):
    assert texts(element(part).job.type) == ("x", False)


def test_send_and_receive_tasks_carry_their_message():
    sent = element(send("s", message("M", "= k")))
    assert sent.job is None and texts(sent.events[0].key) == ("k", True)
    received = element(receive("r", message("M"), instantiate=True))
    assert received.events[0].name.text == "M" and received.instantiate


def test_throwing_message_event_may_be_a_job():
    found = element(throw("t", message("M"), zeebe("taskDefinition", type="mail")))
    assert found.job.type.text == "mail" and found.events[0].name.text == "M"


def test_script_decision_and_call():
    found = element(script("s", "= 1 + 1", "sum")).script
    assert (texts(found.expression), found.result) == (("1 + 1", True), "sum")
    decided = element(rule("r", "d", "out")).decision
    assert (decided.decision_id, decided.result) == ("d", "out")
    called = element(call("c", "q", parent=False)).called
    assert (called.process_id, called.propagate_all_parent, called.propagate_all_child) == ("q", False, True)


def test_plain_call_and_plain_script():
    assert element(node("callActivity", id="c", calledElement="x:q")).called.process_id == "q"
    assert element(call("c", '= "q"')).called.process_id == "q"
    plain = node("scriptTask", node("script", text="= a"), id="s", scriptFormat="feel")
    assert texts(element(plain).script.expression) == ("a", True)


def test_mappings():
    found = element(task("a", input("= b.c", "d"), input("fixed", "e"), output("= f", "g.h")))
    assert found.inputs == (IoMapping(Value("b.c", True, found.inputs[0].source.line), "d"),
                            IoMapping(Value("fixed", False, found.inputs[1].source.line), "e"))
    assert [(item.source.text, item.target) for item in found.outputs] == [("f", "g.h")]


def test_multi_instance_over_a_collection():
    found = element(task("a", multi("= xs", "x", into="ys", output="= y", sequential=True, until="= done"))).loop
    assert isinstance(found, MultiInstance) and found.sequential
    assert (texts(found.collection), found.input_element) == (("xs", True), "x")
    assert (found.output_collection, texts(found.output_element)) == ("ys", ("y", True))
    assert texts(found.completion_condition) == ("done", True)


def test_multi_instance_by_cardinality_and_standard_loop():
    assert texts(element(task("a", multi(cardinality="3"))).loop.cardinality) == ("3", True)
    found = element(task("a", loop("= again", before=True, maximum=3))).loop
    assert isinstance(found, StandardLoop) and found.test_before
    assert (texts(found.condition), texts(found.maximum)) == (("again", True), ("3", True))


def test_lanes_properties_and_documentation():
    lanes = node("laneSet", node("lane", node("flowNodeRef", text="a"), id="l1", name="Outer",), id="ls")
    found = model_of(process("p", properties(stage="1"), lanes, task(
        "a", properties(legalBasis="细则 4"), node("documentation", text="what it is")))).processes[0]
    assert (found.lanes, found.properties) == (("Outer",), {"stage": "1"})
    told = found.elements["a"]
    assert (told.lane, told.documentation, told.properties) == ("Outer", "what it is", {"legalBasis": "细则 4"})


@pytest.mark.parametrize(("tag", "kind"), [
    ("globalTask", Kind.TASK), ("globalUserTask", Kind.USER_TASK), ("globalManualTask", Kind.MANUAL_TASK)])
def test_global_task_is_a_process_of_one_task(tag, kind):
    found = model_of(model(node(tag, id="g", name="G"), pool("p", task("a")))).processes[1]
    assert (found.id, [item.kind for item in found.elements.values()]) == ("g", [kind])
    assert found.root().entry_elements == ("g_task",)


def test_flow_to_elsewhere_is_left_out_of_the_model():
    found = model_of(process("p", task("a"), node("textAnnotation", id="n"), flow("a", "n"))).processes[0]
    assert found.flows == {} and found.elements["a"].outgoing == ()


# -- binding ----------------------------------------------------------------------------------

def test_definition_binds_called_processes_transitively():
    files = [SourceFile("a.bpmn", process("p", start(), call("c", "q"), end(), chain("start", "c", "end"))),
             SourceFile("b.bpmn", process("q", start(), call("c", "r"), end(), chain("start", "c", "end"))),
             SourceFile("c.bpmn", process("r", task("a", name="A")))]
    found = load(files).definition("p", key="p:1:abc")
    assert (found.key, found.root.id, set(found.processes)) == ("p:1:abc", "p", {"p", "q", "r"})


def test_definition_binds_to_what_is_deployed():
    known = load([SourceFile("q.bpmn", process("q", task("a")))]).processes
    also = Deployed(known, {}, {"f": {"id": "f"}})
    content = process("p", start(), call("c", "q"), user("u", form("f")), end(), chain("start", "c", "u", "end"))
    found = load([SourceFile("p.bpmn", content)], also=also).definition("p", also=also)
    assert set(found.processes) == {"p", "q"} and found.forms == {"f": {"id": "f"}}


def test_unknown_process():
    with pytest.raises(NotFound):
        load([SourceFile("a.bpmn", VALID["straight"])]).definition("nowhere")
