"""A diagram as frozen data: the seam between the readers, which produce it, and the kernel, which consumes it.

Nothing here knows XML, SQL or Flask. Ids are those of the diagram; order is document order. ``line`` is the line in the
file, for messages to designers. Source: BPMN 2.0.2 (formal/2013-12-09), clauses 8–10; zeebe extensions as named in
docs/dialect.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Protocol

EMPTY: Mapping[str, Any] = MappingProxyType({})
EXPIRY, BY_ENGINE, BY_DIAGRAM = "expiry", "engine", "diagram"
"""The property of a timer event that says who asks a person to confirm a legal expiry, and its values: the engine (as
without it), or the user task that follows."""


def _empty() -> Mapping[str, Any]:
    return EMPTY


class Kind(StrEnum):
    """BPMN local names of flow nodes and of the process itself."""

    PROCESS = "process"
    START_EVENT = "startEvent"
    END_EVENT = "endEvent"
    CATCH_EVENT = "intermediateCatchEvent"
    THROW_EVENT = "intermediateThrowEvent"
    BOUNDARY_EVENT = "boundaryEvent"
    TASK = "task"
    MANUAL_TASK = "manualTask"
    USER_TASK = "userTask"
    SERVICE_TASK = "serviceTask"
    SEND_TASK = "sendTask"
    RECEIVE_TASK = "receiveTask"
    BUSINESS_RULE_TASK = "businessRuleTask"
    SCRIPT_TASK = "scriptTask"
    CALL_ACTIVITY = "callActivity"
    SUB_PROCESS = "subProcess"
    TRANSACTION = "transaction"
    AD_HOC_SUB_PROCESS = "adHocSubProcess"
    EXCLUSIVE_GATEWAY = "exclusiveGateway"
    PARALLEL_GATEWAY = "parallelGateway"
    INCLUSIVE_GATEWAY = "inclusiveGateway"
    EVENT_BASED_GATEWAY = "eventBasedGateway"
    COMPLEX_GATEWAY = "complexGateway"


class Trigger(StrEnum):
    """What an event definition waits for or throws."""

    NONE = "none"
    MESSAGE = "message"
    TIMER = "timer"
    SIGNAL = "signal"
    CONDITION = "condition"
    ERROR = "error"
    ESCALATION = "escalation"
    CANCEL = "cancel"
    COMPENSATION = "compensation"
    LINK = "link"
    TERMINATE = "terminate"


@dataclass(frozen=True, slots=True)
class Value:
    """A value as written in the diagram: FEEL when ``feel`` is true (text without leading ``=``), else a literal."""

    text: str
    feel: bool
    line: int = 0


@dataclass(frozen=True, slots=True)
class IoMapping:
    """One zeebe:input or zeebe:output: ``target`` may be a dotted path."""

    source: Value
    target: str


@dataclass(frozen=True, slots=True)
class EventDefinition:
    """One trigger of an event. Only the fields of its kind are set.

    ``name``: message, signal or link name (a FEEL value for messages and signals); ``code``: error or escalation code,
    None = catch all; ``key``: correlation key; ``timer_kind``: date, duration or cycle; ``condition``: FEEL;
    ``activity``: the one activity to compensate, None = all of the scope; ``wait``: waitForCompletion.
    """

    trigger: Trigger
    name: Value | None = None
    key: Value | None = None
    code: str | None = None
    timer_kind: str | None = None
    timer: Value | None = None
    condition: Value | None = None
    activity: str | None = None
    wait: bool = True
    line: int = 0


@dataclass(frozen=True, slots=True)
class UserTask:
    assignee: Value | None = None
    candidate_groups: Value | None = None
    candidate_users: Value | None = None
    due_date: Value | None = None
    follow_up_date: Value | None = None
    priority: Value | None = None
    form_id: str | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """zeebe:taskDefinition of a service, send, business rule or script task, or of a throwing event."""

    type: Value
    retries: Value | None = None
    headers: Mapping[str, str] = field(default_factory=_empty)


@dataclass(frozen=True, slots=True)
class Script:
    expression: Value
    result: str | None


@dataclass(frozen=True, slots=True)
class CalledDecision:
    decision_id: str
    result: str


@dataclass(frozen=True, slots=True)
class CalledElement:
    process_id: str
    propagate_all_parent: bool = True
    propagate_all_child: bool = True


@dataclass(frozen=True, slots=True)
class Thrown:
    """An event that a multi-instance activity throws when one of its instances completes, if ``condition`` holds."""

    event: EventDefinition
    condition: Value | None = None


@dataclass(frozen=True, slots=True)
class MultiInstance:
    """``throws``: what completed instances throw; ``only_first``: behavior One, after the first instance only."""

    sequential: bool
    collection: Value | None = None
    cardinality: Value | None = None
    input_element: str | None = None
    output_collection: str | None = None
    output_element: Value | None = None
    completion_condition: Value | None = None
    throws: tuple[Thrown, ...] = ()
    only_first: bool = False


@dataclass(frozen=True, slots=True)
class StandardLoop:
    condition: Value | None = None
    test_before: bool = False
    maximum: Value | None = None


@dataclass(frozen=True, slots=True)
class AdHoc:
    sequential: bool = False
    completion_condition: Value | None = None
    cancel_remaining: bool = True
    active_elements: Value | None = None


@dataclass(frozen=True, slots=True)
class Flow:
    """A sequence flow. ``condition`` None means unconditional."""

    id: str
    source: str
    target: str
    name: str = ""
    condition: Value | None = None
    line: int = 0


@dataclass(frozen=True, slots=True)
class Element:
    """One flow node. ``scope`` is the id of the enclosing (sub-)process; flows are ids in document order."""

    id: str
    kind: Kind
    scope: str
    name: str = ""
    line: int = 0
    incoming: tuple[str, ...] = ()
    outgoing: tuple[str, ...] = ()
    default_flow: str | None = None
    # events; several definitions = multiple event (any of them triggers), parallel_multiple = all of them
    events: tuple[EventDefinition, ...] = ()
    parallel_multiple: bool = False
    interrupting: bool = True
    attached_to: str | None = None
    # activities
    inputs: tuple[IoMapping, ...] = ()
    outputs: tuple[IoMapping, ...] = ()
    loop: MultiInstance | StandardLoop | None = None
    start_quantity: int = 1
    """Tokens that have to arrive before the activity begins (BPMN 10.3)."""
    completion_quantity: int = 1
    """Tokens that leave on each flow."""
    user_task: UserTask | None = None
    job: Job | None = None
    script: Script | None = None
    decision: CalledDecision | None = None
    called: CalledElement | None = None
    ad_hoc: AdHoc | None = None
    for_compensation: bool = False
    compensation_handler: str | None = None
    """On a compensation boundary event: the activity its association points to."""
    # sub-processes
    triggered_by_event: bool = False
    # gateways
    instantiate: bool = False
    """Receive task or event-based gateway that starts the process."""
    parallel_gateway: bool = False
    """Event-based gateway of eventGatewayType Parallel."""
    activation_condition: Value | None = None
    # for people
    documentation: str = ""
    properties: Mapping[str, str] = field(default_factory=_empty)
    lane: str = ""


def form_ids(element: Element) -> tuple[str, ...]:
    """The forms an element shows: by zeebe:formDefinition, or, where people answer a wait, by property ``form``."""
    named = (element.user_task.form_id if element.user_task is not None else None, element.properties.get("form"))
    return tuple(name for name in named if name)


@dataclass(frozen=True, slots=True)
class Scope:
    """A process or sub-process body: its elements and flows, and what is derived once from them."""

    id: str
    parent: str | None
    elements: tuple[str, ...]
    flows: tuple[str, ...]
    start_events: tuple[str, ...]
    """Start events of this scope (not those of event sub-processes)."""
    entry_elements: tuple[str, ...]
    """What a token enters by when there is no start event: elements without incoming flow (BPMN 13.2); in an ad-hoc
    sub-process, the elements that are enabled at first. What instantiates by itself is not among them."""
    event_sub_processes: tuple[str, ...] = ()


class Decision(Protocol):
    """A resolved decision of a DMN file (engine.definition.decisions)."""

    @property
    def id(self) -> str: ...

    def evaluate(self, variables: Mapping[str, Any], *, functions: Mapping[str, Any] | None = None,
                 now: Any = None) -> Any:
        """A DecisionResult: value, matched rules, inputs, warnings."""


@dataclass(frozen=True, slots=True)
class Process:
    """One executable (or not) process of a file."""

    id: str
    name: str
    executable: bool
    elements: Mapping[str, Element]
    flows: Mapping[str, Flow]
    scopes: Mapping[str, Scope]
    boundaries: Mapping[str, tuple[str, ...]]
    """Activity id → ids of its boundary events, in document order."""
    reachable: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Flow id → ids of elements a token on it can still reach in its scope (boundary events extend it), for joins."""
    documentation: str = ""
    properties: Mapping[str, str] = field(default_factory=_empty)
    lanes: tuple[str, ...] = ()
    line: int = 0
    compensable: frozenset[str] = frozenset()
    """Activities whose completion is remembered: with a compensation handler, or sub-processes that hold such."""
    global_task: bool = False
    """Read from a global task (BPMN 10.3.6): it is called, and never starts by itself."""

    def root(self) -> Scope:
        return self.scopes[self.id]


@dataclass(frozen=True, slots=True)
class Definition:
    """A deployed process with everything it is bound to: called processes, decisions, forms.

    ``processes`` holds the root and, transitively, every called process by id; ``key`` is
    ``process_id:version:content-hash`` of the deployment, or any label in tests.
    """

    key: str
    root: Process
    processes: Mapping[str, Process]
    decisions: Mapping[str, Decision] = field(default_factory=dict)
    forms: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Participant:
    id: str
    name: str
    process: str | None


@dataclass(frozen=True, slots=True)
class Model:
    """What one file holds: processes in document order, participants, and message flows (source id, target id)."""

    file: str
    processes: tuple[Process, ...]
    participants: tuple[Participant, ...] = ()
    message_flows: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """One refusal (severity error) or remark (warning): what was expected of which element, and where.

    ``code`` and ``params`` let the edge say it in Chinese; ``message`` is English and complete.
    """

    file: str
    element: str
    rule: str
    severity: str
    message: str
    line: int = 0
    params: Mapping[str, Any] = field(default_factory=_empty)
