"""What an execution step reports: recorded facts, in order. Only ``services.recorder`` turns them into rows.

``instance`` is the id of an element instance, ``wait`` the id of something that rests; both are counters of the case
and never reused. ``process`` is the process (root or called) that the element belongs to. Every wait becomes a row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class ElementActivated:
    instance: int
    element: str
    process: str
    type: str
    scope: int
    """Instance id of the enclosing scope; 0 for the root process."""


@dataclass(frozen=True, slots=True)
class ElementCompleted:
    instance: int
    element: str
    process: str
    type: str


@dataclass(frozen=True, slots=True)
class ElementTerminated:
    instance: int
    element: str
    process: str
    type: str


@dataclass(frozen=True, slots=True)
class UserTaskOpened:
    wait: int
    instance: int
    element: str
    process: str
    name: str
    assignee: str | None
    candidate_groups: tuple[str, ...]
    candidate_users: tuple[str, ...]
    due_at: datetime | None
    follow_up_at: datetime | None
    priority: int
    form_id: str | None


@dataclass(frozen=True, slots=True)
class JobOpened:
    wait: int
    instance: int
    element: str
    process: str
    type: str
    retries: int
    headers: Mapping[str, str]
    variables: Mapping[str, Any]
    """All variables visible to the task when it was activated, input mappings applied."""


@dataclass(frozen=True, slots=True)
class TimerArmed:
    """``deadline`` is the computation behind ``due_at`` when it came from ``deadline("dl.…")``, else None."""

    wait: int
    instance: int
    element: str
    process: str
    due_at: datetime
    deadline: Any = None


@dataclass(frozen=True, slots=True)
class MessageAwaited:
    wait: int
    instance: int
    element: str
    process: str
    name: str
    key: str


@dataclass(frozen=True, slots=True)
class SignalAwaited:
    wait: int
    instance: int
    element: str
    process: str
    name: str


@dataclass(frozen=True, slots=True)
class ConditionAwaited:
    wait: int
    instance: int
    element: str
    process: str
    expression: str


@dataclass(frozen=True, slots=True)
class WaitClosed:
    """A wait is over: ``completed`` (task or job done), ``triggered`` (event arrived), ``cancelled`` (interrupted)."""

    wait: int
    kind: str
    """userTask | job | timer | message | signal | condition"""
    reason: str


@dataclass(frozen=True, slots=True)
class MessageThrown:
    instance: int
    element: str
    process: str
    name: str
    key: str
    variables: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SignalThrown:
    """Already delivered inside this case; the runner carries it to the others."""

    instance: int
    element: str
    process: str
    name: str
    variables: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class EscalationThrown:
    instance: int
    element: str
    process: str
    code: str
    caught: bool


@dataclass(frozen=True, slots=True)
class VariablesSet:
    """``scope`` is the instance id of the variable scope; 0 for the case itself."""

    scope: int
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DecisionEvaluated:
    instance: int
    element: str
    process: str
    decision: str
    inputs: Mapping[str, Any]
    matched: tuple[Any, ...]
    result: Any


@dataclass(frozen=True, slots=True)
class IncidentRaised:
    """A failure that needs a person. ``code``: no_matching_flow, expression, uncaught_error, step_limit, job_failed,
    decision, timer, called_element, message_name …"""

    incident: int
    instance: int
    element: str
    process: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class IncidentResolved:
    incident: int


@dataclass(frozen=True, slots=True)
class CaseEnded:
    """``state``: completed or cancelled. ``ended_at``: ids of the root's end events reached, in order."""

    state: str
    ended_at: tuple[str, ...]


Event = (
    ElementActivated | ElementCompleted | ElementTerminated | UserTaskOpened | JobOpened | TimerArmed | MessageAwaited
    | SignalAwaited | ConditionAwaited | WaitClosed | MessageThrown | SignalThrown | EscalationThrown | VariablesSet
    | DecisionEvaluated | IncidentRaised | IncidentResolved | CaseEnded
)
