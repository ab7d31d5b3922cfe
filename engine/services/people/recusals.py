"""The recusal engine: who may take up work on a case, and what a recusal does at once.

    requested ─ granted ─▶ recused ─ lifted by two others ─▶ lifted
        └────── refused ─▶ refused ─ reconsidered once ─▶ recused | reconsidered

While a request waits the person's work on the case stands still (民诉法47–50); while a refusal is reconsidered it goes
on. A recusal takes effect in its own transaction: claims end, tasks fall back to their groups, the case is gone from
the person's lists.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from engine.domain.actors import SYSTEM
from engine.domain.permissions import in_charge
from engine.domain.recusal import (
    CAPACITIES,
    NOTHING,
    Declared,
    Finding,
    Linked,
    Matter,
    Verdict,
    evaluate,
    names_in,
    opposites,
)
from engine.errors import NotAllowed, Rejection
from engine.services import trail
from engine.services.context import Context
from engine.services.legal_time import notices
from engine.store import escalations, participants, schema, waits
from engine.store import recusals as rows
from engine.store.cases import CaseRow


class Recused(Rejection):
    """Expected someone else than {user} for case {case}, because of {ground} ({source})."""

    code = "recused"


class DisclosureNeeded(Rejection):
    """Expected both parties of case {case} to accept {user} after disclosure, because of {ground} ({source})."""

    code = "disclosure_needed"


class RecusalPending(Rejection):
    """Expected the request for recusal in case {case} to be decided first."""

    code = "recusal_pending"


def require_clear(context: Context, row: CaseRow, user: str, roles: Iterable[str]) -> None:
    """Somebody may take up a task that is offered to some roles; the assigner has no say in it.

    Raises ``Recused`` or ``DisclosureNeeded``.
    """
    if user == SYSTEM.id:
        return
    finding = verdict(context, row, user, roles)
    if finding.verdict is Verdict.CLEAR:
        return
    refusal = Recused if finding.verdict is Verdict.BLOCK else DisclosureNeeded
    raise refusal(user=user, case=row.case_no or row.id, ground=finding.ground, source=finding.source)


def verdict(context: Context, row: CaseRow, user: str, roles: Iterable[str]) -> Finding:
    """What is found about somebody who would work on a case in some roles."""
    connection, roles = context.connection, frozenset(roles)
    if not rows.concerns(connection, row.id, user, opposites(roles)):
        return NOTHING
    if "recused" in rows.kept_away(connection, row.id, user):
        return Finding(Verdict.BLOCK, "recused", row.case_no or row.id)
    finding = evaluate(_declared(context, user), _matter(context, row, user), roles, context.today)
    if finding.verdict is Verdict.DISCLOSE and _accepted(context, row, user):
        return Finding(Verdict.CLEAR, finding.ground, finding.about, finding.source)
    return finding


def _declared(context: Context, user: str) -> list[Declared]:
    return [Declared(item.kind, item.subject, item.ended_on)
            for item in rows.declarations_of(context.connection, user)]


def _matter(context: Context, row: CaseRow, user: str) -> Matter:
    connection = context.connection
    linked = tuple(Linked(other.case_no or other.id, other.procedure, rows.roles_in(connection, other.id, user))
                   for other in rows.links_of(connection, row.id))
    agents = {one.agent for one in participants.active(connection, row.id)}
    names = frozenset({name for _, name in rows.parties_of(connection, row.id)} | agents - {""})
    return Matter(row.procedure, row.case_no or "", names, linked, rows.roles_in(connection, row.id, user))


def _accepted(context: Context, row: CaseRow, user: str) -> bool:
    """Every party of the case has accepted the person; one alone is not enough."""
    sides = _sides(context, row)
    return bool(sides) and sides <= rows.accepted_by(context.connection, row.id, user)


def _sides(context: Context, row: CaseRow) -> set[str]:
    return {name for capacity, name in rows.parties_of(context.connection, row.id)
            if capacity in ("applicant", "requester", "respondent", "patentee")}


def accept(context: Context, row: CaseRow, user: str, evidence: str) -> None:
    """Every party has accepted a person after disclosure; never by that person's own word."""
    if user == context.actor.id:
        raise NotAllowed(actor=user, right="recusal.disclose of oneself")
    for party in sorted(_sides(context, row)):
        answered(context, row, user, party, True, evidence)


def answered(context: Context, row: CaseRow, user: str, party: str, accepted: bool, evidence: str) -> None:
    """What one party has answered to a disclosure, in place of what it answered before."""
    context.database.upsert(context.connection, schema.disclosure, {
        "case_id": row.id, "user": user, "party": party, "accepted": accepted, "evidence": evidence,
        "recorded_by": context.actor.id, "recorded_at": context.now},
        ("accepted", "evidence", "recorded_by", "recorded_at"))
    trail.note(context, row, "recusal:disclosed", {"user": user, "party": party, "accepted": accepted})


