"""``kapok verify``: play random paths in Kapok and in SpiffWorkflow, and report where they part.

One path is one instance. After each move both engines must have completed the same elements, must wait at the same
elements, and must agree on whether the instance has ended. A path is left, without a verdict on the rest of it, where
it enters an element outside the subset, where a failure other than "no flow matched" stops Kapok, or where several
tokens meet at one element, which SpiffWorkflow cannot tell apart; and after some hundred elements, because its cost
grows with the history and its scans end at a depth of 1,000.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from SpiffWorkflow.exceptions import SpiffWorkflowException

from engine.definition.model import Definition, Kind
from engine.domain import events as ev
from engine.execution import Environment, Instance
from engine.workbench.candidates import Candidates
from engine.workbench.scopes import Data
from engine.workbench.second_engine import Key, SecondEngine
from engine.workbench.subset import JOINS, outside

START = datetime(2026, 1, 1, tzinfo=UTC)
MAX_MOVES = 40
MAX_ELEMENTS = 300
MAX_DIFFERENCES = 10
OPENED = (ev.UserTaskOpened, ev.JobOpened, ev.TimerArmed, ev.MessageAwaited, ev.SignalAwaited)
TASKS = (ev.UserTaskOpened, ev.JobOpened)


@dataclass(frozen=True, slots=True)
class Difference:
    """Where the engines part: the moves that led there, and what each says about ``about``."""

    path: int
    moves: tuple[str, ...]
    about: str
    kapok: str
    spiffworkflow: str

    def as_json(self) -> dict[str, Any]:
        return {
            "path": self.path,
            "moves": list(self.moves),
            "about": self.about,
            "kapok": self.kapok,
            "spiffworkflow": self.spiffworkflow,
        }


@dataclass(frozen=True, slots=True)
class Report:
    """``agreed`` counts paths without a difference as far as they were played together."""

    paths: int
    agreed: int
    outside_subset: tuple[str, ...]
    differences: tuple[Difference, ...]

    def as_json(self) -> dict[str, Any]:
        return {
            "paths": self.paths,
            "agreed": self.agreed,
            "outside_subset": list(self.outside_subset),
            "differences": [each.as_json() for each in self.differences],
        }


def verify(definition: Definition, paths: int = 50, seed: int = 0, env: Environment | None = None) -> Report:
    """Play ``paths`` random paths. The same seed gives the same paths. ``env`` brings the host functions for FEEL."""
    beyond = outside(definition)
    candidates = Candidates(definition)
    differences: list[Difference] = []
    played = 0
    for number in range(paths):
        if len(differences) >= MAX_DIFFERENCES or not definition.root.root().start_events:
            break
        path = _Path(definition, number, random.Random(f"{seed}:{number}"), candidates, beyond, env or Environment())
        played += 1
        differences.extend(path.play())
    elements = tuple(dict.fromkeys(element for _, element in beyond))
    return Report(played, played - len(differences), elements, tuple(differences))


@dataclass(slots=True)
class _Kapok:
    """What Kapok's events say, in the terms of the comparison."""

    beyond: Mapping[Key, str]
    joins: frozenset[Key]
    waits: dict[int, Any] = field(default_factory=dict)
    scopes: dict[int, int] = field(default_factory=dict)
    joined: Counter[tuple[int, Key]] = field(default_factory=Counter)
    completed: Counter[Key] = field(default_factory=Counter)
    total: int = 0
    ended: bool = False
    left: bool = False
    stuck: bool = False

    def see(self, events: Iterable[ev.Event]) -> None:
        self.completed = Counter()
        for event in events:
            self._see(event)

    def _see(self, event: ev.Event) -> None:
        if isinstance(event, ev.ElementActivated):
            self.scopes[event.instance] = event.scope
            self.left |= _key(event) in self.beyond
        elif isinstance(event, ev.ElementCompleted):
            self._completed(event)
        elif isinstance(event, OPENED) and _key(event) not in self.beyond:
            self.waits[event.wait] = event
        elif isinstance(event, ev.WaitClosed):
            self.waits.pop(event.wait, None)
        elif isinstance(event, ev.IncidentRaised):
            self.stuck |= event.code == "no_matching_flow"
            self.left |= event.code != "no_matching_flow"
        elif isinstance(event, ev.CaseEnded):
            self.ended = True

    def _completed(self, event: ev.ElementCompleted) -> None:
        key = _key(event)
        if event.type not in (Kind.EVENT_BASED_GATEWAY, Kind.PROCESS):
            self.completed[key] += 1
            self.total += 1
            self.left |= self.total > MAX_ELEMENTS
        if key in self.joins:
            visit = self.scopes.get(event.instance, 0), key
            self.joined[visit] += 1
            self.left |= self.joined[visit] > 1

    def waiting(self) -> Counter[Key]:
        found = Counter(_key(event) for event in self.waits.values())
        self.left |= any(count > 1 for count in found.values())
        return found


