"""Draws a BPMN diagram in a test, in a few lines; the result is the bytes of a schema-valid file.

    process("p", start("s"), user("a"), end("e"), chain("s", "a", "e"))
    model(pool("p", …), pool("q", …), message_flow("t", "s2"))

Texts that start with ``=`` are FEEL. Messages, signals, errors and escalations are declared by mentioning them.
``node(...)`` draws anything that has no word here.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any

from lxml import etree

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
ZEEBE = "http://camunda.org/schema/zeebe/1.0"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
NSMAP = {"bpmn": BPMN, "zeebe": ZEEBE, "xsi": XSI}

# Order of children that the schema asks for; everything else keeps its place in the middle.
RANK = {"documentation": 0, "extensionElements": 1, "incoming": 2, "outgoing": 3, "laneSet": 4, "timeDate": 5,
        "standardLoopCharacteristics": 6, "multiInstanceLoopCharacteristics": 6, "association": 8, "group": 8,
        "textAnnotation": 8, "completionCondition": 9}


@dataclass(frozen=True)
class Node:
    """One XML element to be; ``extension`` goes under extensionElements, ``roots`` under definitions."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: tuple[Node, ...] = ()
    text: str | None = None
    namespace: str = BPMN
    roots: tuple[Node, ...] = ()


def node(tag: str, *children: Node | tuple[Node, ...] | None, text: str | None = None, namespace: str = BPMN,
         roots: tuple[Node, ...] = (), **attributes: Any) -> Node:
    """Any element; an attribute given as None is left out, ``class_`` means ``class``, True is ``true``."""
    named = {key.rstrip("_"): str(value).lower() if isinstance(value, bool) else str(value)
             for key, value in attributes.items() if value is not None}
    return Node(tag, named, _flat(children), text, namespace, roots)


def zeebe(tag: str, *children: Node, **attributes: Any) -> Node:
    """A zeebe extension; placed under extensionElements of whatever it is given to."""
    return node(tag, *children, namespace=ZEEBE, **attributes)


# -- events -----------------------------------------------------------------------------------------------------------

def start(id: str = "start", *parts: Node, interrupting: bool | None = None, **attributes: Any) -> Node:
    return node("startEvent", *parts, id=id, isInterrupting=interrupting, **attributes)


def end(id: str = "end", *parts: Node, **attributes: Any) -> Node:
    return node("endEvent", *parts, id=id, **attributes)


def catch(id: str, *parts: Node, **attributes: Any) -> Node:
    return node("intermediateCatchEvent", *parts, id=id, **attributes)


def throw(id: str, *parts: Node, **attributes: Any) -> Node:
    return node("intermediateThrowEvent", *parts, id=id, **attributes)


def boundary(id: str, attached: str, *parts: Node, interrupting: bool = True, **attributes: Any) -> Node:
    return node("boundaryEvent", *parts, id=id, attachedToRef=attached,
                cancelActivity=None if interrupting else False, **attributes)


def message(name: str, key: str | None = None) -> Node:
    """A message event definition (or, for send and receive tasks, the reference); ``key`` as in zeebe:subscription."""
    subscription = (zeebe("subscription", correlationKey=key),) if key is not None else ()
    root = node("message", *subscription, id=_ref("msg", name, key or ""), name=name)
    return node("messageEventDefinition", messageRef=root.attributes["id"], roots=(root,))


def signal(name: str) -> Node:
    root = node("signal", id=_ref("sig", name), name=name)
    return node("signalEventDefinition", signalRef=root.attributes["id"], roots=(root,))


def error(code: str | None = None) -> Node:
    if code is None:
        return node("errorEventDefinition")
    root = node("error", id=_ref("err", code), name=code, errorCode=code)
    return node("errorEventDefinition", errorRef=root.attributes["id"], roots=(root,))


def escalation(code: str | None = None) -> Node:
    if code is None:
        return node("escalationEventDefinition")
    root = node("escalation", id=_ref("esc", code), name=code, escalationCode=code)
    return node("escalationEventDefinition", escalationRef=root.attributes["id"], roots=(root,))


