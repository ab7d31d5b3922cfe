"""The live frontier of one case in memory, and the few primitive changes that everything else is made of.

A token that enters an element becomes a node; a node that leaves gives its token back to its scope. ``live`` of a scope
counts both, so a scope is over exactly when it reaches zero. Outgoing tokens are counted before the node is given back.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

from engine.domain.events import (
    ElementActivated,
    ElementCompleted,
    ElementTerminated,
    Event,
    IncidentResolved,
    VariablesSet,
    WaitClosed,
)
from engine.execution.program import Info, Link, Program
from engine.execution.state import VERSION, Extra, Incident, Loop, Node, Op, State, Wait

BODY_TYPE = "multiInstanceBody"
BEIJING = timezone(timedelta(hours=8))
TOKEN_OPS = frozenset(("arrive", "enter"))
"""Operations that are a token of their scope on its way."""


@dataclass(frozen=True, slots=True)
class Environment:
    """What the host lends: functions for FEEL, how many elements one step may run through by itself, who is told of
    each flow a token has travelled (its key in the program), for coverage, and who knows whether the step's time is
    up."""

    functions: Mapping[str, Any] = field(default_factory=dict)
    step_limit: int = 10_000
    on_flow: Callable[[str], None] | None = None
    time_is_up: Callable[[], bool] | None = None


class Fault(Exception):  # noqa: N818 - becomes an incident, never leaves the package
    """This operation cannot go on without a person. Raised before anything was changed."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        self.message = message
        super().__init__(message)


