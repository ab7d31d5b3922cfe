"""``kapok verify --states``: every state of a diagram, data left out, looked at within a bound.

Proved for each process: it can always end (from each state that can be reached, an end can be reached), no element and
no flow is dead, no token is left over (no place ever holds two). That is soundness as van der Aalst (1997) has it.

The abstraction of ``engine.definition.soundness`` made stricter: every exclusive choice may go every way and every wait
may end; a terminate end event ends its scope; an interrupting boundary event or event sub-process may come at any time;
errors go where they are caught, and a sub-process or called process goes on only in the ways in which it was found to
end. A scope is walked by itself, innermost first: what surely ends may stand as one step in the scope around it. What a
non-interrupting event begins is walked apart while it shares nothing with the main path, else together with it, once.
Instances of a loop are taken as one; a second visit of a non-interrupting event is not looked at.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.definition.model import Element, Kind, Process, Scope, Trigger
from engine.definition.reach import closure, components, successors
from engine.definition.soundness import Game, Marking, Walk, moved

MAX_STATES = 50_000
WORK_A_STATE = 200
TOLD = 5
"""Places named of a fault; more do not help."""
BY_THEMSELVES = frozenset({Trigger.MESSAGE, Trigger.TIMER, Trigger.SIGNAL, Trigger.CONDITION, Trigger.ESCALATION})
"""What starts an event sub-process at any time; errors only when thrown."""
EMPTY: Marking = frozenset()


@dataclass(slots=True)
class Exits:
    """How a scope may be left. ``errors``: codes thrown out of it; None stands for one without a code."""

    normally: bool = False
    errors: set[str | None] = field(default_factory=set)
    escalates: bool = False


UNKNOWN = Exits(True, escalates=True)
"""A called process that is not at hand, or calls itself."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What was found of one scope. ``states`` and ``steps`` say how much was looked at; ``bounded``: the bound was met,
    so nothing is proved; the faults name elements or flows."""

    process: str
    scope: str
    states: int
    steps: int
    bounded: bool = False
    stuck: tuple[str, ...] = ()
    dead: tuple[str, ...] = ()
    doubled: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        return not (self.bounded or self.stuck or self.dead or self.doubled)

    def told(self, bound: int) -> str:
        """One line for a person."""
        where = self.process if self.scope == self.process else f"{self.process}/{self.scope}"
        if self.bounded:
            return f"{where}: the bound of {bound} states was met; nothing is proved"
        faults = (("cannot always end: stuck at", self.stuck), ("dead:", self.dead),
                  ("a token is left over at", self.doubled))
        said = "; ".join(f"{words} {', '.join(names)}" for words, names in faults if names)
        return f"{where}: {self.states} states, {self.steps} steps; " + (
            said or "can always end, nothing is dead, no token is left over")

    def as_json(self) -> dict[str, Any]:
        return {"process": self.process, "scope": self.scope, "states": self.states, "steps": self.steps,
                "bounded": self.bounded, "stuck": list(self.stuck), "dead": list(self.dead),
                "doubled": list(self.doubled), "holds": self.holds}


def prove(processes: Mapping[str, Process], most: int = MAX_STATES) -> tuple[Proof, ...]:
    """One proof for each scope of each process, processes in their order, inner scopes first."""
    prover = _Prover(processes, most)
    for name in processes:
        prover.exits_of(name)
    order = {name: place for place, name in enumerate(processes)}
    return tuple(sorted(prover.proofs, key=lambda proof: order[proof.process]))


class _Prover:
    def __init__(self, processes: Mapping[str, Process], most: int) -> None:
        self.processes = processes
        self.most = most
        self.proofs: list[Proof] = []
        self._exits: dict[str, Exits] = {}
        self._called = {element.called.process_id for process in processes.values()
                        for element in process.elements.values() if element.called}

    def exits_of(self, name: str) -> Exits:
        """How a process may end, proving it if that was not done yet."""
        if name not in self.processes:
            return UNKNOWN
        if name not in self._exits:
            self._exits[name] = UNKNOWN
            self._exits[name] = self._prove(self.processes[name])
        return self._exits[name]

    def _prove(self, process: Process) -> Exits:
        inside: dict[str, Exits] = {}
        for scope in sorted(process.scopes.values(), key=lambda scope: -_depth(process, scope)):
            net = Net(process, scope, {**inside, **self._calls(process, scope)})
            self.proofs.append(self._walked(net, uncaught=scope.parent is None and process.id not in self._called))
            inside[scope.id] = net.exits
        return inside[process.id]

    def _calls(self, process: Process, scope: Scope) -> dict[str, Exits]:
        called = ((name, process.elements[name].called) for name in scope.elements)
        return {name: self.exits_of(call.process_id) for name, call in called if call is not None}

    def _walked(self, net: Net, uncaught: bool) -> Proof:
        walks = [net.walk(net.starts(), self.most, self.most * WORK_A_STATE)]
        walks += [net.walk([start], self.most, self.most * WORK_A_STATE) for start in net.apart()]
        states, steps = sum(len(walk.markings) for walk in walks), sum(
            len(ahead) for walk in walks for ahead in walk.markings.values())
        where = net.process.id, net.scope.id, states, steps
        doubled = {name for walk in walks for name in walk.doubled}
        if doubled:
            return Proof(*where, doubled=tuple(sorted(doubled)))
        if not all(walk.complete for walk in walks):
            return Proof(*where, bounded=True)
        stuck = {net.place_name(place) for walk in walks for marking in _never_ending(walk) for place, _ in marking
                 if not place.startswith(FIRED)}
        if uncaught:
            stuck |= {net.thrower[code] for code in net.exits.errors}
        return Proof(*where, stuck=tuple(sorted(stuck)[:TOLD]), dead=tuple(net.dead(walks)))


def _depth(process: Process, scope: Scope) -> int:
    depth = 0
    while scope.parent is not None:
        scope = process.scopes[scope.parent]
        depth += 1
    return depth


def _never_ending(walk: Walk) -> Iterator[Marking]:
    """Where tokens wait for what never comes, or turn in a circle for ever: the last states that lead to no end."""
    before: dict[Marking, list[Marking]] = {}
    for marking, ahead in walk.markings.items():
        for following in ahead:
            before.setdefault(following, []).append(marking)
    ending = {marking for marking in walk.markings if all(place.startswith(FIRED) for place, _ in marking)}
    behind = list(ending)
    while behind:
        for marking in before.get(behind.pop(), ()):
            if marking not in ending:
                ending.add(marking)
                behind.append(marking)
    lost = [marking for marking in walk.markings if marking not in ending]
    numbers = {marking: str(number) for number, marking in enumerate(lost)}
    after = {numbers[marking]: tuple(numbers[ahead] for ahead in walk.markings[marking]) for marking in lost}
    for component in components(after):
        if all(ahead in component for number in component for ahead in after[number]):
            yield from (lost[int(number)] for number in component)


FIRED = "fired "
"""Before the name of a non-interrupting event that came already: a place that stays marked."""


class Net(Game):
    """The token game of one scope, with everything that can end, throw or interrupt in it."""

    def __init__(self, process: Process, scope: Scope, inside: Mapping[str, Exits]) -> None:
        super().__init__(process, scope)
        self.inside = inside
        self.exits = Exits()
        self.thrower: dict[str | None, str] = {}
        self.handlers = [self.elements[name] for name in scope.event_sub_processes if name in self.elements]
        self._together = self._joined()

    def apart(self) -> list[tuple[str, ...]]:
        """Beginnings beside the main path: events that interrupt nothing and share nothing with it."""
        return [(name,) for name in (*self._asides(), *self._beside()) if name not in self._together]

    def dead(self, walks: Sequence[Walk]) -> list[str]:
        """Elements and flows that no walk came by."""
        executed = {name for walk in walks for name in walk.executed}
        marked = {place for walk in walks for marking in walk.markings for place, _ in marking}
        elements = [name for name, element in self.elements.items()
                    if name not in executed and (self.plays(element) or element.kind is Kind.BOUNDARY_EVENT
                                                 and not element.compensation_handler)]
        return elements + [flow for flow in self.scope.flows if flow not in marked
                           and self.process.flows[flow].source in executed]

    def place_name(self, place: str) -> str:
        return super().place_name(place.removeprefix(FIRED))

    def _asides(self) -> list[str]:
        return [item.id for item in self.elements.values() if item.kind is Kind.BOUNDARY_EVENT and not item.interrupting
                and (not _is(item, Trigger.ESCALATION) or self._of(str(item.attached_to)).escalates)]

    def _beside(self) -> list[str]:
        return [item.id for item in self.handlers if not self._start(item).interrupting]

    def _start(self, handler: Element) -> Element:
        return self.process.elements[self.process.scopes[handler.id].start_events[0]]

    def _joined(self) -> frozenset[str]:
        """Non-interrupting boundary events whose path runs into the main one."""
        asides = set(self._asides())
        boundaries = {host: tuple(name for name in names if name not in asides)
                      for host, names in self.process.boundaries.items()}
        reach = closure(successors(self.elements, self.process.flows, boundaries))
        main = 0
        for name in {name for start in self.starts() for name in start}:
            main |= reach[name]
        return frozenset(name for name in asides if reach[name] & main)

    def _of(self, name: str) -> Exits:
        return self.inside.get(name, UNKNOWN)

    # --- the game ---------------------------------------------------------------------------------------------------
    def steps(self, marking: dict[str, int]) -> Iterator[tuple[str, Marking]]:
        tokens = {place: number for place, number in marking.items() if not place.startswith(FIRED)}
        for name in sorted(tokens.keys() & self.elements.keys()):
            yield from self._ending(name, marking)
            yield from self._fired(name, marking)
        fired = {(place, 1) for place in marking.keys() - tokens.keys()}
        for name, after in super().steps(tokens):
            self.exits.normally |= not after
            yield name, after | fired
        yield from self._interrupted(tokens)

    def outcomes(self, element: Element) -> Iterator[list[str]]:
        for outcome in () if _leaves(element) else super().outcomes(element):
            event = self.elements.get(outcome[0]) if outcome else None
            if self._may_come(element, event) if event is not None else self._of(element.id).normally:
                yield outcome

    def _may_come(self, host: Element, event: Element) -> bool:
        """Whether a boundary event may interrupt ``host``: an error or escalation only if what is inside throws it."""
        exits = self.inside.get(host.id)
        if exits is None or exits is UNKNOWN:
            return True
        if _is(event, Trigger.ERROR):
            return any(item.code is None or item.code in exits.errors for item in event.events)
        return exits.escalates or not _is(event, Trigger.ESCALATION)

    def _ending(self, name: str, marking: Mapping[str, int]) -> Iterator[tuple[str, Marking]]:
        """Ends that leave the scope at once, and errors out of what is inside."""
        element = self.elements[name]
        self.exits.escalates |= _is(element, Trigger.ESCALATION) and element.kind is not Kind.BOUNDARY_EVENT
        if _leaves(element) and _is(element, Trigger.ERROR):
            yield from (self._thrown(name, item.code) for item in element.events if item.trigger is Trigger.ERROR)
        elif _leaves(element):
            self.exits.normally = True
            yield name, EMPTY
        boundaries = [self.process.elements[item] for item in self.process.boundaries.get(name, ())]
        for code in sorted(self._of(name).errors, key=str):
            if not any(item.code in (code, None) for event in boundaries if _is(event, Trigger.ERROR)
                       for item in event.events):
                yield self._thrown(name, code)

    def _thrown(self, name: str, code: str | None) -> tuple[str, Marking]:
        for handler in self.handlers:
            start = self._start(handler)
            if name != handler.id and any(item.trigger is Trigger.ERROR and item.code in (code, None)
                                          for item in start.events):
                return name, self._begin((handler.id,))
        self.exits.errors.add(code)
        self.thrower.setdefault(code, name)
        return name, EMPTY

    def _fired(self, name: str, marking: dict[str, int]) -> Iterator[tuple[str, Marking]]:
        for boundary in self.process.boundaries.get(name, ()):
            if boundary in self._together and not marking.get(FIRED + boundary):
                yield name, moved(marking, [], [boundary, FIRED + boundary])

    def _interrupted(self, tokens: Mapping[str, int]) -> Iterator[tuple[str, Marking]]:
        for handler in self.handlers if tokens else ():
            start = self._start(handler)
            if start.interrupting and handler.id not in tokens and any(
                    item.trigger in BY_THEMSELVES for item in start.events):
                yield handler.id, self._begin((handler.id,))


def _is(element: Element, trigger: Trigger) -> bool:
    return any(item.trigger is trigger for item in element.events)


def _leaves(element: Element) -> bool:
    return element.kind is Kind.END_EVENT and (_is(element, Trigger.TERMINATE) or _is(element, Trigger.ERROR))
