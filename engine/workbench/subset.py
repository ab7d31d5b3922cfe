"""The elements on which SpiffWorkflow 3.2 can be trusted, so that a difference there means something.

Outside are: everything it does not execute or executes wrongly (docs/adr/0005, tests/spiffworkflow), and what would
need more than tokens to compare.
"""

from collections.abc import Mapping

from engine.definition.model import Definition, Element, Kind, Process, Trigger

WAITING_EVENTS = frozenset({Trigger.MESSAGE, Trigger.TIMER, Trigger.SIGNAL})
QUIET_THROWS = frozenset({Trigger.NONE, Trigger.MESSAGE})
TASKS = frozenset({
    Kind.TASK, Kind.MANUAL_TASK, Kind.USER_TASK, Kind.SERVICE_TASK, Kind.SEND_TASK, Kind.RECEIVE_TASK,
    Kind.BUSINESS_RULE_TASK, Kind.SCRIPT_TASK,
})  # fmt: skip
ACTIVITIES = TASKS | {Kind.SUB_PROCESS, Kind.CALL_ACTIVITY}
JOINS = frozenset({Kind.PARALLEL_GATEWAY, Kind.INCLUSIVE_GATEWAY})
CHOICES = frozenset({Kind.EXCLUSIVE_GATEWAY, Kind.INCLUSIVE_GATEWAY})


def outside(definition: Definition) -> Mapping[tuple[str, str], str]:
    """(process id, element id) → why SpiffWorkflow is not asked about it."""
    return {
        (process.id, element.id): reason
        for process in definition.processes.values()
        for element in process.elements.values()
        if (reason := _reason(definition, process, element))
    }


def _reason(definition: Definition, process: Process, element: Element) -> str:
    if element.loop is not None:
        return "loop"
    if element.start_quantity + element.completion_quantity > 2:
        return "several tokens at a time"
    if element.for_compensation or element.triggered_by_event:
        return "started by an event"
    if element.kind in ACTIVITIES:
        return _activity(definition, process, element)
    if element.kind in JOINS | CHOICES:
        return _gateway(process, element)
    return _event(process, element)


def _activity(definition: Definition, process: Process, element: Element) -> str:
    if element.default_flow or any(process.flows[flow].condition for flow in element.outgoing):
        return "conditional flow out of an activity"
    if element.instantiate:
        return "instantiating receive task"
    if element.kind is Kind.SUB_PROCESS:
        return _body(process, element.id)
    if element.called is not None:
        called = definition.processes.get(element.called.process_id)
        return _body(called, called.id) if called else "called process not bound"
    return ""


def _body(process: Process, scope_id: str) -> str:
    starts = process.scopes[scope_id].start_events
    plain = len(starts) == 1 and all(each.trigger is Trigger.NONE for each in process.elements[starts[0]].events)
    return "" if plain else "not exactly one none start event"


def _gateway(process: Process, element: Element) -> str:
    flows = [process.flows[flow] for flow in element.outgoing]
    if element.kind in JOINS and any(element.id in process.reachable.get(flow.id, ()) for flow in flows):
        return "fork or join in a loop"
    unconditional = [flow for flow in flows if flow.condition is None and flow.id != element.default_flow]
    if element.kind in CHOICES and len(flows) > 1 and unconditional:
        return "several unconditional flows out of a choice"
    return ""


def _event(process: Process, element: Element) -> str:
    triggers = {event.trigger for event in element.events} or {Trigger.NONE}
    if element.kind is Kind.START_EVENT:
        return "" if element.scope == process.id or triggers == {Trigger.NONE} else "start event with a trigger"
    if element.kind is Kind.EVENT_BASED_GATEWAY:
        return "instantiating or parallel event gateway" if element.instantiate or element.parallel_gateway else ""
    if element.kind is Kind.BOUNDARY_EVENT:
        return _waiting(element, triggers) or ("" if element.interrupting else "non-interrupting boundary event")
    if element.kind is Kind.CATCH_EVENT:
        return _waiting(element, triggers)
    if element.kind is Kind.THROW_EVENT:
        return "" if triggers <= QUIET_THROWS else "throwing event"
    if element.kind is Kind.END_EVENT:
        return "" if triggers <= QUIET_THROWS | {Trigger.TERMINATE} else "throwing end event"
    return element.kind.value


def _waiting(element: Element, triggers: set[Trigger]) -> str:
    return "" if len(element.events) == 1 and triggers <= WAITING_EVENTS else "trigger"
