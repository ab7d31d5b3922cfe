"""What activities carry: mappings, assignments, jobs, scripts, called processes and decisions.

Source: BPMN 2.0.2 clause 10.3; zeebe extension elements as docs/dialect.md lists them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from types import MappingProxyType

from engine.definition.events import Index
from engine.definition.markup import Node, bpmn_child, extension, flag, line, local, reference
from engine.definition.model import (
    AdHoc,
    CalledDecision,
    CalledElement,
    EventDefinition,
    IoMapping,
    Job,
    Kind,
    Script,
    UserTask,
    Value,
)
from engine.definition.values import attribute, expression, formal, value

QUANTITY = re.compile(r"0*[1-9][0-9]{0,2}")
JOB_TASKS = frozenset({Kind.SERVICE_TASK, Kind.SEND_TASK, Kind.BUSINESS_RULE_TASK})
FEEL_LANGUAGES = ("feel", "https://www.omg.org/spec/dmn/20191111/feel/", "https://www.omg.org/spec/dmn/20180521/feel/")


def mappings(node: Node, direction: str) -> tuple[IoMapping, ...]:
    """zeebe:input or zeebe:output, in document order."""
    holder = extension(node, "ioMapping")
    found = [] if holder is None else [item for item in holder if local(item) == direction]
    return tuple(IoMapping(value(item.get("source"), line(item)) or Value("null", True, line(item)),
                           item.get("target", "").strip()) for item in found)


def quantity(node: Node, name: str) -> int:
    """A number of tokens; 1 where none or nonsense is written, which is refused."""
    written = node.get(name, "1").strip()
    return int(written) if QUANTITY.fullmatch(written) else 1


def _active_elements(node: Node | None) -> Value | None:
    return expression(node.get("activeElementsCollection"), line(node)) if node is not None else None


def _text(node: Node | None, name: str) -> str | None:
    return (node.get(name) or "").strip() or None if node is not None else None


def user_task(node: Node) -> UserTask:
    assignment, schedule = extension(node, "assignmentDefinition"), extension(node, "taskSchedule")
    return UserTask(
        assignee=attribute(assignment, "assignee"), candidate_groups=attribute(assignment, "candidateGroups"),
        candidate_users=attribute(assignment, "candidateUsers"), due_date=attribute(schedule, "dueDate"),
        follow_up_date=attribute(schedule, "followUpDate"),
        priority=attribute(extension(node, "priorityDefinition"), "priority"),
        form_id=_text(extension(node, "formDefinition"), "formId"))


def job(node: Node, kind: Kind, element_id: str, triggers: Sequence[EventDefinition]) -> Job | None:
    """The job of a task or throwing event. A service task that names none is an external job of its own id, so that
    plain BPMN runs; so is a send task without a message and a business rule task without a decision."""
    task = extension(node, "taskDefinition")
    if task is not None:
        kind_of_work = attribute(task, "type") or Value(element_id, False, line(task))
        return Job(kind_of_work, attribute(task, "retries"), _headers(node))
    decided = kind is Kind.BUSINESS_RULE_TASK and extension(node, "calledDecision") is not None
    if kind in JOB_TASKS and not decided and not triggers:
        return Job(Value(element_id, False, line(node)), None, _headers(node))
    return None


def _headers(node: Node) -> MappingProxyType[str, str]:
    holder = extension(node, "taskHeaders")
    if holder is None:
        return MappingProxyType({})
    return MappingProxyType({item.get("key", ""): item.get("value", "") for item in holder if local(item) == "header"})


def script(node: Node, kind: Kind) -> Script | None:
    """zeebe:script, or a bpmn:script whose format is FEEL. Its result variable is optional."""
    if kind is not Kind.SCRIPT_TASK:
        return None
    own = extension(node, "script")
    if own is not None:
        found = expression(own.get("expression"), line(own))
        return Script(found, _text(own, "resultVariable")) if found else None
    plain = bpmn_child(node, "script")
    if plain is not None and node.get("scriptFormat", "").lower() in FEEL_LANGUAGES:
        found = formal(plain)
        return Script(found, None) if found else None
    return None


def decision(node: Node, kind: Kind) -> CalledDecision | None:
    called_decision = extension(node, "calledDecision") if kind is Kind.BUSINESS_RULE_TASK else None
    if called_decision is None:
        return None
    named = static(called_decision.get("decisionId"))
    return CalledDecision(named, _text(called_decision, "resultVariable") or "")


def called(node: Node, kind: Kind, index: Index) -> CalledElement | None:
    if kind is not Kind.CALL_ACTIVITY:
        return None
    own = extension(node, "calledElement")
    if own is not None:
        return CalledElement(static(own.get("processId")), flag(own, "propagateAllParentVariables", True),
                             flag(own, "propagateAllChildVariables", True))
    plain = reference(node.get("calledElement"))
    return CalledElement(plain) if plain else None


def static(written: str | None) -> str:
    """An id that must be known at deployment; ``= "x"`` says the same as ``x``."""
    found = (written or "").strip()
    quoted = found.removeprefix("=").strip()
    if found.startswith("=") and len(quoted) > 1 and quoted[0] == quoted[-1] == '"' and '"' not in quoted[1:-1]:
        return quoted[1:-1]
    return found


def ad_hoc(node: Node) -> AdHoc:
    return AdHoc(
        sequential=node.get("ordering") == "Sequential",
        completion_condition=formal(bpmn_child(node, "completionCondition")),
        cancel_remaining=flag(node, "cancelRemainingInstances", True),
        active_elements=_active_elements(extension(node, "adHoc")))


