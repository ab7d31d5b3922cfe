"""Word files: templates filled with case data, and the places of a draft that are filled as it is issued."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import docx
import jinja2
from docx.document import Document
from docx.text.paragraph import Paragraph
from docxtpl import DocxTemplate
from jinja2.sandbox import SandboxedEnvironment

from engine.errors import InvalidInput

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_WEEKDAYS = "一二三四五六日"


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
    return _saved(document)


class _Blank(jinja2.ChainableUndefined):
    """A value that is not there prints as a blank to be filled by hand."""

    def __str__(self) -> str:
        return "＿＿＿＿"


def opened(content: bytes, name: str) -> Document:
    """Raises ``InvalidInput`` for what Word would not open."""
    try:
        return docx.Document(io.BytesIO(content))
    except (KeyError, ValueError, OSError, SyntaxError, zipfile.BadZipFile, zlib.error) as error:
        raise InvalidInput(expected="a DOCX document", found=type(error).__name__, where=name) from error


def filled(content: bytes, marks: Mapping[str, str], name: str) -> bytes:
    """A draft with its marks replaced, wherever Word has put them: each paragraph keeps the look of its first run."""
    document = opened(content, name)
    for paragraph in _paragraphs(document):
        for mark, text in marks.items():
            if mark in paragraph.text:
                _replace(paragraph, mark, text)
    return _saved(document)


def _replace(paragraph: Paragraph, mark: str, text: str) -> None:
    for run in paragraph.runs:
        if mark in run.text:
            run.text = run.text.replace(mark, text)
    if mark in paragraph.text:  # Word has split the mark into several runs
        whole = paragraph.text.replace(mark, text)
        for run in paragraph.runs[1:]:
            run.text = ""
        paragraph.runs[0].text = whole


def _paragraphs(document: Document) -> Iterator[Paragraph]:
    yield from document.paragraphs
    for table in document.tables:
        for row in table.rows:
            for cell in row.cells:
                yield from cell.paragraphs
    for section in document.sections:
        yield from section.header.paragraphs
        yield from section.footer.paragraphs


def _saved(document: Any) -> bytes:
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()
