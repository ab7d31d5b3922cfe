"""A bounded walk through all markings of a process: can it always end, is nothing dead, is nothing left behind?

The abstraction is the token game without data: every exclusive choice may go every way, every wait may end, every
interrupting boundary event may fire while its activity is active, event sub-processes are left out. A scope is looked
at by itself, its sub-processes as single activities, so that findings name the scope that is at fault. Soundness is
that of van der Aalst (1997): option to complete, proper completion, no dead element. An inclusive or complex join goes
on when nothing can still reach its empty flows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.definition.model import Element, Kind, Process, Scope, Trigger
from engine.definition.reach import successors
from engine.definition.report import Report

MAX_STATES = 5000
MAX_WORK = 1_000_000
"""Tokens moved and carried along in all: what bounds the time where many branches are open at once."""
Marking = frozenset[tuple[str, int]]
"""Tokens by place: a flow id, or the id of an element that is active; with their number."""
XOR_SPLITS = frozenset({Kind.EXCLUSIVE_GATEWAY, Kind.EVENT_BASED_GATEWAY})
OR_GATEWAYS = frozenset({Kind.INCLUSIVE_GATEWAY, Kind.COMPLEX_GATEWAY})


@dataclass
class Walk:
    """What was seen of one scope."""

    markings: dict[Marking, set[Marking]]
    executed: set[str]
    doubled: set[str]
    complete: bool


def check(process: Process, report: Report) -> None:
    """Warnings for every scope that is not sound; ad-hoc and event sub-processes included, each by itself.

    Where activities take or make several tokens at a time, a second token on a flow is no fault: nothing is said.
    """
    for scope in process.scopes.values():
        owner = process.elements.get(scope.id)
        if any(process.elements[name].start_quantity + process.elements[name].completion_quantity > 2
               for name in scope.elements):
            continue
        if owner is None or owner.kind is not Kind.AD_HOC_SUB_PROCESS:
            _check_scope(process, scope, report)


def _check_scope(process: Process, scope: Scope, report: Report) -> None:
    game = Game(process, scope)
    walk = game.walk(game.starts())
    line = process.elements[scope.id].line if scope.id in process.elements else process.line
    if not walk.complete:
        report.add("soundness-unknown", scope.id, line, limit=len(walk.markings))
        return
    for name in sorted(walk.doubled):
        found = process.elements[name]
        report.add("soundness-leftover", name, found.line)
    if walk.doubled:
        return  # what follows would repeat the same fault
    stuck = _never_ending(walk)
    if stuck:
        places = sorted({game.place_name(place) for marking in stuck for place, _ in marking})
        report.add("soundness-deadlock", scope.id, line, places=", ".join(places))
    executed = walk.executed | game.walk(game.asides()).executed
    for name in scope.elements:
        element = process.elements[name]
        if name not in executed and game.plays(element):
            report.add("soundness-dead", name, element.line)


def _never_ending(walk: Walk) -> list[Marking]:
    """Markings without any way on that are not the empty one: tokens wait for what never comes."""
    return [marking for marking, ahead in walk.markings.items() if not ahead and marking]


class Game:
    """The token game of one scope."""

    def __init__(self, process: Process, scope: Scope) -> None:
        self.process = process
        self.scope = scope
        self.elements = {name: process.elements[name] for name in scope.elements}
        self.after = successors(self.elements, process.flows, {})
        self.links = {self._link(item): item.id for item in self.elements.values() if item.kind is Kind.CATCH_EVENT}

    @staticmethod
    def _link(event: Element) -> str | None:
        return next((item.name.text for item in event.events if item.trigger is Trigger.LINK and item.name), None)

    def plays(self, element: Element) -> bool:
        return not (element.for_compensation or element.triggered_by_event) and element.kind is not Kind.BOUNDARY_EVENT

    def place_name(self, place: str) -> str:
        flow = self.process.flows.get(place)
        return flow.target if flow is not None else place

    def walk(self, starts: Sequence[tuple[str, ...]], most: int = MAX_STATES, most_work: int = MAX_WORK) -> Walk:
        """All markings reachable from these beginnings, until one has a place with two tokens; ``most`` of them."""
        walk = Walk({}, set(), set(), True)
        ahead = [self._begin(names) for names in starts]
        work = 0
        while ahead:
            marking = ahead.pop()
            if marking in walk.markings:
                continue
            if len(walk.markings) >= most or work > most_work:
                walk.complete = False
                break
            following = walk.markings[marking] = set()
            doubled = [place for place, number in marking if number > 1]
            walk.doubled.update(self.place_name(place) for place in doubled)
            for element, after in () if doubled else self.steps(dict(marking)):
                walk.executed.add(element)
                following.add(after)
            work += len(marking) * (1 + len(following))
            ahead += following
        return walk

    def starts(self) -> list[tuple[str, ...]]:
        """Each start event begins alone; without one, all elements that nothing leads to begin together (BPMN 13.2)."""
        instantiating = [item.id for item in self.elements.values() if item.instantiate and not item.incoming]
        alone: list[tuple[str, ...]] = [(name,) for name in (*self.scope.start_events, *instantiating)]
        return alone or ([self.scope.entry_elements] if self.scope.entry_elements else [])

    def asides(self) -> list[tuple[str, ...]]:
        """Non-interrupting boundary events add a token of their own; they are walked apart, to see what they reach."""
        return [(item.id,) for item in self.elements.values()
                if item.kind is Kind.BOUNDARY_EVENT and not item.interrupting]

    @staticmethod
    def _begin(names: tuple[str, ...]) -> Marking:
        return frozenset((name, 1) for name in names)

    def steps(self, marking: dict[str, int]) -> Iterator[tuple[str, Marking]]:
        """An element that is entered becomes active; what is active goes on."""
        for name in {self.place_name(place) for place in marking}:
            element = self.elements[name]
            if marking.get(name):
                for outcome in self.outcomes(element):
                    yield name, moved(marking, [name], outcome)
            for used in self.enabled(element, marking):
                yield name, moved(marking, used, [name])

    def enabled(self, element: Element, marking: dict[str, int]) -> Iterator[list[str]]:
        """The sets of incoming flows that would be used up by entering the element."""
        marked = [flow for flow in element.incoming if marking.get(flow)]
        if element.kind is Kind.PARALLEL_GATEWAY:
            if marked and len(marked) == len(element.incoming):
                yield marked
        elif element.kind in OR_GATEWAYS and len(element.incoming) > 1:
            if marked and not self._more_can_come(element, marking):
                yield marked
        else:
            yield from ([flow] for flow in marked)

    def _more_can_come(self, join: Element, marking: dict[str, int]) -> bool:
        """Whether a token elsewhere can reach a flow of the join that is empty, without passing the join."""
        empty = {self.process.flows[flow].source for flow in join.incoming if not marking.get(flow)}
        seen: set[str] = {join.id}
        ahead = [self.place_name(place) for place in marking if place not in join.incoming]
        while ahead:
            name = ahead.pop()
            if name in seen:
                continue
            if name in empty:
                return True
            seen.add(name)
            ahead += self.after.get(name, ())
            ahead += self.process.boundaries.get(name, ())
        return False

    def outcomes(self, element: Element) -> Iterator[list[str]]:
        """The sets of places an active element may mark when it goes on."""
        link = self._link(element) if element.kind is Kind.THROW_EVENT else None
        if link is not None:
            yield [self.links[link]] if link in self.links else []
            return
        for boundary in self.process.boundaries.get(element.id, ()):
            event = self.process.elements[boundary]
            if event.interrupting and event.outgoing:
                yield [boundary]
        flows = list(element.outgoing)
        conditional = [flow for flow in flows if self.process.flows[flow].condition is not None]
        if element.kind in XOR_SPLITS and not element.parallel_gateway:
            yield from ([flow] for flow in flows)
            if not flows:
                yield []
        elif element.kind in OR_GATEWAYS or conditional:
            always = [flow for flow in flows if flow not in conditional and flow != element.default_flow]
            yield from ([*always, flow] for flow in conditional)
            yield [*always, *conditional] if conditional else flows
            if element.default_flow in flows:
                yield [*always, str(element.default_flow)]
        else:
            yield flows


def moved(marking: dict[str, int], used: list[str], made: list[str]) -> Marking:
    after = dict(marking)
    for place in used:
        after[place] -= 1
    for place in made:
        after[place] = after.get(place, 0) + 1
    return frozenset((place, number) for place, number in after.items() if number)
