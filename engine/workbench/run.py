"""``kapok run``: one model, as far as it goes by itself, in a throw-away store with a virtual clock.

Whenever the instance rests: the head of the script if it can be applied; else the oldest waiting user task or job that
is neither held nor named by a remaining action; else the clock jumps to the next due timer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from engine.definition.model import Element, Kind, Process, Trigger
from engine.definition.wording import say
from engine.domain.commands import (
    BroadcastSignal,
    CompleteJob,
    CompleteUserTask,
    FailJob,
    PublishMessage,
    StartCase,
    ThrowError,
    task_key,
)
from engine.errors import DeploymentRefused, InvalidInput, KapokError, NotFound
from engine.services import listening
from engine.workbench.runaway import Runaway
from engine.workbench.sandbox import Sandbox, Waiting
from engine.workbench.script import ACTIONS, Action, duration, read_script

_FAILED = "failed by the script"
_WORK = ("userTask", "job")


class Run:
    """One run of one model."""

    def __init__(self, sandbox: Sandbox, script: Sequence[Mapping[str, Any]]) -> None:
        self._sandbox = sandbox
        actions = read_script(script)
        self._held = {action.element for action in actions if action.verb == "hold"}
        self._script = [action for action in actions if action.verb != "hold"]
        self._case: str | None = None
        self._runaway = Runaway()
        self._failed: dict[tuple[str, int], dict[str, Any]] = {}
        """User tasks that the script failed: a person who cannot do a task is no failed job, and changes nothing."""

    # --- moving -----------------------------------------------------------------------------------------------------
    def play(self, process: Process | None, variables: Mapping[str, Any]) -> None:
        """Start and move until nothing is left that could move."""
        if process is not None and starts_by_itself(process):
            self._case = self._start(process, variables)
        while not self._ended() and (self._follow_script() or self._go_on()):
            self._case = self._case or self._first_case()

    def _start(self, process: Process, variables: Mapping[str, Any]) -> str | None:
        try:
            case: str = self._sandbox.run(StartCase(process.id, variables))["case_id"]
        except NotFound:  # a condition that is not met: something of the script starts it
            return None
        return case

    def _go_on(self) -> bool:
        """What happens without the script, unless it has happened too often."""
        return not self._runaway.caught(self._sandbox.frontier) and (self._work() or self._jump())

    def _first_case(self) -> str | None:
        history = self._sandbox.history()
        return history[0].case_id if history else None

    def _ended(self) -> bool:
        return self._case is not None and self._sandbox.case(self._case)["state"] not in ("active", "suspended")

    def _follow_script(self) -> bool:
        if not self._script or not self._apply(self._script[0]):
            return False
        self._script.pop(0)
        return True

    def _apply(self, action: Action) -> bool:
        """Apply an action if it can be; messages, signals and time always can."""
        if action.verb in ACTIONS:
            self._move(action)
            return True
        waiting = next((item for item in self._sandbox.waiting() if item.element == action.element
                        and item.kind in _WORK and (item.case_id, item.instance) not in self._failed), None)
        if waiting is None:
            return False
        self._answer(waiting, action)
        return True

    def _move(self, action: Action) -> None:
        if action.verb == "message":
            self._sandbox.run(PublishMessage(action.element, action.key, action.values))
        elif action.verb == "signal":
            self._sandbox.run(BroadcastSignal(action.element, action.values))
        else:
            self._sandbox.advance(duration(action.element, "advance"))

    def _answer(self, waiting: Waiting, action: Action) -> None:
        key = task_key(waiting.case_id, waiting.wait)
        if action.verb == "error":
            self._sandbox.run(ThrowError(key, action.code, action.values))
        elif action.verb == "fail" and waiting.kind == "job":
            self._sandbox.run(FailJob(key, action.text or _FAILED, 0))
        elif action.verb == "fail":
            self._failed[waiting.case_id, waiting.instance] = {
                "element": waiting.element, "message": action.text or _FAILED, "code": "job_failed"}
        else:
            self._complete(waiting, action.values)

    def _complete(self, waiting: Waiting, values: Mapping[str, Any]) -> None:
        key = task_key(waiting.case_id, waiting.wait)
        command: Callable[..., Any] = CompleteUserTask if waiting.kind == "userTask" else CompleteJob
        self._sandbox.run(command(key, dict(values)))

    def _work(self) -> bool:
        """Complete the oldest waiting user task or job that nobody else is to answer."""
        named = self._held | {action.element for action in self._script if action.verb not in ACTIONS}
        able = [item for item in self._sandbox.waiting() if item.kind in _WORK and item.element not in named]
        failed = {(row.case_id, row.instance) for row in self._sandbox.incidents()} if able else set()
        failed |= self._failed.keys()
        for waiting in able:
            if (waiting.case_id, waiting.instance) not in failed:
                self._runaway.element = waiting.element
                self._complete(waiting, {})
                return True
        return False

    def _jump(self) -> bool:
        due = self._sandbox.next_due()
        if due is None:
            return False
        timers = [item.element for item in self._sandbox.waiting() if item.kind == "timer"]
        self._runaway.element = timers[0] if timers else ""
        self._sandbox.clock.move_to(max(due, self._sandbox.clock.now()))
        return self._sandbox.fire_due() > 0

    # --- telling ----------------------------------------------------------------------------------------------------
    def report(self, process: Process | None) -> dict[str, Any]:
        """The JSON of INTERFACES §4."""
        history = self._sandbox.history()
        incidents = [{"element": row.element, "message": row.message, "code": row.code}
                     for row in self._sandbox.incidents()]
        incidents += [*self._failed.values(), *self._runaway.incidents()]
        ended = self._ended()
        return {
            "outcome": "incident" if incidents else "completed" if ended else "waiting",
            "trace": [_traced(row) for row in history if row.kind in ("completed", "terminated")],
            "ended_at": self._ended_at(history, process),
            "variables": self._variables(),
            "waiting": [] if ended else self._waiting(),
            "incidents": incidents,
            "rejected": []}

    def _waiting(self) -> list[dict[str, str]]:
        """What rests; before anything has started, the start events that listen."""
        if self._case is None:
            return [{"element": listening.split(key)[0], "kind": str(event.trigger)}
                    for process in self._sandbox.processes() if process.executable
                    for key, event in listening.triggers(process)]
        return [{"element": item.element, "kind": item.kind} for item in self._sandbox.waiting()]

    def _ended_at(self, history: Sequence[Any], process: Process | None) -> list[str]:
        if process is None:
            return [row.element for row in history if row.kind == "completed" and row.type == Kind.END_EVENT]
        top = _final_ends(process)
        return [row.element for row in history if row.kind == "completed" and row.case_id == self._case
                and row.process == process.id and row.element in top]

    def _variables(self) -> dict[str, Any]:
        return self._sandbox.variables(self._case) if self._case is not None else {}


def _final_ends(process: Process, scope: str | None = None) -> set[str]:
    """End events that may be the last of a process: those of its root, and of event sub-processes that take over from
    it by interrupting it (BPMN 13.5.4)."""
    here = process.root() if scope is None else process.scopes[scope]
    ends = {name for name in here.elements if process.elements[name].kind is Kind.END_EVENT}
    for name in here.event_sub_processes:
        if any(_takes_over(process.elements[start]) for start in process.scopes[name].start_events):
            ends |= _final_ends(process, name)
    return ends


def _takes_over(start: Element) -> bool:
    return start.interrupting and all(event.trigger is not Trigger.COMPENSATION for event in start.events)


def _traced(row: Any) -> dict[str, Any]:
    return {"element": row.element, "type": row.type, "event": row.kind, "process": row.process,
            "at": row.at.isoformat().replace("+00:00", "Z")}


def run(sandbox: Sandbox, files: Sequence[tuple[str, bytes]], *, process_id: str | None = None,
        variables: Mapping[str, Any] | None = None, script: Sequence[Mapping[str, Any]] = (),
        language: str = "en") -> dict[str, Any]:
    """Deploy files, play one process of the first, and tell what happened. Refused files give outcome ``rejected``,
    with messages in ``language``."""
    player = Run(sandbox, script)
    try:
        sandbox.deploy(files)
    except DeploymentRefused as refused:
        return _rejected([{"element": item.element, "rule": item.rule, "message": say(item, language)}
                          for item in refused.params["findings"] if item.severity == "error"])
    process = _chosen(sandbox, process_id)
    if process is None and not _startable(sandbox):
        return _rejected([{"element": "", "rule": "no-process",
                           "message": "Expected an executable process with a start, but the file has none."}])
    try:
        player.play(process, dict(variables or {}))
    except (InvalidInput, NotFound) as error:
        if process is not None and not sandbox.history():
            return _rejected([{"element": process.id, "rule": error.code, "message": error.message}])
        raise
    return player.report(process)


def _rejected(findings: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {"outcome": "rejected", "trace": [], "ended_at": [], "variables": {}, "waiting": [], "incidents": [],
            "rejected": list(findings)}


def _chosen(sandbox: Sandbox, process_id: str | None) -> Process | None:
    """The named process, else the first executable one with a none start, else one that a condition may start; None:
    the first action must start one."""
    processes = sandbox.processes()
    if process_id is not None:
        for process in processes:
            if process.id == process_id:
                return process
        raise KapokError(f"Expected process '{process_id}' in the file, but found "
                         f"{', '.join(item.id for item in processes) or 'none'}.")
    able = [process for process in processes if process.executable and not process.global_task]
    return next((process for process in (*filter(_has_none_start, able), *filter(_has_condition, able))), None)


def starts_by_itself(process: Process) -> bool:
    """Without anything that has to arrive: by a none start, or a condition that the variables meet."""
    return _has_none_start(process) or _has_condition(process)


def _startable(sandbox: Sandbox) -> bool:
    return any(process.executable and not process.global_task and any(listening.triggers(process))
               for process in sandbox.processes())


def _has_condition(process: Process) -> bool:
    return any(event.trigger is Trigger.CONDITION for _, event in listening.triggers(process))


def _has_none_start(process: Process) -> bool:
    root = process.root()
    heard = {element.id for element in listening.listening_starts(process)}
    if root.start_events:
        return any(name not in heard for name in root.start_events)
    return any(name not in heard and not process.elements[name].instantiate for name in root.entry_elements)
