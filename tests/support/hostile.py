"""Files that mean harm, each made here byte by byte; and their honest neighbours, which must come through."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping

import docx

TYPES, WORD = "[Content_Types].xml", "word/document.xml"
RELS = "word/_rels/document.xml.rels"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


# --- zipped -----------------------------------------------------------------------------------------------------------
def packed(entries: Mapping[str, bytes], compress: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compress) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return out.getvalue()


def word(text: str = "证据说明") -> bytes:
    """An honest document."""
    out = io.BytesIO()
    document = docx.Document()
    document.add_paragraph(text)
    document.save(out)
    return out.getvalue()


def parts(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {entry.filename: archive.read(entry) for entry in archive.infolist()}


def word_with(**changed: bytes) -> bytes:
    """``word_with(**{"word/x.bin": b"…"})``: an honest document with parts added or replaced."""
    return packed({**parts(word()), **changed})


def word_typed(old: bytes, new: bytes) -> bytes:
    found = parts(word())
    assert old in found[TYPES]
    return packed({**found, TYPES: found[TYPES].replace(old, new)})


def word_linked(kind: str, target: str, mode: str = "External") -> bytes:
    link = f'<Relationship Id="rX" Type="{_OFFICE}/{kind}" Target="{target}" TargetMode="{mode}"/></Relationships>'
    return packed({**(found := parts(word())), RELS: found[RELS].replace(b"</Relationships>", link.encode())})


def word_field(*runs: str) -> bytes:
    """A field whose instruction is split into runs."""
    found = parts(word())
    said = "".join(f"<w:r><w:instrText>{run}</w:instrText></w:r>" for run in runs)
    return packed({**found, WORD: found[WORD].replace(b"<w:sectPr", f"<w:p>{said}</w:p><w:sectPr".encode(), 1)})


def excel(macros: bool = False) -> bytes:
    kind = "vnd.ms-excel.sheet.macroEnabled" if macros else "vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    types = (f'<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
             f'<Override PartName="/xl/workbook.xml" ContentType="application/{kind}.main+xml"/></Types>')
    acting = {"xl/macro.bin": b"x"} if macros else {}
    return packed({TYPES: types.encode(), "xl/workbook.xml": b"<workbook/>", **acting})


def bomb(size: int) -> bytes:
    return packed({**parts(word()), "word/media/image1.bmp": bytes(size)})


def lying_bomb() -> bytes:
    """The directory says 10 bytes; there are 64 MB."""
    content = bytearray(bomb(64 << 20))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        entry = archive.getinfo("word/media/image1.bmp")
        at = content.rindex(b"PK\x01\x02", 0, content.rindex(entry.filename.encode()))
    struct.pack_into("<L", content, at + 24, 10)
    struct.pack_into("<L", content, entry.header_offset + 22, 10)
    return bytes(content)


def overlapping() -> bytes:
    """Two directory entries over one and the same data."""
    content = packed({**parts(word()), "word/media/image1.bmp": bytes(1 << 20)})
    start = content.rindex(b"PK\x01\x02")
    end = content.rindex(b"PK\x05\x06")
    again = content[start:end].replace(b"image1", b"image2")
    tail = bytearray(content[end:])
    count, = struct.unpack_from("<H", tail, 10)
    size, = struct.unpack_from("<L", tail, 12)
    struct.pack_into("<HHL", tail, 8, count + 1, count + 1, size + len(again))
    return content[:end] + again + bytes(tail)


def locked() -> bytes:
    content = bytearray(word())
    at = -1
    while (at := content.find(b"PK\x01\x02", at + 1)) >= 0:
        content[at + 8] |= 1
    return bytes(content)


# --- pictures ---------------------------------------------------------------------------------------------------------
def png(width: int = 2, height: int = 2, behind: bytes = b"", comment: bytes = b"") -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    rows = zlib.compress(b"".join(b"\0" + b"\x88\xaa\xcc" * min(width, 600) for _ in range(min(height, 600))))
    text = chunk(b"tEXt", b"Comment\0" + comment) if comment else b""
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) + text
            + chunk(b"IDAT", rows) + chunk(b"IEND", b"") + behind)


def jpeg(width: int = 2, height: int = 2, behind: bytes = b"", comment: bytes = b"") -> bytes:
    """Its structure; there is nothing to be seen in it."""
    said = b"\xff\xfe" + struct.pack(">H", len(comment) + 2) + comment if comment else b""
    frame = struct.pack(">BHHB", 8, height, width, 1) + b"\x01\x11\x00"
    scan = b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00\x55\xff\xd9"
    return (b"\xff\xd8" + b"\xff\xe0\x00\x10JFIF\0\1\1\0\0\1\0\1\0\0" + said + b"\xff\xc0"
            + struct.pack(">H", len(frame) + 2) + frame + scan + behind)


# --- PDF --------------------------------------------------------------------------------------------------------------
def pdf(*objects: bytes, trailer: bytes = b"", text: str = "Evidence") -> bytes:
    """One page; further objects begin with number 5."""
    shown = f"BT /F1 24 Tf 72 700 Td ({text}) Tj ET".encode()
    body = [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1<</Type/Font/Subtype"
            b"/Type1/BaseFont/Helvetica>>>>>>>>",
            b"<</Length %d>>\nstream\n%s\nendstream" % (len(shown), shown), *objects]
    out, places = bytearray(b"%PDF-1.7\n"), []
    for number, content in enumerate(body, 1):
        places.append(len(out))
        out += b"%d 0 obj\n" % number + content + b"\nendobj\n"
    rows = b"".join(b"%010d 00000 n \n" % place for place in places)
    count = len(body) + 1
    table = b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<</Size %d/Root 1 0 R%s>>" % (count, rows, count, trailer)
    return bytes(out) + table + b"\nstartxref\n%d\n%%%%EOF\n" % len(out)


def pdf_stream(content: bytes, about: bytes = b"/Type/ObjStm/N 1/First 4") -> bytes:
    body = zlib.compress(content)
    return pdf(b"<<%s/Filter/FlateDecode/Length %d>>\nstream\n%s\nendstream" % (about, len(body), body))
