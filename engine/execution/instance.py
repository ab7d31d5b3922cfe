"""The door: one running case, moved by commands.

Every method mutates the loaded instance and returns the ordered tuple of events. One that raises may leave it half
changed: throw the object away and load it again from the bytes, which are untouched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Self

from engine.definition.model import Definition
from engine.domain.events import Event
from engine.errors import Conflict
from engine.execution import data, incidents, modification, starting, step
from engine.execution.kernel import Environment, Kernel
from engine.execution.program import ROOT, program_of
from engine.execution.state import Node, Wait, decode, encode

PLAIN = Environment()


class Instance:
    """A case of a definition. ``env``: host functions and the bound of a step."""

    __slots__ = ("_kernel",)

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel

    # -- beginning and keeping ----------------------------------------------------------------------------------------

    @classmethod
    def start(cls, definition: Definition, variables: Mapping[str, Any] | None, now: datetime, *,
              env: Environment = PLAIN, element: str | None = None,
              event: int | None = None,
              ready: Callable[[Self], object] | None = None) -> tuple[Self, tuple[Event, ...]]:
        """A new case. ``element``: the start event, instantiating receive task, or event after an instantiating
        event-based gateway that begins it; ``variables`` then came with that event. None: the none start event.
        ``event``: which definition of a parallel multiple start event has come; the others are waited for. ``ready`` is
        handed the instance before it moves, for host functions that look at its variables.

        Raises ``InvalidInput`` when the process cannot begin there.
        """
        kernel = Kernel(program_of(definition), env)
        kernel.begin(now)
        root = Node(0, ROOT, -1, {})
        kernel.nodes[0] = root
        values = data.admitted(variables, "variables")
        entry = starting.entry_of(kernel, element)
        mapped = entry is not None and bool(entry.outputs) and bool(entry.events)
        if values and not mapped:
            kernel.write(root, values)
        kernel.push("start", root.id, entry.key if entry is not None else None, values if mapped else None, event or 0)
        instance = cls(kernel)
        if ready is not None:
            ready(instance)
        return instance, instance._drain()

    @classmethod
    def load(cls, definition: Definition, data: bytes, *, env: Environment = PLAIN) -> Self:
        """The case as it was dumped. Raises ``InvariantBroken`` for bytes that are no such state."""
        return cls(Kernel(program_of(definition), env, decode(data)))

    def dump(self) -> bytes:
        return encode(self._kernel.snapshot())

    # -- looking ------------------------------------------------------------------------------------------------------

    @property
    def variables(self) -> dict[str, Any]:
        """Those of the case itself."""
        return dict(self._kernel.nodes[0].vars or {})

    @property
    def seen(self) -> Mapping[str, Any]:
        """What the expression at work sees, over the variables of the case: in a called process its own come first."""
        return {**(self._kernel.nodes[0].vars or {}), **self._kernel.seen}

    def variables_of(self, instance: int) -> dict[str, Any]:
        """All that an element instance sees. Raises ``Conflict`` when it is not alive."""
        return dict(data.view(self._kernel, self._node(instance)))

    @property
    def ended(self) -> bool:
        return bool(self._kernel.state.ended)

    @property
    def waits(self) -> Mapping[int, Wait]:
        """What rests, by id."""
        return MappingProxyType(self._kernel.waits)

    # -- moving -------------------------------------------------------------------------------------------------------

    def complete(self, wait: int, variables: Mapping[str, Any] | None, now: datetime) -> tuple[Event, ...]:
        """A user task or job is done."""
        found = self._take(wait, ("userTask", "job"), now)
        self._close(found, "completed")
        self._kernel.push("finish", found.node, data.admitted(variables, "variables") or None)
        return self._drain()

    def fail(self, wait: int, message: str, retries: int, now: datetime) -> tuple[Event, ...]:
        """A job failed. With no retries left a person must look at it, and resolving offers the job again."""
        found = self._take(wait, ("job",), now)
        if retries <= 0:
            self._mended(found)
            node = self._kernel.nodes[found.node]
            incidents.report(self._kernel, node, node.at, "job_failed", message, [("reopen", node.id)])
        return self._drain()

    def throw_error(self, wait: int, code: str, variables: Mapping[str, Any] | None,
                    now: datetime) -> tuple[Event, ...]:
        """A user task or job ends in a BPMN error."""
        found = self._take(wait, ("userTask", "job"), now)
        self._close(found, "completed")
        node = self._kernel.nodes[found.node]
        self._kernel.push("fail_with", node.id, code, data.admitted(variables, "variables"))
        return self._drain()

    def receive(self, wait: int, variables: Mapping[str, Any] | None, now: datetime) -> tuple[Event, ...]:
        """The message or signal that was waited for has come."""
        return self._trigger(wait, ("message", "signal"), variables, now)

    def fire(self, wait: int, now: datetime) -> tuple[Event, ...]:
        """A timer is due. Whether it is, the caller knows: deadlines may have been moved."""
        return self._trigger(wait, ("timer",), None, now)

    def set_variables(self, variables: Mapping[str, Any], now: datetime, scope: int = 0) -> tuple[Event, ...]:
        """Sets variables local to the case or to a live element instance."""
        self._begin(now)
        values = data.admitted(variables, "variables")
        if values:
            self._kernel.write(self._node(scope), values)
        return self._drain()

    def resolve(self, incident: int, now: datetime) -> tuple[Event, ...]:
        """The cause is mended: what failed is tried again."""
        self._begin(now)
        found = self._kernel.incidents.get(incident)
        if found is None:
            raise Conflict(action="resolve", noun="incident", key=incident, state="closed")
        incidents.resume(self._kernel, found)
        return self._drain()

    def cancel(self, now: datetime) -> tuple[Event, ...]:
        """Ends the case and everything in it."""
        self._begin(now)
        root = self._kernel.nodes[0]
        self._kernel.interrupt(root)
        step.finish(self._kernel, root, "cancelled")
        return tuple(self._kernel.events)

    def modify(self, activate: Iterable[str] = (), terminate: Iterable[int] = (), *,
               now: datetime) -> tuple[Event, ...]:
        """Starts before elements, then ends instances. Raises ``InvalidInput`` or ``Conflict`` for what is not so."""
        self._begin(now)
        modification.modify(self._kernel, list(activate), list(terminate))
        return self._drain()

    # -- inside -------------------------------------------------------------------------------------------------------

    def _begin(self, now: datetime) -> None:
        if self._kernel.state.ended:
            raise Conflict(action="move", noun="case", key="", state=self._kernel.state.ended)
        self._kernel.begin(now)

    def _drain(self) -> tuple[Event, ...]:
        step.drain(self._kernel)
        return tuple(self._kernel.events)

    def _node(self, instance: int) -> Node:
        node = self._kernel.nodes.get(instance)
        if node is None:
            raise Conflict(action="find", noun="element instance", key=instance, state="ended")
        return node

    def _take(self, wait: int, kinds: tuple[str, ...], now: datetime) -> Wait:
        found = self._kernel.waits.get(wait)
        if found is None:
            raise Conflict(action="answer", noun="wait", key=wait, state="closed")
        if found.kind not in kinds:
            raise Conflict(f"Expected wait {wait} to be a {' or '.join(kinds)}, but it is a {found.kind}",
                           action="answer", noun="wait", key=wait, state=found.kind)
        self._begin(now)
        return found

    def _close(self, wait: Wait, reason: str) -> None:
        self._mended(wait)
        self._kernel.close(wait, reason)

    def _mended(self, wait: Wait) -> None:
        """An earlier failure of this job is not what is wrong with it any more."""
        for incident in list(self._kernel.incidents.values()):
            if incident.node == wait.node and incident.code == "job_failed":
                self._kernel.resolve(incident)

    def _trigger(self, wait: int, kinds: tuple[str, ...], variables: Mapping[str, Any] | None,
                 now: datetime) -> tuple[Event, ...]:
        found = self._take(wait, kinds, now)
        self._kernel.push("trigger", found.node, found.id, data.admitted(variables, "variables"))
        return self._drain()
