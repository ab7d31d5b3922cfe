"""Every expression of an executable process must be FEEL; what is not is named with its line and column."""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.definition.checks.subject import Subject
from engine.definition.markup import BPMN, line, local, text
from engine.definition.model import Element, MultiInstance, StandardLoop, Value
from engine.feel import FeelSyntaxError, compile_expression, describe

XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
FORMAL = ("conditionExpression", "completionCondition", "loopCondition", "loopCardinality", "condition",
          "activationCondition", "timeDate", "timeDuration", "timeCycle")
WHAT = {"conditionExpression": "the condition", "condition": "the condition", "loopCondition": "the loop condition",
        "completionCondition": "the completion condition", "loopCardinality": "the cardinality",
        "activationCondition": "the activation condition", "timeDate": "the date", "timeDuration": "the duration",
        "timeCycle": "the cycle"}
PLACEHOLDER = re.compile(r"[$#]\{.*\}", re.DOTALL)


def check(subject: Subject) -> None:
    for element in subject.process.elements.values():
        for what, value in values(element):
            if value is not None and value.feel:
                _compiles(what, value, element.id, subject)
    for flow in subject.process.flows.values():
        if flow.condition is None:
            continue
        _compiles("the condition", flow.condition, flow.id, subject)
    _formal(subject)
    _languages(subject)


def _languages(subject: Subject) -> None:
    """What an expression says of itself counts, even if its text happens to read as FEEL (BPMN 8.4.6)."""
    home = subject.index.by_id.get(subject.process.id)
    for node in home.iter(*(f"{{{BPMN}}}{name}" for name in FORMAL)) if home is not None else ():
        language = node.get("language", "").strip()
        if language and "feel" not in language.lower():
            owner = next((found for found in node.iterancestors() if found.get("id")), node)
            subject.report.add("expression-language", owner.get("id", ""), line(node), what=WHAT.get(
                local(node), "the expression"), text=text(node), language=language)


def _formal(subject: Subject) -> None:
    """Executable processes have formal expressions (BPMN 8.4.6); text with a leading ``=`` says so by itself."""
    home = subject.index.by_id.get(subject.process.id)
    if home is None:
        return
    for name in FORMAL:
        for node in home.iter(f"{{{BPMN}}}{name}"):
            written = text(node)
            if node.get(XSI_TYPE) is None and written and not written.startswith("="):
                owner = next((found for found in node.iterancestors() if found.get("id")), home)
                subject.report.add("formal-expression", owner.get("id", ""), line(node), what=name)


def values(element: Element) -> Iterator[tuple[str, Value | None]]:
    """All values of an element with the name they have in messages."""
    for definition in element.events:
        yield from (("the name", definition.name), ("the correlation key", definition.key),
                    (f"the {definition.timer_kind}", definition.timer), ("the condition", definition.condition))
    for direction, mappings in (("input", element.inputs), ("output", element.outputs)):
        yield from ((f"the {direction} mapping of '{item.target}'", item.source) for item in mappings)
    task = element.user_task
    if task is not None:
        yield from (("the assignee", task.assignee), ("the candidate groups", task.candidate_groups),
                    ("the candidate users", task.candidate_users), ("the due date", task.due_date),
                    ("the follow-up date", task.follow_up_date), ("the priority", task.priority))
    if element.job is not None:
        yield from (("the type", element.job.type), ("the retries", element.job.retries))
    if element.script is not None:
        yield "the script", element.script.expression
    yield from _loop(element)
    if element.ad_hoc is not None:
        yield from (("the completion condition", element.ad_hoc.completion_condition),
                    ("the active elements", element.ad_hoc.active_elements))
    yield "the activation condition", element.activation_condition


def _loop(element: Element) -> Iterator[tuple[str, Value | None]]:
    loop = element.loop
    if isinstance(loop, MultiInstance):
        yield from (("the input collection", loop.collection), ("the cardinality", loop.cardinality),
                    ("the output element", loop.output_element),
                    ("the completion condition", loop.completion_condition))
        for each in loop.throws:
            yield from (("the condition of a thrown event", each.condition), ("the name", each.event.name),
                        ("the correlation key", each.event.key))
    elif isinstance(loop, StandardLoop):
        yield from (("the loop condition", loop.condition), ("the loop maximum", loop.maximum))


def _compiles(what: str, value: Value, element: str, subject: Subject) -> None:
    try:
        compile_expression(value.text)
    except FeelSyntaxError as error:
        if PLACEHOLDER.fullmatch(value.text):
            subject.report.add("expression-language", element, value.line, what=what, text=value.text,
                               language="a placeholder language")
        else:
            subject.report.add("feel-syntax", element, value.line, what=what, text=value.text, row=error.line,
                               column=error.column, reason=error.message, reason_zh=describe(error, "zh"),
                               cause=error.code)


