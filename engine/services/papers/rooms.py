"""The door to papers and service: who may, in a case seen whole, locked first."""

from __future__ import annotations

from typing import Any

from engine.domain.commands import FileRef
from engine.domain.permissions import may, may_open
from engine.errors import NotAllowed, NotFound
from engine.services import steps
from engine.services.context import Context
from engine.services.people import access
from engine.store import cases as case_rows
from engine.store import papers as rows
from engine.store import queries, records
from engine.store.cases import CaseRow

SERVE = "document.serve"


def case_for(context: Context, key: str, right: str) -> CaseRow:
    """The locked case. Raises ``NotAllowed`` without the right, ``NotFound`` for a case not seen whole; who serves
    needs to see its papers alone."""
    if not may(context.actor, right):
        raise NotAllowed(actor=context.actor.id, right=right)
    case_id = case_rows.id_of(context.connection, key) or key
    seen = access.require_inside if right == SERVE else access.require_whole
    seen(context, case_id, "case", key)
    return steps.lock_case(context, case_id, active=False)


def paper_in(context: Context, case: CaseRow, key: str) -> Any:
    found = rows.get(context.connection, case.id, key)
    if found is None or not may_open(context.actor, found.closed_to):
        raise NotFound(noun="paper", key=key)
    return found


def own_file(context: Context, file: FileRef) -> Any:
    """A file that the actor has handed in or may see, held so that it is not swept."""
    known = records.lock_file(context.connection, file.sha256)
    if known is None or queries.file(context.connection, context.actor, file.sha256) is None:
        raise NotFound(noun="file", key=file.sha256)
    return known


def file_document(context: Context, case: CaseRow, **values: Any) -> str:
    """Put a document into the case. Returns its id."""
    key = context.new_id()
    row = {"case_id": case.id, "id": key, "role": "", "number": None, "element": None, "issuing_authority": None,
           "handled_by": None, "added_by": context.actor.id, "added_at": context.now, "internal": True,
           "closed_to": None, "paper": None, "version": None, "addressees": "", **values}
    records.add_documents(context.connection, [row])
    context.filed.append(row["sha256"])
    return key
