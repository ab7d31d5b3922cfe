"""Loops: a wrapper around the instances of an activity; boundary events attach to the wrapper.

Multi-instance as in Zeebe: the inner instance has the input element and ``loopCounter`` (from 1) for its own, and an
output element that is a plain name; the wrapper has the output collection, and gives it outwards when it ends. The
completion condition is looked at after each instance. A standard loop runs one instance after another while its
condition is true; its wrapper is not part of history.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.execution import behaviors, data, events
from engine.execution.kernel import Fault, Kernel
from engine.execution.program import Info, MultiPlan
from engine.execution.state import Loop, Node, Op, Record

_NAME = re.compile(r"[^\W\d]\w*")


def local_names(info: Info) -> Sequence[str]:
    """Variables that belong to each inner instance."""
    if info.multi is None:
        return ("loopCounter",) if info.repeat is not None else ()
    output = info.multi.output_element
    names = [info.multi.input_element, output.text if output is not None and _NAME.fullmatch(output.text) else None]
    return ("loopCounter", *(name for name in names if name))


def open_body(kernel: Kernel, body: Node, info: Info) -> Op | None:
    seen = data.around(kernel, body)
    plans = events.plan_all(kernel, info.boundaries, seen)
    loop = _multi(kernel, info.multi, seen) if info.multi is not None else _standard(kernel, info, seen)
    body.more().loop = loop
    if info.multi is not None and info.multi.output_collection:
        body.vars = {info.multi.output_collection: [None] * loop.total}
    if not events.listen(kernel, body, plans):
        return None
    if info.multi is not None and not info.multi.sequential:
        for _ in range(loop.total):
            kernel.push("next_round", body.id)
        body.live = loop.total
        return None if loop.total else ("loop_end", body.id)
    return "next_round", body.id


def _multi(kernel: Kernel, plan: MultiPlan, seen: data.View) -> Loop:
    if plan.collection is not None:
        items = data.stored(kernel, plan.collection, seen)
        if not isinstance(items, list):
            raise Fault("expression", f"Expected the collection '= {plan.collection.text}' to be a list, but it is "
                                      f"{data.shown(items)}")
        loop = Loop(items, len(items))
    elif plan.cardinality is not None:
        loop = Loop(None, data.whole(kernel, plan.cardinality, seen, "the cardinality"))
    else:
        raise Fault("expression", "Expected a collection or a cardinality to loop over, but there is neither")
    if loop.total > kernel.environment.step_limit:
        raise Fault("step_limit", f"Expected at most {kernel.environment.step_limit} instances, but there would be "
                                  f"{loop.total}")
    return loop


def _standard(kernel: Kernel, info: Info, seen: data.View) -> Loop:
    plan = info.repeat
    if plan is None or plan.maximum is None:
        return Loop(None, -1)
    return Loop(None, data.whole(kernel, plan.maximum, seen, "the maximum of rounds"))


def next_round(kernel: Kernel, body: Node) -> Op | None:
    """Starts the next inner instance, or ends the loop."""
    info = kernel.info(body)
    loop = body.more().loop
    if loop is None:
        return None
    if info.multi is None:
        if not _again(kernel, body, info, loop):
            return "loop_end", body.id
    elif loop.started >= loop.total:
        return "loop_end", body.id
    if info.multi is None or info.multi.sequential:
        body.live = 1
    loop.started += 1
    node = kernel.spawn(info, body, inner=True)
    kernel.write(node, _locals(info, loop))
    return "open", node.id


def _locals(info: Info, loop: Loop) -> dict[str, Any]:
    values: dict[str, Any] = dict.fromkeys(local_names(info))
    values["loopCounter"] = loop.started
    if info.multi is not None and info.multi.input_element and loop.items is not None:
        values[info.multi.input_element] = loop.items[loop.started - 1]
    return values


def _again(kernel: Kernel, body: Node, info: Info, loop: Loop) -> bool:
    """Whether a standard loop goes on: its maximum first, then its condition."""
    plan = info.repeat
    if plan is None or (loop.total >= 0 and loop.started >= loop.total):
        return False
    if plan.condition is None:
        return loop.started == 0 or loop.total >= 0
    if loop.started == 0 and not plan.before:
        return True
    counter = loop.started if not plan.before else loop.started + 1
    return data.holds(kernel, plan.condition, {**data.view(kernel, body), "loopCounter": counter})


def repeat(kernel: Kernel, body: Node, node_id: int) -> Op | None:
    """An inner instance is done."""
    node = kernel.nodes[node_id]
    info = kernel.info(body)
    extra = body.more()
    loop = extra.loop
    if loop is None:
        return None
    outcome = _outcome(kernel, body, node, info.multi, loop) if info.multi is not None else _NOTHING
    loop.done += 1
    if outcome.outputs is not None and info.multi is not None and info.multi.output_collection:
        body.vars = {**(body.vars or {}), info.multi.output_collection: outcome.outputs}
        kernel.dirty = True
    if info.compensable and info.undo is None:
        _remember(body, node, info)
    kernel.complete(node)
    body.live -= 1
    if outcome.done:
        _stop(kernel, body)
    if not outcome.thrown:
        return "went_on", body.id, outcome.done
    loop.throwing += 1
    kernel.later.append(("behave", body.id, outcome.thrown, outcome.attributes, outcome.done))
    return None


def went_on(kernel: Kernel, body: Node, done: bool) -> Op | None:
    """Op: what follows an instance once all it throws is thrown."""
    loop, plan = body.more().loop, kernel.info(body).multi
    if plan is None or plan.sequential:
        return "loop_end" if done else "next_round", body.id
    return None if body.live or loop is not None and loop.throwing else ("loop_end", body.id)


@dataclass(frozen=True, slots=True)
class _Outcome:
    """The output collection with an instance in it, whether the completion condition is met, what is thrown."""

    outputs: list[Any] | None = None
    done: bool = False
    thrown: list[behaviors.Thrown] = field(default_factory=list)
    attributes: dict[str, int] = field(default_factory=dict)


_NOTHING = _Outcome()


def _outcome(kernel: Kernel, body: Node, node: Node, plan: MultiPlan, loop: Loop) -> _Outcome:
    seen = data.view(kernel, node)
    outputs = None
    if plan.output_collection and plan.output_element is not None:
        outputs = list((body.vars or {}).get(plan.output_collection) or ())
        counter = (node.vars or {}).get("loopCounter")
        place = counter - 1 if isinstance(counter, int) and 0 < counter <= len(outputs) else loop.done
        outputs[place] = data.stored(kernel, plan.output_element, seen)
    if plan.until is None and not plan.throws:
        return _Outcome(outputs)
    counts = {"numberOfInstances": loop.total, "numberOfActiveInstances": body.live - 1,
              "numberOfCompletedInstances": loop.done + 1, "numberOfTerminatedInstances": loop.terminated}
    known = {plan.output_collection: outputs} if plan.output_collection and outputs is not None else {}
    seen = {**seen, **known, **counts}
    done = plan.until is not None and data.holds(kernel, plan.until, seen)
    return _Outcome(outputs, done, behaviors.due(kernel, plan, seen, loop.done == 0), counts)


def _stop(kernel: Kernel, body: Node) -> None:
    """Ends the instances that still run; those that have not begun never will."""
    kernel.terminate(*kernel.inside(body))
    kernel.queue = deque(op for op in kernel.queue if op[:2] != ("next_round", body.id))
    body.live = 0


def loop_end(kernel: Kernel, body: Node) -> Op | None:
    """The loop is over: its output collection goes outwards, and the wrapper leaves."""
    info = kernel.info(body)
    body.live = -1
    kernel.close_all(body)
    if info.multi is not None and info.multi.output_collection and body.vars:
        outputs = body.vars
        body.vars = None
        data.propagate(kernel, kernel.parent(body), outputs)
    return "leave", body.id


def _remember(body: Node, node: Node, info: Info) -> None:
    """Keeps what compensation needs of one instance of a looped sub-process."""
    log = node.extra.log if node.extra is not None else []
    if info.body is not None and (log or info.body.undo_start is not None):
        body.more().log.append(Record(info.key, dict(node.vars) if node.vars else None, log))
