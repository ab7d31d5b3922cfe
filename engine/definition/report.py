"""Collects findings while files are read and checked."""

from __future__ import annotations

from typing import Any

from engine.definition.model import Finding
from engine.definition.rules import RULES


class Report:
    """The findings about one file. ``mute`` holds rules that do not apply to what is being looked at."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.findings: list[Finding] = []

    def add(self, rule: str, element: str = "", line: int = 0, **params: Any) -> None:
        severity, template = RULES[rule]
        message = template.format(element=element, **params)
        self.findings.append(Finding(self.file, element, rule, severity, message, line, params))

    @property
    def refused(self) -> bool:
        return any(finding.severity == "error" for finding in self.findings)

    def sorted(self) -> tuple[Finding, ...]:
        """In file order, each remark once."""
        unique = {(found.line, found.element, found.rule, found.message): found for found in self.findings}
        return tuple(unique[key] for key in sorted(unique))
