"""Cases put together and given to another unit (并案、移送); taken apart in ``splitting``. Each needs a second person,
see ``domain.approvals``; both sides keep in their history what became of them and why. What a handler answers is what
the second person is shown beforehand."""

from __future__ import annotations

from typing import Any

from engine.domain.desk_commands import MergeCases, TransferCase
from engine.errors import Conflict, InvalidInput, NotFound
from engine.services import cases, steps, trail
from engine.services.context import Context, Outcome
from engine.services.legal_time import notices
from engine.services.people import access, recusals
from engine.store import desk, organisation, schema, users, waits
from engine.store import recusals as links
from engine.store.cases import CaseRow


def merge(context: Context, command: MergeCases) -> Outcome:
    """并案: two active cases of one procedure; the one that ends is linked, its papers are in the other."""
    require_reason(command.reason)
    ids = [seen(context, key) for key in (command.case_id, command.into)]
    if ids[0] == ids[1]:
        raise InvalidInput(expected="another case", found=command.into, where="into")
    locked = {key: steps.lock_case(context, key) for key in sorted(ids)}
    gone, kept = locked[ids[0]], locked[ids[1]]
    if gone.process_id != kept.process_id:
        raise Conflict(action="merge", noun="case", key=kept.case_no or kept.id, state="of another procedure")
    link(context, gone, kept, command.reason)
    papers = desk.copy_documents(context.connection, gone.id, kept.id, context.new_id)
    tasks = [task.name for task in desk.open_tasks(context.connection, gone.id)]
    _keep_secret(gone, kept)
    trail.note(context, kept, "case:merged_in", {"other": gone.case_no or gone.id, "reason": command.reason})
    trail.note(context, gone, "case:merged", {"other": kept.case_no or kept.id, "reason": command.reason})
    tell_workers(context, gone, "case.merged", {"into": kept.case_no or kept.id})
    steps.advance(context, gone, lambda instance: instance.cancel(context.now), {"merged_into": kept.id})
    recusals.look_again(context, kept)
    return {"case_id": kept.id, "case_no": kept.case_no, "state": kept.state, "title": kept.title, "ended": gone.title,
            "documents": papers, "tasks": tasks}


def transfer(context: Context, command: TransferCase) -> Outcome:
    """移送: work that somebody of the old unit holds goes back to its groups."""
    require_reason(command.reason)
    row = steps.lock_case(context, seen(context, command.case_id), active=False)
    if row.state not in ("active", "suspended"):
        raise Conflict(action="transfer", noun="case", key=row.case_no or row.id, state=row.state)
    unit = organisation.get(context.connection, command.unit) if command.unit else None
    if command.unit and unit is None:
        raise NotFound(noun="unit", key=command.unit)
    if command.owner and users.get(context.connection, command.owner) is None:
        raise NotFound(noun="user", key=command.owner)
    params = {"unit": unit.name if unit is not None else ""}
    before, back = _held_by(context, row), desk.held_for_groups(context.connection, row.id)
    tell_workers(context, row, "case.transferred", params)
    for task in back:
        waits.update(context.connection, schema.user_task, row.id, task.wait, assignee=None)
    row.unit, row.owner = command.unit, command.owner
    trail.note(context, row, "case:transferred", {**params, "reason": command.reason})
    for person in dict.fromkeys(filter(None, (command.owner, unit.head if unit is not None else None))):
        _tell(context, row, person, "case.transferred", params)
    return {"case_id": row.id, "case_no": row.case_no, "state": row.state, "before": before,
            "after": _held_by(context, row), "tasks": [task.name for task in back]}


def _held_by(context: Context, row: CaseRow) -> dict[str, str]:
    """The names of the unit that has a case and of who answers for it there."""
    unit = organisation.get(context.connection, row.unit) if row.unit else None
    owner = users.get(context.connection, row.owner) if row.owner else None
    return {"unit": unit.name if unit is not None else "", "owner": owner.name if owner is not None else ""}


def _keep_secret(gone: CaseRow, kept: CaseRow) -> None:
    """What was secret in either case is secret in the one that goes on, until both are published."""
    if "L3" in (gone.level, kept.level):
        secret = [row.publication_on for row in (gone, kept) if row.level == "L3"]
        kept.publication_on = None if None in secret else max(secret)
    kept.level = max(gone.level, kept.level)


def require_reason(reason: str) -> None:
    if not reason.strip():
        raise InvalidInput(expected="a reason", found="", where="reason")


def seen(context: Context, key: str) -> str:
    """The id of a case that the actor sees from inside."""
    found = desk.case_id(context.connection, key)
    if found is None:
        raise NotFound(noun="case", key=key)
    access.require_inside(context, found, "case", key)
    cases.require(context, "case.link")
    return found


def link(context: Context, first: CaseRow, second: CaseRow, reason: str) -> None:
    if not any(row.id == second.id for row in links.links_of(context.connection, first.id)):
        links.link(context.connection, {"case_id": first.id, "linked_id": second.id, "reason": reason[:255],
                                        "linked_by": context.actor.id, "linked_at": context.now})


def tell_workers(context: Context, row: CaseRow, code: str, params: dict[str, Any]) -> None:
    for person in links.workers_of(context.connection, row.id):
        _tell(context, row, person, code, params)


def _tell(context: Context, row: CaseRow, person: str, code: str, params: dict[str, Any]) -> None:
    notices.tell(context, person, code, {"case_no": row.case_no or row.id, **params}, row.id)
