"""The shapes of the BPMN MIWG's reference diagrams, drawn anew: they are read, or refused for the right reason.

What they show: A.1 a chain; A.2 exclusive gateways; A.3 a sub-process with boundary events; A.4 two pools with lanes,
message flows and an expanded sub-process; B.1 called and collapsed parts with data; B.2 every marker and event; C.1 an
invoice with conditions and a called process.
"""

import pytest

from engine.definition import SourceFile, lint, load
from tests.support.bpmn import (
    ad_hoc,
    association,
    boundary,
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
    inclusive,
    link,
    loop,
    manual,
    message,
    message_flow,
    model,
    multi,
    node,
    parallel,
    pool,
    process,
    receive,
    send,
    service,
    signal,
    start,
    sub,
    task,
    terminate,
    throw,
    timer,
    transaction,
    user,
    xor,
)


def lanes(**members):
    return node("laneSet", *(node("lane", *(node("flowNodeRef", text=name) for name in names), id=lane, name=lane)
                             for lane, names in members.items()), id="lanes")


A_1 = process("p", start(), task("t1", name="Task 1"), task("t2", name="Task 2"), task("t3", name="Task 3"), end(),
              chain("start", "t1", "t2", "t3", "end"), executable=False)
A_2 = process("p", start(), task("t1"), xor("x", gatewayDirection="Diverging"), task("t2"), task("t3"), task("t4"),
              xor("m", gatewayDirection="Converging"), end(), chain("start", "t1", "x", "t2", "m", "end"),
              chain("x", "t3", "m"), chain("x", "t4", "m"), executable=False)
A_3 = process("p", start(), task("t1"), sub("s"), boundary("b1", "s", message("m")), boundary(
    "b2", "s", escalation("E"), interrupting=False), task("t2"), task("t3"), task("t4"), end(), end("e2"), end("e3"),
              chain("start", "t1", "s", "t2", "end"), chain("b1", "t3", "e2"), chain("b2", "t4", "e3"),
              executable=False)
A_4 = model(
    pool("p", lanes(upper=["start", "t1"], lower=["s", "end"]), start(), task("t1"),
         sub("s", start("s1"), task("t2"), end("s2"), chain("s1", "t2", "s2")), end(), chain("start", "t1", "s", "end"),
         executable=False),
    pool("q", start("q1", message("m")), task("q2"), sub("q3", start("q4"), task("q5"), end("q6"),
                                                         chain("q4", "q5", "q6")), end("q7", message("n")),
         chain("q1", "q2", "q3", "q7"), executable=False),
    message_flow("t1", "q1"), message_flow("q7", "s"))
B_1 = model(
    pool("p", lanes(one=["start", "t1", "c", "g"]), node("dataObject", id="do"),
         node("dataObjectReference", id="dor", dataObjectRef="do"), start("start", message("m")), task("t1"),
         node("callActivity", id="c", calledElement="q"), parallel("g"), user("u"), service("w"), parallel("j"), end(),
         node("textAnnotation", node("text", text="note"), id="note"), association("t1", "note"),
         chain("start", "t1", "c", "g", "u", "j", "end"), chain("g", "w", "j")),
    pool("q", start("q1"), end("q2"), chain("q1", "q2")))
B_2 = process(
    "p", start(), parallel("f"), user("u", loop("= again", maximum=3)), manual("ma"),
    service("se", "t", multi("= all", "one")),
    send("sd", message("m")), receive("rc", message("n")), sub("ev", start("evs", signal("s"), interrupting=False),
                                                              end("eve"), chain("evs", "eve"), event=True),
    transaction("tx", start("tx1"), end("tx2"), chain("tx1", "tx2")), ad_hoc("ah", task("ah1"), until="= true"),
    boundary("bt", "u", timer("PT1H"), interrupting=False), boundary("be", "se", error("E")),
    boundary("bc", "ma", compensation()), task("undo", isForCompensation=True), association("bc", "undo"),
    event_gateway("eg"), catch("c1", timer("P1D")), catch("c2", condition("= x")), inclusive("j"), complex_gateway(
        "cg", "= activationCount = 1"), throw("lt", link("L")), catch("lc", link("L")), throw("th", escalation("X")),
    end(), end("e2", terminate()), end("e3", signal("s")), end("e4"), chain("start", "f", "u", "j"),
    chain("f", "ma", "j"),
    chain("f", "se", "j"), chain("f", "sd", "rc", "j"), chain("f", "tx", "j"), chain("f", "ah", "j"), chain("j", "eg"),
    chain("eg", "c1", "cg"), chain("eg", "c2", "cg"), chain("cg", "lt"), chain("lc", "th", "end"), chain("bt", "e3"),
    chain("be", "e2"), chain("f", "e4"))
