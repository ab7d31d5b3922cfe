"""Gateways: direction, conditions, what may follow an event-based gateway (BPMN 10.6)."""

from __future__ import annotations

from engine.definition.checks.subject import GATEWAYS, Subject
from engine.definition.model import Element, Kind, Trigger

AFTER_EVENT_GATEWAY = frozenset({Trigger.MESSAGE, Trigger.TIMER, Trigger.SIGNAL, Trigger.CONDITION})
DIRECTIONS = {"Converging": "at most one outgoing flow", "Diverging": "at most one incoming flow",
              "Mixed": "several incoming and several outgoing flows"}


def check(subject: Subject) -> None:
    for gateway in subject.of(*GATEWAYS):
        _direction(gateway, subject)
        if gateway.kind is Kind.EVENT_BASED_GATEWAY:
            _event_based(gateway, subject)
        elif len(gateway.incoming) < 2 and len(gateway.outgoing) < 2:
            subject.add("gateway-useless", gateway, incoming=len(gateway.incoming), outgoing=len(gateway.outgoing))
        if subject.process.executable:
            _conditions(gateway, subject)


def _direction(gateway: Element, subject: Subject) -> None:
    node = subject.node(gateway)
    direction = node.get("gatewayDirection", "Unspecified") if node is not None else "Unspecified"
    incoming, outgoing = len(gateway.incoming), len(gateway.outgoing)
    broken = {"Converging": outgoing > 1, "Diverging": incoming > 1,
              "Mixed": incoming < 2 or outgoing < 2}.get(direction, False)
    if broken:
        subject.add("gateway-direction", gateway, direction=direction, expected=DIRECTIONS[direction],
                    incoming=incoming, outgoing=outgoing)


def _conditions(gateway: Element, subject: Subject) -> None:
    if gateway.kind is Kind.COMPLEX_GATEWAY and len(gateway.incoming) > 1 and gateway.activation_condition is None:
        subject.add("activation-condition", gateway)
    if gateway.kind not in (Kind.EXCLUSIVE_GATEWAY, Kind.INCLUSIVE_GATEWAY) or len(gateway.outgoing) < 2:
        return
    open_flows = [flow for flow in gateway.outgoing
                  if flow != gateway.default_flow and subject.process.flows[flow].condition is None]
    if gateway.kind is Kind.EXCLUSIVE_GATEWAY and len(open_flows) > 1:
        subject.add("gateway-unconditional", gateway, count=len(open_flows))
    elif gateway.kind is Kind.EXCLUSIVE_GATEWAY and open_flows:
        subject.add("gateway-missing-condition", gateway, flow=open_flows[0])
    elif not open_flows and gateway.default_flow is None:
        subject.add("gateway-no-default", gateway)


def _event_based(gateway: Element, subject: Subject) -> None:
    if len(gateway.outgoing) < 2:
        subject.add("event-gateway-outgoing", gateway, count=len(gateway.outgoing))
    if gateway.instantiate and gateway.incoming:
        subject.add("event-gateway-instantiate", gateway)
    if gateway.instantiate and subject.owner(gateway.scope) is not None:
        subject.add("instantiate-nested", gateway, scope=gateway.scope)
    if gateway.parallel_gateway and not gateway.instantiate:
        subject.add("event-gateway-parallel", gateway)
    targets = list(subject.targets(gateway))
    for target in targets:
        _target(gateway, target, subject)
    receives = any(target.kind is Kind.RECEIVE_TASK for target in targets)
    messages = any(item.trigger is Trigger.MESSAGE for target in targets if target.kind is Kind.CATCH_EVENT
                   for item in target.events)
    if receives and messages:
        subject.add("event-gateway-mixed", gateway)


def _target(gateway: Element, target: Element, subject: Subject) -> None:
    if target.kind is Kind.RECEIVE_TASK:
        if subject.process.boundaries.get(target.id):
            subject.add("event-gateway-boundary", target)
    elif target.kind is not Kind.CATCH_EVENT:
        subject.add("event-gateway-target", target, gateway=gateway.id, found=f"a {target.kind}")
        return
    elif target.parallel_multiple or any(item.trigger not in AFTER_EVENT_GATEWAY for item in target.events):
        found = "parallel multiple" if target.parallel_multiple else f"a {target.events[0].trigger} event"
        subject.add("event-gateway-target", target, gateway=gateway.id, found=found)
    if len(target.incoming) > 1:
        subject.add("event-gateway-incoming", target, gateway=gateway.id)