def timer(text: str, kind: str | None = None) -> Node:
    """``kind``: date, duration or cycle; guessed from a literal, asked of an expression."""
    kind = kind or {"R": "cycle", "P": "duration"}.get(text[:1], "date")
    return node("timerEventDefinition", _formal("time" + kind.capitalize(), text))


def condition(text: str) -> Node:
    return node("conditionalEventDefinition", _formal("condition", text))


def cancel() -> Node:
    return node("cancelEventDefinition")


def compensation(activity: str | None = None, wait: bool | None = None) -> Node:
    return node("compensateEventDefinition", activityRef=activity, waitForCompletion=wait)


def link(name: str) -> Node:
    return node("linkEventDefinition", name=name)


def terminate() -> Node:
    return node("terminateEventDefinition")


# -- activities -------------------------------------------------------------------------------------------------------

def task(id: str, *parts: Node, **attributes: Any) -> Node:
    return node("task", *parts, id=id, **attributes)


def manual(id: str, *parts: Node, **attributes: Any) -> Node:
    return node("manualTask", *parts, id=id, **attributes)


def user(id: str, *parts: Node, **attributes: Any) -> Node:
    return node("userTask", zeebe("userTask"), *parts, id=id, **attributes)


def service(id: str, type: str | None = "work", *parts: Node, retries: str | None = None, **attributes: Any) -> Node:
    job = (zeebe("taskDefinition", type=type, retries=retries),) if type is not None else ()
    return node("serviceTask", *job, *parts, id=id, **attributes)


def send(id: str, what: Node | str, *parts: Node, **attributes: Any) -> Node:
    """``what``: ``message(…)`` to publish, or the type of a job."""
    if isinstance(what, str):
        return node("sendTask", zeebe("taskDefinition", type=what), *parts, id=id, **attributes)
    return node("sendTask", *parts, id=id, messageRef=what.attributes["messageRef"], roots=what.roots, **attributes)


def receive(id: str, what: Node, *parts: Node, instantiate: bool | None = None, **attributes: Any) -> Node:
    return node("receiveTask", *parts, id=id, messageRef=what.attributes["messageRef"], instantiate=instantiate,
                roots=what.roots, **attributes)


def rule(id: str, decision: str, result: str = "result", *parts: Node, **attributes: Any) -> Node:
    called = zeebe("calledDecision", decisionId=decision, resultVariable=result)
    return node("businessRuleTask", called, *parts, id=id, **attributes)


def script(id: str, expression: str, result: str | None = "result", *parts: Node, **attributes: Any) -> Node:
    return node("scriptTask", zeebe("script", expression=expression, resultVariable=result), *parts, id=id,
                **attributes)


def call(id: str, called: str, *parts: Node, parent: bool | None = None, child: bool | None = None,
         **attributes: Any) -> Node:
    """``parent``/``child``: propagateAllParentVariables / propagateAllChildVariables."""
    element = zeebe("calledElement", processId=called, propagateAllParentVariables=parent,
                    propagateAllChildVariables=child)
    return node("callActivity", element, *parts, id=id, **attributes)


def sub(id: str, *parts: Node | tuple[Node, ...], event: bool | None = None, **attributes: Any) -> Node:
    """An embedded sub-process; ``event=True`` makes it an event sub-process."""
    return node("subProcess", *parts, id=id, triggeredByEvent=event, **attributes)


def transaction(id: str, *parts: Node | tuple[Node, ...], **attributes: Any) -> Node:
    return node("transaction", *parts, id=id, **attributes)


def ad_hoc(id: str, *parts: Node | tuple[Node, ...], until: str | None = None, sequential: bool | None = None,
           cancel_remaining: bool | None = None, active: str | None = None, **attributes: Any) -> Node:
    """``until``: completion condition; ``active``: FEEL list of the ids to activate."""
    extra = (zeebe("adHoc", activeElementsCollection=active),) if active else ()
    done = (_formal("completionCondition", until),) if until else ()
    ordering = None if sequential is None else "Sequential" if sequential else "Parallel"
    return node("adHocSubProcess", *extra, *parts, *done, id=id, ordering=ordering,
                cancelRemainingInstances=cancel_remaining, **attributes)


