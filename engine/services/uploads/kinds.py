"""Which kind a file is, by its first bytes and its ending together; each kind is looked at by its own module."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from engine.errors import InvalidInput
from engine.services.uploads import office, pdf, pictures

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
Look = Callable[[BinaryIO, str], None]
KINDS: tuple[tuple[bytes, str, tuple[str, ...], Look], ...] = (
    (b"%PDF-", "application/pdf", (".pdf",), pdf.require_quiet),
    (pictures.PNG, "image/png", (".png",), pictures.require_png),
    (pictures.JPEG, "image/jpeg", (".jpg", ".jpeg"), pictures.require_jpeg),
    (office.ZIP, DOCX, (".docx",), office.require_word),
    (office.ZIP, "application/ofd", (".ofd",), office.require_ofd),
)
"""How the content begins, what it is, by which endings it is known, and what looks through it."""
EXPECTED = "PDF, DOCX, OFD, PNG, JPEG"
_OTHERS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "a PDF"), (pictures.PNG, "a PNG picture"), (pictures.JPEG, "a JPEG picture"),
    (office.ZIP, "a zipped file"), (office.OLE, "an old or password-protected Office file"), (b"GIF8", "a GIF picture"),
    (b"MZ", "a program"), (b"\x7fELF", "a program"), (b"Rar!", "an archive"), (b"7z\xbc\xaf", "an archive"),
    (b"\x1f\x8b", "an archive"), (b"#!", "a program"), (b"{\\rtf", "an RTF text"))
"""What a file is told to be that begins so."""
_PAGES = (b"<!doctype html", b"<html", b"<script", b"<svg", b"<?xml")
_HEAD = 1024


def inspect(content: BinaryIO, name: str) -> str:
    """The media type of an upload. Raises ``InvalidInput`` for what is none of ``KINDS``, is not what its name says, or
    could do something to who opens it. Leaves the content at its beginning."""
    head = content.read(_HEAD)
    ending = Path(name).suffix.lower()
    for signature, media, endings, look in KINDS:
        if head.startswith(signature) and ending in endings:
            content.seek(0)
            look(content, name)
            content.seek(0)
            return media
    raise InvalidInput(expected=_expected(ending), found=_found(head, ending), where=name)


def _expected(ending: str) -> str:
    return next((_named(signature) for signature, _, endings, _ in KINDS if ending in endings
                 and signature != office.ZIP), EXPECTED)


def _found(head: bytes, ending: str) -> str:
    """What it is, when that can be told and is the fault; else by which ending it goes."""
    known, ours = _named(head), any(head.startswith(signature) for signature, _, _, _ in KINDS)
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_PAGES):
        known = "a web page or drawing (HTML, SVG, XML)"
    if any(ending in endings for _, _, endings, _ in KINDS):
        return known or "content of another kind"
    return known if known and not ours else ending or "no ending"


def _named(head: bytes) -> str:
    return next((word for signature, word in _OTHERS if head.startswith(signature)), "")