class Kernel:
    """State, indexes and the work of the step under way."""

    __slots__ = ("activated", "conditions", "dirty", "environment", "events", "here", "incidents", "joining", "later",
                 "nodes", "now", "program", "queue", "seen", "state", "waits", "waits_of")

    def __init__(self, program: Program, environment: Environment, state: State | None = None) -> None:
        self.program = program
        self.environment = environment
        self.state = state or State(VERSION, [], [])
        self.nodes: dict[int, Node] = {}
        self.joining: set[int] = set()
        """Scopes in which a join may be waiting."""
        self.waits: dict[int, Wait] = {}
        self.waits_of: dict[int, list[int]] = {}
        self.conditions: set[int] = set()
        self.incidents = {incident.id: incident for incident in self.state.incidents}
        self._index(self.state)
        self.queue: deque[Op] = deque()
        self.later: deque[Op] = deque()
        self.events: list[Event] = []
        self.dirty = False
        self.activated = 0
        self.now: datetime
        self.here: datetime
        """Now as diagrams see it: ``today()`` is the legal day, which is Beijing's."""
        self.seen: Mapping[str, Any] = {}
        """What the expression at work sees, for the host's functions."""

    def _index(self, state: State) -> None:
        for node in state.nodes:
            self.nodes[node.id] = node
            if node.tokens or node.extra is not None and node.extra.fired:
                self.joining.add(node.id)
        for wait in state.waits:
            self.waits[wait.id] = wait
            self.waits_of.setdefault(wait.node, []).append(wait.id)
            if wait.kind == "condition":
                self.conditions.add(wait.id)

    def snapshot(self) -> State:
        state = self.state
        state.nodes = list(self.nodes.values())
        state.waits = list(self.waits.values())
        state.incidents = list(self.incidents.values())
        return state

    def begin(self, now: datetime) -> None:
        self.now = now
        self.here = now.astimezone(BEIJING)
        self.events = []
        self.activated = 0

    # -- looking ------------------------------------------------------------------------------------------------------

    def info(self, node: Node) -> Info:
        return self.program.infos[node.at]

    def parent(self, node: Node) -> Node:
        return self.nodes[node.parent]

    def inside(self, node: Node) -> list[Node]:
        """What is alive directly inside, oldest first."""
        return [each for each in self.nodes.values() if each.parent == node.id]

    def waiting(self, node: Node, at: str | None = None) -> list[Wait]:
        found = [self.waits[wait] for wait in self.waits_of.get(node.id, ())]
        return found if at is None else [wait for wait in found if wait.at == at]

    def is_body(self, node: Node) -> bool:
        return node.extra is not None and node.extra.loop is not None

    def wrapper(self, node: Node) -> Node:
        """The loop wrapper of an inner instance, else the node itself: what boundary events are attached to."""
        parent = self.nodes.get(node.parent)
        return parent if parent is not None and parent.at == node.at and self.is_body(parent) else node

    def is_inner(self, node: Node) -> bool:
        return self.wrapper(node) is not node

    def scope_of(self, node: Node) -> Node:
        """The scope whose flows lead on from this node: loop wrappers are passed over."""
        return self.parent(self.wrapper(node))

    def visible(self, node_id: int) -> int:
        """The nearest enclosing instance that history knows."""
        node = self.nodes[node_id]
        while node.extra is not None and node.extra.hidden:
            node = self.nodes[node.parent]
        return node.id

    # -- nodes --------------------------------------------------------------------------------------------------------

    def spawn(self, info: Info, parent: Node, *, inner: bool = False, hidden: bool = False) -> Node:
        """A new element instance. The token it stands for must already be counted in its scope."""
        self.state.last_node = number = self.state.last_node + 1
        node = Node(number, info.key, parent.id)
        kind = info.type
        if hidden:
            node.extra = Extra(hidden=True)
        elif info.looped and not inner:
            node.extra = Extra(loop=Loop(), hidden=info.multi is None)
            kind = BODY_TYPE
        self.nodes[number] = node
        self.activated += 1
        if node.extra is None or not node.extra.hidden:
            scope = parent.id if parent.extra is None else self.visible(parent.id)
            self.events.append(ElementActivated(number, info.id, info.process, kind, scope))
        return node

    def complete(self, node: Node) -> None:
        """The node is done: its waits are over, and history knows. Its token is not touched."""
        info = self.program.infos[node.at]
        if self.incidents or node.id in self.waits_of:
            self._clear(node)
        del self.nodes[node.id]
        if node.extra is None:
            self.events.append(ElementCompleted(node.id, info.id, info.process, info.type))
        elif not node.extra.hidden:
            self.events.append(ElementCompleted(node.id, info.id, info.process, self._type(node, info)))

    def terminate(self, *doomed: Node) -> None:
        """Ends nodes and all inside them, inner first. Their tokens are not touched."""
        inside: dict[int, list[Node]] = {}
        for each in self.nodes.values() if any(node.live for node in doomed) else ():
            inside.setdefault(each.parent, []).append(each)
        for node in doomed:
            order, pending = [], [node]
            while pending:
                current = pending.pop()
                order.append(current)
                pending.extend(inside.get(current.id, ()))
            for each in reversed(order):
                info = self.program.infos[each.at]
                self._clear(each)
                del self.nodes[each.id]
                if each.extra is None or not each.extra.hidden:
                    self.events.append(ElementTerminated(each.id, info.id, info.process, self._type(each, info)))

    def _type(self, node: Node, info: Info) -> str:
        return BODY_TYPE if node.extra is not None and node.extra.loop is not None else info.type

    def _clear(self, node: Node) -> None:
        self.close_all(node)
        for incident in [each for each in self.incidents.values() if each.node == node.id]:
            self.resolve(incident)

    def interrupt(self, scope: Node) -> None:
        """Ends everything inside a scope, tokens on their way included, and leaves it empty but alive."""
        self.terminate(*self.inside(scope))
        scope.live = 0
        scope.tokens = None
        if scope.extra is not None:
            scope.extra.fired = {}
            scope.extra.pending = []
        self.queue = deque(op for op in self.queue if op[0] not in TOKEN_OPS or op[1] != scope.id)
        for incident in list(self.incidents.values()):
            kept = [op for op in incident.ops if op[1] in self.nodes and (op[0] not in TOKEN_OPS or op[1] != scope.id)]
            if len(kept) < len(incident.ops):
                incident.ops = kept
                if not kept:
                    self.resolve(incident)

    def push(self, *op: Any) -> None:
        self.queue.append(op)

    def send(self, scope: Node, links: Sequence[Link], used: int = 0) -> None:
        """Puts a token on each of these flows, in place of so many of the scope."""
        for link in links:
            self.queue.append(("arrive", scope.id, link.key))
        scope.live += len(links) - used
        if scope.live == 0:
            self.queue.append(("ended", scope.id))
        elif not links and self.program.infos[scope.at].listens:
            self.queue.append(("completing", scope.id))

    def release(self, scope: Node) -> None:
        """A token of the scope is no more."""
        scope.live -= 1
        if scope.live == 0:
            self.queue.append(("ended", scope.id))
        elif self.program.infos[scope.at].listens:
            self.queue.append(("completing", scope.id))

    # -- waits --------------------------------------------------------------------------------------------------------

    def open(self, node: Node, wait: Wait) -> Wait:
        self.state.last_wait = wait.id = self.state.last_wait + 1
        wait.node = node.id
        self.waits[wait.id] = wait
        self.waits_of.setdefault(node.id, []).append(wait.id)
        if wait.kind == "condition":
            self.conditions.add(wait.id)
        return wait

    def close(self, wait: Wait, reason: str) -> None:
        del self.waits[wait.id]
        self.conditions.discard(wait.id)
        others = self.waits_of[wait.node]
        others.remove(wait.id)
        if not others:
            del self.waits_of[wait.node]
        self.events.append(WaitClosed(wait.id, wait.kind, reason))

    def close_all(self, node: Node, waits: Iterable[Wait] | None = None) -> None:
        """Cancels waits of a node, all of them if none are named."""
        for wait in self.waiting(node) if waits is None else waits:
            self.close(wait, "cancelled")

    # -- variables and incidents --------------------------------------------------------------------------------------

    def write(self, node: Node, values: Mapping[str, Any]) -> None:
        """Sets variables local to a node, whatever lies around it."""
        if node.vars is None:
            node.vars = dict(values)
        else:
            node.vars.update(values)
        self.dirty = True
        scope = node.id if node.extra is None else self.visible(node.id)
        self.events.append(VariablesSet(scope, dict(values)))

    def resolve(self, incident: Incident) -> None:
        if self.incidents.pop(incident.id, None) is not None:
            self.events.append(IncidentResolved(incident.id))


Handler = Callable[..., Op | None]
"""What does one operation on a node; it may hand over to the operation that follows at once."""
