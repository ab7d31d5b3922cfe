"""分案: a part of a case becomes one of its own, with the papers, parties and tasks that were chosen for it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from engine.domain.commands import split_key
from engine.domain.desk_commands import SplitCase
from engine.domain.recusal import CAPACITIES, names_in
from engine.errors import Conflict, InvalidInput, NotFound, Rejection
from engine.services import cases, steps, trail
from engine.services.context import Context, Outcome
from engine.services.desk.rearranging import link, require_reason, seen
from engine.services.recorder import CASE_KEYS
from engine.store import deadlines, desk, queries, recusals, schema, waits
from engine.store.cases import CaseRow
from engine.store.deadlines import OPEN

_OF_THE_OLD = frozenset({*CASE_KEYS, "files"})
"""Variables that a part does not take along: its numbers and papers are its own."""


class PeriodRuns(Rejection):
    """Expected no running period on '{name}', but there is one, and it would begin anew in the new case."""

    code = "period_runs"


class CannotGoOver(Rejection):
    """Expected '{name}' to be work that can go over by itself, but the rest of the case would move too."""

    code = "cannot_go_over"


def split(context: Context, command: SplitCase) -> Outcome:
    """A case of its own of the same version. Tasks that were chosen are open there, with who had them, and end here;
    without any the part begins anew."""
    require_reason(command.reason)
    if not command.title.strip():
        raise InvalidInput(expected="a title", found="", where="title")
    row = steps.lock_case(context, seen(context, command.case_id))
    definition, instance = steps.load(context, row)
    chosen = [_task(context, row, key) for key in command.tasks]
    variables = _taken_along(instance.variables, command.parties)
    part = cases.begin(context, definition, {**variables, "title": command.title.strip()[:255]}, None)
    part.unit, part.owner, part.level = row.unit, row.owner, row.level
    if chosen:
        _hand_over(context, row, part, chosen)
    papers = desk.copy_documents(context.connection, row.id, part.id, context.new_id, command.documents)
    link(context, part, row, command.reason)
    trail.note(context, part, "case:split_off", {"other": row.case_no or row.id, "reason": command.reason})
    trail.note(context, row, "case:split", {"other": part.case_no or part.id, "reason": command.reason})
    parties = {name for _, name in recusals.parties_of(context.connection, part.id)}
    return {"case_id": part.id, "case_no": part.case_no, "state": part.state, "title": part.title,
            "documents": papers, "parties": sorted(parties), "tasks": [task.name for task in chosen]}


def _taken_along(variables: Mapping[str, Any], parties: Collection[str] | None) -> dict[str, Any]:
    """The variables without the numbers of the old case and without the parties that stay behind; whose applicant
    stays is not the applicant of the new one."""
    kept = {name: value for name, value in variables.items() if name not in _OF_THE_OLD}
    if parties is None:
        return kept
    for name in set(CAPACITIES) & kept.keys():
        kept[name] = _only(kept[name], set(parties))
        if kept[name] is None:
            del kept[name]
    if "applicant" not in kept and "applicant" in variables:
        kept.pop("applicant_user", None)
    return kept


def _only(value: Any, parties: set[str]) -> Any:
    """Of those whom a variable names, the ones who go along; None when nobody does."""
    if isinstance(value, list):
        return [item for item in value if not parties.isdisjoint(names_in(item))] or None
    return None if parties.isdisjoint(names_in(value)) else value


def _task(context: Context, row: CaseRow, key: str) -> Any:
    parts = split_key(key)
    found = waits.find(context.connection, schema.user_task, *parts) if parts is not None and parts[0] == row.id \
        else None
    if found is None or found.state != "open":
        raise NotFound(noun="user task", key=key)
    if any(period.instance == found.instance for period in deadlines.of_case(context.connection, row.id, *OPEN)):
        raise PeriodRuns(name=found.name)
    return found


def _hand_over(context: Context, row: CaseRow, part: CaseRow, chosen: Sequence[Any]) -> None:
    """Move tasks from one case to the other. What else waits in the old one goes on waiting there, and nothing else
    waits in the new one; where that cannot be, nothing moves."""
    ending, elements = {task.instance for task in chosen}, sorted(task.element for task in chosen)
    left = {wait for wait in _waiting(context, row) if wait[1] not in ending}
    _moved(context, part, elements, {instance for _, instance, _ in _waiting(context, part)})
    _moved(context, row, [], ending)
    opened = {task.element: task for task in desk.open_tasks(context.connection, part.id)}
    if sorted(opened) != elements or {instance for _, instance, _ in _waiting(context, part)} != {
            task.instance for task in opened.values()} or _waiting(context, row) != left or not left:
        raise CannotGoOver(name=chosen[0].name)
    for task in chosen:
        if task.assignee is not None:
            waits.update(context.connection, schema.user_task, part.id, opened[task.element].wait,
                         assignee=task.assignee)


def _moved(context: Context, row: CaseRow, activate: Sequence[str], terminate: Collection[int]) -> None:
    try:
        steps.advance(context, row, lambda instance: instance.modify(activate, sorted(terminate), now=context.now),
                      {"activate": list(activate), "terminate": sorted(terminate)})
    except (Conflict, InvalidInput) as error:
        raise CannotGoOver(name=", ".join(activate)) from error


def _waiting(context: Context, row: CaseRow) -> set[tuple[int, int, str]]:
    """(wait, instance, element) of everything that rests in a case."""
    return {(wait, instance, element) for wait, instance, element, _, _ in queries.waits_of(context.connection, row.id)}
