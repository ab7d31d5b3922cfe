"""A definition made ready to run: every look-up a step needs, derived once.

An element is known by its key: its id in the root process, ``process/id`` in a called one, so that one flat table
serves the whole case. The body of the root process is ``/``, of a called one ``process/``.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from engine.definition.model import (
    Definition,
    Element,
    EventDefinition,
    Kind,
    MultiInstance,
    Process,
    Scope,
    StandardLoop,
    Trigger,
    Value,
)
from engine.execution.upstream import sources_of, upstream_of
from engine.feel import Expression, compile_expression

ROOT = "/"
WAITED = frozenset((Trigger.MESSAGE, Trigger.TIMER, Trigger.SIGNAL, Trigger.CONDITION))
"""Triggers that rest as waits; the others are found by looking upwards from the throw."""
GATEWAYS = frozenset((Kind.EXCLUSIVE_GATEWAY, Kind.PARALLEL_GATEWAY, Kind.INCLUSIVE_GATEWAY,
                      Kind.EVENT_BASED_GATEWAY, Kind.COMPLEX_GATEWAY))
PASSED = (GATEWAYS | {Kind.TASK, Kind.MANUAL_TASK}) - {Kind.EVENT_BASED_GATEWAY}
"""Elements that do nothing themselves."""
CONTAINERS = frozenset((Kind.SUB_PROCESS, Kind.TRANSACTION, Kind.AD_HOC_SUB_PROCESS, Kind.CALL_ACTIVITY, Kind.PROCESS))


class Formula:
    """A value of the diagram, compiled when first needed."""

    def __init__(self, value: Value) -> None:
        self.text = value.text
        self.feel = value.feel

    @cached_property
    def compiled(self) -> Expression:
        """Raises ``FeelSyntaxError``."""
        return compile_expression(self.text)


def formula(value: Value | None) -> Formula | None:
    return None if value is None else Formula(value)


@dataclass(slots=True, eq=False)
class Link:
    """A sequence flow, or the jump from a throwing to a catching link event."""

    key: str
    target: Info
    condition: Formula | None = None


@dataclass(slots=True, eq=False)
class Event:
    """One event definition of an element."""

    trigger: Trigger
    index: int
    name: Formula | None
    key: Formula | None
    timer: Formula | None
    timer_kind: str
    condition: Formula | None
    code: str | None
    activity: str | None
    wait: bool


Mapping = tuple[Formula, tuple[str, ...]]


@dataclass(slots=True, eq=False)
class MultiPlan:
    sequential: bool
    collection: Formula | None
    cardinality: Formula | None
    input_element: str | None
    output_collection: str | None
    output_element: Formula | None
    until: Formula | None
    throws: tuple[tuple[Event, Formula | None], ...]
    """What completed instances throw, each if its condition holds."""
    only_first: bool


@dataclass(slots=True, eq=False)
class RepeatPlan:
    condition: Formula | None
    before: bool
    maximum: Formula | None


@dataclass(slots=True, eq=False)
class UserPlan:
    assignee: Formula | None
    groups: Formula | None
    users: Formula | None
    due: Formula | None
    follow_up: Formula | None
    priority: Formula | None
    form_id: str | None


@dataclass(slots=True, eq=False)
class Info:
    """An element, or the body of a process, ready to run."""

    key: str
    id: str
    process: str
    kind: Kind
    type: str
    """The BPMN local name, for history."""
    element: Element | None = None
    scope: Info | None = None
    # flows
    incoming: tuple[str, ...] = ()
    outgoing: tuple[Link, ...] = ()
    default: Link | None = None
    choice: bool = False
    """Outgoing flows have to be chosen among."""
    join: str = ""
    """parallel, inclusive or complex when several flows come together here; quantity when it takes several tokens."""
    upstream: dict[str, frozenset[str]] = field(default_factory=dict)
    """For inclusive joins: incoming flow → elements from which a token can still reach it without passing here."""
    # events
    events: tuple[Event, ...] = ()
    host: Info | None = None
    """The activity of a boundary event, the event sub-process of its start event."""
    boundaries: tuple[Info, ...] = ()
    handlers: tuple[Info, ...] = ()
    """Boundary events that are found from a throw: error, escalation, cancel."""
    undo: Info | None = None
    # activities
    inputs: tuple[Mapping, ...] = ()
    outputs: tuple[Mapping, ...] = ()
    needs: int = 1
    makes: int = 1
    """Tokens it takes to begin, and tokens it puts on each outgoing flow."""
    multi: MultiPlan | None = None
    repeat: RepeatPlan | None = None
    user: UserPlan | None = None
    job_type: Formula | None = None
    job_retries: Formula | None = None
    script: Formula | None = None
    until: Formula | None = None
    """Completion condition of an ad-hoc sub-process, activation condition of a complex gateway."""
    active: Formula | None = None
    compensable: bool = False
    looped: bool = False
    plain: bool = False
    """Nothing to prepare before it runs: no mappings, boundaries, loop or body."""
    direct: bool = False
    """Its results go outwards as they are: no output mappings, no loop, no called process."""
    first: str = "open"
    """The operation that an instance made by a token begins with: none that would only hand over to the next."""
    # bodies
    body: Info | None = None
    """Where the inner elements are: itself, or for a call activity the called process; None if that is unknown."""
    elements: tuple[Info, ...] = ()
    entry: tuple[Info, ...] = ()
    starts: tuple[Info, ...] = ()
    """Start events of the event sub-processes that wait."""
    catchers: tuple[Info, ...] = ()
    """Start events of the event sub-processes that are found from a throw."""
    undo_start: Info | None = None
    listens: bool = False
    """Event sub-processes of the body may start."""
    triggered: bool = False
    """It is an event sub-process."""
    joins: tuple[Info, ...] = ()


class Program:
    """All elements and flows of a definition by key."""

    def __init__(self, definition: Definition) -> None:
        self.definition = definition
        self.infos: dict[str, Info] = {}
        self.links: dict[str, Link] = {}
        self.compensates = False
        prefixes = {definition.root.id: ""}
        prefixes.update((name, f"{name}/") for name in definition.processes if name != definition.root.id)
        for name, prefix in prefixes.items():
            _Reader(self, definition.root if not prefix else definition.processes[name], prefix).read()
        for info in self.infos.values():
            self._finish(info, prefixes)
        self._mark_compensable()
        self.root = self.infos[ROOT]

    def _finish(self, info: Info, prefixes: dict[str, str]) -> None:
        if info.kind is Kind.CALL_ACTIVITY and info.element is not None and info.element.called is not None:
            prefix = prefixes.get(info.element.called.process_id)
            info.body = None if prefix is None else self.infos[prefix or ROOT]
        elif info.kind in CONTAINERS:
            info.body = info
        info.listens = info.body is not None and bool(info.body.starts or info.body.catchers)
        info.plain = not (info.inputs or info.boundaries or info.looped or info.kind in CONTAINERS)
        info.direct = not (info.outputs or info.looped or info.kind is Kind.CALL_ACTIVITY)
        if info.plain:
            info.first = "leave" if info.kind in PASSED and info.direct else "run"

    def _mark_compensable(self) -> None:
        triggers = {event.trigger for info in self.infos.values() for event in info.events
                    if info.kind in (Kind.END_EVENT, Kind.THROW_EVENT)}
        self.compensates = not triggers.isdisjoint((Trigger.COMPENSATION, Trigger.CANCEL))
        changed = [info for info in self.infos.values() if info.undo or info.undo_start] if self.compensates else []
        containers = [info for info in self.infos.values() if info.body is not None]
        while changed:
            for info in changed:
                info.compensable = True
            changed = [info for info in containers if not info.compensable and info.body is not None
                       and any(inner.compensable for inner in info.body.elements)]


class _Reader:
    """Adds one process to a program."""

    def __init__(self, program: Program, process: Process, prefix: str) -> None:
        self.infos = program.infos
        self.links = program.links
        self.process = process
        self.prefix = prefix

    def read(self) -> None:
        root = Info(self.prefix or ROOT, self.process.id, self.process.id, Kind.PROCESS, Kind.PROCESS.value)
        self.infos[root.key] = root
        for element in self.process.elements.values():
            self.infos[self.prefix + element.id] = self._info(element)
        for element in self.process.elements.values():
            self._connect(element, self._at(element.id))
        for scope in self.process.scopes.values():
            self._fill(scope, root if scope.id == self.process.id else self._at(scope.id))

    def _at(self, element_id: str) -> Info:
        return self.infos[self.prefix + element_id]

    def _info(self, element: Element) -> Info:
        info = Info(self.prefix + element.id, element.id, self.process.id, element.kind, element.kind.value, element)
        info.events = tuple(_event(definition, index) for index, definition in enumerate(element.events))
        info.inputs = tuple((Formula(each.source), tuple(each.target.split("."))) for each in element.inputs)
        info.outputs = tuple((Formula(each.source), tuple(each.target.split("."))) for each in element.outputs)
        info.needs, info.makes = element.start_quantity, element.completion_quantity
        info.triggered = element.triggered_by_event
        _loop(info, element)
        if element.user_task is not None:
            task = element.user_task
            info.user = UserPlan(formula(task.assignee), formula(task.candidate_groups), formula(task.candidate_users),
                                 formula(task.due_date), formula(task.follow_up_date), formula(task.priority),
                                 task.form_id)
        if element.job is not None:
            info.job_type, info.job_retries = Formula(element.job.type), formula(element.job.retries)
        info.script = formula(element.script.expression) if element.script else None
        if element.ad_hoc is not None:
            info.until = formula(element.ad_hoc.completion_condition)
            info.active = formula(element.ad_hoc.active_elements)
        elif element.activation_condition is not None:
            info.until = Formula(element.activation_condition)
        return info

    def _connect(self, element: Element, info: Info) -> None:
        info.scope = self.infos[self.prefix or ROOT] if element.scope == self.process.id else self._at(element.scope)
        info.incoming = tuple(self.prefix + flow for flow in element.incoming)
        info.outgoing = tuple(self._link(flow) for flow in element.outgoing) or tuple(self._jumps(element))
        info.default = next((link for link in info.outgoing if link.key == self.prefix + (element.default_flow or "")),
                            None)
        info.choice = (element.kind not in (Kind.PARALLEL_GATEWAY, Kind.EVENT_BASED_GATEWAY)
                       and any(link.condition is not None or link is info.default for link in info.outgoing)
                       ) or (element.kind is Kind.EXCLUSIVE_GATEWAY and len(info.outgoing) > 1)
        info.join = _join(info)
        if element.attached_to is not None:
            self._attach(element, info, self._at(element.attached_to))

    def _link(self, flow_id: str) -> Link:
        flow = self.process.flows[flow_id]
        key = self.prefix + flow_id
        if key not in self.links:
            self.links[key] = Link(key, self._at(flow.target), formula(flow.condition))
        return self.links[key]

    def _jumps(self, element: Element) -> Iterator[Link]:
        """The synthetic flow from a throwing link event to the catching one of that name in the same scope."""
        if element.kind not in (Kind.THROW_EVENT, Kind.END_EVENT):
            return
        for definition in element.events:
            if definition.trigger is Trigger.LINK:
                for other in self.process.scopes[element.scope].elements:
                    target = self.process.elements[other]
                    if target.kind is Kind.CATCH_EVENT and _link_name(target) == _link_name(element):
                        key = f"{self.prefix}{element.id}~{target.id}"
                        self.links[key] = Link(key, self._at(other))
                        yield self.links[key]
                        return

    def _attach(self, element: Element, info: Info, host: Info) -> None:
        info.host = host
        triggers = {event.trigger for event in info.events}
        if Trigger.COMPENSATION in triggers:
            if element.compensation_handler is not None and host.undo is None:
                host.undo = self._at(element.compensation_handler)
        elif triggers & WAITED:
            host.boundaries += (info,)
        else:
            host.handlers += (info,)

    def _fill(self, scope: Scope, info: Info) -> None:
        info.elements = tuple(self._at(each) for each in scope.elements)
        starts = [self._at(each) for each in scope.start_events]
        none = [each for each in starts if not each.events]
        entries = [self._at(each) for each in scope.entry_elements] if not starts else []
        implicit = [each for each in entries if each.element is not None and not each.element.instantiate]
        info.entry = tuple(none[:1] or implicit)
        info.joins = tuple(each for each in info.elements if each.join in ("inclusive", "complex"))
        sources = sources_of(info) if info.joins else {}
        for join in info.joins:
            join.upstream = {flow: upstream_of(sources, join, flow) for flow in join.incoming}
        for each in scope.event_sub_processes:
            for start_id in self.process.scopes[each].start_events:
                self._listen(info, self._at(each), self._at(start_id))

    def _listen(self, info: Info, handler: Info, start: Info) -> None:
        start.host = handler
        triggers = {event.trigger for event in start.events}
        if Trigger.COMPENSATION in triggers:
            info.undo_start = info.undo_start or start
        elif triggers & WAITED:
            info.starts += (start,)
        elif triggers:
            info.catchers += (start,)


def _event(definition: EventDefinition, index: int) -> Event:
    key = definition.key
    keyed = key is not None and (key.feel or key.text != "")
    return Event(definition.trigger, index, formula(definition.name), formula(key if keyed else None),
                 formula(definition.timer), definition.timer_kind or "", formula(definition.condition),
                 definition.code, definition.activity, definition.wait)


def _loop(info: Info, element: Element) -> None:
    loop = element.loop
    info.looped = loop is not None
    if isinstance(loop, MultiInstance):
        info.multi = MultiPlan(loop.sequential, formula(loop.collection), formula(loop.cardinality),
                               loop.input_element, loop.output_collection, formula(loop.output_element),
                               formula(loop.completion_condition),
                               tuple((_event(each.event, index), formula(each.condition))
                                     for index, each in enumerate(loop.throws)), loop.only_first)
    elif isinstance(loop, StandardLoop):
        info.repeat = RepeatPlan(formula(loop.condition), loop.test_before, formula(loop.maximum))


def _join(info: Info) -> str:
    if info.needs > 1:
        return "quantity"
    if len(info.incoming) < 2:
        return ""
    if info.kind is Kind.PARALLEL_GATEWAY:
        return "parallel"
    if info.kind is Kind.INCLUSIVE_GATEWAY:
        return "inclusive"
    if info.kind is Kind.COMPLEX_GATEWAY:
        return "complex" if info.element is not None and info.element.activation_condition is not None else "inclusive"
    return ""


def _link_name(element: Element) -> str:
    return next((each.name.text for each in element.events if each.trigger is Trigger.LINK and each.name), "")


_CACHE: OrderedDict[int, Program] = OrderedDict()
_CACHED = 256


def program_of(definition: Definition) -> Program:
    """The program of a definition, by identity: a deployment's definition is loaded once and kept by its owner."""
    found = _CACHE.get(id(definition))
    if found is None or found.definition is not definition:
        found = _CACHE[id(definition)] = Program(definition)
        while len(_CACHE) > _CACHED:
            _CACHE.popitem(last=False)
    else:
        _CACHE.move_to_end(id(definition))
    return found
