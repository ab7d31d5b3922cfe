"""PNG (ISO/IEC 15948) and JPEG (ITU-T T.81): whole, alone in their file, and of a size that can be shown."""

from __future__ import annotations

import struct
from typing import BinaryIO

from engine.errors import InvalidInput, Phrase

PNG, JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"
MOST_POINTS = 120_000_000
"""Of the largest cameras; an A3 page at 600 dpi has 70 million. One point is four bytes of memory where it is shown."""
TAIL, SAMPLE = 65_557, 4096
"""Bytes from the end where a reader of archives finds one; bytes from either end where a browser may see a page."""
_FOREIGN: tuple[tuple[bytes, str], ...] = (
    (b"%pdf-", "a PDF inside"), (b"<script", "a web page inside"), (b"<html", "a web page inside"),
    (b"<!doctype html", "a web page inside"), (b"<svg", "a drawing inside"), (b"<?php", "a program inside"))
_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
_ALONE = frozenset({0x01, *range(0xD0, 0xD9)})


def require_png(content: BinaryIO, name: str) -> None:
    content.seek(len(PNG))
    kind, width, height = b"", 0, 0
    while kind != b"IEND":
        size, kind = struct.unpack(">I4s", _exactly(content, 8, name))
        if not width and kind != b"IHDR":
            raise _broken(name)
        if kind == b"IHDR":
            width, height = struct.unpack(">II", _exactly(content, 8, name))
            _require_size(width, height, name)
            size -= 8
        content.seek(size + 4, 1)
    if content.read(1):
        raise InvalidInput(expected="a picture and nothing else", found="content behind the picture", where=name)
    _require_alone(content, name)


def require_jpeg(content: BinaryIO, name: str) -> None:
    """Cameras write more behind the picture (previews, depth); an archive or a web page there is none of theirs."""
    content.seek(2)
    while True:
        marker = _marker(content, name)
        if marker in _ALONE:
            continue
        size, = struct.unpack(">H", _exactly(content, 2, name))
        if marker in _FRAMES:
            _, height, width = struct.unpack(">BHH", _exactly(content, 5, name))
            _require_size(width, height or 1, name)
            break
        if marker in (0xD9, 0xDA):
            raise _broken(name)
        content.seek(size - 2, 1)
    _require_alone(content, name)


def _marker(content: BinaryIO, name: str) -> int:
    if _exactly(content, 1, name) != b"\xff":
        raise _broken(name)
    found = b"\xff"
    while found == b"\xff":
        found = _exactly(content, 1, name)
    return found[0]


def _require_size(width: int, height: int, name: str) -> None:
    if not width or not height:
        raise _broken(name)
    if width * height > MOST_POINTS:
        expected = Phrase("a picture of at most {count} million points", count=MOST_POINTS // 1_000_000)
        raise InvalidInput(expected=expected, found=f"{width} × {height}", where=name)


def _require_alone(content: BinaryIO, name: str) -> None:
    """Not a file that is also something else for who reads it from its middle or its end."""
    content.seek(0)
    head = content.read(SAMPLE).lower()
    end = content.seek(0, 2)
    content.seek(max(0, end - TAIL))
    tail = content.read()
    if b"PK\x05\x06" in tail:
        raise InvalidInput(expected="a picture and nothing else", found="an archive inside", where=name)
    for mark, found in _FOREIGN:
        if mark in head or mark in tail[-SAMPLE:].lower():
            raise InvalidInput(expected="a picture and nothing else", found=found, where=name)


def _exactly(content: BinaryIO, count: int, name: str) -> bytes:
    found = content.read(count)
    if len(found) != count:
        raise _broken(name)
    return found


def _broken(name: str) -> InvalidInput:
    return InvalidInput(expected="a whole picture", found="a file that cannot be opened", where=name)
