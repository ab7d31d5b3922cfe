"""Incidents: work that could not go on is kept, so that a person can mend the cause and have it tried again."""

from __future__ import annotations

from engine.domain.events import IncidentRaised
from engine.execution.kernel import Fault, Kernel
from engine.execution.state import Incident, Node, Op

STUCK = "stuck"


def report(kernel: Kernel, node: Node, at: str, code: str, message: str, ops: list[Op]) -> None:
    state = kernel.state
    state.last_incident += 1
    incident = Incident(state.last_incident, node.id, at, code, message, [list(op) for op in ops])
    kernel.incidents[incident.id] = incident
    info = kernel.program.infos[at]
    kernel.events.append(IncidentRaised(incident.id, kernel.visible(node.id), info.id, info.process, code, message))


def fail(kernel: Kernel, op: Op, node: Node, fault: Fault) -> None:
    """An operation could not be done; it changed nothing and can be done again."""
    report(kernel, node, _reached(kernel, op, node), fault.code, fault.message, [op])


def _reached(kernel: Kernel, op: Op, node: Node) -> str:
    if op[0] == "arrive":
        return kernel.program.links[op[2]].target.key
    return str(op[2]) if op[0] in ("enter", "complex") else node.at


def park(kernel: Kernel, op: Op) -> None:
    """The step ran through too many elements, or for too long: what is left is kept for later."""
    ops = [each for each in (op, *kernel.queue, *kernel.later) if each[1] in kernel.nodes]
    kernel.queue.clear()
    kernel.later.clear()
    if not ops:
        return
    node = kernel.nodes[ops[0][1]]
    limit = kernel.environment.step_limit
    code, bound = (("step_limit", f"within {limit} automatic elements") if kernel.activated >= limit
                   else ("step_time", "before the time of a step was up"))
    at = _reached(kernel, ops[0], node)
    report(kernel, node, at, code,
           f"Expected a wait {bound}, but '{kernel.program.infos[at].id}' was reached without one", ops)


def resume(kernel: Kernel, incident: Incident) -> None:
    """Takes the kept work up again, before anything else."""
    kernel.resolve(incident)
    kernel.queue.extend(tuple(op) for op in incident.ops)


def reopen(kernel: Kernel, node: Node) -> Op | None:
    """Op: offers a task again whose job had failed."""
    kernel.close_all(node, kernel.waiting(node, node.at))
    return "run", node.id


def notice_stuck(kernel: Kernel) -> None:
    """A case that nothing can ever move again says so: tokens that wait at a join for others that cannot come."""
    stuck = next((each for each in kernel.incidents.values() if each.code == STUCK), None)
    if kernel.state.ended or kernel.waits or any(each.code != STUCK for each in kernel.incidents.values()):
        if stuck is not None:
            kernel.resolve(stuck)
    elif stuck is None:
        scope = next((node for node in kernel.nodes.values() if node.tokens), kernel.nodes[0])
        link = next(iter(scope.tokens or ()), None)
        at = kernel.program.links[link].target.key if link is not None else scope.at
        report(kernel, scope, at, STUCK, f"Expected something that could move the case on, but tokens wait at "
               f"'{kernel.program.infos[at].id}' for others that cannot come", [])
