"""Who has seen it, on what they have seen: the reader's name and the time, into copies of confidential files.

Word documents get it in the header and footer of every page, PDF across every page in an update behind the original
bytes (``pdf_marks``), PNG and JPEG in their metadata and, when they are looked at, over the picture. OFD leave as they
are, and so does a PDF that cannot be read: the record of the view says that it was not marked. The pages of a
confidential case bear it on screen and in print (``watermark`` of the templates).
"""

from __future__ import annotations

import io
import struct
import zlib
from datetime import datetime

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Pt, RGBColor

from engine.clock import LOCAL_ZONE
from engine.domain.actors import Actor
from engine.services.proof.pdf_marks import Unmarkable, mark

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PDF, PNG, JPEG = "application/pdf", "image/png", "image/jpeg"


def text_of(actor: Actor, now: datetime) -> str:
    """What a watermark says, in both languages."""
    return f"未公开 CONFIDENTIAL · {actor.name}（{actor.id}） · {now.astimezone(LOCAL_ZONE):%Y-%m-%d %H:%M}"


def stamp(content: bytes, media: str, actor: Actor, now: datetime) -> bytes | None:
    """A copy with the reader's mark; None where it cannot bear one."""
    text = text_of(actor, now)
    if media == DOCX:
        return _docx(content, text)
    if media == PNG:
        return _png(content, text)
    if media == JPEG:
        return _jpeg(content, text)
    return _pdf(content, actor, now) if media == PDF else None


def _pdf(content: bytes, actor: Actor, now: datetime) -> bytes | None:
    try:
        return mark(content, (f"未公开 {actor.name[:20]}",
                              f"CONFIDENTIAL {actor.id[:40]} {now.astimezone(LOCAL_ZONE):%Y-%m-%d %H:%M}"))
    except Unmarkable:
        return None


def _docx(content: bytes, text: str) -> bytes:
    document = Document(io.BytesIO(content))
    for section in document.sections:
        for place in (section.header, section.footer):
            place.is_linked_to_previous = False
            line = place.add_paragraph()
            line.alignment = WD_ALIGN_PARAGRAPH.CENTER
            run = line.add_run(text)
            run.font.size, run.font.color.rgb = Pt(9), RGBColor(0xB0, 0x30, 0x30)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _png(content: bytes, text: str) -> bytes:
    """An iTXt chunk (PNG 1.2, 4.2.3.3) behind the header chunk."""
    body = b"iTXt" + b"Comment\0\0\0\0\0" + text.encode()
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    return content[:33] + chunk + content[33:]


def _jpeg(content: bytes, text: str) -> bytes:
    """A comment segment (ITU T.81, B.2.4.5) behind the start of the image."""
    body = text.encode()
    return content[:2] + b"\xff\xfe" + struct.pack(">H", len(body) + 2) + body + content[2:]
