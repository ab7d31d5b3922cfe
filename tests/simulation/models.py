"""Random diagrams: block-structured ones, which are sound, and wild ones, which need not be.

Every cycle passes a user task, so that a step always comes to rest. What the gateways choose is in the variable
``pick``: for each splitting gateway the numbers of the flows whose condition is true; the last flow is the default.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from engine.definition.model import Definition, Element, EventDefinition, Flow, Kind, Process, Scope, Trigger, Value

KINDS = {"start": Kind.START_EVENT, "end": Kind.END_EVENT, "user": Kind.USER_TASK, "task": Kind.TASK,
         "xor": Kind.EXCLUSIVE_GATEWAY, "and": Kind.PARALLEL_GATEWAY, "or": Kind.INCLUSIVE_GATEWAY,
         "sub": Kind.SUB_PROCESS, "boundary": Kind.BOUNDARY_EVENT}


@dataclass
class Graph:
    """One scope. ``nodes``: id → kind, in document order; ``edges``: (id, source, target)."""

    nodes: dict[str, str] = field(default_factory=dict)
    edges: list[tuple[str, str, str]] = field(default_factory=list)
    inside: dict[str, Graph] = field(default_factory=dict)
    boundaries: dict[str, tuple[str, bool]] = field(default_factory=dict)
    """Boundary event → its activity, and whether it interrupts."""

    def out(self, node: str) -> list[str]:
        return [edge for edge, source, _ in self.edges if source == node]

    def into(self, node: str) -> list[str]:
        return [edge for edge, _, target in self.edges if target == node]

    def all_nodes(self) -> dict[str, tuple[str, int]]:
        """Every node of this scope and those inside: id → kind and number of outgoing flows."""
        found = {node: (kind, len(self.out(node))) for node, kind in self.nodes.items()}
        for graph in self.inside.values():
            found.update(graph.all_nodes())
        return found


class Maker:
    def __init__(self, random: Random) -> None:
        self.random = random
        self.count = 0

    def name(self, kind: str) -> str:
        self.count += 1
        return f"{kind}{self.count}"

    def node(self, graph: Graph, kind: str) -> str:
        name = self.name(kind)
        graph.nodes[name] = kind
        return name

    def edge(self, graph: Graph, source: str, target: str) -> None:
        graph.edges.append((self.name("f"), source, target))

    def blocks(self, depth: int) -> Graph:
        graph = Graph()
        first = self.node(graph, "start")
        entry, leave = self.block(graph, depth)
        last = self.node(graph, "end")
        self.edge(graph, first, entry)
        self.edge(graph, leave, last)
        return graph

    def block(self, graph: Graph, depth: int) -> tuple[str, str]:
        shape = self.random.choice(("user", "task", "sequence", "split", "split", "loop", "sub")) if depth else "user"
        return getattr(self, f"_{shape}")(graph, depth - 1)

    def _user(self, graph: Graph, depth: int) -> tuple[str, str]:
        node = self.node(graph, "user")
        return node, node

    def _task(self, graph: Graph, depth: int) -> tuple[str, str]:
        node = self.node(graph, "task")
        return node, node

    def _sequence(self, graph: Graph, depth: int) -> tuple[str, str]:
        parts = [self.block(graph, depth) for _ in range(self.random.randint(2, 3))]
        for (_, leave), (entry, _) in zip(parts, parts[1:], strict=False):
            self.edge(graph, leave, entry)
        return parts[0][0], parts[-1][1]

    def _split(self, graph: Graph, depth: int) -> tuple[str, str]:
        kind = self.random.choice(("xor", "and", "or"))
        split = self.node(graph, kind)
        parts = [self.block(graph, depth) for _ in range(self.random.randint(2, 3))]
        join = self.node(graph, kind)
        for entry, leave in parts:
            self.edge(graph, split, entry)
            self.edge(graph, leave, join)
        return split, join

    def _loop(self, graph: Graph, depth: int) -> tuple[str, str]:
        merge = self.node(graph, "xor")
        entry, leave = self.block(graph, depth)
        wait = self.node(graph, "user")
        split = self.node(graph, "xor")
        self.edge(graph, merge, entry)
        self.edge(graph, leave, wait)
        self.edge(graph, wait, split)
        self.edge(graph, split, merge)
        out = self.node(graph, "task")
        self.edge(graph, split, out)
        return merge, out

    def _sub(self, graph: Graph, depth: int) -> tuple[str, str]:
        node = self.node(graph, "sub")
        graph.inside[node] = self.blocks(depth)
        merge = self.node(graph, "xor")
        self.edge(graph, node, merge)
        if self.random.random() < 0.5:
            event = self.node(graph, "boundary")
            graph.boundaries[event] = (node, True)
            self.edge(graph, event, merge)
        return node, merge

    def wild(self, size: int, depth: int = 1) -> Graph:
        """Nodes in a row, flows mostly forwards, some backwards to user tasks."""
        graph = Graph()
        nodes = [self.node(graph, "start")]
        kinds = ("user", "user", "task", "xor", "and", "or", "or") + (("sub",) if depth else ())
        nodes += [self.node(graph, self.random.choice(kinds)) for _ in range(size)]
        nodes.append(self.node(graph, "end"))
        for place, node in enumerate(nodes[:-1]):
            wide = graph.nodes[node] in ("xor", "and", "or")
            for _ in range(self.random.randint(1, 3) if wide else 1):
                self.edge(graph, node, self._target(graph, nodes, place))
            if graph.nodes[node] == "sub":
                graph.inside[node] = self.wild(max(2, size // 3), depth - 1)
            if graph.nodes[node] in ("user", "sub") and self.random.random() < 0.2:
                event = self.node(graph, "boundary")
                graph.boundaries[event] = (node, self.random.random() < 0.5)
                self.edge(graph, event, self._target(graph, nodes, place))
        for place, node in enumerate(nodes[1:], 1):
            if not graph.into(node):
                self.edge(graph, self.random.choice(nodes[:place]), node)
        return graph

    def _target(self, graph: Graph, nodes: list[str], place: int) -> str:
        back = [node for node in nodes[1:place + 1] if graph.nodes[node] == "user"]
        if back and self.random.random() < 0.15:
            return self.random.choice(back)
        return self.random.choice(nodes[place + 1:place + 5])


def definition(graph: Graph) -> Definition:
    elements: dict[str, Element] = {}
    flows: dict[str, Flow] = {}
    scopes: dict[str, Scope] = {}
    boundaries: dict[str, tuple[str, ...]] = {}
    _fill(graph, "p", None, elements, flows, scopes, boundaries)
    process = Process("p", "", True, elements, flows, scopes, boundaries)
    return Definition("p", process, {"p": process})


def _fill(graph: Graph, scope: str, parent: str | None, elements: dict[str, Element], flows: dict[str, Flow],
          scopes: dict[str, Scope], boundaries: dict[str, tuple[str, ...]]) -> None:
    for edge, source, target in graph.edges:
        flows[edge] = Flow(edge, source, target, condition=_condition(graph, edge, source))
    for node, kind in graph.nodes.items():
        out = graph.out(node)
        choosing = kind in ("xor", "or") and len(out) > 1
        host, interrupting = graph.boundaries.get(node, (None, True))
        events = (EventDefinition(Trigger.MESSAGE, name=Value(node, False)),) if kind == "boundary" else ()
        elements[node] = Element(node, KINDS[kind], scope, incoming=tuple(graph.into(node)), outgoing=tuple(out),
                                 default_flow=out[-1] if choosing else None, events=events, attached_to=host,
                                 interrupting=interrupting)
    scopes[scope] = Scope(scope, parent, tuple(graph.nodes), tuple(edge for edge, _, _ in graph.edges),
                          tuple(node for node, kind in graph.nodes.items() if kind == "start"), ())
    for event, (host, _) in graph.boundaries.items():
        boundaries[host] = (*boundaries.get(host, ()), event)
    for node, inner in graph.inside.items():
        _fill(inner, node, scope, elements, flows, scopes, boundaries)


def _condition(graph: Graph, edge: str, source: str) -> Value | None:
    out = graph.out(source)
    if graph.nodes[source] not in ("xor", "or") or len(out) < 2 or edge == out[-1]:
        return None
    return Value(f"list contains(pick.{source}, {out.index(edge)})", True)
