"""Who of a case a rung means where it names a role: not everybody who carries it.

First whom the diagram names at the timer event (``tell.<role>``, FEEL over what the event sees), then who has worked on
the element that the deadline limits, or on the case, in that role.
"""

from __future__ import annotations

from typing import Any

from engine.errors import Conflict
from engine.execution import Instance
from engine.feel import FeelError, FeelLimitExceeded, compile_expression
from engine.services.context import Context
from engine.store import escalations, users
from engine.store.cases import CaseRow

TELL = "tell."


def of_role(context: Context, case: CaseRow, deadline: Any, role: str) -> list[str]:
    """The accounts, or none where the case knows nobody in that role."""
    return _drawn(context, case, deadline, role) or escalations.workers(
        context.connection, case.id, deadline.instance, role)


def _drawn(context: Context, case: CaseRow, deadline: Any, role: str) -> list[str]:
    definition = context.parts.definitions.get(context.connection, case.definition_key)
    process = definition.processes.get(deadline.process)
    element = process.elements.get(deadline.element) if process is not None else None
    text = element.properties.get(TELL + role) if element is not None else None
    if not text:
        return []
    try:
        seen = Instance.load(definition, case.execution).variables_of(deadline.instance)
        found = compile_expression(text.removeprefix("=")).evaluate(seen, now=context.now).value
    except (Conflict, FeelError, FeelLimitExceeded):  # what it limited is over; an expression that says nothing
        return []
    named = [one for one in (found if isinstance(found, list) else [found]) if isinstance(one, str) and one]
    known = users.names(context.connection, named)
    return [one for one in dict.fromkeys(named) if one in known]
