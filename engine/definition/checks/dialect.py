"""The zeebe dialect: known elements in their places, and what plain BPMN leaves open (docs/dialect.md)."""

from __future__ import annotations

import re

from engine.definition.checks.subject import Subject
from engine.definition.markup import (
    BPMN,
    ZEEBE,
    Node,
    bpmn_child,
    extension,
    extensions,
    flag,
    line,
    local,
    namespace,
    text,
)
from engine.definition.model import Element, Kind
from engine.definition.report import Report

JOB_PLACES = frozenset({Kind.SERVICE_TASK, Kind.SEND_TASK, Kind.BUSINESS_RULE_TASK, Kind.SCRIPT_TASK, Kind.THROW_EVENT,
                        Kind.END_EVENT, Kind.AD_HOC_SUB_PROCESS})
USER = frozenset({Kind.USER_TASK})
ANYWHERE: frozenset[Kind] = frozenset()
PLACES: dict[str, frozenset[Kind]] = {
    "properties": ANYWHERE, "ioMapping": ANYWHERE, "versionTag": ANYWHERE, "taskHeaders": ANYWHERE,
    "userTask": USER, "assignmentDefinition": USER, "taskSchedule": USER, "priorityDefinition": USER,
    "formDefinition": USER | {Kind.START_EVENT}, "taskDefinition": JOB_PLACES,
    "calledElement": frozenset({Kind.CALL_ACTIVITY}), "calledDecision": frozenset({Kind.BUSINESS_RULE_TASK}),
    "script": frozenset({Kind.SCRIPT_TASK}), "adHoc": frozenset({Kind.AD_HOC_SUB_PROCESS}),
}
INNER = {"properties": frozenset({"property"}), "ioMapping": frozenset({"input", "output"}),
         "taskHeaders": frozenset({"header"})}
ELSEWHERE = {"message": frozenset({"subscription"}), "definitions": frozenset({"properties"}),
             "multiInstanceLoopCharacteristics": frozenset({"loopCharacteristics"})}
BINDING = "bindingType versionTag"
ATTRIBUTES = {name: frozenset(known.split()) for name, known in {
    "assignmentDefinition": "assignee candidateGroups candidateUsers", "taskSchedule": "dueDate followUpDate",
    "priorityDefinition": "priority", "formDefinition": f"formId formKey externalReference {BINDING}",
    "taskDefinition": "type retries", "adHoc": "activeElementsCollection", "script": "expression resultVariable",
    "calledElement": f"processId propagateAllParentVariables propagateAllChildVariables {BINDING}",
    "calledDecision": f"decisionId resultVariable {BINDING}", "subscription": "correlationKey",
    "loopCharacteristics": "inputCollection inputElement outputCollection outputElement", "input": "source target",
    "output": "source target"}.items()}
TARGET = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")
CHOREOGRAPHY = ("choreographyTask", "callChoreography", "subChoreography")
INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})(\[[\w/+-]+\])?")


def check(subject: Subject) -> None:
    home = subject.index.by_id.get(subject.process.id)
    if home is not None:
        for name in CHOREOGRAPHY:
            for found in home.iter(f"{{{BPMN}}}{name}"):
                subject.report.add("unsupported-element", found.get("id", ""), line(found), kind=name)
    for element in subject.process.elements.values():
        node = subject.node(element)
        if node is None:
            continue
        _placed(node, element, subject)
        _mappings(element, subject)
        if element.kind is Kind.USER_TASK:
            _user_task(element, node, subject)
        elif element.kind is Kind.SCRIPT_TASK:
            _script(element, node, subject)
        _job(element, node, subject)


def check_file(root: Node, report: Report) -> None:
    """Every zeebe element of the file is one of the dialect, except in processes that are never executed."""
    for node in root.iter(f"{{{ZEEBE}}}*"):
        parent = node.getparent()
        if parent is None or _dormant(node):
            continue
        owner = next((found for found in node.iterancestors() if found.get("id")), root)
        if local(node) not in _allowed(parent):
            report.add("unknown-zeebe-element", owner.get("id", ""), line(node), name=local(node))
            continue
        for attribute in map(str, node.attrib):
            if attribute not in ATTRIBUTES.get(local(node), (attribute,)) and not attribute.startswith("{"):
                report.add("zeebe-attribute", owner.get("id", ""), line(node), name=local(node), text=attribute)


def _allowed(parent: Node) -> frozenset[str]:
    if namespace(parent) == ZEEBE:
        return INNER.get(local(parent), frozenset())
    owner = parent.getparent()
    return ELSEWHERE.get(local(owner), frozenset(PLACES)) if owner is not None else frozenset()


def _dormant(node: Node) -> bool:
    return any(not flag(home, "isExecutable", True) for home in node.iterancestors(f"{{{BPMN}}}process"))


def _placed(node: Node, element: Element, subject: Subject) -> None:
    for found in extensions(node):
        places = PLACES.get(local(found), ANYWHERE)
        if places and element.kind not in places:
            subject.report.add("zeebe-placement", element.id, line(found), name=local(found), kind=str(element.kind),
                               expected=" or ".join(sorted(places)))


def _mappings(element: Element, subject: Subject) -> None:
    for mapping in (*element.inputs, *element.outputs):
        if not TARGET.fullmatch(mapping.target):
            subject.report.add("mapping-target", element.id, mapping.source.line, text=mapping.target)


def _user_task(element: Element, node: Node, subject: Subject) -> None:
    form, task = extension(node, "formDefinition"), element.user_task
    if form is not None and not form.get("formId"):
        used = ", ".join(str(name) for name in form.attrib if name != "bindingType") or "nothing"
        subject.report.add("form-reference", element.id, line(form), found=used)
    if task is None:
        return
    if task.priority and not task.priority.feel and not _whole(task.priority.text, 100):
        subject.add("priority", element, text=task.priority.text)
    for what, value in (("due date", task.due_date), ("follow-up date", task.follow_up_date)):
        if value and not value.feel and not INSTANT.fullmatch(value.text):
            subject.add("schedule-literal", element, what=what, text=value.text)


def _whole(written: str, highest: int) -> bool:
    return written.isascii() and written.isdigit() and int(written) <= highest


def _script(element: Element, node: Node, subject: Subject) -> None:
    if element.script is not None or element.job is not None:
        return
    if text(bpmn_child(node, "script")):
        subject.add("script-language", element, language=node.get("scriptFormat") or "an unnamed language")
    else:
        subject.add("script-missing" if extension(node, "script") is not None else "script-empty", element)


def _job(element: Element, node: Node, subject: Subject) -> None:
    if element.job is None:
        return
    task = extension(node, "taskDefinition")
    if task is None or not task.get("type"):
        subject.add("job-type-missing", element)
    retries = element.job.retries
    if retries is not None and not retries.feel and not _whole(retries.text, 1000):
        subject.add("job-retries", element, text=retries.text)
