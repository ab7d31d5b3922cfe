"""Scenario files (INTERFACES §5): cases played through the real services with people, partners and a virtual clock, and
what they are expected to reach; with coverage of elements and sequence flows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import PurePath
from typing import Any

from engine.clock import LOCAL_ZONE, VirtualClock
from engine.definition.model import Process
from engine.domain.actors import SHELL, SYSTEM, Actor
from engine.domain.commands import (
    AddPartner,
    AddUser,
    BroadcastSignal,
    CompleteJob,
    CompleteUserTask,
    FailJob,
    PublishMessage,
    StartCase,
    ThrowError,
    task_key,
)
from engine.domain.permissions import ROLES
from engine.errors import InvalidInput, KapokError
from engine.services.cases import is_offered
from engine.store import queries
from engine.workbench.sandbox import House, Sandbox, Waiting
from engine.workbench.scenario_files import ScenarioFile, read_cases
from engine.workbench.script import duration

EVERYBODY = frozenset(ROLES)
PARTNERS = ("cnipa", "court", "notary", "arbitration", "appraiser", "station")

MakeHouse = Callable[[VirtualClock, Callable[[str], None], Any], House]
"""A throw-away house for a clock; the second argument is told each flow travelled (``called process/flow``), the third
is the house to begin as a copy of, or None."""


class ExpectationError(KapokError):
    """Expected {expected}, but found {found}."""

    code = "expectation"


@dataclass(slots=True)
class Coverage:
    """What was visited, by process."""

    elements: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    flows: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    processes: dict[str, Process] = field(default_factory=dict)

    def report(self) -> dict[str, Any]:
        return {name: self._of(process) for name, process in sorted(self.processes.items())}

    def _of(self, process: Process) -> dict[str, Any]:
        seen, flows = self.elements[process.id], self.flows[process.id] | _implied(process, self.elements[process.id])
        missed = [name for name in process.elements if name not in seen] + [
            name for name in process.flows if name not in flows]
        return {"elements": _share(len(process.elements), sum(name in seen for name in process.elements)),
                "flows": _share(len(process.flows), sum(name in flows for name in process.flows)), "missed": missed}


def _implied(process: Process, seen: set[str]) -> set[str]:
    """Flows out of event gateways carry no token of their own: the event that happened says which one was taken."""
    return {flow.id for flow in process.flows.values()
            if process.elements[flow.source].kind == "eventBasedGateway" and flow.target in seen}


def _share(total: int, visited: int) -> float:
    return round(visited / total, 4) if total else 1.0


def play_files(files: Sequence[ScenarioFile], make_house: MakeHouse,
               progress: Callable[[str], None] = lambda name: None) -> dict[str, Any]:
    """Play every case of every file. Answers the JSON of ``kapok scenario``."""
    coverage = Coverage()
    cases, failed = 0, []
    for file in files:
        clock = VirtualClock()
        prepared = make_house(clock, lambda flow: None, None)
        try:
            listed = read_cases(file)
            _prepare(Sandbox(prepared, clock), file)
        except KapokError as error:  # this file cannot be played; the others can
            cases += 1
            failed.append({"file": file.path, "case": "", "step": "read", "message": error.message})
            continue
        for case in listed:
            cases += 1
            progress(f"{PurePath(file.path).name}: {case.get('name', cases)}")
            failure = _play(case, make_house, prepared, coverage)
            if failure is not None:
                failed.append({"file": file.path, "case": str(case.get("name", cases)), **failure})
    return {"cases": cases, "passed": cases - len(failed), "failed": failed, "coverage": coverage.report()}


def _play(case: Mapping[str, Any], make_house: MakeHouse, prepared: House,
          coverage: Coverage) -> dict[str, Any] | None:
    try:
        clock = VirtualClock(_instant(case.get("at", "2026-01-01T00:00:00Z"), "at"))
    except InvalidInput as error:
        return {"step": "start", "message": error.message}
    travelled: set[str] = set()
    house = make_house(clock, travelled.add, prepared)
    player = Player(Sandbox(house, clock), case)
    step: Any = "start"
    try:
        player.start()
        for number, action in enumerate(case.get("steps") or (), 1):
            step = number
            player.step(action)
        step = "ends"
        player.check_end()
    except KapokError as error:
        return {"step": step, "message": error.message}
    finally:
        _cover(player.sandbox, coverage, travelled)
        house.database.close()
    return None


def _prepare(sandbox: Sandbox, file: ScenarioFile) -> None:
    sandbox.deploy(file.models)
    for role in ROLES:
        for number in ("1", "2"):
            sandbox.run(AddUser(f"{role}{number}", f"{ROLES[role]}{number}", (role,), "!"), SHELL)
    for kind in PARTNERS:
        sandbox.run(AddPartner(kind, kind), SHELL)


def _cover(sandbox: Sandbox, coverage: Coverage, travelled: set[str]) -> None:
    for process in sandbox.processes():
        coverage.processes.setdefault(process.id, process)
        coverage.flows[process.id] |= {flow for flow in process.flows if not travelled.isdisjoint(
            (flow, f"{process.id}/{flow}"))}
    for row in sandbox.history():
        if row.element is not None:
            coverage.elements[row.process].add(row.element)


class Player:
    """One case of a scenario file."""

    def __init__(self, sandbox: Sandbox, case: Mapping[str, Any]) -> None:
        self.sandbox = sandbox
        self._case = case
        self._id = ""

    def start(self) -> None:
        variables = self._case.get("start") or {}
        process = str(self._case.get("process", ""))
        if "start_by" in self._case:
            self._message(self._case["start_by"])
            begun = self.sandbox.history()
            if not begun:
                raise ExpectationError(expected="the message to start a case", found="none begun")
            self._id = begun[0].case_id
            return
        actor = self._actor(self._case["as"], set()) if "as" in self._case else self._starter(process)
        self._id = self.sandbox.run(StartCase(process, variables), actor)["case_id"]

    def _starter(self, process: str) -> Actor:
        """Whom the process offers itself to, an applicant before others; what it offers to nobody begins by itself."""
        found = next((item for item in self.sandbox.processes() if item.id == process), None)
        roles = [role for role in ROLES if found is not None and is_offered(found, self._actor(role, set()))]
        return self._actor(f"{'applicant' if 'applicant' in roles else roles[0]}1", set()) if roles else SYSTEM

    def step(self, action: Mapping[str, Any]) -> None:
        """One step. Raises ``ExpectationError`` or the refusal of the service."""
        for verb, act in self._verbs().items():
            if verb in action:
                act(action)
                return
        verbs = ", ".join(self._verbs())
        raise InvalidInput(expected=f"a step with one of {verbs}", found=str(dict(action)), where="steps")

    def _verbs(self) -> dict[str, Callable[[Mapping[str, Any]], None]]:
        return {"complete": self._complete, "fail": self._fail, "error": self._error, "message": self._message,
                "signal": self._signal, "advance": self._advance, "advance_to": self._advance, "expect": self._expect}

    # --- doing ------------------------------------------------------------------------------------------------------
    def _find(self, element: str) -> Waiting:
        waiting = [item for item in self.sandbox.waiting() if item.kind in ("userTask", "job")]
        found = next((item for item in waiting if item.element == element), None)
        if found is None:
            others = ", ".join(item.element for item in waiting)
            raise ExpectationError(expected=f"{element} to wait", found=others or "nothing")
        return found

    def _complete(self, action: Mapping[str, Any]) -> None:
        waiting = self._find(action["complete"])
        key = task_key(waiting.case_id, waiting.wait)
        if waiting.kind == "job":
            self.sandbox.run(CompleteJob(key, action.get("with") or {}))
            return
        self.sandbox.run(CompleteUserTask(key, action.get("with") or {}), self._worker(waiting, action.get("as")))

    def _fail(self, action: Mapping[str, Any]) -> None:
        waiting = self._find(action["fail"])
        self.sandbox.run(FailJob(task_key(waiting.case_id, waiting.wait), str(action.get("reason", "failed")), 0))

    def _error(self, action: Mapping[str, Any]) -> None:
        waiting = self._find(action["error"])
        key = task_key(waiting.case_id, waiting.wait)
        self.sandbox.run(ThrowError(key, str(action["code"]), action.get("with") or {}))

    def _message(self, action: Mapping[str, Any]) -> None:
        on = action.get("legal_on")
        self.sandbox.run(PublishMessage(action["message"], str(action.get("key", "")), action.get("with") or {},
                                        legal_on=_day(on) if on else None))

    def _signal(self, action: Mapping[str, Any]) -> None:
        self.sandbox.run(BroadcastSignal(action["signal"], action.get("with") or {}))

    def _advance(self, action: Mapping[str, Any]) -> None:
        self.sandbox.confirms = action.get("confirm", True) is not False
        if "advance_to" in action:
            self.sandbox.advance_to(_instant(action["advance_to"], "advance_to"))
        else:
            self.sandbox.advance(duration(str(action["advance"]), "advance"))

    def _worker(self, waiting: Waiting, name: str | None) -> Actor:
        """Who does a task: the one named, else its assignee, else somebody of its group; what is offered to nobody is
        done as ``kapok run`` does it."""
        with self.sandbox.house.database.reading() as connection:
            task = queries.task(connection, SYSTEM, waiting.case_id, waiting.wait)
            groups = queries.groups_of(connection, waiting.case_id, waiting.wait)
        assignee = task.assignee if task is not None else None
        somebody = name or assignee or next((f"{group}1" for group in groups), None)
        return self._actor(somebody, set(groups)) if somebody is not None else SYSTEM

    def _actor(self, name: str, groups: set[str]) -> Actor:
        role = name.rstrip("0123456789")
        return Actor(name, name, frozenset({role}) if role in ROLES else EVERYBODY | groups)

    # --- expecting --------------------------------------------------------------------------------------------------
    def _expect(self, action: Mapping[str, Any]) -> None:
        wanted = action["expect"] or {}
        found = self._state()
        for name in ("waiting", "documents", "messages_sent", "incidents"):
            _require_all(name, wanted.get(name), found[name])
        for name in ("deadlines", "variables"):
            _require_same(name, wanted.get(name) or {}, found[name])
        for name in ("stage", "state"):
            if name in wanted and wanted[name] != found[name]:
                raise ExpectationError(expected=f"{name} {wanted[name]}", found=found[name])

    def _state(self) -> dict[str, Any]:
        row = self.sandbox.case(self._id)
        with self.sandbox.house.database.reading() as connection:
            deadlines = queries.deadlines_of(connection, SYSTEM, [self._id], running_only=True)
            documents = queries.documents_of(connection, SYSTEM, self._id)
            sent, _ = queries.messages_of(connection, self._id)
        return {
            "waiting": [item.element for item in self.sandbox.waiting()], "stage": row["stage"], "state": row["state"],
            "deadlines": {item.key: item.due_on.isoformat() for item in deadlines},
            "documents": [item.title for item in documents if item.category == "document"],
            "messages_sent": [item.type for item in sent],
            "incidents": [item.element for item in self.sandbox.incidents()],
            "variables": self.sandbox.variables(self._id)}

    def check_end(self) -> None:
        """The case ended where the scenario says, without incident."""
        row = self.sandbox.case(self._id)
        wanted = self._case.get("ends")
        incidents = self.sandbox.incidents()
        if incidents and wanted:
            raise ExpectationError(expected="no incident", found=f"{incidents[0].element}: {incidents[0].message}")
        if wanted and row["ended_element"] != wanted:
            waiting = ", ".join(item.element for item in self.sandbox.waiting())
            raise ExpectationError(expected=f"the end {wanted}", found=row["ended_element"] or f"waiting at {waiting}")


def _require_all(name: str, wanted: Any, found: Sequence[str]) -> None:
    missing = [item for item in wanted or () if item not in found]
    if missing or (wanted == [] and found):
        raise ExpectationError(expected=f"{name} {', '.join(map(str, wanted))}", found=", ".join(found) or "nothing")


def _require_same(name: str, wanted: Mapping[str, Any], found: Mapping[str, Any]) -> None:
    for key, value in wanted.items():
        if found.get(key) != value:
            raise ExpectationError(expected=f"{name} {key} = {value}", found=str(found.get(key)))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput(expected="a day such as 2026-03-02", found=text, where="legal_on") from error


def _instant(text: Any, where: str) -> datetime:
    try:
        value = datetime.fromisoformat(str(text))
    except ValueError as error:
        raise InvalidInput(expected="a date and time such as 2026-03-02T09:00:00+08:00", found=str(text),
                           where=where) from error
    return value if value.tzinfo is not None else value.replace(tzinfo=LOCAL_ZONE)
