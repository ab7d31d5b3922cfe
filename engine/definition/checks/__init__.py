"""The rules a diagram is held to, one file a subject. Each rule adds findings to a report; none raises or changes.

``check_file`` looks at one file by itself; ``check_links`` at what it refers to elsewhere, ``check_together`` at
all processes that are looked at together. Structural rules of BPMN hold for every process; what matters only when
tokens run (expressions, codes, jobs) is asked of executable ones.
"""

from __future__ import annotations

from collections.abc import Sequence

from engine.definition.checks import (
    activities,
    data,
    dialect,
    documents,
    errors,
    events,
    expressions,
    flows,
    gateways,
    links,
    loops,
    paths,
    remarks,
    rivals,
    timers,
    waits,
)
from engine.definition.checks.references import check_links
from engine.definition.checks.subject import Subject
from engine.definition.events import Index
from engine.definition.markup import Node
from engine.definition.model import Model, Process
from engine.definition.report import Report

__all__ = ["check_file", "check_links", "check_together"]

Looked = Sequence[tuple[Process, Report]]
PROCESS_RULES = (events.check, links.check, gateways.check, activities.check, loops.check, paths.check)
EXECUTABLE_RULES = (dialect.check, timers.check, expressions.check, errors.check, rivals.check,
                    remarks.check, waits.check)


def check_together(processes: Looked) -> None:
    """What can be said only of all executable processes of a deployment: who calls whom matters."""
    waits.check_exits(processes)
    remarks.check_starts(processes)


def check_file(root: Node, model: Model, report: Report) -> None:
    """Everything that can be said of one file by itself."""
    index = Index.of(root)
    if not model.processes:
        report.add("no-process", line=1)
    flows.check(root, index, model, report)
    documents.check(root, index, report)
    data.check(root, index, report)
    dialect.check_file(root, report)
    remarks.check_file(root, report)
    for process in model.processes:
        subject = Subject(process, index, report)
        for check in (*PROCESS_RULES, *(EXECUTABLE_RULES if process.executable else ())):
            check(subject)
