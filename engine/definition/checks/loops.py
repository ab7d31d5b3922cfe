"""Standard loops and multi-instance (BPMN 10.3.8)."""

from __future__ import annotations

import re

from engine.definition.checks.subject import ACTIVITIES, Subject
from engine.definition.markup import bpmn_child, bpmn_children
from engine.definition.model import Element, MultiInstance, StandardLoop

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
    plain = len(bpmn_children(marker, "loopDataInputRef")) if marker is not None else 0
    counts = [loop.collection is not None, loop.cardinality is not None]
    if not any(counts) and subject.process.executable:
        subject.add("multi-instance-count", activity, found="only data inputs" if plain else "neither")
    elif all(counts):
        subject.add("multi-instance-count", activity, found="both")
    if (loop.output_collection is None) != (loop.output_element is None):
        subject.add("multi-instance-output", activity)
    behavior = marker.get("behavior", "All") if marker is not None else "All"
    if behavior != "All" and subject.process.executable:
        subject.add("multi-instance-behavior", activity, behavior=behavior)


def _standard(activity: Element, loop: StandardLoop, subject: Subject) -> None:
    if not subject.process.executable:
        return
    if loop.condition is None and loop.maximum is None:
        subject.add("loop-condition", activity)
    if loop.maximum is not None and not WHOLE.fullmatch(loop.maximum.text):
        subject.add("loop-maximum", activity, text=loop.maximum.text)
