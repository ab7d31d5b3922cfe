"""A throw-away house with a virtual clock, moved by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from engine.clock import VirtualClock
from engine.definition.model import Definition, Process
from engine.domain.actors import SHELL, SYSTEM, Actor
from engine.domain.commands import Command, CompleteUserTask, Deploy, FireTimer, Resource, StartByTimer
from engine.execution import Instance
from engine.execution.state import State, decode
from engine.services.context import Outcome, Parts
from engine.services.runner import Runner
from engine.store import definitions, sandboxes, waits
from engine.store.database import Database, Row


class House(Protocol):
    """What a sandbox needs of a wired house."""

    @property
    def database(self) -> Database: ...

    @property
    def runner(self) -> Runner: ...

    @property
    def parts(self) -> Parts: ...



@dataclass(frozen=True, slots=True)
class Waiting:
    """Something that rests. ``kind``: userTask | job | timer | message | signal | condition; ``instance``: of which
    element instance."""

    case_id: str
    wait: int
    element: str
    kind: str
    instance: int


class Sandbox:
    """Commands, time and a look at what rests; everything through the real services."""

    def __init__(self, house: House, clock: VirtualClock) -> None:
        self.house = house
        self.clock = clock
        self.confirms = True
        """Somebody confirms the consequence of every deadline as it expires, so that the diagram goes on."""

    def deploy(self, files: Sequence[tuple[str, bytes]]) -> Outcome:
        """Publish files. Raises ``DeploymentRefused`` with the findings."""
        return self.run(Deploy(tuple(Resource(name, content) for name, content in files)), SHELL)

    def run(self, command: Command, actor: Actor = SYSTEM) -> Outcome:
        return self.house.runner.run(command, actor)

    def waiting(self) -> list[Waiting]:
        """Everything that rests in every case, oldest first."""
        return [Waiting(case_id, wait.id, wait.at.rpartition("/")[2], wait.kind, wait.node)
                for case_id, state in self._open_cases() for wait in sorted(state.waits, key=lambda wait: wait.id)]

    def frontier(self) -> tuple[int, int]:
        """How many cases are open, and a digest of what is alive in them, whatever its numbers and times: two equal
        ones mean that nothing has changed in between but the clock."""
        states = [state for _, state in self._open_cases()]
        return len(states), hash(tuple(sorted(map(_alive, states))))

    def _open_cases(self) -> list[tuple[str, State]]:
        with self.house.database.reading() as connection:
            return [(row.id, decode(row.execution)) for row in sandboxes.open_cases(connection)]

    def next_due(self) -> datetime | None:
        """When the clock has something to do next."""
        with self.house.database.reading() as connection:
            timer = waits.next_timer_at(connection)
            start = sandboxes.next_start_at(connection)
        due = [instant for instant in (timer, start) if instant is not None]
        return min(due) if due else None

    def advance_to(self, instant: datetime) -> None:
        """Move the clock, firing each timer at its own time on the way, in due order."""
        while (due := self.next_due()) is not None and due <= instant:
            self.clock.move_to(max(due, self.clock.now()))
            if not self.fire_due():
                break
        self.clock.move_to(max(instant, self.clock.now()))

    def advance(self, by: timedelta) -> None:
        self.advance_to(self.clock.now() + by)

    def fire_due(self) -> int:
        """Fire what is due now; timers that a firing arms for this very instant are left for the next call."""
        now = self.clock.now()
        with self.house.database.reading() as connection:
            timers = waits.due_timers(connection, now, 1_000)
            due: list[Command] = [FireTimer(case_id, wait) for case_id, wait in timers]
            due += [StartByTimer(row.process_id, row.element) for row in definitions.due_starts(connection, now)]
        for command in due:
            outcome = self.run(command)
            if self.confirms and "task" in outcome:
                self.run(CompleteUserTask(str(outcome["task"])))
        return len(due)

    def variables(self, case_id: str) -> dict[str, Any]:
        """The variables of a case's root scope."""
        case = self.case(case_id)
        return dict(Instance.load(self.definition(case["definition_key"]), case["execution"]).variables)

    def definition(self, key: str) -> Definition:
        with self.house.database.reading() as connection:
            return self.house.parts.definitions.get(connection, key)

    def processes(self) -> list[Process]:
        """The deployed processes, in the order of their files."""
        with self.house.database.reading() as connection:
            keys = sandboxes.definition_keys(connection)
            return [self.house.parts.definitions.get(connection, key).root for key in keys]

    def history(self) -> list[Row[Any]]:
        """History of all cases in the order in which it was written."""
        with self.house.database.reading() as connection:
            return sandboxes.history(connection)

    def incidents(self) -> list[Row[Any]]:
        with self.house.database.reading() as connection:
            return sandboxes.incidents(connection)

    def case(self, case_id: str) -> Mapping[str, Any]:
        with self.house.database.reading() as connection:
            return sandboxes.case(connection, case_id)


def _alive(state: State) -> str:
    nodes = sorted(repr((node.at, node.vars, node.tokens)) for node in state.nodes)
    waits = sorted((wait.at, wait.kind, wait.name, wait.key, wait.held) for wait in state.waits)
    return repr((nodes, waits, [(incident.at, incident.code) for incident in state.incidents]))
