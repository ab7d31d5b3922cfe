"""Activities from entry to exit: mappings, boundaries, tasks, scopes and called processes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import Any

from engine.definition.model import Kind
from engine.domain.events import DecisionEvaluated, JobOpened, UserTaskOpened
from engine.execution import data, events, loops, timers
from engine.execution.kernel import Fault, Kernel
from engine.execution.program import Formula, Info
from engine.execution.state import Node, Op, Wait
from engine.feel import FeelLimitExceeded

Beginning = list[Any]
"""Elements to begin with in a scope, each with those to begin with inside it: ``[[key, [[key, []], …]], …]``."""
MOST_CALLS = 1_000
"""Calls inside calls: a process that calls itself without end becomes an incident, as in Zeebe."""


def open_(kernel: Kernel, node: Node, variables: dict[str, Any] | None = None,
          start: Beginning | None = None) -> Op | None:
    """Prepares an element: input mappings, boundary events, what listens inside. All is evaluated before anything is
    changed. ``variables`` came with the event that led here; ``start`` names the elements to begin with."""
    info = kernel.program.infos[node.at]
    if info.plain:
        return "run", node.id, variables
    if kernel.is_body(node):
        return loops.open_body(kernel, node, info)
    outer = data.around(kernel, node)
    local = data.mapped(kernel, info.inputs, outer) if info.inputs else {}
    seen = {**outer, **local} if local else outer
    plans = [] if kernel.is_inner(node) else events.plan_all(kernel, info.boundaries, seen)
    if info.kind is Kind.CALL_ACTIVITY:
        local = _call_variables(kernel, info, node, outer, local)
        seen = local
    if info.body is not None:
        plans += events.plan_all(kernel, info.body.starts, seen)
    if local or info.kind is Kind.CALL_ACTIVITY:
        kernel.write(node, local)
    if not events.listen(kernel, node, plans):
        return None
    if info.body is not None:
        return "begin", node.id, variables, start
    return "run", node.id, variables


def _call_variables(kernel: Kernel, info: Info, node: Node, outer: data.View, local: dict[str, Any]) -> dict[str, Any]:
    """What a called process starts with. Raises ``Fault`` when it is unknown or cannot start by itself."""
    called = info.element.called if info.element is not None else None
    if info.body is None or called is None:
        raise Fault("called_element", f"Expected the process that '{info.id}' calls to be deployed, but there is no "
                                      f"'{called.process_id if called else ''}'")
    if _depth(kernel, node) > MOST_CALLS:
        raise Fault("called_element", f"Expected calls nested at most {MOST_CALLS} deep, but '{info.id}' goes deeper")
    if not info.body.entry:
        raise Fault("called_element", f"Expected process '{called.process_id}' to have a none start event, but it has "
                                      f"none")
    return {**(outer if called.propagate_all_parent else {}), **(node.vars or {}), **local}


def _depth(kernel: Kernel, node: Node) -> int:
    """How many calls a call is inside of, itself included."""
    depth = 0
    while node.id:
        depth += kernel.info(node).kind is Kind.CALL_ACTIVITY and not kernel.is_body(node)
        node = kernel.parent(node)
    return depth


def begin(kernel: Kernel, scope: Node, variables: dict[str, Any] | None = None,
          start: Beginning | None = None) -> Op | None:
    """Puts the first tokens into a scope."""
    body = kernel.info(scope).body
    if body is None:
        return None
    if body.kind is Kind.AD_HOC_SUB_PROCESS and not start:
        return _begin_ad_hoc(kernel, scope, body)
    if start:
        scope.live += len(start)
        kernel.queue.extendleft(("enter", scope.id, key, variables, inside) for key, inside in reversed(start))
        return None
    entries = [each.key for each in body.entry]
    scope.live += len(entries)
    for key in entries:
        kernel.push("enter", scope.id, key)
    if not entries:
        kernel.push("ended", scope.id)
    return None


def run(kernel: Kernel, node: Node, variables: dict[str, Any] | None = None) -> Op | None:
    """What the element itself does."""
    return BEHAVIOURS[kernel.program.infos[node.at].kind](kernel, node, variables)


def finish(kernel: Kernel, node: Node, variables: dict[str, Any] | None = None) -> Op | None:
    """The element has done its work: output mappings or propagation, then its waits are over."""
    info = kernel.program.infos[node.at]
    home, values = (node, variables) if info.direct else _results(kernel, node, info, variables)
    if node.id in kernel.waits_of:
        kernel.close_all(node)
    if values:
        data.propagate(kernel, home, values)
    return "leave", node.id


def _results(kernel: Kernel, node: Node, info: Info, variables: dict[str, Any] | None) -> tuple[Node, dict[str, Any]]:
    """The variables that an element gives to those around it, and from where on they look for their place."""
    inner = kernel.is_inner(node)
    outside = node if inner or not node.id else kernel.parent(node)
    if kernel.is_body(node):
        return node, {}
    if info.outputs:
        seen = {**data.around(kernel, node), **(variables or {})}
        return outside, data.mapped(kernel, info.outputs, seen)
    if info.kind is Kind.CALL_ACTIVITY:
        return kernel.parent(node), _call_results(info, node)
    return node, variables or {}


def _call_results(info: Info, node: Node) -> dict[str, Any]:
    """All variables of a called process, but for those that were local to the call."""
    if info.element is None or info.element.called is None or not info.element.called.propagate_all_child:
        return {}
    local = {path[0] for _, path in info.inputs} | set(loops.local_names(info))
    if info.multi is not None:
        local.add(info.multi.output_collection or "")
    return {name: value for name, value in (node.vars or {}).items() if name not in local}


# -- scopes -----------------------------------------------------------------------------------------------------------

def ended(kernel: Kernel, scope: Node) -> Op | None:
    """A scope may have become empty. What only listens does not keep it open."""
    if scope.live != 0 or scope.extra is not None and (scope.extra.loop is not None or scope.extra.hidden):
        return ("completing", scope.id) if scope.live > 0 and kernel.info(scope).listens else None
    if kernel.info(scope).kind is Kind.AD_HOC_SUB_PROCESS:
        return "ad_hoc", scope.id
    scope.live = -1
    return "close", scope.id


def completing(kernel: Kernel, scope: Node) -> Op | None:
    """A scope in which only event sub-processes are left to finish starts no other (BPMN 13.5.4)."""
    extra = scope.extra
    if kernel.info(scope).kind is Kind.AD_HOC_SUB_PROCESS or extra is not None and (
            extra.loop is not None or extra.hidden or extra.interrupted):
        return None
    handlers = [child for child in kernel.inside(scope) if kernel.info(child).triggered]
    if len(handlers) == scope.live:
        events.close_starts(kernel, scope)
    return None


def close(kernel: Kernel, scope: Node) -> Op | None:
    if scope.id == 0:
        return "end_case", 0
    return "finish", scope.id


def _begin_ad_hoc(kernel: Kernel, scope: Node, body: Info) -> Op | None:
    keys = _ad_hoc_elements(kernel, scope, body)
    element = body.element
    if element is not None and element.ad_hoc is not None and element.ad_hoc.sequential:
        scope.more().pending = keys[1:]
        keys = keys[:1]
    scope.live += len(keys)
    for key in keys:
        kernel.push("enter", scope.id, key)
    return None if keys else ("ad_hoc", scope.id)


def _ad_hoc_elements(kernel: Kernel, scope: Node, body: Info) -> list[str]:
    if body.active is None:
        return [each.key for each in body.entry]
    wanted = data.stored(kernel, body.active, data.view(kernel, scope))
    inside = {each.id: each.key for each in body.elements}
    if not isinstance(wanted, list) or not all(isinstance(each, str) and each in inside for each in wanted):
        raise Fault("expression", f"Expected the elements to activate in '{body.id}' to be a list of ids of its "
                                  f"elements, but it is {data.shown(wanted)}")
    return [inside[each] for each in wanted]


def ad_hoc(kernel: Kernel, scope: Node) -> Op | None:
    """Something inside an ad-hoc sub-process is done: it ends when its condition says so, or when nothing is left."""
    info = kernel.info(scope)
    extra = scope.more()
    element = info.element
    if scope.live < 0 or element is None or element.ad_hoc is None:
        return None
    done = extra.closing or info.until is not None and data.holds(kernel, info.until, data.view(kernel, scope))
    if done and (scope.live == 0 or element.ad_hoc.cancel_remaining):
        kernel.interrupt(scope)
        scope.live = -1
        return "close", scope.id
    extra.closing = done
    if done or scope.live:
        return None
    return _ad_hoc_next(kernel, scope, info)


def _ad_hoc_next(kernel: Kernel, scope: Node, info: Info) -> Op | None:
    """Nothing is active: the next element in turn, else the end; an unmet condition is waited for."""
    extra = scope.more()
    if extra.pending:
        scope.live += 1
        kernel.push("enter", scope.id, extra.pending.pop(0))
    elif info.until is None:
        scope.live = -1
        return "close", scope.id
    elif not kernel.waiting(scope, info.key):
        events.await_condition(kernel, scope, info, info.until)
    return None


# -- tasks ------------------------------------------------------------------------------------------------------------

def _pass(kernel: Kernel, node: Node, variables: dict[str, Any] | None) -> Op | None:
    return "finish", node.id, variables


def _gateway(kernel: Kernel, node: Node, variables: dict[str, Any] | None) -> Op | None:
    return "leave", node.id


def _user_task(kernel: Kernel, node: Node, variables: dict[str, Any] | None) -> Op | None:
    info = kernel.program.infos[node.at]
    seen = data.view(kernel, node)
    plan = info.user
    assignee = groups = users = due = follow_up = None
    priority = 50
    if plan is not None:
        assignee = _optional(kernel, plan.assignee, seen, "the assignee") if plan.assignee else None
        groups = _names(kernel, plan.groups, seen, "the candidate groups")
        users = _names(kernel, plan.users, seen, "the candidate users")
        due = _moment(kernel, plan.due, seen) if plan.due else None
        follow_up = _moment(kernel, plan.follow_up, seen) if plan.follow_up else None
        priority = data.whole(kernel, plan.priority, seen, "the priority") if plan.priority else 50
    wait = kernel.open(node, Wait(0, "userTask", node.id, node.at))
    name = info.element.name if info.element is not None else ""
    kernel.events.append(UserTaskOpened(wait.id, node.id, info.id, info.process, name, assignee, groups or (),
                                        users or (), due, follow_up, priority, plan.form_id if plan else None))
    return None


def _optional(kernel: Kernel, formula: Formula, seen: data.View, what: str) -> str | None:
    if data.evaluate(kernel, formula, seen) in (None, ""):
        return None
    return data.text(kernel, formula, seen, what)


def _names(kernel: Kernel, formula: Formula | None, seen: data.View, what: str) -> tuple[str, ...]:
    """A list of texts, or one text with commas."""
    if formula is None:
        return ()
    if not formula.feel:
        return listed(formula.text)
    found = data.stored(kernel, formula, seen)
    if found is None:
        return ()
    if isinstance(found, str):
        return listed(found)
    if not isinstance(found, list) or not all(isinstance(name, str) for name in found):
        raise Fault("expression", f"Expected {what} to be a list of texts, but it is {data.shown(found)}")
    return tuple(name for name in found if name)


@lru_cache(maxsize=1024)
def listed(names: str) -> tuple[str, ...]:
    """The texts between commas; most of them stand in a diagram."""
    return tuple(name.strip() for name in names.split(",") if name.strip())


def _moment(kernel: Kernel, formula: Formula, seen: data.View) -> datetime | None:
    found = data.evaluate(kernel, formula, seen)
    return None if found in (None, "") else timers.instant(found)


def job(kernel: Kernel, node: Node, variables: dict[str, Any] | None) -> Op | None:
    """Opens a job when the element has one; without one it passes through."""
    info = kernel.info(node)
    if info.job_type is None:
        return "finish", node.id, variables
    seen = data.view(kernel, node)
    kind = data.text(kernel, info.job_type, seen, "the job type")
    retries = data.whole(kernel, info.job_retries, seen, "the retries") if info.job_retries else 3
    headers = info.element.job.headers if info.element is not None and info.element.job is not None else {}
    wait = kernel.open(node, Wait(0, "job", node.id, node.at, name=kind))
    kernel.events.append(JobOpened(wait.id, node.id, info.id, info.process, kind, retries, headers, dict(seen)))
    return None


def _script(kernel: Kernel, node: Node, variables: dict[str, Any] | None) -> Op | None:
    info = kernel.info(node)
    if info.script is None or info.element is None or info.element.script is None:
        return job(kernel, node, variables)
    value = data.stored(kernel, info.script, data.view(kernel, node))
    result = info.element.script.result
    return "finish", node.id, {result: value} if result else None


def _rule(kernel: Kernel, node: Node, variables: dict[str, Any] | None) -> Op | None:
    info = kernel.info(node)
    called = info.element.decision if info.element is not None else None
    if called is None:
        return job(kernel, node, variables)
    decision = kernel.program.definition.decisions.get(called.decision_id)
    if decision is None:
        raise Fault("decision", f"Expected decision '{called.decision_id}' to be deployed, but it is not")
    kernel.seen = data.view(kernel, node)
    try:
        found = decision.evaluate(kernel.seen, functions=kernel.environment.functions, now=kernel.here)
    except FeelLimitExceeded as error:
        raise Fault("decision", f"Expected decision '{called.decision_id}' to have a result, but: {error}") from error
    value = data.keep(found.value, called.decision_id)
    inputs = {name: data.keep(each, name) for name, each in found.inputs.items()}
    kernel.events.append(DecisionEvaluated(node.id, info.id, info.process, called.decision_id, inputs,
                                           tuple(found.matched), value))
    return "finish", node.id, {called.result: value}


def _send(kernel: Kernel, node: Node, variables: dict[str, Any] | None) -> Op | None:
    info = kernel.info(node)
    return job(kernel, node, variables) if info.job_type is not None else ("throw", node.id, 0)


Behaviour = Callable[[Kernel, Node, dict[str, Any] | None], Op | None]

BEHAVIOURS: dict[Kind, Behaviour] = {
    Kind.START_EVENT: _pass,
    Kind.BOUNDARY_EVENT: _pass,
    Kind.CATCH_EVENT: events.run_catch,
    Kind.RECEIVE_TASK: events.run_catch,
    Kind.THROW_EVENT: _send,
    Kind.END_EVENT: _send,
    Kind.SEND_TASK: _send,
    Kind.TASK: _pass,
    Kind.MANUAL_TASK: _pass,
    Kind.USER_TASK: _user_task,
    Kind.SERVICE_TASK: job,
    Kind.SCRIPT_TASK: _script,
    Kind.BUSINESS_RULE_TASK: _rule,
    Kind.EXCLUSIVE_GATEWAY: _gateway,
    Kind.PARALLEL_GATEWAY: _gateway,
    Kind.INCLUSIVE_GATEWAY: _gateway,
    Kind.COMPLEX_GATEWAY: _gateway,
    Kind.EVENT_BASED_GATEWAY: events.run_gateway,
}
