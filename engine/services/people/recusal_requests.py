"""What people do about recusal: declare, link cases, ask, record what parties answered, lift; and serve papers."""

from __future__ import annotations

from typing import Any

from engine.domain.actors import actor_of
from engine.domain.permissions import is_staff, may
from engine.domain.recusal import DECLARED
from engine.domain.recusal_commands import (
    Declare,
    LiftRecusal,
    LinkCases,
    RecordDisclosure,
    RequestRecusal,
    ServeDocument,
    WithdrawDeclaration,
)
from engine.errors import Conflict, InvalidInput, NotAllowed, NotFound, Phrase
from engine.services import cases, steps, trail
from engine.services.context import Context, Outcome
from engine.services.legal_time import notices
from engine.services.people import access, links, recusals
from engine.store import cases as case_rows
from engine.store import definitions, queries, users
from engine.store import recusals as rows
from engine.store.cases import CaseRow

PROCESS = "recusal"


def declare(context: Context, command: Declare) -> Outcome:
    """Everybody declares for the own person; HR and supervision also for another's."""
    if command.kind not in DECLARED or not command.subject.strip():
        raise InvalidInput(expected=Phrase("a name, and one of {names}", names=', '.join(DECLARED)),
                           where="declaration",
                           found=f"{command.subject!r}, {command.kind!r}")
    _own_or(context, command.user, "declaration.see")
    key = context.new_id()
    rows.declare(context.connection, {
        "id": key, "user": command.user, "kind": command.kind, "subject": command.subject.strip(),
        "detail": command.detail, "ended_on": command.ended_on, "declared_by": context.actor.id,
        "declared_at": context.now})
    trail.record_system(context, {"declaration": key, "user": command.user, "kind": command.kind})
    _look_at_work_of(context, command.user)
    return {"declaration": key}


def withdraw(context: Context, command: WithdrawDeclaration) -> Outcome:
    """What it has led to stays: a recusal is lifted by two others, not by taking back what was said."""
    row = rows.declaration(context.connection, command.declaration)
    if row is None or row.withdrawn_at is not None or not _is_of(context, row.user, "declaration.see"):
        raise NotFound(noun="declaration", key=command.declaration)
    rows.withdraw(context.connection, row.id, context.now)
    trail.record_system(context, {"declaration": row.id, "user": row.user, "withdrawn": True})
    return {"declaration": row.id}


def link(context: Context, command: LinkCases) -> Outcome:
    """Both cases are seen from inside by who links them; who works on both is looked at again."""
    cases.require(context, "case.link")
    ids = [queries.case_id(context.connection, context.actor, key) for key in (command.case_id, command.other)]
    for key, found in zip((command.case_id, command.other), ids, strict=True):
        if found is None:
            raise NotFound(noun="case", key=key)
    first, second = (steps.lock_case(context, str(key), active=False) for key in ids)
    if first.id == second.id or links.are_linked(context, first, second):
        raise Conflict(action="link", noun="case", key=command.other, state="linked")
    links.connect(context, first, second, command.reason)
    for row in (first, second):
        recusals.look_again(context, row)
    return {"case_id": first.id, "linked": second.id}


def ask(context: Context, command: RequestRecusal) -> Outcome:
    """A request begins the small process that decides it; until then the person's work on the case stands still."""
    row = _seen(context, command.case_id)
    person = users.get(context.connection, command.user)
    if not command.reason.strip() or command.ground not in DECLARED:
        raise InvalidInput(expected=Phrase("a reason, and a ground: {names}", names=', '.join(DECLARED)),
                           found=command.ground,
                           where="recusal")
    if person is None or not is_staff(actor_of(person)) or not _works_on(context, row, command.user):
        raise NotFound(noun="person of the case", key=command.user)
    if rows.latest(context.connection, row.id, command.user, "recused", "requested") is not None:
        raise Conflict(action="ask for a recusal in", noun="case", key=row.case_no or row.id,
                       state="requested or recused")
    key = context.new_id()
    request_case = _begin(context, row, command, key, person.name)
    rows.insert(context.connection, {
        "id": key, "case_id": row.id, "user": command.user, "state": "requested", "ground": command.ground,
        "source": "request", "reason": command.reason, "requested_by": context.actor.id, "requested_at": context.now,
        "request_case": request_case})
    trail.note(context, row, "recusal:requested", {"user": command.user, "ground": command.ground})
    return {"recusal": key, "case_id": request_case, "state": "requested"}


