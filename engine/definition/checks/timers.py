"""Timers: exactly one of date, duration and cycle, each an ISO 8601 literal or FEEL (BPMN 10.5.5, ISO 8601-1:2019)."""

from __future__ import annotations

import re
from datetime import datetime

from engine.definition.checks.subject import EVENTS, Subject
from engine.definition.events import TIMERS
from engine.definition.markup import Node, bpmn_children, local, text
from engine.definition.model import Element, EventDefinition, Trigger

DATE = r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?(\[[\w/+-]+\])?)?"
DURATION = r"-?P(?=\d|T\d)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?"
CYCLE = rf"R\d*/(({DATE}/)?{DURATION}(/{DATE})?)"
PARTS = re.compile(r"/(?![^\[]*\])")
SHAPES = {"date": re.compile(DATE), "duration": re.compile(DURATION), "cycle": re.compile(CYCLE)}


def check(subject: Subject) -> None:
    for event in subject.of(*EVENTS):
        timers = [item for item in event.events if item.trigger is Trigger.TIMER]
        for timer, node in zip(timers, _nodes(event, subject), strict=False):
            _timer(event, timer, node, subject)


def _nodes(event: Element, subject: Subject) -> list[Node]:
    node = subject.node(event)
    if node is None:
        return []
    found = bpmn_children(node, "timerEventDefinition")
    for ref in bpmn_children(node, "eventDefinitionRef"):
        shared = subject.index.by_id.get(text(ref).rpartition(":")[2])
        if shared is not None and local(shared) == "timerEventDefinition":
            found.append(shared)
    return found


def _timer(event: Element, timer: EventDefinition, node: Node, subject: Subject) -> None:
    count = sum(len(bpmn_children(node, name)) for name in TIMERS)
    if count != 1 or timer.timer is None or timer.timer_kind is None:
        subject.add("timer-one", event, count=count if timer.timer or not count else "an empty one")
    elif not timer.timer.feel and not valid(timer.timer_kind, timer.timer.text):
        subject.report.add("timer-literal", event.id, timer.timer.line, kind=timer.timer_kind, text=timer.timer.text)


def valid(kind: str, written: str) -> bool:
    """Of that shape, with days that the calendar has; a cycle repeats at least once and lasts longer than nothing."""
    instants = (found[0] for found in re.finditer(DATE, written))
    if SHAPES[kind].fullmatch(written) is None or not all(map(_exists, instants)):
        return False
    if kind != "cycle":
        return True
    times, *rest = PARTS.split(written.removeprefix("R"))
    period = next(part for part in rest if part.lstrip("-").startswith("P"))
    return (not times or times.strip("0") != "") and period.startswith("P") and re.search("[1-9]", period) is not None


def _exists(instant: str) -> bool:
    try:
        datetime.fromisoformat(instant.partition("[")[0])
    except ValueError:
        return False
    return True
