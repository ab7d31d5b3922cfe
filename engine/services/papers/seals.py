"""Seals (印章). An installation brings its own provider; the one that comes along says 测试 and proves nothing."""

from __future__ import annotations

import io
from datetime import date
from typing import Protocol

from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Pt, RGBColor

from engine.services.papers.letters import opened


class SealProvider(Protocol):
    """Whoever holds the seals of the authorities that sign."""

    def seal(self, content: bytes, name: str, authority: str, on: date) -> bytes:
        """The Word file with the seal of ``authority`` on it. Raises ``KapokError`` when it is not to be had."""


class TestSeal:
    """A red line at the end of the paper."""

    __test__ = False

    def seal(self, content: bytes, name: str, authority: str, on: date) -> bytes:
        document = opened(content, name)
        paragraph = document.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        run = paragraph.add_run(f"【测试印章】{authority} {on.year}年{on.month}月{on.day}日")
        run.font.color.rgb = RGBColor(0xC0, 0x1F, 0x1F)
        run.font.size = Pt(12)
        run.bold = True
        out = io.BytesIO()
        document.save(out)
        return out.getvalue()
