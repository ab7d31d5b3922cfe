"""A ``Definition`` played by SpiffWorkflow: the second opinion of ``kapok verify``; nothing else builds its specs.

Only the token game is compared, so that the second engine is asked only about what it is right about: every event
that waits becomes a signal of its own name, every task a manual task that the player completes, and data live in
scopes of ours, whose expressions are FEEL. SpiffWorkflow's Python environments are never created. Elements on which
release 3.2 is known to be wrong (docs/adr/0005) are ``outside`` the subset.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.specs import BpmnProcessSpec
from SpiffWorkflow.bpmn.specs.control import BoundaryEventJoin, BoundaryEventSplit
from SpiffWorkflow.bpmn.specs.defaults import (
    BoundaryEvent,
    EndEvent,
    EventBasedGateway,
    ExclusiveGateway,
    InclusiveGateway,
    IntermediateCatchEvent,
    ManualTask,
    ParallelGateway,
    StartEvent,
    SubWorkflowTask,
)
from SpiffWorkflow.bpmn.specs.event_definitions import (
    MultipleEventDefinition,
    NoneEventDefinition,
    SignalEventDefinition,
    TerminateEventDefinition,
)
from SpiffWorkflow.bpmn.util import BpmnEvent
from SpiffWorkflow.util.task import TaskState

from engine.definition.model import Definition, Element, Kind, Process, Trigger
from engine.workbench.scopes import Data, Scope
from engine.workbench.subset import WAITING_EVENTS

Key = tuple[str, str]
"""Process id and element id."""

GATEWAYS = {
    Kind.EXCLUSIVE_GATEWAY: ExclusiveGateway,
    Kind.INCLUSIVE_GATEWAY: InclusiveGateway,
    Kind.PARALLEL_GATEWAY: ParallelGateway,
}


class _Body(SubWorkflowTask):
    """A sub-process or call activity whose data are scopes of ours."""

    def copy_data(self, my_task: Any, subworkflow: Any) -> None:
        my_task.workflow.script_engine.enter(my_task)

    def update_data(self, my_task: Any, subworkflow: Any) -> None:
        my_task.workflow.script_engine.leave(my_task)


class _Translation:
    """Process specs by ``process:scope``, made as they are needed."""

    def __init__(self, definition: Definition) -> None:
        self.definition = definition
        self.specs: dict[str, Any] = {}

    def scope(self, process: Process, scope_id: str, start: str) -> str:
        name = f"{process.id}:{scope_id}"
        if name in self.specs:
            return name
        spec = self.specs[name] = BpmnProcessSpec(name=name)
        elements = [process.elements[each] for each in process.scopes[scope_id].elements]
        nodes = {each.id: self._node(spec, process, each) for each in elements}
        entries = {each.id: self._entry(spec, process, each, nodes) for each in elements}
        for element in elements:
            self._connect(process, element, nodes, entries)
        spec.start.connect(entries[start])
        for node in list(spec.task_specs.values()):
            if not node.outputs and node is not spec.end and spec.end not in node.inputs:
                node.connect(spec.end)
        return name

    def _node(self, spec: Any, process: Process, element: Element) -> Any:
        kind, name = element.kind, element.id
        signal = SignalEventDefinition(f"{process.id}:{element.id}")
        if kind in GATEWAYS:
            return GATEWAYS[kind](spec, name)
        if kind is Kind.EVENT_BASED_GATEWAY:
            return EventBasedGateway(spec, name, MultipleEventDefinition())
        if kind is Kind.START_EVENT:
            return StartEvent(spec, name, NoneEventDefinition())
        if kind is Kind.BOUNDARY_EVENT:
            return BoundaryEvent(spec, name, signal, cancel_activity=True)
        if kind is Kind.END_EVENT and element.job is None:
            ends = any(event.trigger is Trigger.TERMINATE for event in element.events)
            return EndEvent(spec, name, TerminateEventDefinition() if ends else NoneEventDefinition())
        if kind is Kind.RECEIVE_TASK or (kind is Kind.CATCH_EVENT and element.events):
            return IntermediateCatchEvent(spec, name, signal)
        if kind in (Kind.SUB_PROCESS, Kind.CALL_ACTIVITY):
            return self._body(spec, process, element)
        return ManualTask(spec, name)

    def _body(self, spec: Any, process: Process, element: Element) -> Any:
        if element.called is None:
            scope = process.scopes.get(element.id)
            inner, scope_id = process, element.id
        else:
            called = self.definition.processes.get(element.called.process_id)
            scope = called.root() if called else None
            inner, scope_id = called or process, called.id if called else ""
        if scope is None or not scope.start_events:
            return ManualTask(spec, element.id)
        return _Body(spec, element.id, subworkflow_spec=self.scope(inner, scope_id, scope.start_events[0]))

    def _entry(self, spec: Any, process: Process, element: Element, nodes: Mapping[str, Any]) -> Any:
        boundaries = [process.elements[each] for each in process.boundaries.get(element.id, ())]
        taken = [each for each in boundaries if each.interrupting and _waits(each)]
        if not taken:
            return nodes[element.id]
        split = BoundaryEventSplit(spec, f"{element.id}.split")
        join = BoundaryEventJoin(spec, f"{element.id}.join", split_task=split.name, cancel=True)
        for node in (nodes[element.id], *(nodes[each.id] for each in taken)):
            split.connect(node)
            node.connect(join)
        return split

    def _connect(
        self, process: Process, element: Element, nodes: Mapping[str, Any], entries: Mapping[str, Any]
    ) -> None:
        node = nodes[element.id]
        flows = [process.flows[each] for each in element.outgoing]
        # SpiffWorkflow takes the first true condition, and the default wherever it stands.
        for flow in flows:
            target = entries[flow.target]
            if (
                isinstance(node, ExclusiveGateway | InclusiveGateway)
                and flow.condition
                and flow.id != element.default_flow
            ):
                node.connect_outgoing_if(f"{process.id}\n{flow.id}", target)
            else:
                node.connect(target)


class SecondEngine:
    """One instance played by SpiffWorkflow. ``key`` arguments and results are (process id, element id)."""

    def __init__(self, definition: Definition, start: str, variables: Mapping[str, Any], data: Data) -> None:
        root = definition.root
        translation = _Translation(definition)
        name = translation.scope(root, root.id, start)
        self._definition = definition
        self._data = data
        self._completed: Counter[Key] = Counter()
        self._scopes: dict[Any, Scope] = {None: Scope({}, None)}
        self._locals: dict[Any, Scope] = {}
        if not root.elements[start].events:
            self._scopes[None].assign(variables)  # what a case begins with is there before its start event maps it
        self._scopes[None].assign(data.finish(root.elements[start], self._scopes[None], None, variables))
        self._workflow = BpmnWorkflow(translation.specs[name], translation.specs, script_engine=self)
        self._settle()

    @property
    def ended(self) -> bool:
        return bool(self._workflow.completed)

    def waiting(self) -> Counter[Key]:
        """What could be moved from outside: tasks, and events by their own element, also behind event gateways."""
        found = Counter(self._key(task) for task in self._ready())
        for task in self._workflow.get_tasks(state=TaskState.WAITING):
            if isinstance(task.task_spec, BoundaryEvent | IntermediateCatchEvent):
                found[self._key(task)] += 1
            elif isinstance(task.task_spec, EventBasedGateway):
                process, _ = self._key(task)
                found.update((process, each.name) for each in task.task_spec.outputs)
        return found

    def take_completed(self) -> Counter[Key]:
        """What was completed since the last call, without event gateways: when they complete is a matter of taste."""
        completed, self._completed = self._completed, Counter()
        return completed

    def complete(self, key: Key, variables: Mapping[str, Any]) -> None:
        """Complete the one task that waits at ``key``."""
        task = next(each for each in self._ready() if self._key(each) == key)
        self._finish(task, variables)
        self._settle()

    def trigger(self, key: Key, variables: Mapping[str, Any]) -> None:
        """Let the event that waits at ``key`` happen."""
        element = self._element(key)
        scope = self._scope_of_waiting(key)
        self._data.assign_finished(element, scope, None, variables)
        self._workflow.catch(BpmnEvent(SignalEventDefinition(":".join(key))))
        self._settle()

    # what SpiffWorkflow asks its script engine; nothing of it reaches Python

    def evaluate(self, task: Any, expression: str, external_context: Any = None) -> bool:
        process, flow = expression.split("\n")
        condition = self._definition.processes[process].flows[flow].condition
        return condition is not None and self._data.holds(condition, self._scope(task))

    def enter(self, task: Any) -> None:
        self._scopes[task.id] = self._data.enter(self._element(self._key(task)), self._scope(task))

    def leave(self, task: Any) -> None:
        self._data.leave(self._element(self._key(task)), self._scopes.pop(task.id), self._scope(task))

    # the game

    def _settle(self) -> None:
        """Run until only what waits for the outside is left."""
        while True:
            self._workflow.do_engine_steps(did_complete_task=self._note)
            automatic = [task for task in self._ready() if not _waits_for_outside(self._element(self._key(task)))]
            if not automatic:
                break
            self._finish(
                automatic[0], self._data.result(self._element(self._key(automatic[0])), self._local(automatic[0]))
            )
        for task in self._ready():
            self._local(task)

    def _finish(self, task: Any, variables: Mapping[str, Any]) -> None:
        local = self._local(task)
        del self._locals[task.id]
        self._data.assign_finished(self._element(self._key(task)), self._scope(task), local, variables)
        task.run()
        self._note(task)

    def _note(self, task: Any) -> None:
        if task.task_spec.bpmn_id and not isinstance(task.task_spec, EventBasedGateway):
            self._completed[self._key(task)] += 1

    def _ready(self) -> Iterator[Any]:
        return (
            each for each in self._workflow.get_tasks(state=TaskState.READY) if isinstance(each.task_spec, ManualTask)
        )

    def _local(self, task: Any) -> Scope:
        if task.id not in self._locals:
            self._locals[task.id] = self._data.local(self._element(self._key(task)), self._scope(task))
        return self._locals[task.id]

    def _scope(self, task: Any) -> Scope:
        return self._scopes[task.workflow.parent_task_id]

    def _scope_of_waiting(self, key: Key) -> Scope:
        for task in self._workflow.get_tasks(state=TaskState.WAITING):
            process, element = self._key(task)
            behind = isinstance(task.task_spec, EventBasedGateway) and key[1] in {
                each.name for each in task.task_spec.outputs
            }
            if process == key[0] and (element == key[1] or behind):
                return self._scope(task)
        return self._scopes[None]

    def _key(self, task: Any) -> Key:
        return task.workflow.spec.name.partition(":")[0], task.task_spec.name

    def _element(self, key: Key) -> Element:
        return self._definition.processes[key[0]].elements[key[1]]


def _waits(element: Element) -> bool:
    return len(element.events) == 1 and element.events[0].trigger in WAITING_EVENTS


def _waits_for_outside(element: Element) -> bool:
    return element.kind is Kind.USER_TASK or element.job is not None