# -- parts of activities ----------------------------------------------------------------------------------------------

def input(source: str, target: str) -> Node:
    return zeebe("input", source=source, target=target)


def output(source: str, target: str) -> Node:
    return zeebe("output", source=source, target=target)


def assign(assignee: str | None = None, groups: str | None = None, users: str | None = None) -> Node:
    return zeebe("assignmentDefinition", assignee=assignee, candidateGroups=groups, candidateUsers=users)


def schedule(due: str | None = None, follow_up: str | None = None) -> Node:
    return zeebe("taskSchedule", dueDate=due, followUpDate=follow_up)


def priority(value: str) -> Node:
    return zeebe("priorityDefinition", priority=value)


def form(id: str) -> Node:
    return zeebe("formDefinition", formId=id)


def properties(**values: str) -> Node:
    return zeebe("properties", *(zeebe("property", name=name, value=value) for name, value in values.items()))


def headers(**values: str) -> Node:
    return zeebe("taskHeaders", *(zeebe("header", key=name, value=value) for name, value in values.items()))


def multi(collection: str | None = None, element: str | None = None, *, into: str | None = None,
          output: str | None = None, sequential: bool = False, cardinality: str | None = None,
          until: str | None = None, behavior: str | None = None, throws: Node | None = None,
          cases: tuple[tuple[str, Node], ...] = ()) -> Node:
    """Multi-instance: over a collection (zeebe) or a number of times (plain BPMN ``cardinality``).

    ``throws``: the event definition of behavior None or One; ``cases``: conditions and event definitions of Complex.
    """
    over = zeebe("loopCharacteristics", inputCollection=collection, inputElement=element, outputCollection=into,
                 outputElement=output)
    parts = [over] if collection is not None or into is not None else []
    if cardinality is not None:
        parts.append(_formal("loopCardinality", cardinality))
    parts += [node("complexBehaviorDefinition", _formal("condition", when), node("event", what, id=f"event{number}"))
              for number, (when, what) in enumerate(cases)]
    if until is not None:
        parts.append(_formal("completionCondition", until))
    named, roots = {}, ()
    if throws is not None:
        shared = node(throws.tag, *throws.children, **throws.attributes, id="shared")
        named, roots = {f"{str(behavior).lower()}BehaviorEventRef": "shared"}, (*throws.roots, shared)
    return node("multiInstanceLoopCharacteristics", *parts, isSequential=sequential, behavior=behavior, roots=roots,
                **named)


def loop(condition: str | None = None, *, before: bool | None = None, maximum: int | None = None) -> Node:
    test = (_formal("loopCondition", condition),) if condition is not None else ()
    return node("standardLoopCharacteristics", *test, testBefore=before, loopMaximum=maximum)


# -- gateways and flows -----------------------------------------------------------------------------------------------

def xor(id: str, *parts: Node, default: str | None = None, **attributes: Any) -> Node:
    return node("exclusiveGateway", *parts, id=id, default=default, **attributes)


def parallel(id: str, *parts: Node, **attributes: Any) -> Node:
    return node("parallelGateway", *parts, id=id, **attributes)


def inclusive(id: str, *parts: Node, default: str | None = None, **attributes: Any) -> Node:
    return node("inclusiveGateway", *parts, id=id, default=default, **attributes)


def event_gateway(id: str, *parts: Node, instantiate: bool | None = None, parallel: bool = False,
                  **attributes: Any) -> Node:
    return node("eventBasedGateway", *parts, id=id, instantiate=instantiate,
                eventGatewayType="Parallel" if parallel else None, **attributes)


def complex_gateway(id: str, activation: str | None = None, *parts: Node, default: str | None = None,
                    **attributes: Any) -> Node:
    rule = (_formal("activationCondition", activation),) if activation is not None else ()
    return node("complexGateway", *parts, *rule, id=id, default=default, **attributes)


