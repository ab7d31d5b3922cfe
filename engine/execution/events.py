"""Events that are waited for: what opens a wait, and what happens when it is answered (BPMN 13.5).

Waits belong to a node: its own event, its boundary events, the events after an event-based gateway, or the start events
of the event sub-processes of a scope. An interrupting one ends what it interrupts before it goes on. One that does not
interrupt opens a new wait each time; a repeating timer at its next occurrence, a condition once it has been false.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from engine.definition.model import Kind, Trigger
from engine.domain.events import ConditionAwaited, MessageAwaited, SignalAwaited, TimerArmed
from engine.execution import data, incidents, timers
from engine.execution.kernel import Fault, Kernel
from engine.execution.program import WAITED, Event, Formula, Info
from engine.execution.state import Incident, Node, Op, Wait


@dataclass(slots=True)
class Plan:
    """A wait that could be opened: everything is evaluated, nothing is changed yet."""

    wait: Wait
    text: str = ""
    """The condition, for people."""
    deadline: Any = None


def plan_all(kernel: Kernel, infos: Sequence[Info], seen: data.View) -> list[Plan]:
    return [plan(kernel, info, event, seen) for info in infos for event in info.events if event.trigger in WAITED]


def plan(kernel: Kernel, info: Info, event: Event, seen: data.View) -> Plan:
    """Raises ``Fault`` when a name, key or time cannot be told."""
    return _PLANS[event.trigger](kernel, info, event, seen)


def _plan_message(kernel: Kernel, info: Info, event: Event, seen: data.View) -> Plan:
    if event.name is None:
        raise Fault("message_name", f"Expected '{info.id}' to name a message, but it names none")
    name = data.text(kernel, event.name, seen, "the message name", "message_name")
    key = data.text(kernel, event.key, seen, "the correlation key") if event.key is not None else ""
    return Plan(Wait(0, "message", 0, info.key, event.index, name, key))


def _plan_signal(kernel: Kernel, info: Info, event: Event, seen: data.View) -> Plan:
    if event.name is None:
        raise Fault("signal_name", f"Expected '{info.id}' to name a signal, but it names none")
    name = data.text(kernel, event.name, seen, "the signal name", "signal_name")
    return Plan(Wait(0, "signal", 0, info.key, event.index, name))


def _plan_timer(kernel: Kernel, info: Info, event: Event, seen: data.View) -> Plan:
    if event.timer is None:
        raise Fault("timer", f"Expected '{info.id}' to tell a time, but it tells none")
    value = data.evaluate(kernel, event.timer, seen)
    wait = Wait(0, "timer", 0, info.key, event.index)
    if event.timer_kind == "cycle":
        wait.due, wait.cycle = timers.cycle(value, kernel.now)
    elif event.timer_kind == "duration":
        wait.due = timers.later(kernel.now, timers.period(value))
    else:
        wait.due = timers.instant(value)
    return Plan(wait, deadline=getattr(value, "computation", None))


def _plan_condition(kernel: Kernel, info: Info, event: Event, seen: data.View) -> Plan:
    if event.condition is None:
        raise Fault("expression", f"Expected '{info.id}' to have a condition, but it has none")
    held = data.holds(kernel, event.condition, seen)
    return Plan(Wait(0, "condition", 0, info.key, event.index, held=held), event.condition.text)


_PLANS = {Trigger.MESSAGE: _plan_message, Trigger.SIGNAL: _plan_signal, Trigger.TIMER: _plan_timer,
          Trigger.CONDITION: _plan_condition}


def listen(kernel: Kernel, node: Node, plans: Sequence[Plan]) -> bool:
    """Opens waits; conditions that are true already trigger at once. False when that ended the node."""
    for each in plans:
        _open(kernel, node, each)
    for each in plans:
        if each.wait.held and each.wait.id in kernel.waits:
            trigger(kernel, each.wait, {})
    return node.id in kernel.nodes and not (node.extra is not None and node.extra.interrupted)


def _open(kernel: Kernel, node: Node, planned: Plan) -> None:
    wait = kernel.open(node, planned.wait)
    info = kernel.program.infos[wait.at]
    where = (wait.id, kernel.visible(node.id), info.id, info.process)
    if wait.due is not None:
        kernel.events.append(TimerArmed(*where, wait.due, planned.deadline))
    elif wait.kind == "message":
        kernel.events.append(MessageAwaited(*where, wait.name, wait.key))
    elif wait.kind == "signal":
        kernel.events.append(SignalAwaited(*where, wait.name))
    else:
        kernel.events.append(ConditionAwaited(*where, planned.text))


def await_condition(kernel: Kernel, node: Node, info: Info, condition: Formula) -> None:
    """The unmet completion condition of an ad-hoc sub-process in which nothing is active."""
    _open(kernel, node, Plan(Wait(0, "condition", 0, info.key), condition.text))


def run_catch(kernel: Kernel, node: Node, variables: dict[str, Any] | None) -> Op | None:
    """An intermediate catching event or a receive task."""
    info = kernel.info(node)
    if not any(event.trigger in WAITED for event in info.events):
        return "finish", node.id, variables
    listen(kernel, node, plan_all(kernel, (info,), data.view(kernel, node)))
    return None


def run_gateway(kernel: Kernel, node: Node, variables: dict[str, Any] | None) -> Op | None:
    """An event-based gateway waits for everything that follows it."""
    info = kernel.info(node)
    listen(kernel, node, plan_all(kernel, [link.target for link in info.outgoing], data.view(kernel, node)))
    return None


# -- being answered ---------------------------------------------------------------------------------------------------

def trigger(kernel: Kernel, wait: Wait, variables: dict[str, Any]) -> None:
    """What a wait waited for has happened."""
    node = kernel.nodes[wait.node]
    info = kernel.program.infos[wait.at]
    again = _again(kernel, node, info, wait)
    kernel.close(wait, "triggered")
    if info.kind is Kind.AD_HOC_SUB_PROCESS:
        kernel.push("ad_hoc", node.id)
        return
    if info.element is not None and info.element.parallel_multiple:
        if kernel.waiting(node, wait.at):
            payload = node.more().payload
            payload[wait.at] = {**payload.get(wait.at, {}), **variables}
            return
        if node.extra is not None:
            variables = {**node.extra.payload.pop(wait.at, {}), **variables}
    for each in again:
        _open(kernel, node, each)
    if info.kind is Kind.BOUNDARY_EVENT:
        boundary(kernel, node, info, variables)
    elif info.kind is Kind.START_EVENT and info.host is not None and node.at != wait.at:
        start_handler(kernel, node, info, variables)
    elif node.at != wait.at:
        gateway_answered(kernel, node, info, variables)
    else:
        kernel.close_all(node, kernel.waiting(node, wait.at))
        kernel.push("finish", node.id, variables)


def _again(kernel: Kernel, node: Node, info: Info, wait: Wait) -> list[Plan]:
    """The next waits of an event that does not interrupt: when parallel multiple, of all its parts."""
    if info.element is None or info.element.interrupting or info.kind not in (Kind.BOUNDARY_EVENT, Kind.START_EVENT):
        return []
    if info.element.parallel_multiple:
        return plan_all(kernel, (info,), data.view(kernel, _seen_from(kernel, node, info)))
    fresh = Wait(0, wait.kind, node.id, wait.at, wait.index, wait.name, wait.key, held=wait.kind == "condition")
    if wait.kind == "timer":
        following = timers.following(wait.cycle, kernel.now) if wait.cycle is not None else None
        if following is None:
            return []
        fresh.due, fresh.cycle = following
    condition = info.events[wait.index].condition
    return [Plan(fresh, condition.text if condition is not None else "")]


def _seen_from(kernel: Kernel, node: Node, info: Info) -> Node:
    """Boundary events of a call see what lies around it, not what is inside."""
    outside = info.kind is Kind.BOUNDARY_EVENT and info.host is not None and info.host.kind is Kind.CALL_ACTIVITY
    return kernel.parent(node) if outside else node


def boundary(kernel: Kernel, host: Node, info: Info, variables: dict[str, Any]) -> None:
    """A boundary event fires. An interrupting one ends the activity and takes over its token."""
    scope = kernel.parent(host)
    if info.element is None or info.element.interrupting:
        kernel.terminate(host)
        if host.extra is not None and host.extra.driver:
            kernel.push("undo", host.extra.driver)
    else:
        scope.live += 1
    kernel.push("finish", kernel.spawn(info, scope).id, variables)


def start_handler(kernel: Kernel, scope: Node, start: Info, variables: dict[str, Any] | None) -> Node | None:
    """The start event of an event sub-process fires in its scope."""
    if start.host is None:
        return None
    if start.element is None or start.element.interrupting:
        kernel.interrupt(scope)
        close_starts(kernel, scope)
    scope.live += 1
    handler = kernel.spawn(start.host, scope)
    kernel.push("open", handler.id, variables or None, [[start.key, []]])
    return handler


def close_starts(kernel: Kernel, scope: Node) -> None:
    """No further event sub-process of a scope starts."""
    scope.more().interrupted = True
    kernel.close_all(scope, [wait for wait in kernel.waiting(scope) if _listens_inside(kernel, wait)])


def _listens_inside(kernel: Kernel, wait: Wait) -> bool:
    return kernel.program.infos[wait.at].kind is Kind.START_EVENT


def gateway_answered(kernel: Kernel, gateway: Node, info: Info, variables: dict[str, Any]) -> None:
    """One of the events after an event-based gateway. Exclusive: the others are void; parallel: they are needed."""
    scope = kernel.parent(gateway)
    element = kernel.info(gateway).element
    if element is None or not element.parallel_gateway:
        kernel.complete(gateway)
    else:
        scope.live += 1
        kernel.close_all(gateway, kernel.waiting(gateway, info.key))
        if not kernel.waiting(gateway):
            kernel.complete(gateway)
            kernel.release(scope)
    kernel.push("finish", kernel.spawn(info, scope).id, variables)


def became_true(kernel: Kernel) -> list[Op]:
    """Variables have changed: the conditions that have become true. Of several, the oldest wait is answered first."""
    found: list[Op] = []
    for wait in [kernel.waits[wait_id] for wait_id in sorted(kernel.conditions)]:
        held = _true_now(kernel, wait)
        if held and not wait.held:
            found.append(("trigger", wait.node, wait.id, {}))
        wait.held = held
    found.reverse()
    return found


def answered(kernel: Kernel, node: Node, wait_id: int, variables: dict[str, Any]) -> Op | None:
    """Op: a wait is answered, unless something else was faster."""
    if wait_id in kernel.waits:
        trigger(kernel, kernel.waits[wait_id], variables)
    return None


def _true_now(kernel: Kernel, wait: Wait) -> bool:
    info = kernel.program.infos[wait.at]
    condition = info.until if info.kind is Kind.AD_HOC_SUB_PROCESS else info.events[wait.index].condition
    try:
        seen = data.view(kernel, _seen_from(kernel, kernel.nodes[wait.node], info))
        held = condition is not None and data.holds(kernel, condition, seen)
    except Fault as fault:
        _cannot_tell(kernel, wait, fault)
        return False
    for incident in _untold(kernel, wait) if kernel.incidents else ():
        kernel.resolve(incident)
    return held


def _cannot_tell(kernel: Kernel, wait: Wait, fault: Fault) -> None:
    """One incident for each condition that cannot be evaluated; it is gone when the condition can be."""
    if not _untold(kernel, wait):
        incidents.report(kernel, kernel.nodes[wait.node], wait.at, fault.code, fault.message, [("recheck", wait.node)])


def _untold(kernel: Kernel, wait: Wait) -> list[Incident]:
    return [each for each in kernel.incidents.values()
            if each.node == wait.node and each.at == wait.at and each.ops and each.ops[0][0] == "recheck"]


def broadcast(kernel: Kernel, node: Node, name: str, then: int, variables: dict[str, Any]) -> Op | None:
    """Op: a signal is delivered, then its throw goes on if it is still there."""
    deliver(kernel, name, variables, ("throw", node.id, then))
    return None


def deliver(kernel: Kernel, name: str, variables: dict[str, Any], then: Op) -> None:
    """A signal reaches everything in this case that waits for it now, one by one, so that what fails at one of them
    keeps it from no other; ``then`` follows."""
    reached = [wait for wait in kernel.waits.values() if wait.kind == "signal" and wait.name == name]
    kernel.queue.extendleft(reversed([*(("trigger", wait.node, wait.id, variables) for wait in reached), then]))


def recheck(kernel: Kernel, node: Node) -> Op | None:
    """Op: looks at the conditions once more, after one of them could not be evaluated."""
    kernel.dirty = True
    return None