class _Path:
    def __init__(
        self,
        definition: Definition,
        number: int,
        rng: random.Random,
        candidates: Candidates,
        beyond: Mapping[Key, str],
        env: Environment,
    ) -> None:
        self.definition, self.number, self.rng, self.candidates, self.env = definition, number, rng, candidates, env
        self.kapok = _Kapok(beyond, _joins(definition))
        self.now = START
        self.moves: list[str] = []

    def play(self) -> list[Difference]:
        start = self.rng.choice(self.definition.root.root().start_events)
        variables = self.candidates.draw(self.rng)
        self.moves.append(f"start {start}")
        instance, events = Instance.start(self.definition, variables, self.now, env=self.env, element=start)
        self.kapok.see(events)
        waiting = self.kapok.waiting()
        if self.kapok.left:
            return []
        data = Data(self.definition, self.env.functions, START)
        try:
            second = SecondEngine(self.definition, start, variables, data)
        except SpiffWorkflowException as error:
            return self._raised(error)
        found = self._compare(second, waiting)
        while not found and self.kapok.waits and len(self.moves) <= MAX_MOVES:
            found = self._move(instance, second)
            if self.kapok.left or self.kapok.stuck:
                break
        return found

    def _move(self, instance: Instance, second: SecondEngine) -> list[Difference]:
        wait = self.rng.choice(sorted(self.kapok.waits))
        opened = self.kapok.waits[wait]
        task = isinstance(opened, TASKS)
        variables = {} if isinstance(opened, ev.TimerArmed) else self.candidates.draw(self.rng)
        self.moves.append(f"{'complete' if task else 'trigger'} {opened.element}")
        self.kapok.see(self._act(instance, opened, variables))
        waiting = self.kapok.waiting()
        if self.kapok.left:
            return []
        try:
            (second.complete if task else second.trigger)(_key(opened), variables)
        except SpiffWorkflowException as error:
            return self._raised(error)
        return self._compare(second, waiting)

    def _act(self, instance: Instance, opened: Any, variables: Mapping[str, Any]) -> Iterable[ev.Event]:
        if isinstance(opened, TASKS):
            return instance.complete(opened.wait, variables, self.now)
        if isinstance(opened, ev.TimerArmed):
            self.now = max(self.now + timedelta(seconds=1), opened.due_at)
            return instance.fire(opened.wait, self.now)
        return instance.receive(opened.wait, variables, self.now)

    def _compare(self, second: SecondEngine, waiting: Counter[Key]) -> list[Difference]:
        pairs = (
            ("stuck", self.kapok.stuck, False),
            ("completed", _names(self.kapok.completed), _names(second.take_completed())),
            ("waiting", _names(waiting), _names(self._inside(second.waiting()))),
            ("ended", self.kapok.ended, second.ended),
        )
        return [self._difference(about, ours, theirs) for about, ours, theirs in pairs if ours != theirs][:1]

    def _inside(self, waiting: Counter[Key]) -> Counter[Key]:
        return Counter({key: count for key, count in waiting.items() if key not in self.kapok.beyond})

    def _raised(self, error: SpiffWorkflowException) -> list[Difference]:
        return [] if self.kapok.stuck else [self._difference("error", "", str(error))]

    def _difference(self, about: str, ours: object, theirs: object) -> Difference:
        return Difference(self.number, tuple(self.moves), about, str(ours), str(theirs))


def _key(event: Any) -> Key:
    return event.process, event.element


def _joins(definition: Definition) -> frozenset[Key]:
    return frozenset(
        (process.id, element.id)
        for process in definition.processes.values()
        for element in process.elements.values()
        if element.kind in JOINS
    )


def _names(keys: Counter[Key]) -> str:
    return ", ".join(sorted(element for _, element in keys.elements()))
