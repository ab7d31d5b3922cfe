"""``document.issue``: fill a Word template with case data, number it, put it into the case.

Every document carries two separate fields: ``issuing_authority`` (whose name and seal) and ``handled_by`` (who worked
the case). The centre decides neither validity nor infringement, so an adjudication in its own name is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.services.operations import OperationCall
from engine.services.papers import drafting
from engine.services.papers.letters import DOCX, day_text, render
from engine.services.papers.rooms import file_document
from engine.store import records, recusals


def issue_document(call: OperationCall) -> Mapping[str, Any]:
    """Inputs ``template`` (file in documents/), ``title``, optional ``series``, ``issuing_authority``, ``handled_by``.

    ``audience`` "internal": a working paper; everything else is served on the applicant as it is issued.
    Output ``document`` {id, title, number, sha256, issued_on}.
    """
    context, title = call.context, call.text("title")
    authority = call.text("issuing_authority", context.parts.authority.name)
    drafting.require_competent(title, authority, context.parts.authority.name, title)
    number = drafting.next_number(context, call.text("series", context.parts.authority.series))
    handled_by = call.text("handled_by", context.actor.name)
    name = call.text("template")
    template = context.parts.definitions.template(context.connection, call.case.definition_key, name)
    values = {**call.variables, "case_no": call.case.case_no or "", "doc_number": number, "title_of_document": title,
              "issuing_authority": authority, "handled_by": handled_by, "issued_on": context.today.isoformat(),
              "issued_on_text": day_text(context.today)}
    content = render(template, values, name)
    staged = context.parts.files.put(content, f"{title}.docx", DOCX)
    records.add_file(context.database, context.connection, staged.sha256, staged.size, DOCX, context.now,
                     context.actor.id)
    closed_to = _closed_to(call)
    internal = closed_to is not None or call.variables.get("audience") == "internal"
    document_id = file_document(
        context, call.case, category="document", title=title, name=staged.name, number=number, sha256=staged.sha256,
        element=call.job.element, issuing_authority=authority, handled_by=handled_by, internal=internal,
        closed_to=closed_to)
    if not internal and call.case.applicant is not None:
        recusals.serve(context.connection, call.case.id, document_id, call.case.applicant, context.today,
                       context.actor.id)
    return {"document": {"id": document_id, "title": title, "number": number, "sha256": staged.sha256,
                         "issued_on": context.today.isoformat()}}


def draft_document(call: OperationCall) -> Mapping[str, Any]:
    """``document.draft``: the inputs of ``document.issue``, but people write on, approve and issue what it begins.

    Output ``paper`` {id, state}; when it is issued, the message ``document.issued`` comes with the paper's id as key.
    """
    authority, closed_to = call.context.parts.authority, _closed_to(call)
    begun = drafting.begin(
        call.context, call.case, dict(call.variables), template=call.text("template"), title=call.text("title"),
        series=call.text("series", authority.series), issuing_authority=call.text("issuing_authority", authority.name),
        handled_by=call.text("handled_by", call.context.actor.name), closed_to=closed_to, element=call.job.element,
        internal=closed_to is not None or call.variables.get("audience") == "internal")
    return {"paper": {"id": begun["paper"], "state": "draft"}}


def _closed_to(call: OperationCall) -> str | None:
    """The role of the closed space that the element is in, if it is in one."""
    element = call.definition.processes[call.job.process].elements.get(call.job.element)
    return element.properties.get("closed") if element is not None else None
