"""Plays a case by element ids. Reloaded between all steps when asked to, and then also compared with itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from engine.definition import Bundle
from engine.definition.markup import parse
from engine.definition.model import Decision, Definition
from engine.definition.read import read
from engine.definition.report import Report
from engine.domain import events as ev
from engine.execution import Environment, Instance, Wait

START = datetime(2026, 1, 1, tzinfo=UTC)


def define(content: bytes, process: str = "p", decisions: dict[str, Decision] | None = None) -> Definition:
    """Reads a drawn file. It is not checked: the kernel also stands what deployment refuses, such as a missing end."""
    report = Report("test.bpmn")
    root = parse(content, report)
    assert root is not None, report.sorted()
    model = read(root, report)
    return Bundle((model,), decisions or {}, {}, ()).definition(process)


class Case:
    """One running case and all that it has reported."""

    def __init__(self, definition: Definition, *, reload: bool, env: Environment | None = None) -> None:
        self.definition = definition
        self.reload = reload
        self.env = env or Environment()
        self.now = START
        self.events: list[ev.Event] = []

    def start(self, variables: dict[str, Any] | None = None, element: str | None = None,
              event: int | None = None) -> Case:
        self.instance, events = Instance.start(self.definition, variables or {}, self.now, env=self.env,
                                               element=element, event=event)
        return self._after(events)

    def _after(self, events: tuple[ev.Event, ...]) -> Case:
        self.last = events
        self.events.extend(events)
        if self.reload:
            stored = self.instance.dump()
            self.instance = Instance.load(self.definition, stored, env=self.env)
            assert self.instance.dump() == stored
        return self

    # -- moving -------------------------------------------------------------------------------------------------------

    def wait(self, element: str, kind: str | None = None) -> Wait:
        """The oldest wait at an element."""
        found = [wait for wait in self.instance.waits.values()
                 if wait.at.rpartition("/")[2] == element and kind in (None, wait.kind)]
        assert found, f"nothing waits at {element}, only at {self.waiting}"
        return found[0]

    def complete(self, element: str, **variables: Any) -> Case:
        return self._after(self.instance.complete(self.wait(element).id, variables, self.now))

    def fail(self, element: str, retries: int = 0, message: str = "broken") -> Case:
        return self._after(self.instance.fail(self.wait(element).id, message, retries, self.now))

    def error(self, element: str, code: str, **variables: Any) -> Case:
        return self._after(self.instance.throw_error(self.wait(element).id, code, variables, self.now))

    def receive(self, element: str, **variables: Any) -> Case:
        return self._after(self.instance.receive(self.wait(element).id, variables, self.now))

    def fire(self, element: str) -> Case:
        """Moves the clock to when the timer is due, and fires it."""
        wait = self.wait(element, "timer")
        assert wait.due is not None
        self.now = max(self.now, wait.due)
        return self._after(self.instance.fire(wait.id, self.now))

    def advance(self, **by: float) -> Case:
        """Moves the clock and fires what becomes due, in due order."""
        end = self.now + timedelta(**by)
        while due := sorted((wait.due, wait.id) for wait in self.instance.waits.values()
                            if wait.due and wait.due <= end):
            self.now = max(self.now, due[0][0])
            self._after(self.instance.fire(due[0][1], self.now))
        self.now = end
        return self

    def set(self, scope: int = 0, **variables: Any) -> Case:
        return self._after(self.instance.set_variables(variables, self.now, scope))

    def resolve(self, incident: int | None = None) -> Case:
        incident = incident if incident is not None else max(self.incidents)
        return self._after(self.instance.resolve(incident, self.now))

    def cancel(self) -> Case:
        return self._after(self.instance.cancel(self.now))

    def modify(self, activate: list[str] | None = None, terminate: list[int] | None = None) -> Case:
        return self._after(self.instance.modify(activate or [], terminate or [], now=self.now))

    # -- looking ------------------------------------------------------------------------------------------------------

    @property
    def trace(self) -> list[str]:
        """``A`` for a completed, ``-A`` for a terminated element instance, in order."""
        return [("" if isinstance(event, ev.ElementCompleted) else "-") + event.element for event in self.events
                if isinstance(event, ev.ElementCompleted | ev.ElementTerminated)]

    @property
    def path(self) -> str:
        return " ".join(self.trace)

    @property
    def waiting(self) -> list[str]:
        return [wait.at.rpartition("/")[2] for wait in self.instance.waits.values()]

    @property
    def variables(self) -> dict[str, Any]:
        return self.instance.variables

    @property
    def incidents(self) -> dict[int, str]:
        found = {event.incident: event.code for event in self.events if isinstance(event, ev.IncidentRaised)}
        for event in self.events:
            if isinstance(event, ev.IncidentResolved):
                found.pop(event.incident, None)
        return found

    @property
    def ended(self) -> str:
        """The state of a case that has ended, with the end events reached."""
        last = [event for event in self.events if isinstance(event, ev.CaseEnded)]
        assert len(last) <= 1
        assert bool(last) == self.instance.ended
        return " ".join((last[0].state, *last[0].ended_at)) if last else ""

    def of(self, kind: type) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]

    def instance_of(self, element: str) -> int:
        """The id of the youngest instance of an element."""
        return int([event.instance for event in self.of(ev.ElementActivated) if event.element == element][-1])