C_1 = model(
    pool("p", lanes(clerk=["start", "scan", "review"], rest=["x", "pay", "end", "stop"]), start("start", message("i")),
         user("scan"), node("callActivity", id="review", calledElement="q"), xor("x", default="no"), service("pay"),
         end(), end("stop"), chain("start", "scan", "review", "x"), flow("x", "pay", "clarified"),
         flow("x", "stop", id="no"), chain("pay", "end")),
    pool("q", start("q1"), user("assign"), user("check"), xor("again", default="ok"), end("q2"),
         chain("q1", "assign", "check", "again"), flow("again", "assign", "not(clarified)"),
         flow("again", "q2", id="ok")))


@pytest.mark.parametrize("drawn", [A_1, A_2, A_3, A_4, B_1, B_2, C_1],
                         ids=["A.1", "A.2", "A.3", "A.4", "B.1", "B.2", "C.1"])
def test_a_reference_shape_is_read(drawn):
    assert [item.message for item in lint([SourceFile("m.bpmn", drawn)]) if item.severity == "error"] == []
    assert load([SourceFile("m.bpmn", drawn)]).processes


def refusals(content):
    return {(item.rule, item.element) for item in lint([SourceFile("m.bpmn", content)]) if item.severity == "error"}


def test_a_shape_meant_for_people_is_refused_for_what_it_lacks_to_be_run():
    for drawn in (A_1, A_2, A_3):
        assert refusals(drawn) == set()
    assert refusals(A_2.replace(b'isExecutable="false"', b'isExecutable="true"')) == {("gateway-unconditional", "x")}
    assert refusals(C_1.replace(b">clarified<", b">${clarified}<")) == {("expression-language", "x-pay")}
    assert ("called-process-unknown", "c") in refusals(B_1.replace(b'calledElement="q"', b'calledElement="gone"'))


def sketch(executable):
    """Every marker and event as drawn for people: no condition, time, name, code, collection or content."""
    return process(
        "p", start(), start("s2", node("conditionalEventDefinition", node("condition"))),
        user("u", node("multiInstanceLoopCharacteristics")), user("v", node("standardLoopCharacteristics")),
        boundary("b1", "v", node("messageEventDefinition"), interrupting=False),
        boundary("b2", "v", node("timerEventDefinition", node("timeDate")), interrupting=False),
        boundary("b3", "v", node("signalEventDefinition"), interrupting=False), boundary("b4", "v", error()),
        boundary("b5", "v", escalation(), interrupting=False), node("receiveTask", id="r"), node("sendTask", id="d"),
        node("callActivity", id="c"), ad_hoc("ah"), transaction("tx"), sub("su"), complex_gateway("cg"),
        throw("t1", escalation()), throw("t2", node("signalEventDefinition")),
        throw("t3", node("messageEventDefinition")), xor("x"), end("e1", error()), end("e2", escalation()), end(),
        chain("start", "u", "v", "r", "d", "c", "ah", "tx", "su", "cg", "t1", "e1"), chain("cg", "t2", "x", "e2"),
        chain("x", "t3", "end"), chain("s2", "u"), [flow(f"b{n}", "end") for n in range(1, 6)], executable=executable)


def test_a_sketch_may_leave_out_what_only_running_needs():
    assert refusals(sketch(False)) == set()
    assert {("multi-instance-count", "u"), ("timer-one", "b2"), ("called-process-missing", "c"),
            ("message-missing", "r"), ("ad-hoc-content", "ah"), ("gateway-unconditional", "x"),
            ("error-code-missing", "e1"), ("signal-missing", "t2"),
            ("condition-missing", "s2")} <= refusals(sketch(True))


def test_a_choreography_is_refused_by_name():
    drawn = process("p", start(), end(), chain("start", "end"))
    assert ("unsupported-element", "ch") in refusals(drawn.replace(
        b"</bpmn:process>", b'<bpmn:callChoreography id="ch" initiatingParticipantRef="x"><bpmn:participantRef>x'
                            b"</bpmn:participantRef><bpmn:participantRef>y</bpmn:participantRef>"
                            b"</bpmn:callChoreography></bpmn:process>"))
