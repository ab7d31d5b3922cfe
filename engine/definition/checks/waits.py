"""Waits and deadlines, for designers: a wait has a way out, a deadline's key is known, an expiry is confirmed once.

Source: DOMAIN §2.6. The rule table is the shipped one; a key that only an installation has is remarked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, partial

from engine.definition.checks.subject import Subject
from engine.definition.model import BY_DIAGRAM, BY_ENGINE, EXPIRY, Element, Kind, Process, Trigger
from engine.definition.reach import reachable, successors
from engine.definition.report import Report
from engine.domain.rule_reader import shipped_rules

WITHDRAWALS = frozenset({Trigger.TIMER, Trigger.MESSAGE, Trigger.SIGNAL, Trigger.CONDITION})
FORKS = frozenset({Kind.PARALLEL_GATEWAY, Kind.INCLUSIVE_GATEWAY})
Timed = Callable[[str], frozenset[str]]
"""The elements of a scope that a timer runs beside."""
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
    timed = {process.id: cache(partial(_timed, process)) for process, _ in processes}
    called = _called([process for process, _ in processes], timed)
    for process, report in processes:
        for element in process.elements.values():
            if _waits(element) and not called.get(process.id, False) and not _has_exit(element, process,
                                                                                       timed[process.id]):
                report.add("wait-without-exit", element.id, element.line)


def _called(processes: Iterable[Process], timed: Mapping[str, Timed]) -> dict[str, bool]:
    """Process id → whether there is a way out around every call of it; callers of callers are looked at too."""
    calls: dict[str, list[tuple[str, bool]]] = {}
    for process in processes:
        for element in process.elements.values():
            if element.called is not None:
                exit_ = _has_exit(element, process, timed[process.id])
                calls.setdefault(element.called.process_id, []).append((process.id, exit_))
    return {name: _covered(name, calls, frozenset()) for name in calls}


def _covered(name: str, calls: Mapping[str, list[tuple[str, bool]]], seen: frozenset[str]) -> bool:
    if name in seen or name not in calls:
        return False
    return all(exit_ or _covered(caller, calls, seen | {name}) for caller, exit_ in calls[name])


def _waits(element: Element) -> bool:
    return element.kind in (Kind.USER_TASK, Kind.RECEIVE_TASK) or (
        element.kind is Kind.CATCH_EVENT and any(item.trigger is Trigger.MESSAGE for item in element.events))


def _has_exit(element: Element, process: Process, timed: Timed) -> bool:
    """A due date of a task of our own, an alternative at an event-based gateway, a boundary event, a deadline on a
    branch beside it, or an event sub-process; at the wait or at any scope around it."""
    if element.user_task is not None and element.user_task.due_date is not None:
        return True
    if any(process.elements[process.flows[flow].source].kind is Kind.EVENT_BASED_GATEWAY for flow in element.incoming):
        return True
    around, scope = element.id, element.scope
    while not (_ends(process, around, scope) or around in timed(scope)):
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


def _timed(process: Process, scope: str) -> frozenset[str]:
    """The elements of a scope that a timer runs beside, on another branch of a fork."""
    members = {name: process.elements[name] for name in process.scopes[scope].elements}
    forks = [item for item in members.values() if item.kind in FORKS and len(item.outgoing) > 1]
    timers = {item.id for item in members.values() if item.kind is Kind.CATCH_EVENT
              and any(event.trigger is Trigger.TIMER for event in item.events)}
    if not forks or not timers:
        return frozenset()
    after = successors(members, process.flows, process.boundaries)
    found: set[str] = set()
    for fork in forks:
        found |= _beside([reachable(after, process.flows[flow].target) for flow in fork.outgoing], timers)
    return frozenset(found)


def _beside(branches: Sequence[Iterable[str]], timers: set[str]) -> set[str]:
    """What some of these branches lead to, while another, and not they, leads to a timer."""
    leading: dict[str, list[int]] = {}
    for number, branch in enumerate(branches):
        for name in branch:
            leading.setdefault(name, []).append(number)
    together: dict[tuple[int, ...], list[str]] = {}
    for name, numbers in leading.items():
        together.setdefault(tuple(numbers), []).append(name)
    found: set[str] = set()
    for own, names in together.items():
        others = timers.difference(*(branches[number] for number in own))
        if any(others.intersection(leading_to) for number, leading_to in enumerate(branches) if number not in own):
            found.update(names)
    return found
