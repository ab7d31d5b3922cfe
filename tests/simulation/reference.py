"""A token game of its own, written from BPMN 13.4 and as plainly as possible, to compare the kernel with.

It shares nothing with the kernel but the drawing: markings are counters, reachability is searched anew each time,
forwards from each token.
"""

from __future__ import annotations

from collections import Counter

from tests.simulation.models import Graph

Pick = dict[str, list[int]]


class Net:
    """One instance of a scope. ``busy``: user tasks waiting; ``nets``: sub-processes running, oldest first."""

    def __init__(self, graph: Graph, game: Game) -> None:
        self.graph = graph
        self.game = game
        self.marking: Counter[str] = Counter()
        self.busy: Counter[str] = Counter()
        self.nets: list[tuple[str, Net]] = []
        self.target = {edge: target for edge, _, target in graph.edges}
        game.nets.append(self)
        for node, kind in graph.nodes.items():
            if kind == "start":
                self.produce(node)

    # -- moving -------------------------------------------------------------------------------------------------------

    def produce(self, node: str) -> None:
        """A token leaves a node."""
        out = self.graph.out(node)
        kind = self.graph.nodes[node]
        if kind in ("xor", "or") and len(out) > 1:
            true = [edge for number, edge in enumerate(out[:-1]) if number in self.game.pick[node]] or [out[-1]]
            out = true[:1] if kind == "xor" else true
        self.marking.update(out)
        if kind == "end":
            self.game.ends[node] += 1

    def fire(self) -> bool:
        """One thing that can happen without looking at the rest of the diagram."""
        for node, kind in self.graph.nodes.items():
            into = self.graph.into(node)
            filled = [edge for edge in into if self.marking[edge]]
            if not filled or kind == "or" and len(into) > 1 or kind == "and" and len(filled) < len(into):
                continue
            self.take(into if kind == "and" else filled[:1])
            self.visit(node, kind)
            return True
        return False

    def take(self, edges: list[str]) -> None:
        self.marking.subtract(edges)
        self.marking += Counter()

    def visit(self, node: str, kind: str) -> None:
        if kind == "user":
            self.busy[node] += 1
        elif kind == "sub":
            self.nets.append((node, Net(self.graph.inside[node], self.game)))
        else:
            self.produce(node)

    def empty(self) -> bool:
        return not self.marking and not +self.busy and not self.nets

    def reap(self) -> bool:
        """A sub-process with nothing left in it is done."""
        for place, (node, net) in enumerate(self.nets):
            if net.empty():
                del self.nets[place]
                self.game.nets.remove(net)
                self.produce(node)
                return True
        return False

    # -- inclusive joins ----------------------------------------------------------------------------------------------

    def join(self) -> bool:
        for node, kind in self.graph.nodes.items():
            into = self.graph.into(node)
            if kind == "or" and len(into) > 1 and self.joinable(node, into):
                self.take([edge for edge in into if self.marking[edge]])
                self.produce(node)
                return True
        return False

    def joinable(self, gateway: str, into: list[str]) -> bool:
        filled = {edge for edge in into if self.marking[edge]}
        empty = set(into) - filled
        if not filled:
            return False
        starts = {self.target[edge] for edge in self.marking if self.target[edge] != gateway}
        starts |= set(+self.busy) | {node for node, _ in self.nets}
        return all(not (reach := self.reach(start, gateway)) & empty or reach & filled for start in starts)

    def reach(self, start: str, gateway: str) -> set[str]:
        """Flows that a token at a node could still get to without passing the gateway."""
        found: set[str] = set()
        pending, seen = [start], {gateway}
        while pending:
            node = pending.pop()
            if node in seen:
                continue
            seen.add(node)
            sources = {node} | {event for event, (host, _) in self.graph.boundaries.items() if host == node}
            for edge, source, target in self.graph.edges:
                if source in sources:
                    found.add(edge)
                    pending.append(target)
        return found


class Game:
    """The whole case."""

    def __init__(self, graph: Graph, pick: Pick) -> None:
        self.pick = pick
        self.ends: Counter[str] = Counter()
        self.nets: list[Net] = []
        self.root = Net(graph, self)
        self.settle()

    def settle(self) -> None:
        while True:
            if any(net.fire() for net in list(self.nets)) or any(net.reap() for net in list(self.nets)):
                continue
            if not any(net.join() for net in list(self.nets)):
                return

    def complete(self, node: str, pick: Pick) -> None:
        self.pick = pick
        net = next(net for net in self.nets if net.busy[node])
        net.busy[node] -= 1
        net.produce(node)
        self.settle()

    def interrupt(self, event: str, pick: Pick) -> None:
        """A boundary event fires at the oldest instance of its activity."""
        self.pick = pick
        net = next(net for net in self.nets if event in net.graph.boundaries and self.runs(net, event))
        host, interrupting = net.graph.boundaries[event]
        if interrupting and net.busy[host]:
            net.busy[host] -= 1
        elif interrupting:
            place = next(place for place, (node, _) in enumerate(net.nets) if node == host)
            self.forget(net.nets.pop(place)[1])
        net.produce(event)
        self.settle()

    def runs(self, net: Net, event: str) -> bool:
        host, _ = net.graph.boundaries[event]
        return net.busy[host] > 0 or any(node == host for node, _ in net.nets)

    def forget(self, net: Net) -> None:
        self.nets.remove(net)
        for _, inner in net.nets:
            self.forget(inner)

    def busy(self) -> Counter[str]:
        return sum((+net.busy for net in self.nets), Counter())

    def marking(self) -> Counter[str]:
        return sum((+net.marking for net in self.nets), Counter())

    def ended(self) -> bool:
        return self.root.empty()
