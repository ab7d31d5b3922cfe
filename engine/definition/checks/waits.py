"""Waits and deadlines, for designers: a wait has a way out, a deadline's key is known, an expiry is confirmed once.

Source: DOMAIN §2.6. The rule table is the shipped one; a key that only an installation has is remarked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from engine.definition.checks.subject import Subject
from engine.definition.model import BY_DIAGRAM, BY_ENGINE, EXPIRY, Element, Kind, Process, Trigger
from engine.definition.reach import reachable, successors
from engine.definition.report import Report
from engine.domain.rule_reader import shipped_rules

WITHDRAWALS = frozenset({Trigger.TIMER, Trigger.MESSAGE, Trigger.SIGNAL, Trigger.CONDITION})
FORKS = frozenset({Kind.PARALLEL_GATEWAY, Kind.INCLUSIVE_GATEWAY})
KEY = re.compile(r"""\bdeadline\(\s*(?:key\s*:\s*)?["']([^"']+)["']""")


def check(subject: Subject) -> None:
    for element in subject.process.elements.values():
        for key in _keys(element):
            if key not in shipped_rules().versions:
                subject.add("unknown-deadline", element, key=key)
        _expiry(element, subject)


def _keys(element: Element) -> Iterator[str]:
    due = element.user_task.due_date if element.user_task is not None else None
    for value in (due, *(event.timer for event in element.events)):
        if value is not None and value.feel:
            yield from KEY.findall(value.text)


def _expiry(element: Element, subject: Subject) -> None:
    said = element.properties.get(EXPIRY)
    if said is not None and said not in (BY_ENGINE, BY_DIAGRAM):
        subject.add("expiry-word", element, text=said)
    asked = next((item for item in subject.targets(element) if item.kind is Kind.USER_TASK), None)
    if said == BY_DIAGRAM and asked is None:
        subject.add("expiry-unasked", element)
    elif said is None and asked is not None and any(map(_is_legal, _keys(element))):
        subject.add("expiry-twice", element, task=asked.id)


def _is_legal(key: str) -> bool:
    """Its expiry waits for a person."""
    return any(not rule.internal for rule in shipped_rules().versions.get(key, ()))


# --- ways out of a wait -----------------------------------------------------------------------------------------------
def check_exits(processes: Sequence[tuple[Process, Report]]) -> None:
    """Waits without a way out. A called process has those of all its calls: what is around a call is around it."""
    called = _called(process for process, _ in processes)
    for process, report in processes:
        for element in process.elements.values():
            if _waits(element) and not called.get(process.id, False) and not _has_exit(element, process):
                report.add("wait-without-exit", element.id, element.line)


def _called(processes: Iterable[Process]) -> dict[str, bool]:
    """Process id → whether there is a way out around every call of it; callers of callers are looked at too."""
    calls: dict[str, list[tuple[str, bool]]] = {}
    for process in processes:
        for element in process.elements.values():
            if element.called is not None:
                calls.setdefault(element.called.process_id, []).append((process.id, _has_exit(element, process)))
    return {name: _covered(name, calls, frozenset()) for name in calls}


def _covered(name: str, calls: Mapping[str, list[tuple[str, bool]]], seen: frozenset[str]) -> bool:
    if name in seen or name not in calls:
        return False
    return all(exit_ or _covered(caller, calls, seen | {name}) for caller, exit_ in calls[name])


def _waits(element: Element) -> bool:
    return element.kind in (Kind.USER_TASK, Kind.RECEIVE_TASK) or (
        element.kind is Kind.CATCH_EVENT and any(item.trigger is Trigger.MESSAGE for item in element.events))


def _has_exit(element: Element, process: Process) -> bool:
    """A due date of a task of our own, an alternative at an event-based gateway, a boundary event, a deadline on a
    branch beside it, or an event sub-process; at the wait or at any scope around it."""
    if element.user_task is not None and element.user_task.due_date is not None:
        return True
    if any(process.elements[process.flows[flow].source].kind is Kind.EVENT_BASED_GATEWAY for flow in element.incoming):
        return True
    around, scope = element.id, element.scope
    while not (_ends(process, around, scope) or _beside(process, around, scope)):
        if scope not in process.elements:
            return False
        around, scope = scope, process.elements[scope].scope
    return True


def _ends(process: Process, around: str, scope: str) -> bool:
    elements, scopes = process.elements, process.scopes
    exits = [elements[name] for name in process.boundaries.get(around, ())]
    exits += [elements[start] for inner in scopes[scope].event_sub_processes for start in scopes[inner].start_events
              if around != inner]
    return any(item.trigger in WITHDRAWALS and not _only_tells(item.trigger, event) for event in exits
               for item in event.events)


def _only_tells(trigger: Trigger, event: Element) -> bool:
    """A condition that is met while the wait goes on ends nothing."""
    return trigger is Trigger.CONDITION and not event.interrupting


def _beside(process: Process, around: str, scope: str) -> bool:
    """A timer that runs at the same time, on another branch of a fork."""
    members = {name: process.elements[name] for name in process.scopes[scope].elements}
    forks = [item for item in members.values() if item.kind in FORKS and len(item.outgoing) > 1]
    timers = {item.id for item in members.values() if item.kind is Kind.CATCH_EVENT
              and any(event.trigger is Trigger.TIMER for event in item.events)}
    if not forks or not timers:
        return False
    after = successors(members, process.flows, process.boundaries)
    return any(_splits(after, [process.flows[flow].target for flow in fork.outgoing], around, timers) for fork in forks)


def _splits(after: Mapping[str, Iterable[str]], targets: Iterable[str], wait: str, timers: set[str]) -> bool:
    """Whether of these branches some lead to the wait and another, not them, to a timer."""
    branches = [reachable(after, target) for target in targets]
    own = [branch for branch in branches if wait in branch]
    beside = timers.difference(*own)
    return bool(own) and any(beside & branch for branch in branches if wait not in branch)
