"""Compensation: undoing completed activities, last first (BPMN 13.5.5).

Each scope keeps a log of the completed activities that can be undone; a sub-process takes its own log along, with a
snapshot of its variables. To undo what lies inside it, its scope is restored from the snapshot for the handlers to run
in. Handlers run one after another; a driver (the throw, or the cancelled transaction) holds what is still to do.
"""

from __future__ import annotations

from engine.execution import events
from engine.execution.kernel import Kernel
from engine.execution.program import Event
from engine.execution.state import Loop, Node, Op, Record, Undo

CANCELLED = -2
NOTHING = -1


def start(kernel: Kernel, node: Node, event: Event) -> Op | None:
    """A throw of compensation: for all of its scope, or one activity of it."""
    todo = _collect(kernel, node, event.activity)
    if not todo:
        return "throw", node.id, event.index + 1
    if event.wait:
        extra = node.more()
        extra.todo, extra.then = todo, event.index + 1
        return "undo", node.id
    scope = kernel.parent(node)
    scope.live += 1
    driver = kernel.spawn(kernel.info(node), scope, hidden=True)
    driver.more().todo = todo
    kernel.push("undo", driver.id)
    return "throw", node.id, event.index + 1


def roll_back(kernel: Kernel, transaction: Node) -> Op | None:
    """All of a transaction, which is kept alive meanwhile."""
    extra = transaction.more()
    transaction.live = 1
    extra.todo = [Undo(transaction.id, record) for record in reversed(extra.log)]
    extra.log = []
    extra.then = CANCELLED
    return "undo", transaction.id


def keep_unfinished(kernel: Kernel, transaction: Node) -> None:
    """What has completed inside scopes of a transaction that are about to be ended is part of what it undoes."""
    records = _unfinished(kernel, transaction)
    if records:
        transaction.more().log += records


def _unfinished(kernel: Kernel, scope: Node) -> list[Record]:
    found = []
    for child in kernel.inside(scope):
        if child.extra is not None and child.extra.hidden and child.extra.loop is None:
            continue  # a scope that is being compensated already
        log = [*(child.extra.log if child.extra is not None else ()), *_unfinished(kernel, child)]
        if log:
            found.append(Record(child.at, dict(child.vars) if child.vars else None, log, kernel.is_body(child), True))
    return found


def _collect(kernel: Kernel, node: Node, activity: str | None) -> list[Undo]:
    """What is to be undone, in order: the scope of the throw; from an event sub-process, also the scope around it."""
    found: list[Undo] = []
    scope = kernel.scope_of(node)
    while True:
        found += _take(kernel, scope, activity)
        element = kernel.info(scope).element
        if element is None or not element.triggered_by_event:
            return found
        scope = kernel.parent(scope)


def _take(kernel: Kernel, scope: Node, activity: str | None) -> list[Undo]:
    if scope.extra is None or not scope.extra.log:
        return []
    infos = kernel.program.infos
    chosen = [record for record in scope.extra.log if activity is None or infos[record.at].id == activity]
    scope.extra.log = [record for record in scope.extra.log if record not in chosen]
    return [Undo(scope.id, record) for record in reversed(chosen)]


def undo(kernel: Kernel, driver: Node) -> Op | None:
    """Op: the next thing to undo, or what follows when all is done."""
    extra = driver.more()
    if not extra.todo:
        return _done(kernel, driver)
    entry = extra.todo.pop(0)
    scope = kernel.nodes.get(entry.scope)
    if scope is None:
        return "undo", driver.id
    if entry.record is None:
        outer = kernel.parent(scope)
        kernel.terminate(scope)
        kernel.release(outer)
        return "undo", driver.id
    return _undo_record(kernel, driver, scope, entry.record)


def _undo_record(kernel: Kernel, driver: Node, scope: Node, record: Record) -> Op | None:
    info = kernel.program.infos[record.at]
    inner = kernel.is_body(scope) and scope.at == record.at
    if info.undo is not None and not inner and not record.unfinished:
        scope.live += 1
        handler = kernel.spawn(info.undo, scope)
        handler.more().driver = driver.id
        return "open", handler.id
    scope.live += 1
    restored = kernel.spawn(info, scope, inner=True, hidden=True)
    restored.live = 1
    restored.vars = dict(record.vars) if record.vars is not None else None
    extra = restored.more()
    if record.body:
        extra.loop = Loop()
    driver.more().todo.insert(0, Undo(restored.id))
    if info.body is not None and info.body.undo_start is not None and not record.body and not record.unfinished:
        extra.log = record.log
        handler_node = events.start_handler(kernel, restored, info.body.undo_start, None)
        if handler_node is not None:
            restored.live = 2
            handler_node.more().driver = driver.id
        return None
    driver.more().todo[:0] = [Undo(restored.id, each) for each in reversed(record.log)]
    return "undo", driver.id


def _done(kernel: Kernel, driver: Node) -> Op | None:
    then = driver.more().then
    if then == CANCELLED:
        return "cancelled", driver.id
    if then == NOTHING:
        scope = kernel.parent(driver)
        kernel.terminate(driver)
        kernel.release(scope)
        return None
    driver.more().then = NOTHING
    return "throw", driver.id, then
