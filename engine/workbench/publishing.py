"""Publishing, by any door: checked, deployed, played by the second engine; a difference warns and is recorded.

The comparison comes after the commit and cannot undo it; the number of paths is bounded, so publishing stays quick.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import structlog

from engine.definition.model import Definition
from engine.domain.actors import Actor
from engine.domain.administration import DecideApproval
from engine.domain.approvals import TWO_PERSONS
from engine.domain.commands import Deploy
from engine.domain.deadline_functions import feel_functions
from engine.execution import Environment
from engine.services.context import Outcome
from engine.workbench.sandbox import House
from engine.workbench.verify import Difference, Report, verify

PATHS = 10
MOST_PATHS = 60
"""Of all definitions of a deployment together."""
_log = structlog.get_logger(__name__)
_ON = date(2026, 1, 1)


def publish(house: House, command: Deploy, actor: Actor, key: str | None = None) -> Outcome:
    """Deploys files, and has what is new compared: the answer of the command, with ``differences``. ``key``: of the
    request, so that a repeated one is carried out once. Raises ``DeploymentRefused`` with the findings."""
    outcome = house.runner.run(command, actor, key)
    return {**outcome, "differences": compare(house, outcome["definitions"], actor)}


def decide(house: House, decision: DecideApproval, actor: Actor, key: str | None = None) -> Outcome:
    """Decides on a request for a second person; files that an approval publishes are compared, too."""
    outcome = house.runner.run(decision, actor, key)
    made = outcome["outcome"]
    if outcome["kind"] != TWO_PERSONS[Deploy].kind or made is None:
        return outcome
    return {**outcome, "outcome": {**made, "differences": compare(house, made["definitions"], actor)}}


def compare(house: House, keys: Sequence[str], actor: Actor) -> list[dict[str, Any]]:
    """The differences between Kapok and SpiffWorkflow for published definitions; also written to the audit trail."""
    found: list[dict[str, Any]] = []
    with house.database.reading() as connection:
        tables = house.parts.almanac.tables(connection)
        definitions = [house.parts.definitions.get(connection, key) for key in keys]
    functions = feel_functions(lambda: tables, dict, _ON)
    paths = max(1, min(PATHS, MOST_PATHS // max(1, len(definitions))))
    for definition in definitions:
        report = _verified(definition, paths, Environment(functions=functions))
        found += [{"definition": definition.key, **item.as_json()} for item in report.differences]
        house.runner.audit(actor, "Verify", {
            "definition": definition.key, "paths": report.paths, "agreed": report.agreed,
            "outside_subset": list(report.outside_subset)})
    return found


def _verified(definition: Definition, paths: int, env: Environment) -> Report:
    """A second engine that fails is a difference; what is published stays so."""
    try:
        return verify(definition, paths, env=env)
    except Exception as error:
        _log.warning("second_engine_failed", definition=definition.key, exc_info=True)
        return Report(1, 0, (), (Difference(0, (), "error", "", f"{type(error).__name__}: {error}"),))
