"""Hostile files: each is refused with what was expected and found, and nothing of it is kept; honest ones come in."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from engine.domain.phrases import said
from engine.errors import InvalidInput
from engine.services.files import FileStore
from engine.services.shelves.folder import FolderShelf
from tests.support import hostile as h

LIMIT = 4 << 20
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
DECLARED = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>'
ACTION = b"<</S/JavaScript/JS(app.alert\\(1\\))>>"
Case = tuple[str, bytes, str, str]

WRONG_KIND: dict[str, Case] = {
    "nothing": ("a.pdf", b"", "a file with content", "an empty file"),
    "too large": ("a.pdf", b"%PDF-1.7\n" + bytes(LIMIT), "at most 4 MB", "a larger file"),
    "no ending": ("证据", h.pdf(), "PDF, DOCX, OFD, PNG, JPEG", "no ending"),
    "a program": ("a.exe", b"MZ" + bytes(99), "PDF, DOCX, OFD, PNG, JPEG", "a program"),
    "a program called PDF": ("a.pdf", b"MZ" + bytes(99), "a PDF", "a program"),
    "a PDF called PNG": ("a.png", h.pdf(), "a PNG picture", "a PDF"),
    "SVG": ("a.svg", SVG, "PDF, DOCX, OFD, PNG, JPEG", "a web page or drawing (HTML, SVG, XML)"),
    "SVG called PNG": ("a.png", SVG, "a PNG picture", "a web page or drawing (HTML, SVG, XML)"),
    "HTML called PDF": ("a.pdf", b"\xef\xbb\xbf <!DOCTYPE html><script>1</script>", "a PDF",
                        "a web page or drawing (HTML, SVG, XML)"),
    "HTML before a PDF": ("a.pdf", b"<html>" + h.pdf(), "a PDF", "a web page or drawing (HTML, SVG, XML)"),
    "text in Big5": ("說明.txt", "證據說明".encode("big5"), "PDF, DOCX, OFD, PNG, JPEG", ".txt"),
    "text called PDF": ("a.pdf", "证据说明".encode("gb18030"), "a PDF", "content of another kind"),
    "text in UTF-16 called DOCX": ("a.docx", "证据".encode("utf-16"), "PDF, DOCX, OFD, PNG, JPEG",
                                   "content of another kind"),
    "old Word": ("a.doc", OLE, "PDF, DOCX, OFD, PNG, JPEG", "an old or password-protected Office file"),
    "old Word called DOCX": ("a.docx", OLE, "PDF, DOCX, OFD, PNG, JPEG", "an old or password-protected Office file"),
    "old Excel called PDF": ("a.pdf", OLE, "a PDF", "an old or password-protected Office file"),
    "an ending in disguise": ("a.pdf.exe", h.pdf(), "PDF, DOCX, OFD, PNG, JPEG", ".exe"),
}
ZIPPED: dict[str, Case] = {
    "garbage": ("a.docx", b"PK\x03\x04garbage", "a DOCX or OFD document", "a file that cannot be opened"),
    "cut off": ("a.docx", h.word()[:-30], "a DOCX or OFD document", "a file that cannot be opened"),
    "an archive": ("a.docx", h.packed({"a.txt": b"x"}), "a DOCX or OFD document", "another archive"),
    "an archive called OFD": ("a.ofd", h.packed({"a.txt": b"x"}), "a DOCX or OFD document", "another archive"),
    "Word called OFD": ("a.ofd", h.word(), "a DOCX or OFD document", "another archive"),
    "Excel called DOCX": ("a.docx", h.excel(), "a DOCX or OFD document", "another Office file"),
    "Excel with macros called DOCX": ("a.docx", h.excel(macros=True), "a document without macros", "macros"),
    "docm": ("a.docm", h.word(), "PDF, DOCX, OFD, PNG, JPEG", ".docm"),
    "docm called DOCX": ("a.docx", h.word_typed(
        b"vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
        b"vnd.ms-word.document.macroEnabled.main+xml"), "a document without macros", "macros"),
    "macros": ("a.docx", h.word_with(**{"word/vbaProject.bin": b"x"}), "a document without macros", "macros"),
    "macros by another name": ("a.docx", h.word_typed(
        b"</Types>", b'<Default Extension="dat" ContentType="application/vnd.ms-office.vbaProject"/></Types>'),
        "a document without macros", "macros"),
    "ActiveX": ("a.docx", h.word_with(**{"word/activeX/activeX1.bin": b"x"}), "a document without macros", "macros"),
    "an object": ("a.docx", h.word_with(**{"word/embeddings/oleObject1.bin": OLE}),
                  "a document without objects of other programs", "one"),
    "a program inside": ("a.docx", h.word_with(**{"word/media/image1.png": b"MZ" + bytes(99)}),
                         "a document without objects of other programs", "one"),
    "an archive inside": ("a.docx", h.word_with(**{"word/media/r.zip": h.packed({"r": b"x"})}),
                          "a document without archives inside", "one"),
    "macros inside the table inside": ("a.docx", h.word_with(**{"word/embeddings/s.xlsx": h.excel(macros=True)}),
                                       "a document without macros", "macros"),
    "documents in documents": ("a.docx", h.word_with(**{
        "word/embeddings/d.docx": h.word_with(**{"word/embeddings/e.docx": h.word()})}),
        "a document without archives inside", "one"),
    "a template elsewhere": ("a.docx", h.word_linked("attachedTemplate", "http://203.0.113.1/t.dotm"),
                             "a document that fetches nothing from elsewhere", "a link to http://203.0.113.1/t.dotm"),
    "a picture elsewhere": ("a.docx", h.word_linked("image", r"\\203.0.113.1\s\p.png"),
                            "a document that fetches nothing from elsewhere", r"a link to \\203.0.113.1\s\p.png"),
    "a link to a program": ("a.docx", h.word_linked("hyperlink", "ms-msdt:/id"),
                            "a document that fetches nothing from elsewhere", "a link to ms-msdt:/id"),
    "HTML to be merged": ("a.docx", h.word_linked("aFChunk", "x.html", "Internal"),
                          "a document that fetches nothing from elsewhere", "a link to x.html"),
    "a field that calls": ("a.docx", h.word_field(" DDE", "AUTO c:\\\\cmd"),
                           "a document that fetches nothing from elsewhere", "a field that does"),
    "a field that fetches": ("a.docx", h.word_field(' INCLUDEPICTURE "http://203.0.113.1/p" '),
                             "a document that fetches nothing from elsewhere", "a field that does"),
    "entities": ("a.docx", h.word_with(**{"word/x.xml": DECLARED}), "XML without declarations of its own", "entities"),
    "entities in UTF-16": ("a.docx", h.word_with(**{"word/x.xml": DECLARED.decode().encode("utf-16")}),
                           "XML without declarations of its own", "entities"),
    "a bomb": ("a.docx", h.bomb(201 << 20), "at most 200 MB unpacked", "more"),
    "a tight bomb": ("a.docx", h.bomb(120 << 20), "at most 200 MB unpacked", "more"),
    "a bomb that lies": ("a.docx", h.lying_bomb(), "a DOCX or OFD document", "a file that cannot be opened"),
    "a bomb of overlaps": ("a.docx", h.overlapping(), "a DOCX or OFD document", "a file that cannot be opened"),
    "a bomb of entries": ("a.docx", h.word_with(**{f"word/{n}": b"" for n in range(5_001)}), "at most 200 MB unpacked",
                          "more"),
    "a bomb in the table inside": ("a.docx", h.word_with(**{"word/embeddings/s.xlsx": h.packed(
        {**h.parts(h.excel()), "xl/b": bytes(150 << 20)})}), "at most 200 MB unpacked", "more"),
    "a password": ("a.docx", h.locked(), "a document without a password", "one"),
    "a path out of it": ("a.docx", h.word_with(**{"../../etc/x": b"x"}), "a DOCX or OFD document",
                         "a file that cannot be opened"),
    "a PDF behind it": ("a.docx", h.word() + h.pdf(), "a DOCX or OFD document", "content behind the document"),
    "a PDF before it": ("a.docx", b"PK\x03\x04" + h.pdf() + h.word(), "a DOCX or OFD document",
                        "a file that cannot be opened"),
    "packed in another way": ("a.docx", h.packed(h.parts(h.word()), 14), "a DOCX or OFD document",
                              "a file that cannot be opened"),
}
PDF: dict[str, Case] = {
    "a script": ("a.pdf", h.pdf(ACTION), "a PDF that only shows pages", "a script"),
    "a script spelt otherwise": ("a.pdf", h.pdf(b"<</S/J#61vaScr#69pt/JS(1)>>"), "a PDF that only shows pages",
                                 "a script"),
    "a script in a packed object": ("a.pdf", h.pdf_stream(b"5 0 " + ACTION), "a PDF that only shows pages", "a script"),
    "a script packed and not called so": ("a.pdf", h.pdf_stream(b"5 0 " + ACTION, b""), "a PDF that only shows pages",
                                          "a script"),
    "a script at a seam": ("a.pdf", h.pdf_stream(b" " * ((1 << 18) - 5) + ACTION), "a PDF that only shows pages",
                           "a script"),
    "a call of a program": ("a.pdf", h.pdf(b"<</S/Launch/F(cmd.exe)>>"), "a PDF that only shows pages",
                            "a call of a program"),
    "files inside": ("a.pdf", h.pdf(b"<</Type/EmbeddedFile/Length 1>>\nstream\nx\nendstream"),
                     "a PDF that only shows pages", "files inside"),
    "a film": ("a.pdf", h.pdf(b"<</Subtype/RichMedia>>"), "a PDF that only shows pages", "a film or program inside"),
    "a password": ("a.pdf", h.pdf(b"<<>>", trailer=b"/Encrypt 5 0 R"), "a PDF without a password", "one"),
    "packed out of sight": ("a.pdf", h.pdf(b"<</Type/ObjStm/Filter/LZWDecode/Length 1>>\nstream\nx\nendstream"),
                            "a PDF that can be looked through", "one written to mislead"),
    "called out of sight": ("a.pdf", h.pdf(b"<</Type/Obj#53tm/Length 1>>\nstream\nx\nendstream"),
                            "a PDF that can be looked through", "one written to mislead"),
    "a bomb": ("a.pdf", h.pdf_stream(bytes(201 << 20), b""), "at most 200 MB unpacked", "more"),
    "an archive too": ("a.pdf", h.pdf() + h.packed({"a": b"x"}), "a PDF and nothing else", "an archive inside"),
}
PICTURES: dict[str, Case] = {
    "a bomb": ("a.png", h.png(50_000, 50_000), "a picture of at most 120 million points", "50000 × 50000"),
    "a bomb of JPEG": ("a.jpg", h.jpeg(65_000, 65_000), "a picture of at most 120 million points", "65000 × 65000"),
    "no width": ("a.png", h.png(0, 5), "a whole picture", "a file that cannot be opened"),
    "cut off": ("a.png", h.png()[:40], "a whole picture", "a file that cannot be opened"),
    "JPEG cut off": ("a.jpg", h.jpeg()[:22], "a whole picture", "a file that cannot be opened"),
    "its mark alone": ("a.png", b"\x89PNG\r\n\x1a\n<script>", "a whole picture", "a file that cannot be opened"),
    "a PDF behind": ("a.png", h.png(behind=h.pdf()), "a picture and nothing else", "content behind the picture"),
    "a web page inside": ("a.png", h.png(comment=b"<script>alert(1)</script>"), "a picture and nothing else",
                          "a web page inside"),
    "an archive behind": ("a.jpg", h.jpeg(behind=h.packed({"a": b"x"})), "a picture and nothing else",
                          "an archive inside"),
    "a web page in JPEG": ("a.jpeg", h.jpeg(comment=b"<HTML><body>"), "a picture and nothing else",
                           "a web page inside"),
    "a PDF in JPEG": ("a.jpg", h.jpeg(comment=h.pdf()[:200]), "a picture and nothing else", "a PDF inside"),
}
HOSTILE = {f"{family}: {name}": case for family, cases in (
    ("kind", WRONG_KIND), ("zip", ZIPPED), ("pdf", PDF), ("picture", PICTURES)) for name, case in cases.items()}
HONEST: dict[str, tuple[str, bytes]] = {
    "a PDF": ("证据.PDF", h.pdf()), "a PDF that speaks of scripts": ("a.pdf", h.pdf(text="JavaScript and Launch")),
    "a packed PDF": ("a.pdf", h.pdf_stream(b"5 0 <</Type/Font>>")),
    "Word": ("说明.docx", h.word()), "a link into the web": ("a.docx", h.word_linked("hyperlink", "https://a.example/")),
    "a table inside": ("a.docx", h.word_with(**{"word/embeddings/s.xlsx": h.excel()})),
    "a page number": ("a.docx", h.word_field(" PAGE ")), "much text": ("a.docx", h.word("专利权利要求书。" * 50_000)),
    "OFD": ("票据.ofd", h.packed({"OFD.xml": b"<OFD/>", "Doc_0/Document.xml": b"<Document/>"})),
    "PNG": ("a.png", h.png()), "JPEG": ("a.JPG", h.jpeg()),
    "a camera's JPEG": ("a.jpeg", h.jpeg(12_000, 9_000, behind=h.jpeg(behind=b"\0" * 40))),
}


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(FolderShelf(tmp_path), LIMIT)


@pytest.mark.parametrize("case", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_file_is_refused_with_the_reason_in_both_languages(store: FileStore, case: Case) -> None:
    name, content, expected, found = case
    with pytest.raises(InvalidInput) as refused:
        store.stage(io.BytesIO(content), name)
    params = refused.value.params
    assert (params["expected"], params["found"], params["where"]) == (expected, found, name)
    for word in ("expected", "found"):
        chinese = said(params[word], "zh")
        assert any(letter >= "\u4e00" for letter in chinese) or chinese[0] in ".0123456789P", chinese
    assert list(store.shelf.names()) == []


@pytest.mark.parametrize("case", HONEST.values(), ids=HONEST)
def test_an_honest_file_comes_in(store: FileStore, case: tuple[str, bytes]) -> None:
    name, content = case
    staged = store.stage(io.BytesIO(content), name)
    assert store.read(staged.sha256) == content and staged.size == len(content)