def _begin(context: Context, row: CaseRow, command: RequestRecusal, key: str, name: str) -> str:
    """The case of the request. The person it is about is kept away from it by a recusal of its own."""
    newest = definitions.newest(context.connection, PROCESS)
    if newest is None:
        raise NotFound(noun="process", key=PROCESS)
    definition = context.parts.definitions.get(context.connection, newest.key)
    case = cases.begin(context, definition, {
        "request_id": key, "case_no": row.case_no or row.id, "person": command.user, "person_name": name,
        "reason": command.reason, "title": f"回避申请：{name}", "applicant_user": context.actor.id}, None)
    rows.insert(context.connection, {
        "id": context.new_id(), "case_id": case.id, "user": command.user, "state": "recused", "ground": "own_cause",
        "source": "rule", "reason": "", "requested_by": context.actor.id, "requested_at": context.now,
        "decided_at": context.now})
    return case.id


def record_disclosure(context: Context, command: RecordDisclosure) -> Outcome:
    """What one party answered; only all of them together let a disclosed person work."""
    cases.require(context, "recusal.disclose")
    row = _inside(context, command.case_id)
    if command.user == context.actor.id:
        raise NotAllowed(actor=context.actor.id, right="recusal.disclose of oneself")
    if command.party not in {name for _, name in rows.parties_of(context.connection, row.id)}:
        raise NotFound(noun="party", key=command.party)
    recusals.answered(context, row, command.user, command.party, command.accepted, command.evidence)
    return {"case_id": row.id, "user": command.user, "accepted": command.accepted}


def lift(context: Context, command: LiftRecusal) -> Outcome:
    """By two others; the person sees the case again, and takes nothing up by itself."""
    cases.require(context, "recusal.lift")
    if command.user == context.actor.id:
        raise NotAllowed(actor=context.actor.id, right="recusal.lift of oneself")
    row = _inside(context, command.case_id)
    found = rows.latest(context.connection, row.id, command.user, "recused")
    if found is None or not command.reason.strip():
        raise NotFound(noun="recusal", key=command.user)
    rows.update(context.connection, found.id, state="lifted", lifted_by=context.actor.id, lifted_at=context.now)
    trail.note(context, row, "recusal:lifted", {"user": command.user, "reason": command.reason})
    recusals.tell_supervision(context, row, "recusal.lifted", {"user": command.user})
    return {"recusal": found.id, "state": "lifted"}


def serve(context: Context, command: ServeDocument) -> Outcome:
    """From now on the party sees the paper."""
    cases.require(context, "document.serve")
    row = _inside(context, command.case_id)
    if not rows.document_in(context.connection, row.id, command.document):
        raise NotFound(noun="document", key=command.document)
    if users.get(context.connection, command.party) is None:
        raise NotFound(noun="user", key=command.party)
    on = command.on or context.today
    rows.serve(context.connection, row.id, command.document, command.party, on, context.actor.id)
    trail.note(context, row, "document:served", {"document": command.document, "party": command.party,
                                                 "on": on.isoformat()})
    notices.tell(context, command.party, "document.served", {"case_no": row.case_no or row.id}, row.id)
    return {"case_id": row.id, "document": command.document, "served_on": on.isoformat()}


# --- finding ----------------------------------------------------------------------------------------------------------
def _seen(context: Context, key: str) -> CaseRow:
    case_id = case_rows.id_of(context.connection, key) or key
    try:
        access.require_visible(context, case_id, "case")
    except NotFound as error:  # by the name it was asked for: its id is not told
        raise NotFound(noun="case", key=key) from error
    return steps.lock_case(context, case_id, active=False)


def _inside(context: Context, key: str) -> CaseRow:
    case_id = queries.case_id(context.connection, context.actor, key)
    if case_id is None:
        raise NotFound(noun="case", key=key)
    return steps.lock_case(context, case_id, active=False)


def _works_on(context: Context, row: CaseRow, user: str) -> bool:
    return user == row.owner or bool(rows.roles_in(context.connection, row.id, user)) or (
        user in rows.workers_of(context.connection, row.id))


def _is_of(context: Context, user: str, right: str) -> bool:
    return user == context.actor.id or may(context.actor, right)


def _own_or(context: Context, user: str, right: str) -> None:
    person: Any = users.get(context.connection, user)
    if person is None or not _is_of(context, user, right):
        raise NotFound(noun="user", key=user)


def _look_at_work_of(context: Context, user: str) -> None:
    """What was just declared may concern work already begun."""
    for case_id in rows.worked_by(context.connection, user):
        recusals.look_again(context, steps.lock_case(context, case_id, active=False))
