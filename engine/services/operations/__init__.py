"""What service tasks can do: registered operations by type. An operation runs inside the step's transaction, takes an
``OperationCall`` and returns output variables; a ``KapokError`` becomes an incident at the element.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.definition.model import Definition
from engine.domain.events import Event, JobOpened
from engine.errors import InvalidInput, Phrase
from engine.services.context import Context
from engine.store.cases import CaseRow


@dataclass(frozen=True, slots=True)
class OperationCall:
    """One call of an operation: the transaction, the locked case, its definition, the job with its variables, and what
    the step has done so far."""

    context: Context
    case: CaseRow
    definition: Definition
    job: JobOpened
    events: Sequence[Event] = ()

    @property
    def variables(self) -> Mapping[str, Any]:
        return self.job.variables

    def text(self, name: str, default: str | None = None) -> str:
        """A text input of the service task. Raises ``InvalidInput`` when it is missing or not a text."""
        value = self.variables.get(name, self.job.headers.get(name, default))
        if not isinstance(value, str) or not value:
            raise InvalidInput(expected=Phrase("input '{name}' to be a text", name=name),
                               found=repr(value), where=self.job.element)
        return value


Operation = Callable[[OperationCall], Mapping[str, Any]]