# --- parties change ---------------------------------------------------------------------------------------------------
def note_parties(context: Context, row: CaseRow, values: Mapping[str, Any]) -> bool:
    """Keep the names in a case's variables. Returns whether they are others than before."""
    changed = [rows.set_parties(context.connection, row.id, name, [item[:255] for item in names_in(values[name])])
               for name in CAPACITIES if name in values]
    return any(changed)


def look_again(context: Context, row: CaseRow) -> None:
    """After parties or links have changed: who works on the case and may not is recused at once."""
    for user in rows.workers_of(context.connection, row.id):
        roles = rows.roles_in(context.connection, row.id, user)
        matter = replace(_matter(context, row, user), roles=frozenset())
        finding = evaluate(_declared(context, user), matter, roles, context.today)
        if finding.verdict is Verdict.BLOCK:
            recuse(context, row, user, finding)
        elif finding.verdict is Verdict.DISCLOSE and not _accepted(context, row, user):
            tell_supervision(context, row, "recusal.disclose", {"user": user, "about": finding.about})


def recuse(context: Context, row: CaseRow, user: str, finding: Finding) -> None:
    """By rule: on record and in effect."""
    if "recused" in rows.kept_away(context.connection, row.id, user):
        return
    rows.insert(context.connection, {
        "id": context.new_id(), "case_id": row.id, "user": user, "state": "recused", "ground": finding.ground,
        "source": "rule", "reason": f"{finding.about} {finding.source}".strip(), "requested_by": SYSTEM.id,
        "requested_at": context.now, "decided_by": SYSTEM.id, "decided_at": context.now})
    take_effect(context, row, user, finding.ground)


# --- effect -----------------------------------------------------------------------------------------------------------
def take_effect(context: Context, row: CaseRow, user: str, ground: str) -> None:
    """In the transaction of the recusal."""
    tasks = take_back(context, row, user)
    if row.owner == user:
        row.owner = None
    trail.note(context, row, "recusal:effective", {"user": user, "ground": ground, "tasks": tasks})
    tell_supervision(context, row, "recusal.effective", {"user": user})


def take_back(context: Context, row: CaseRow, user: str) -> int:
    """Claims of somebody end, the tasks go back to whom they were offered to, drafts go. Answers how many tasks."""
    table, connection = schema.user_task, context.connection
    held = connection.execute(table.select().where(
        table.c.case_id == row.id, table.c.assignee == user, table.c.state == "open")).all()
    for task in held:
        waits.update(connection, table, row.id, task.wait, assignee=None)
        _offer_again(context, row, task.wait, user)
    connection.execute(schema.draft.delete().where(schema.draft.c.case_id == row.id, schema.draft.c.actor == user))
    return len(held)


def _offer_again(context: Context, row: CaseRow, wait: int, user: str) -> None:
    """A task that was somebody's by name alone goes to those in charge, who find somebody else."""
    table = schema.candidate
    context.connection.execute(table.delete().where(
        table.c.case_id == row.id, table.c.wait == wait, table.c.kind == "user", table.c.name == user))
    groups, users = waits.candidates(context.connection, row.id, wait)
    if not groups and not users:
        context.connection.execute(table.insert(), [
            {"case_id": row.id, "wait": wait, "kind": "group", "name": name} for name in in_charge(row.procedure)])


def open_to(context: Context, row: CaseRow, assignee: str | None, groups: Iterable[str]) -> str | None:
    """The assignee a diagram names for a new task; None when that person may not work on the case, so that the task
    goes to its groups."""
    if assignee is None or assignee == row.applicant:
        return assignee
    return assignee if verdict(context, row, assignee, groups).verdict is Verdict.CLEAR else None


def tell_supervision(context: Context, row: CaseRow, code: str, params: Mapping[str, Any]) -> None:
    for person in escalations.with_roles(context.connection, in_charge(row.procedure)):
        notices.tell(context, person, code, {"case_no": row.case_no or row.id, **params}, row.id)


# --- decisions --------------------------------------------------------------------------------------------------------
def settle(context: Context, row: CaseRow, request: Any, outcome: str, final: bool) -> None:
    """A request is decided, at first or after reconsideration; both the one who asked and the person are told."""
    granted = outcome == "granted"
    state = "recused" if granted else "reconsidered" if final else "refused"
    rows.update(context.connection, request.id, state=state, decided_by=context.actor.id, decided_at=context.now)
    trail.note(context, row, "recusal:decided", {"user": request.user, "result": state, "ground": request.ground})
    for person in dict.fromkeys((request.requested_by, request.user)):
        notices.tell(context, person, "recusal.decided", {"case_no": row.case_no or row.id, "result": outcome})
    if granted:
        take_effect(context, row, request.user, request.ground)
