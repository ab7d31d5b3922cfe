"""A step: work off everything that a command set in motion, until all tokens rest.

First in, first out, one element visit at a time; after each visit, conditions on changed variables. Signals are
delivered when the other tokens rest, joins that depend on what may still come are looked at last. The number of
elements and the time are bounded: what is left then is kept in an incident, and goes on when a person says so.
"""

from __future__ import annotations

from engine.domain.events import CaseEnded
from engine.execution import activities, behaviors, compensation, events, incidents, loops, starting, throws, tokens
from engine.execution.kernel import Fault, Handler, Kernel
from engine.execution.state import Node, Op


def end_case(kernel: Kernel, root: Node) -> Op | None:
    """The root scope is empty: the case is complete."""
    finish(kernel, root, "completed")
    return None


def finish(kernel: Kernel, root: Node, state: str) -> None:
    kernel.close_all(root)
    for incident in list(kernel.incidents.values()):
        kernel.resolve(incident)
    root.live = -1
    root.extra = root.tokens = None
    kernel.queue.clear()
    kernel.later.clear()
    kernel.state.ended = state
    kernel.events.append(CaseEnded(state, tuple(kernel.state.ended_at)))


OPERATIONS: dict[str, Handler] = {
    "start": starting.start,
    "arrive": tokens.arrive,
    "enter": tokens.enter,
    "leave": tokens.leave,
    "complex": tokens.complex_arrive,
    "complex_leave": tokens.complex_leave,
    "open": activities.open_,
    "begin": activities.begin,
    "run": activities.run,
    "finish": activities.finish,
    "ended": activities.ended,
    "completing": activities.completing,
    "close": activities.close,
    "ad_hoc": activities.ad_hoc,
    "next_round": loops.next_round,
    "repeat": loops.repeat,
    "went_on": loops.went_on,
    "behave": behaviors.behave,
    "loop_end": loops.loop_end,
    "throw": throws.throw,
    "fail_with": throws.fail_with,
    "cancelled": throws.cancelled,
    "broadcast": events.broadcast,
    "trigger": events.answered,
    "recheck": events.recheck,
    "undo": compensation.undo,
    "reopen": incidents.reopen,
    "end_case": end_case,
}


def drain(kernel: Kernel) -> None:
    """Runs until nothing can move any more."""
    while True:
        if kernel.dirty:
            kernel.dirty = False
            if kernel.conditions:
                kernel.queue.extendleft(events.became_true(kernel))
        queue = kernel.queue
        if queue:
            op = queue.popleft()
        elif kernel.later:
            op = kernel.later.popleft()
        elif kernel.joining and tokens.settle(kernel):
            continue
        else:
            break
        perform(kernel, op)
    if kernel.incidents or not kernel.waits:
        incidents.notice_stuck(kernel)


def perform(kernel: Kernel, first: Op) -> None:
    """One operation, those it hands over to, and what is queued as long as no variables change. What concerns a node
    that is gone is void."""
    op: Op | None = first
    nodes, limit, time_is_up = kernel.nodes, kernel.environment.step_limit, kernel.environment.time_is_up
    while op is not None:
        if kernel.activated >= limit or time_is_up is not None and time_is_up():
            incidents.park(kernel, op)
            return
        node = nodes.get(op[1])
        if node is None:
            return
        current, operation, arguments = op, OPERATIONS[op[0]], len(op) - 2
        try:  # most have no argument or one: unpacking a slice would cost as much as many an operation
            if arguments == 0:
                op = operation(kernel, node)
            elif arguments == 1:
                op = operation(kernel, node, current[2])
            else:
                op = operation(kernel, node, *current[2:])
        except Fault as fault:
            incidents.fail(kernel, current, node, fault)
            return
        if op is None and kernel.queue and not kernel.dirty:
            op = kernel.queue.popleft()
