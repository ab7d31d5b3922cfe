"""Event definitions: what an event waits for or throws, with messages, signals, errors and escalations resolved.

Source: BPMN 2.0.2 clause 10.5 and clause 8.4 (root elements).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.definition.markup import (
    BPMN,
    Node,
    bpmn_child,
    bpmn_children,
    extension,
    flag,
    line,
    local,
    reference,
    text,
)
from engine.definition.model import Element, EventDefinition, Kind, Thrown, Trigger, Value
from engine.definition.report import Report
from engine.definition.values import attribute, formal, value

TRIGGERS = {
    "messageEventDefinition": Trigger.MESSAGE, "timerEventDefinition": Trigger.TIMER,
    "signalEventDefinition": Trigger.SIGNAL, "conditionalEventDefinition": Trigger.CONDITION,
    "errorEventDefinition": Trigger.ERROR, "escalationEventDefinition": Trigger.ESCALATION,
    "cancelEventDefinition": Trigger.CANCEL, "compensateEventDefinition": Trigger.COMPENSATION,
    "linkEventDefinition": Trigger.LINK, "terminateEventDefinition": Trigger.TERMINATE,
}
EVENT_KINDS = frozenset({Kind.START_EVENT, Kind.END_EVENT, Kind.CATCH_EVENT, Kind.THROW_EVENT, Kind.BOUNDARY_EVENT})
TIMERS = {"timeDate": "date", "timeDuration": "duration", "timeCycle": "cycle"}
ARTIFACTS = frozenset({"textAnnotation", "group"})
NO_KEY = Value("", False)


@dataclass(frozen=True)
class Index:
    """Everything in a file that has an id, the names of pools by process, and what associations join."""

    by_id: dict[str, Node]
    pool_names: dict[str, str]
    joined: dict[str, list[str]]

    @classmethod
    def of(cls, root: Node) -> Index:
        by_id = {node.get("id", ""): node for node in root.iter(f"{{{BPMN}}}*") if node.get("id")}
        pools = {reference(node.get("processRef")) or "": node.get("name", "")
                 for node in root.iter(f"{{{BPMN}}}participant")}
        joined: dict[str, list[str]] = {}
        for node in root.iter(f"{{{BPMN}}}association"):
            source, target = reference(node.get("sourceRef")), reference(node.get("targetRef"))
            if source and target:
                joined.setdefault(source, []).append(target)
                joined.setdefault(target, []).append(source)
        return cls(by_id, pools, joined)

    def find(self, name: str | None, kind: str) -> Node | None:
        node = self.by_id.get(reference(name) or "")
        return node if node is not None and local(node) == kind else None

    def handler(self, event: str) -> str | None:
        """What a compensation event is associated with, in whatever direction: not its remarks, and what is marked for
        compensation first."""
        found = [self.by_id[name] for name in self.joined.get(event, ()) if name in self.by_id]
        found = [node for node in found if local(node) not in ARTIFACTS]
        found.sort(key=lambda node: not flag(node, "isForCompensation", False))
        return found[0].get("id") if found else None


def definitions(node: Node, kind: Kind, index: Index, report: Report) -> tuple[EventDefinition, ...]:
    """The triggers of an event, or the one message of a send or receive task."""
    if kind in (Kind.SEND_TASK, Kind.RECEIVE_TASK):
        reads = (_message(node, index, report),) if node.get("messageRef") else ()
        return tuple(reads)
    if kind not in EVENT_KINDS:
        return ()
    return _all_of(node, node, index, report)


def thrown(node: Node, owner: Node, index: Index, report: Report) -> tuple[Thrown, ...]:
    """What a multi-instance activity throws as its instances complete, by its behavior (BPMN 13.3.7)."""
    behavior = node.get("behavior", "All")
    if behavior == "Complex":
        return tuple(Thrown(definition, formal(bpmn_child(case, "condition")))
                     for case in bpmn_children(node, "complexBehaviorDefinition")
                     for event in bpmn_children(case, "event")
                     for definition in _all_of(event, owner, index, report))
    written = node.get(f"{behavior.lower()}BehaviorEventRef") if behavior in ("None", "One") else None
    if not written:
        return ()
    shared = _shared(written, node, owner, index, report)
    return (Thrown(_definition(shared, owner, index, report)),) if shared is not None else ()


def _all_of(node: Node, owner: Node, index: Index, report: Report) -> tuple[EventDefinition, ...]:
    """The definitions of an event, its own and those it shares."""
    found = [child for child in node if local(child) in TRIGGERS]
    found += [shared for ref in bpmn_children(node, "eventDefinitionRef")
              if (shared := _shared(text(ref), ref, owner, index, report)) is not None]
    return tuple(_definition(child, owner, index, report) for child in found)


def _shared(written: str, at: Node, owner: Node, index: Index, report: Report) -> Node | None:
    found = index.by_id.get(reference(written) or "")
    if found is not None and local(found) in TRIGGERS:
        return found
    report.add("unknown-reference", owner.get("id", ""), line(at), kind="eventDefinition", name=written)
    return None


def _definition(node: Node, owner: Node, index: Index, report: Report) -> EventDefinition:
    trigger = TRIGGERS[local(node)]
    if trigger is Trigger.MESSAGE:
        return _message(node, index, report, owner)
    if trigger is Trigger.TIMER:
        return _timer(node)
    if trigger is Trigger.CONDITION:
        return EventDefinition(trigger, condition=formal(bpmn_child(node, "condition")), line=line(node))
    if trigger is Trigger.SIGNAL:
        signal = _resolve(node, "signalRef", "signal", index, report, owner)
        return EventDefinition(trigger, name=_name(signal), line=line(node))
    if trigger in (Trigger.ERROR, Trigger.ESCALATION):
        return _coded(node, trigger, index, report, owner)
    if trigger is Trigger.COMPENSATION:
        return EventDefinition(trigger, activity=reference(node.get("activityRef")),
                               wait=flag(node, "waitForCompletion", True), line=line(node))
    if trigger is Trigger.LINK:
        return EventDefinition(trigger, name=Value(node.get("name", ""), False, line(node)), line=line(node))
    return EventDefinition(trigger, line=line(node))


def _resolve(node: Node, attribute_name: str, kind: str, index: Index, report: Report, owner: Node) -> Node | None:
    written = node.get(attribute_name)
    if not written:
        return None
    found = index.find(written, kind)
    if found is None:
        report.add("unknown-reference", owner.get("id", ""), line(node), kind=kind, name=written)
    return found


def _message(node: Node, index: Index, report: Report, owner: Node | None = None) -> EventDefinition:
    """Name and key of a message; without a subscription the key is the literal "" (docs/dialect.md)."""
    message = _resolve(node, "messageRef", "message", index, report, owner if owner is not None else node)
    key = attribute(extension(message, "subscription"), "correlationKey") if message is not None else None
    return EventDefinition(Trigger.MESSAGE, name=_name(message), key=key or NO_KEY, line=line(node))


def _name(node: Node | None) -> Value | None:
    """A message or signal is known by its name, else by its id."""
    return value(node.get("name") or node.get("id"), line(node)) if node is not None else None


def _coded(node: Node, trigger: Trigger, index: Index, report: Report, owner: Node) -> EventDefinition:
    root = _resolve(node, f"{trigger}Ref", str(trigger), index, report, owner)
    code = root.get(f"{trigger}Code") if root is not None else None
    return EventDefinition(trigger, code=code or None, line=line(node))


def _timer(node: Node) -> EventDefinition:
    for name, kind in TIMERS.items():
        written = bpmn_child(node, name)
        if written is not None:
            return EventDefinition(Trigger.TIMER, timer_kind=kind, timer=value(text(written), line(written)),
                                   line=line(node))
    return EventDefinition(Trigger.TIMER, line=line(node))


def has_compensation(triggers: Sequence[EventDefinition]) -> bool:
    return any(item.trigger is Trigger.COMPENSATION for item in triggers)


def compensates(kind: Kind, triggers: Sequence[EventDefinition]) -> bool:
    return kind is Kind.BOUNDARY_EVENT and has_compensation(triggers)


def is_link_catch(element: Element) -> bool:
    return element.kind is Kind.CATCH_EVENT and any(item.trigger is Trigger.LINK for item in element.events)


def is_link_throw(element: Element) -> bool:
    return element.kind is Kind.THROW_EVENT and any(item.trigger is Trigger.LINK for item in element.events)
