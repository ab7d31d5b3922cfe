"""The rules a diagram is held to, one file a subject. Each rule adds findings to a report; none raises or changes.

``check_file`` looks at one file by itself; ``check_links`` at what it refers to elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.definition.markup import Node
from engine.definition.model import Decision, Model, Process
from engine.definition.report import Report


def check_file(root: Node, model: Model, report: Report) -> None:
    """Everything that can be said of one file."""
    if not model.processes:
        report.add("no-process", line=1)


def check_links(model: Model, processes: Mapping[str, Process], decisions: Mapping[str, Decision],
                forms: Mapping[str, Mapping[str, Any]], report: Report) -> None:
    """What elements refer to beyond their file: called processes, decisions and forms."""
    for process in model.processes:
        for element in process.elements.values():
            if element.called and element.called.process_id not in processes:
                report.add("called-process-unknown", element.id, element.line, process=element.called.process_id)
