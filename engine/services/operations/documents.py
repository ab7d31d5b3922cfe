"""``document.issue``: fill a Word template with case data, number it, put it into the case.

Every document carries two separate fields: ``issuing_authority`` (whose name and seal) and ``handled_by`` (who worked
the case). The centre decides neither validity nor infringement, so an adjudication in its own name is refused.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import date
from typing import Any

import jinja2
from docxtpl import DocxTemplate
from jinja2.sandbox import SandboxedEnvironment

from engine.errors import InvalidInput
from engine.services.operations import OperationCall
from engine.store import records, recusals

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_ADJUDICATIONS = ("行政裁决书", "处理决定书", "无效宣告请求审查决定书")
_WEEKDAYS = "一二三四五六日"


def issue_document(call: OperationCall) -> Mapping[str, Any]:
    """Inputs ``template`` (file in documents/), ``title``, optional ``series``, ``issuing_authority``, ``handled_by``.

    ``audience`` "internal": a working paper; everything else is served on the applicant as it is issued.
    Output ``document`` {id, title, number, sha256, issued_on}.
    """
    context, title = call.context, call.text("title")
    authority = call.text("issuing_authority", context.parts.authority.name)
    if title in _ADJUDICATIONS and authority == context.parts.authority.name:
        raise InvalidInput(expected="the competent authority as issuing authority", found=authority, where=title)
    number = _number(call, call.text("series", context.parts.authority.series))
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
    document_id = context.new_id()
    closed_to = _closed_to(call)
    internal = closed_to is not None or call.variables.get("audience") == "internal"
    records.add_documents(context.connection, [{
        "case_id": call.case.id, "id": document_id, "category": "document", "title": title, "name": staged.name,
        "role": "", "number": number, "sha256": staged.sha256, "element": call.job.element,
        "issuing_authority": authority, "handled_by": handled_by, "added_by": context.actor.id,
        "added_at": context.now, "internal": internal, "closed_to": closed_to}])
    if not internal and call.case.applicant is not None:
        recusals.serve(context.connection, call.case.id, document_id, call.case.applicant, context.today,
                       context.actor.id)
    context.filed.append(staged.sha256)
    return {"document": {"id": document_id, "title": title, "number": number, "sha256": staged.sha256,
                         "issued_on": context.today.isoformat()}}


def _closed_to(call: OperationCall) -> str | None:
    """The role of the closed space that the element is in, if it is in one."""
    element = call.definition.processes[call.job.process].elements.get(call.job.element)
    return element.properties.get("closed") if element is not None else None


def _number(call: OperationCall, series: str) -> str:
    year = call.context.today.year
    number = records.next_number(call.context.database, call.context.connection, series, year)
    return f"{series}〔{year}〕{number}号"


def day_text(day: date) -> str:
    """2026年2月24日（周二）"""
    return f"{day.year}年{day.month}月{day.day}日（周{_WEEKDAYS[day.weekday()]}）"


def render(template: bytes, values: Mapping[str, Any], name: str) -> bytes:
    """A filled template. Templates are data of designers: rendered in a sandbox, values escaped."""
    document = DocxTemplate(io.BytesIO(template))
    try:
        document.render(dict(values), jinja_env=SandboxedEnvironment(undefined=_Blank), autoescape=True)
    except jinja2.TemplateError as error:
        raise InvalidInput(expected="a template that can be filled", found=str(error), where=name) from error
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


class _Blank(jinja2.ChainableUndefined):
    """A value that is not there prints as a blank to be filled by hand."""

    def __str__(self) -> str:
        return "＿＿＿＿"
