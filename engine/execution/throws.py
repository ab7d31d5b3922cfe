"""Events that are thrown: messages and signals to whoever waits, the others upwards to whoever catches (BPMN 13.5).

A throw is an element instance that stays alive until its effect is complete, so a throw that interrupts its own scope
does not go on. Going upwards, each level asks the event sub-processes of the scope first, then the boundary events; a
code that fits exactly comes before one that catches all; what is thrown in a handler is never caught by that handler.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from engine.definition.model import Kind, Trigger
from engine.domain.events import EscalationThrown, MessageThrown, SignalThrown
from engine.execution import compensation, data, events, incidents
from engine.execution.kernel import Fault, Kernel
from engine.execution.program import Event, Info
from engine.execution.state import Node, Op


def throw(kernel: Kernel, node: Node, index: int) -> Op | None:
    """Throws the event definitions of an element from ``index`` on, one after another."""
    thrown = kernel.info(node).events
    if index >= len(thrown):
        return "finish", node.id
    return THROWS[thrown[index].trigger](kernel, node, thrown[index])


def _next(node: Node, event: Event) -> Op:
    return "throw", node.id, event.index + 1


def _nothing(kernel: Kernel, node: Node, event: Event) -> Op | None:
    return _next(node, event)


def _message(kernel: Kernel, node: Node, event: Event) -> Op | None:
    """Without a job, the message goes to the other cases with what the input mappings made local."""
    if event.name is None:
        return _next(node, event)
    info = kernel.info(node)
    seen = data.view(kernel, node)
    name = data.text(kernel, event.name, seen, "the message name", "message_name")
    key = data.text(kernel, event.key, seen, "the correlation key") if event.key is not None else ""
    kernel.events.append(MessageThrown(node.id, info.id, info.process, name, key, _payload(kernel, node)))
    return _next(node, event)


def _payload(kernel: Kernel, node: Node) -> dict[str, Any]:
    made = {path[0] for _, path in kernel.info(node).inputs}
    return {name: value for name, value in (node.vars or {}).items() if name in made}


def _signal(kernel: Kernel, node: Node, event: Event) -> Op | None:
    """The other tokens come to rest first; the throw waits for its own delivery."""
    if event.name is None:
        return _next(node, event)
    info = kernel.info(node)
    name = data.text(kernel, event.name, data.view(kernel, node), "the signal name", "signal_name")
    payload = _payload(kernel, node)
    kernel.events.append(SignalThrown(node.id, info.id, info.process, name, payload))
    kernel.later.append(("broadcast", node.id, name, event.index + 1, payload))
    return None


def _link(kernel: Kernel, node: Node, event: Event) -> Op | None:
    if not kernel.info(node).outgoing:
        raise Fault("link", "Expected a catching link event of the same name in this scope, but there is none")
    return _next(node, event)


def _terminate(kernel: Kernel, node: Node, event: Event) -> Op | None:
    """Ends everything in the scope; the scope itself completes."""
    scope = kernel.parent(node)
    if scope.id == 0:
        kernel.state.end_at(kernel.info(node).id)
    kernel.complete(node)
    kernel.interrupt(scope)
    scope.live = -1
    return "close", scope.id


def _error(kernel: Kernel, node: Node, event: Event) -> Op | None:
    return raise_error(kernel, node, event.code or "", _payload(kernel, node))


def raise_error(kernel: Kernel, node: Node, code: str, variables: dict[str, Any]) -> Op | None:
    """Op ``error``: ends what the nearest handler interrupts. Uncaught, it becomes an incident."""
    if not catch(kernel, node, Trigger.ERROR, code, variables):
        raise Fault("uncaught_error", _uncaught(kernel, node, code))
    return None


def fail_with(kernel: Kernel, node: Node, code: str, variables: dict[str, Any]) -> Op | None:
    """Op: a task ends in an error. Uncaught, the task is offered again once the incident is resolved."""
    if not catch(kernel, node, Trigger.ERROR, code, variables):
        incidents.report(kernel, node, node.at, "uncaught_error", _uncaught(kernel, node, code), [("run", node.id)])
    return None


def _uncaught(kernel: Kernel, node: Node, code: str) -> str:
    return f"Expected error '{code}' to be caught around '{kernel.info(node).id}', but nothing catches it"


def _escalate(kernel: Kernel, node: Node, event: Event) -> Op | None:
    info = kernel.info(node)
    code = event.code or ""
    place = len(kernel.events)
    caught = catch(kernel, node, Trigger.ESCALATION, code, _payload(kernel, node))
    kernel.events.insert(place, EscalationThrown(node.id, info.id, info.process, code, caught))
    return _next(node, event) if node.id in kernel.nodes else None


def catch(kernel: Kernel, node: Node, trigger: Trigger, code: str, variables: dict[str, Any]) -> bool:
    """Finds the nearest handler from a node upwards and sets it off. False when there is none."""
    current = kernel.wrapper(node)
    while True:
        restored = current.extra is not None and current.extra.hidden and kernel.info(current).repeat is None
        handler = None if restored else _match(kernel.info(current).handlers, trigger, code)
        if handler is not None:
            events.boundary(kernel, current, handler, variables)
            return True
        if current.id == 0:
            return False
        scope = kernel.parent(current)
        body = kernel.info(scope).body
        if body is not None and not (scope.extra is not None and (scope.extra.interrupted or scope.extra.hidden)):
            own = kernel.info(current)
            handler = _match((start for start in body.catchers if start.host is not own), trigger, code)
            if handler is not None:
                events.start_handler(kernel, scope, handler, variables)
                return True
        current = kernel.wrapper(scope)


def _match(candidates: Iterable[Info], trigger: Trigger, code: str) -> Info | None:
    catches_all = None
    for info in candidates:
        for event in info.events:
            if event.trigger is trigger and event.code == code:
                return info
            if event.trigger is trigger and event.code is None:
                catches_all = catches_all or info
    return catches_all


def _compensate(kernel: Kernel, node: Node, event: Event) -> Op | None:
    return compensation.start(kernel, node, event)


def _cancel(kernel: Kernel, node: Node, event: Event) -> Op | None:
    """Ends everything in the transaction, compensates what it had completed, then leaves by its cancel event."""
    transaction = node
    while transaction.id and (kernel.info(transaction).kind is not Kind.TRANSACTION or kernel.is_body(transaction)):
        transaction = kernel.parent(transaction)
    if transaction.id == 0:
        raise Fault("cancel", "Expected a cancel end event to be inside a transaction, but it is not")
    kernel.complete(node)
    compensation.keep_unfinished(kernel, transaction)
    kernel.interrupt(transaction)
    kernel.close_all(transaction)
    return compensation.roll_back(kernel, transaction)


def cancelled(kernel: Kernel, transaction: Node) -> Op | None:
    """Op: the transaction is compensated."""
    host = kernel.wrapper(transaction)
    handler = _match(kernel.info(host).handlers, Trigger.CANCEL, "")
    if handler is not None:
        events.boundary(kernel, host, handler, {})
        return None
    scope = kernel.parent(host)
    kernel.terminate(host)
    kernel.release(scope)
    return None


Throw = Callable[[Kernel, Node, Event], Op | None]

THROWS: dict[Trigger, Throw] = {
    Trigger.NONE: _nothing,
    Trigger.MESSAGE: _message,
    Trigger.TIMER: _nothing,
    Trigger.SIGNAL: _signal,
    Trigger.CONDITION: _nothing,
    Trigger.ERROR: _error,
    Trigger.ESCALATION: _escalate,
    Trigger.CANCEL: _cancel,
    Trigger.COMPENSATION: _compensate,
    Trigger.LINK: _link,
    Trigger.TERMINATE: _terminate,
}
