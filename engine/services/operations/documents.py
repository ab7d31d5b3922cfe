"""``document.issue``: fill a Word template with case data, number it, put it into the case.

Every document carries two separate fields: ``issuing_authority`` (whose name and seal) and ``handled_by`` (who worked
the case). The centre decides neither validity nor infringement, so an adjudication in its own name is refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from engine.clock import local_date
from engine.domain.permissions import is_staff
from engine.services.operations import OperationCall
from engine.services.papers import drafting
from engine.services.papers.letters import DOCX, day_text, render
from engine.services.papers.rooms import file_document
from engine.services.people import seats
from engine.store import papers, records, recusals, users


def issue_document(call: OperationCall) -> Mapping[str, Any]:
    """Inputs ``template`` (file in documents/), ``title``, optional ``series``, ``issuing_authority``, ``handled_by``.

    ``audience`` "internal": a working paper; everything else is shown, as it is issued, to those who have a seat in the
    capacities of ``recipients`` ("applicant, respondent"; without it the applicant), and to who takes one later.
    ``adopt`` true: when people have drawn up and issued a paper of this title in the case, it is that one.
    Output ``document`` {id, title, number, sha256, issued_on}.
    """
    context, title = call.context, call.text("title")
    written = papers.issued(context.connection, call.case.id, title) if call.variables.get("adopt") is True else None
    if written is not None:
        _show(call, written.id, _recipients(call))
        return _told(written.id, title, written.number, written.sha256, local_date(written.added_at))
    authority = call.text("issuing_authority", context.parts.authority.name)
    drafting.require_competent(title, authority, context.parts.authority.name, title)
    number = drafting.next_number(context, call.text("series", context.parts.authority.series))
    handled_by = call.text("handled_by", context.actor.name)
    name = call.text("template")
    template = context.parts.definitions.template(context.connection, call.case.definition_key, name)
    values = {**call.variables, "case_no": call.case.case_no or "", "doc_number": number, "title_of_document": title,
              "title": call.case.title, "issuing_authority": authority, "handled_by": handled_by,
              "issued_on": context.today.isoformat(),
              "issued_on_text": day_text(context.today)}
    content = render(template, values, name)
    staged = context.parts.files.put(content, f"{title}.docx", DOCX)
    records.add_file(context.database, context.connection, staged.sha256, staged.size, DOCX, context.now,
                     context.actor.id)
    closed_to = _closed_to(call)
    internal = closed_to is not None or call.variables.get("audience") == "internal"
    recipients = [] if internal else _recipients(call)
    document_id = file_document(
        context, call.case, category="document", title=title, name=staged.name, number=number, sha256=staged.sha256,
        element=call.job.element, issuing_authority=authority, handled_by=handled_by, internal=internal,
        closed_to=closed_to, addressees=",".join(recipients))
    _show(call, document_id, recipients)
    return _told(document_id, title, number, staged.sha256, context.today)


def _recipients(call: OperationCall) -> list[str]:
    return [part.strip() for part in call.text("recipients", "applicant").split(",")]


def _show(call: OperationCall, document: str, recipients: Sequence[str]) -> None:
    for user in seats.in_capacity(call.context.connection, call.case, recipients):
        recusals.serve(call.context.connection, call.case.id, document, user, call.context.today,
                       call.context.actor.id)


def _told(key: str, title: str, number: str, sha256: str, on: date) -> Mapping[str, Any]:
    return {"document": {"id": key, "title": title, "number": number, "sha256": sha256, "issued_on": on.isoformat()}}


def _handler(call: OperationCall) -> str:
    """Who works the case, where the diagram names nobody: the colleague that acts, else the case's owner; a party that
    acts, or the clock, has worked on no paper: then the office."""
    if is_staff(call.context.actor):
        return call.context.actor.name
    owner = users.get(call.context.connection, call.case.owner) if call.case.owner else None
    return owner.name if owner is not None else call.context.parts.authority.name


def draft_document(call: OperationCall) -> Mapping[str, Any]:
    """``document.draft``: the inputs of ``document.issue``, but people write on, approve and issue what it begins.

    Output ``paper`` {id, state}; when it is issued, the message ``document.issued`` comes with the paper's id as key.
    """
    authority, closed_to = call.context.parts.authority, _closed_to(call)
    begun = drafting.begin(
        call.context, call.case, dict(call.variables), template=call.text("template"), title=call.text("title"),
        series=call.text("series", authority.series), issuing_authority=call.text("issuing_authority", authority.name),
        handled_by=call.text("handled_by", _handler(call)), closed_to=closed_to, element=call.job.element,
        internal=closed_to is not None or call.variables.get("audience") == "internal")
    return {"paper": {"id": begun["paper"], "state": "draft"}}


def _closed_to(call: OperationCall) -> str | None:
    """The role of the closed space that the element is in, if it is in one."""
    element = call.definition.processes[call.job.process].elements.get(call.job.element)
    return element.properties.get("closed") if element is not None else None
