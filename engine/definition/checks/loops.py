"""Standard loops and multi-instance (BPMN 10.3.8)."""

from __future__ import annotations

import re

from engine.definition.checks.subject import ACTIVITIES, Subject
from engine.definition.markup import bpmn_child
from engine.definition.model import Element, MultiInstance, StandardLoop, Trigger

THROWN = frozenset({Trigger.MESSAGE, Trigger.SIGNAL, Trigger.ESCALATION, Trigger.ERROR})
WHOLE = re.compile(r"[0-9]*[1-9][0-9]*")


def check(subject: Subject) -> None:
    for activity in subject.of(*ACTIVITIES):
        if isinstance(activity.loop, MultiInstance):
            _multi_instance(activity, activity.loop, subject)
        elif isinstance(activity.loop, StandardLoop):
            _standard(activity, activity.loop, subject)


def _multi_instance(activity: Element, loop: MultiInstance, subject: Subject) -> None:
    node = subject.node(activity)
    marker = bpmn_child(node, "multiInstanceLoopCharacteristics") if node is not None else None
    counts = [loop.collection is not None, loop.cardinality is not None]
    if not any(counts) and subject.process.executable:
        subject.add("multi-instance-count", activity, found="neither")
    elif all(counts):
        subject.add("multi-instance-count", activity, found="both")
    if (loop.output_collection is None) != (loop.output_element is None):
        subject.add("multi-instance-output", activity)
    if subject.process.executable:
        _behavior(activity, loop, marker.get("behavior", "All") if marker is not None else "All", subject)


def _behavior(activity: Element, loop: MultiInstance, behavior: str, subject: Subject) -> None:
    """What instances throw as they complete must be something that a boundary event can catch (BPMN 13.3.7)."""
    if behavior != "All" and not loop.throws:
        subject.add("multi-instance-silent", activity, behavior=behavior)
    for each in loop.throws:
        event = each.event
        if event.trigger not in THROWN:
            subject.add("multi-instance-behavior", activity, behavior=behavior, found=f"it throws a {event.trigger}")
        elif event.name is None and event.code is None:
            subject.add("multi-instance-behavior", activity, behavior=behavior,
                        found=f"its {event.trigger} has none")


def _standard(activity: Element, loop: StandardLoop, subject: Subject) -> None:
    if not subject.process.executable:
        return
    if loop.condition is None and loop.maximum is None:
        subject.add("loop-condition", activity)
    if loop.maximum is not None and not WHOLE.fullmatch(loop.maximum.text):
        subject.add("loop-maximum", activity, text=loop.maximum.text)
