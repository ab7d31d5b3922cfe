"""After publishing: the second engine plays each new definition; a difference warns and is recorded."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from engine.domain.actors import SHELL
from engine.domain.deadlines import feel_functions
from engine.execution import Environment
from engine.workbench.sandbox import House
from engine.workbench.verify import verify

PATHS = 10
_ON = date(2026, 1, 1)


def compare(house: House, keys: Sequence[str]) -> list[dict[str, Any]]:
    """The differences between Kapok and SpiffWorkflow for published definitions; also written to the audit trail."""
    functions = feel_functions(house.parts.rules, house.parts.calendar, dict, _ON)
    found: list[dict[str, Any]] = []
    with house.database.reading() as connection:
        definitions = [house.parts.definitions.get(connection, key) for key in keys]
    for definition in definitions:
        report = verify(definition, PATHS, env=Environment(functions=functions))
        found += [{"definition": definition.key, **item.as_json()} for item in report.differences]
        house.runner.audit(SHELL, "Verify", {
            "definition": definition.key, "paths": report.paths, "agreed": report.agreed,
            "outside_subset": list(report.outside_subset)})
    return found