def flow(source: str, target: str, condition: str | None = None, *, id: str | None = None, **attributes: Any) -> Node:
    """A sequence flow; its id is ``source-target`` unless given."""
    test = (_formal("conditionExpression", condition),) if condition is not None else ()
    return node("sequenceFlow", *test, id=id or f"{source}-{target}", sourceRef=source, targetRef=target, **attributes)


def chain(*ids: str) -> tuple[Node, ...]:
    """Unconditional flows through the elements in order."""
    return tuple(flow(source, target) for source, target in zip(ids, ids[1:], strict=False))


def association(source: str, target: str) -> Node:
    """From a compensation boundary event to its handler."""
    return node("association", id=f"{source}~{target}".replace("~", "-to-"), sourceRef=source, targetRef=target,
                associationDirection="One")


# -- files ------------------------------------------------------------------------------------------------------------

def pool(id: str, *parts: Node | tuple[Node, ...], executable: bool = True, **attributes: Any) -> Node:
    """A process as a part of a ``model``."""
    return node("process", *parts, id=id, isExecutable=executable, **attributes)


def message_flow(source: str, target: str) -> Node:
    return node("messageFlow", id=f"mf-{source}-{target}", sourceRef=source, targetRef=target)


def process(id: str, *parts: Node | tuple[Node, ...], executable: bool = True, **attributes: Any) -> bytes:
    """A file with one process."""
    return model(pool(id, *parts, executable=executable, **attributes))


def model(*parts: Node) -> bytes:
    """A file: processes, global tasks and, when there are message flows, a collaboration of all processes."""
    flows = [part for part in parts if part.tag == "messageFlow"]
    bodies = [part for part in parts if part.tag != "messageFlow"]
    roots = {root.attributes["id"]: root for part in bodies for root in _roots(part)}
    if flows:
        pools = [node("participant", id=f"pool-{body.attributes['id']}", processRef=body.attributes["id"])
                 for body in bodies if body.tag == "process"]
        bodies.insert(0, node("collaboration", *pools, *flows, id="collaboration"))
    top = etree.Element(f"{{{BPMN}}}definitions", nsmap=NSMAP, id="definitions", targetNamespace="urn:kapok:test")
    for item in (*roots.values(), *bodies):
        top.append(_element(item))
    return etree.tostring(top, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _formal(tag: str, text: str) -> Node:
    return Node(tag, {f"{{{XSI}}}type": "bpmn:tFormalExpression"}, text=text)


def _flat(parts: Any) -> tuple[Node, ...]:
    return tuple(item for part in parts if part is not None
                 for item in (_flat(part) if isinstance(part, tuple | list) else (part,)))


def _ref(prefix: str, *names: str) -> str:
    return f"{prefix}_{sha256(repr(names).encode()).hexdigest()[:10]}"


def _roots(item: Node) -> tuple[Node, ...]:
    return item.roots + tuple(root for child in item.children for root in _roots(child))


def _element(item: Node) -> Any:
    made = etree.Element(f"{{{item.namespace}}}{item.tag}", attrib=item.attributes)
    made.text = item.text
    children = _with_extensions(item) if item.namespace == BPMN else item.children
    for child in children:
        made.append(_element(child))
    return made


def _with_extensions(item: Node) -> list[Node]:
    """Zeebe parts gathered under extensionElements (inputs and outputs under one ioMapping), in schema order."""
    if item.tag == "extensionElements":
        return list(item.children)
    ours = [child for child in item.children if child.namespace != BPMN]
    mappings = tuple(child for child in ours if child.tag in ("input", "output"))
    extensions = tuple(child for child in ours if child not in mappings)
    if mappings:
        extensions += (zeebe("ioMapping", *mappings),)
    children = [child for child in item.children if child.namespace == BPMN]
    if extensions:
        children.append(Node("extensionElements", children=extensions))
    return sorted((replace(child) for child in children), key=lambda child: RANK.get(child.tag, 7))
