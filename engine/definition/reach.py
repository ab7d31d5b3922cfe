"""What a token on a flow can still reach in its scope: the question inclusive joins ask (BPMN 13.4.3)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from engine.definition.model import Element, Flow, Kind, Trigger


def successors(elements: Mapping[str, Element], flows: Mapping[str, Flow],
               boundaries: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Element → elements a token in it can be in next: by flow, by its boundary events, from link throw to catch."""
    links: dict[tuple[str, str], str] = {}
    for element in elements.values():
        for trigger in element.events:
            if trigger.trigger is Trigger.LINK and element.kind is Kind.CATCH_EVENT and trigger.name:
                links[element.scope, trigger.name.text] = element.id
    after: dict[str, tuple[str, ...]] = {}
    for element in elements.values():
        ahead = [flows[flow].target for flow in element.outgoing]
        ahead += boundaries.get(element.id, ())
        if element.kind is Kind.THROW_EVENT:
            ahead += [links[element.scope, item.name.text] for item in element.events
                      if item.trigger is Trigger.LINK and item.name and (element.scope, item.name.text) in links]
        after[element.id] = tuple(dict.fromkeys(ahead))
    return after


def reachable(after: Mapping[str, Iterable[str]], start: str) -> set[str]:
    """``start`` and all that a token in it can come to."""
    seen, ahead = {start}, [start]
    while ahead:
        for name in after.get(ahead.pop(), ()):
            if name not in seen:
                seen.add(name)
                ahead.append(name)
    return seen


class Reach(Mapping[str, frozenset[str]]):
    """Flow id → ids reachable from its target, the target included.

    Held as one bit set an element (a chain of 2,000 would need two million set entries), worked out and spelled out
    when asked for: only inclusive and complex joins ask.
    """

    def __init__(self, elements: Mapping[str, Element], flows: Mapping[str, Flow],
                 boundaries: Mapping[str, tuple[str, ...]]) -> None:
        self._elements, self._flows, self._boundaries = elements, flows, boundaries
        self._spelled: dict[str, frozenset[str]] = {}

    def __getitem__(self, flow: str) -> frozenset[str]:
        target = self._flows[flow].target
        found = self._spelled.get(target)
        if found is None:
            bits = self._bits[target]
            found = frozenset(name for place, name in enumerate(self._elements) if bits >> place & 1)
            self._spelled[target] = found
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._flows)

    def __len__(self) -> int:
        return len(self._flows)

    @cached_property
    def _bits(self) -> dict[str, int]:
        return closure(successors(self._elements, self._flows, self._boundaries))


def closure(after: Mapping[str, tuple[str, ...]]) -> dict[str, int]:
    """Reflexive transitive closure as bit sets (bit = place in ``after``), component by component."""
    place = {name: 1 << number for number, name in enumerate(after)}
    closed: dict[str, int] = {}
    for component in components(after):
        bits = 0
        for node in component:
            bits |= place[node]
            for ahead in after[node]:
                bits |= closed.get(ahead, 0)
        closed.update(dict.fromkeys(component, bits))
    return closed


def components(after: Mapping[str, tuple[str, ...]]) -> list[list[str]]:
    """Strongly connected components, successors first (Tarjan 1972), without recursion."""
    order: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    on_stack: set[str] = set()
    found: list[list[str]] = []
    for root in after:
        if root in order:
            continue
        work = [(root, iter(after[root]))]
        order[root] = low[root] = len(order)
        stack.append(root)
        on_stack.add(root)
        while work:
            node, ahead = work[-1]
            following = next(ahead, None)
            if following is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == order[node]:
                    found.append(_pop(stack, on_stack, node))
            elif following not in order:
                order[following] = low[following] = len(order)
                stack.append(following)
                on_stack.add(following)
                work.append((following, iter(after[following])))
            elif following in on_stack:
                low[node] = min(low[node], order[following])
    return found


def _pop(stack: list[str], on_stack: set[str], until: str) -> list[str]:
    component = []
    while True:
        node = stack.pop()
        on_stack.discard(node)
        component.append(node)
        if node == until:
            return component
