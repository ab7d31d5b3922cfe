"""Rows of task lists: by when each task is due and on what basis, and for whom it is where one step waits for several.

A task's own date goes before the next deadline of its case, as in the order of the list; where both name the same day
it is the deadline that is shown, with its basis and its formula.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from engine.clock import local_date
from engine.definition.model import Element, MultiInstance
from engine.domain import masking
from engine.domain.actors import Actor
from engine.domain.deadline_rules import RuleTable
from engine.domain.deadlines import last_day, workdays_left
from engine.domain.permissions import PARTIES, needs_names
from engine.execution import Instance
from engine.services import steps
from engine.services.context import Context, Parts
from engine.services.views.deadlines import deadline_row
from engine.services.views.models import DeadlineRow, OwnDate, TaskRow
from engine.services.views.tasks import task_row
from engine.store import queries, worklist
from engine.store.database import Connection, Database

READER = Actor(id="reader", name="")
_KEY = re.compile(r'deadline\(\s*"([\w.]+)"')
_NAMED = ("name", "title", "label", "account")


class TaskRows:
    """``language``: of computed texts, ``zh`` or ``en``."""

    def __init__(self, database: Database, parts: Parts, now: datetime, language: str) -> None:
        self._database, self._parts, self._now, self._language = database, parts, now, language

    def of(self, connection: Connection, actor: Actor, rows: Sequence[Any]) -> list[TaskRow]:
        """The read models of tasks with their cases; each row with its case's ``definition_key``."""
        names = queries.user_names(connection, sorted({row.assignee for row in rows if row.assignee}))
        deadlines = self.next_deadlines(connection, actor, sorted({row.case_id for row in rows}))
        elements = [self._element(connection, row) for row in rows]
        subjects = self._subjects(connection, actor, rows, elements)
        return [task_row(row, actor, names, next_due := deadlines.get(row.case_id),
                         self._own(row, element, next_due), subjects.get((row.case_id, row.wait), ""))
                for row, element in zip(rows, elements, strict=True)]

    def next_deadlines(self, connection: Connection, actor: Actor, case_ids: Sequence[str]) -> dict[str, DeadlineRow]:
        """The next deadline of each case, of those that the actor is told of."""
        found: dict[str, Any] = {}
        for row in worklist.deadlines(connection, case_ids, PARTIES.isdisjoint(actor.roles)) if case_ids else ():
            found.setdefault(row.case_id, row)
        today, calendar = local_date(self._now), self._parts.almanac.known[1]
        return {case_id: deadline_row(row, today, calendar, self._language) for case_id, row in found.items()}

    def _element(self, connection: Connection, row: Any) -> Element | None:
        return self._parts.definitions.get(connection, row.definition_key).processes[row.process].elements.get(
            row.element)

    def _own(self, row: Any, element: Element | None, next_due: DeadlineRow | None) -> OwnDate | None:
        if row.due_at is None or row.state != "open":
            return None
        due_on = last_day(row.due_at)
        if next_due is not None and next_due.due_on == due_on:
            return None
        rules, calendar = self._parts.almanac.known
        basis, local = _basis(rules, element)
        return OwnDate(due_on, workdays_left(calendar, local_date(self._now), due_on), basis, local)

    def _subjects(self, connection: Connection, actor: Actor, rows: Sequence[Any],
                  elements: Sequence[Element | None]) -> Mapping[tuple[str, int], str]:
        """For whom each open task of a step is that waits for several; a case's state is read once."""
        found: dict[tuple[str, int], str] = {}
        cases: dict[str, Instance] = {}
        for row, element in zip(rows, elements, strict=True):
            if element is None or not isinstance(element.loop, MultiInstance) or row.state != "open":
                continue
            if row.case_id not in cases:
                cases[row.case_id] = self.instance(connection, row.case_id, row.definition_key)
            seen = cases[row.case_id].variables_of(row.instance)
            said = subject(seen.get(element.loop.input_element or ""), seen.get("loopCounter"))
            found[row.case_id, row.wait] = said if needs_names(actor) else masking.name(said)
        return found

    def instance(self, connection: Connection, case_id: str, definition_key: str) -> Instance:
        """A case as it stands, for reading what its steps see."""
        definition = self._parts.definitions.get(connection, definition_key)
        context = Context(connection, self._database, self._now, READER, self._parts, "read")
        return Instance.load(definition, queries.execution_of(connection, case_id),
                             env=steps.environment(context)[0])


def subject(item: Any, counter: Any) -> str:
    """What one round of a loop is about: the name of its item, else its number."""
    if isinstance(item, Mapping):
        item = next((item[name] for name in _NAMED if item.get(name)), None)
    return item if isinstance(item, str) and item else str(counter or "")


def _basis(rules: RuleTable, element: Element | None) -> tuple[str, bool]:
    """(articles, whether only local practice) of the rule that a step's date is computed by."""
    task = element.user_task if element is not None else None
    named = _KEY.search(task.due_date.text) if task is not None and task.due_date is not None else None
    found = rules.versions.get(named[1]) if named is not None else None
    if not found:
        return "", False
    return "；".join(one.article for one in found[-1].basis), {one.mark for one in found[-1].basis} == {"c"}
