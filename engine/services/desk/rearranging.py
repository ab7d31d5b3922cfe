"""Cases put together, taken apart, given to another unit (并案、分案、移送). Each needs a second person, see
``domain.approvals``; both sides keep in their history what became of them and why."""

from __future__ import annotations

from typing import Any

from engine.domain.desk_commands import MergeCases, SplitCase, TransferCase
from engine.errors import Conflict, InvalidInput, NotFound
from engine.services import cases, steps, trail
from engine.services.context import Context, Outcome
from engine.services.legal_time import notices
from engine.services.people import access, recusals
from engine.services.recorder import CASE_KEYS
from engine.store import desk, organisation, schema, users, waits
from engine.store import recusals as links
from engine.store.cases import CaseRow

_OF_THE_OLD = frozenset({*CASE_KEYS, "files"})
"""Variables that a part does not take along: its numbers and papers are its own."""


def merge(context: Context, command: MergeCases) -> Outcome:
    """并案: two active cases of one procedure; the one that ends is linked, its papers are in the other."""
    _require_reason(command.reason)
    ids = [_seen(context, key) for key in (command.case_id, command.into)]
    if ids[0] == ids[1]:
        raise InvalidInput(expected="another case", found=command.into, where="into")
    locked = {key: steps.lock_case(context, key) for key in sorted(ids)}
    gone, kept = locked[ids[0]], locked[ids[1]]
    if gone.process_id != kept.process_id:
        raise Conflict(action="merge", noun="case", key=kept.case_no or kept.id, state="of another procedure")
    _link(context, gone, kept, command.reason)
    desk.copy_documents(context.connection, gone.id, kept.id, context.new_id)
    _keep_secret(gone, kept)
    trail.note(context, kept, "case:merged_in", {"other": gone.case_no or gone.id, "reason": command.reason})
    trail.note(context, gone, "case:merged", {"other": kept.case_no or kept.id, "reason": command.reason})
    _tell_workers(context, gone, "case.merged", {"into": kept.case_no or kept.id})
    steps.advance(context, gone, lambda instance: instance.cancel(context.now), {"merged_into": kept.id})
    recusals.look_again(context, kept)
    return {"case_id": kept.id, "case_no": kept.case_no, "state": kept.state}


def split(context: Context, command: SplitCase) -> Outcome:
    """分案: a case of its own of the same version, with the variables of the old one and all its papers."""
    _require_reason(command.reason)
    if not command.title.strip():
        raise InvalidInput(expected="a title", found="", where="title")
    row = steps.lock_case(context, _seen(context, command.case_id))
    definition, instance = steps.load(context, row)
    variables = {name: value for name, value in instance.variables.items() if name not in _OF_THE_OLD}
    part = cases.begin(context, definition, {**variables, "title": command.title.strip()[:255]}, None)
    part.unit, part.owner, part.level = row.unit, row.owner, row.level
    desk.copy_documents(context.connection, row.id, part.id, context.new_id)
    _link(context, part, row, command.reason)
    trail.note(context, part, "case:split_off", {"other": row.case_no or row.id, "reason": command.reason})
    trail.note(context, row, "case:split", {"other": part.case_no or part.id, "reason": command.reason})
    return {"case_id": part.id, "case_no": part.case_no, "state": part.state}


def transfer(context: Context, command: TransferCase) -> Outcome:
    """移送: work that somebody of the old unit holds goes back to its groups."""
    _require_reason(command.reason)
    row = steps.lock_case(context, _seen(context, command.case_id), active=False)
    if row.state not in ("active", "suspended"):
        raise Conflict(action="transfer", noun="case", key=row.case_no or row.id, state=row.state)
    unit = organisation.get(context.connection, command.unit) if command.unit else None
    if command.unit and unit is None:
        raise NotFound(noun="unit", key=command.unit)
    if command.owner and users.get(context.connection, command.owner) is None:
        raise NotFound(noun="user", key=command.owner)
    params = {"unit": unit.name if unit is not None else ""}
    _tell_workers(context, row, "case.transferred", params)
    for task in desk.held_for_groups(context.connection, row.id):
        waits.update(context.connection, schema.user_task, row.id, task.wait, assignee=None)
    row.unit, row.owner = command.unit, command.owner
    trail.note(context, row, "case:transferred", {**params, "reason": command.reason})
    for person in dict.fromkeys(filter(None, (command.owner, unit.head if unit is not None else None))):
        _tell(context, row, person, "case.transferred", params)
    return {"case_id": row.id, "case_no": row.case_no, "state": row.state}


def _keep_secret(gone: CaseRow, kept: CaseRow) -> None:
    """What was secret in either case is secret in the one that goes on, until both are published."""
    if "L3" in (gone.level, kept.level):
        secret = [row.publication_on for row in (gone, kept) if row.level == "L3"]
        kept.publication_on = None if None in secret else max(secret)
    kept.level = max(gone.level, kept.level)


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise InvalidInput(expected="a reason", found="", where="reason")


def _seen(context: Context, key: str) -> str:
    """The id of a case that the actor sees from inside."""
    found = desk.case_id(context.connection, key)
    if found is None:
        raise NotFound(noun="case", key=key)
    access.require_inside(context, found, "case", key)
    cases.require(context, "case.link")
    return found


def _link(context: Context, first: CaseRow, second: CaseRow, reason: str) -> None:
    if not any(row.id == second.id for row in links.links_of(context.connection, first.id)):
        links.link(context.connection, {"case_id": first.id, "linked_id": second.id, "reason": reason[:255],
                                        "linked_by": context.actor.id, "linked_at": context.now})


def _tell_workers(context: Context, row: CaseRow, code: str, params: dict[str, Any]) -> None:
    for person in links.workers_of(context.connection, row.id):
        _tell(context, row, person, code, params)


def _tell(context: Context, row: CaseRow, person: str, code: str, params: dict[str, Any]) -> None:
    notices.tell(context, person, code, {"case_no": row.case_no or row.id, **params}, row.id)
