"""DOCX (ISO/IEC 29500) and OFD (GB/T 33190): a zip that is the document its ending says, and nothing that acts.

Entries are unpacked and thrown away as they are measured, so what a directory says of their size is not believed.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO, Any, BinaryIO
from urllib.parse import urlsplit

from lxml import etree

from engine.errors import InvalidInput, Phrase

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
MOST_ENTRIES, MOST_UNPACKED, MOST_PARSED = 5_000, 200 << 20, 8 << 20
FREE, MOST_RATIO = 16 << 20, 150
"""What may be packed however tightly; how tightly beyond. Texts of Word come to some 20."""
TYPES, WORD, OFD = "[Content_Types].xml", "word/document.xml", "OFD.xml"
_PIECE = 1 << 18
_MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_OFFICE = "application/vnd.openxmlformats-officedocument."
_ACTIVE = ("macroenabled", "vbaproject", "vbadata", "activex", "keymapcustomizations")
_LINKS = frozenset({"http", "https", "mailto", "tel"})
_DECLARED = re.compile(rb"<!(?:DOCTYPE|ENTITY)")
_CALLS = re.compile(r"\bDDE(?:AUTO)?\b|\bINCLUDE(?:TEXT|PICTURE)\s+\"?(?:\w+:|\\\\|//)", re.IGNORECASE)
_INNER = re.compile(r"(?:word|ppt|xl)/embeddings/[^/]+\.(?:docx|xlsx|pptx)", re.IGNORECASE)


def require_word(content: BinaryIO, name: str) -> None:
    """Raises ``InvalidInput`` for what is no DOCX, for macros, for what would be fetched or run when it is opened, and
    for what unpacks to more than ``MOST_UNPACKED``."""
    with _archive(content, name) as archive:
        _Package(archive, name, content.seek(0, 2)).look(_MAIN)


def require_ofd(content: BinaryIO, name: str) -> None:
    with _archive(content, name) as archive:
        if OFD not in archive.namelist():
            raise _not_a_document("another archive", name)
        _Package(archive, name, content.seek(0, 2)).measure()


def _archive(content: IO[bytes], name: str) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(content)
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise _not_a_document("a file that cannot be opened", name) from error


class _Package:
    """``size``: of the file. ``room``: what may still be unpacked."""

    def __init__(self, archive: zipfile.ZipFile, name: str, size: int, room: int = MOST_UNPACKED,
                 inner: bool = False) -> None:
        self._archive = archive
        self._name = name
        self._size = size
        self._room = min(room, max(FREE, size * MOST_RATIO))
        self._inner = inner
        self._require_plain()

    def _require_plain(self) -> None:
        """One archive from the first byte to the last, whose names mean the same to everybody."""
        entries = self._archive.infolist()
        if len(entries) > MOST_ENTRIES or sum(entry.file_size for entry in entries) > self._room:
            raise _too_much(self._name)
        names = {entry.filename.lower() for entry in entries}
        odd = any(entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or _leads_out(entry)
                  for entry in entries)
        if odd or len(names) != len(entries) or min((entry.header_offset for entry in entries), default=1):
            raise _not_a_document("a file that cannot be opened", self._name)
        if any(entry.flag_bits & 1 for entry in entries):
            raise InvalidInput(expected="a document without a password", found="one", where=self._name)
        file = self._archive.fp
        if self._archive.comment or file is None or file.seek(-22, 2) < 0 or file.read(4) != b"PK\x05\x06":
            raise _not_a_document("content behind the document", self._name)

    def look(self, main: str) -> None:
        """As an Office document: nothing that acts, nothing that is fetched."""
        if TYPES not in self._archive.namelist():
            raise _not_a_document("another archive", self._name)
        self._require_still(main)
        self.measure()
        for entry in self._archive.infolist():
            if entry.filename.endswith(".rels"):
                self._require_own(self._parsed(entry.filename))
            elif entry.filename.startswith("word/") and entry.filename.endswith(".xml"):
                self._require_no_calls(entry)

    def _require_still(self, main: str) -> None:
        types = [str(one.get("ContentType", "")) for one in self._parsed(TYPES).iter("{*}Override", "{*}Default")]
        parts = [entry.filename.lower() for entry in self._archive.infolist()]
        if any(word in kind.lower() for kind in types for word in _ACTIVE) or any(
                part.endswith("vbaproject.bin") or "/activex/" in part for part in parts):
            raise InvalidInput(expected="a document without macros", found="macros", where=self._name)
        if not any(kind.startswith(main) for kind in types):
            raise _not_a_document("another Office file" if any(_OFFICE in kind for kind in types)
                                  else "another archive", self._name)

    def measure(self) -> None:
        """Unpack everything once; what is packed inside is looked at in its turn, one deep."""
        for entry in self._archive.infolist():
            head = b""
            before = b""
            for piece in self._pieces(entry):
                head = head or piece[:8]
                text = before + piece.replace(b"\0", b"")
                if entry.filename.lower().endswith((".xml", ".rels", ".vml")) and _DECLARED.search(text):
                    raise InvalidInput(expected="XML without declarations of its own", found="entities",
                                       where=self._name)
                before = text[-16:]
            self._require_harmless(entry, head)

    def _require_harmless(self, entry: zipfile.ZipInfo, head: bytes) -> None:
        if head.startswith((OLE, b"MZ", b"\x7fELF")):
            raise InvalidInput(expected="a document without objects of other programs", found="one", where=self._name)
        if head.startswith((ZIP, b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b")):
            if self._inner or not _INNER.fullmatch(entry.filename):
                raise InvalidInput(expected="a document without archives inside", found="one", where=self._name)
            content = io.BytesIO(b"".join(self._pieces(entry)))
            with _archive(content, self._name) as archive:
                _Package(archive, self._name, entry.file_size, self._room, inner=True).look(_OFFICE)

    def _pieces(self, entry: zipfile.ZipInfo) -> Iterator[bytes]:
        try:
            with self._archive.open(entry) as member:
                while piece := member.read(_PIECE):
                    self._room -= len(piece)
                    if self._room < 0:
                        raise _too_much(self._name)
                    yield piece
        except (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError) as error:
            raise _not_a_document("a file that cannot be opened", self._name) from error

    def _parsed(self, part: str) -> Any:
        entry = self._archive.getinfo(part)
        if entry.file_size > MOST_PARSED:
            raise _too_much(self._name)
        try:
            return etree.fromstring(b"".join(self._pieces(entry)), _parser())
        except etree.XMLSyntaxError as error:
            raise _not_a_document("a file that cannot be opened", self._name) from error

    def _require_own(self, relations: Any) -> None:
        for one in relations.iter("{*}Relationship"):
            kind, target = str(one.get("Type", "")), str(one.get("Target", ""))
            outside = str(one.get("TargetMode", "")).lower() == "external"
            if kind.endswith("/aFChunk") or outside and not (
                    kind.endswith("/hyperlink") and _may_link(target)):
                raise InvalidInput(expected="a document that fetches nothing from elsewhere",
                                   found=Phrase("a link to {address}", address=target[:100]), where=self._name)

    def _require_no_calls(self, entry: zipfile.ZipInfo) -> None:
        said: list[str] = []
        try:
            with self._archive.open(entry) as member:
                for _, element in etree.iterparse(member, events=("end",), resolve_entities=False, no_network=True,
                                                  load_dtd=False):
                    tag = str(element.tag).rpartition("}")[2]
                    if tag == "instrText":
                        said.append(element.text or "")
                    elif tag == "fldSimple":
                        said.append(" " + " ".join(map(str, element.attrib.values())) + " ")
                    elif tag == "p":
                        element.clear()
        except (etree.XMLSyntaxError, zipfile.BadZipFile, zlib.error) as error:
            raise _not_a_document("a file that cannot be opened", self._name) from error
        if _CALLS.search("".join(said)):
            raise InvalidInput(expected="a document that fetches nothing from elsewhere", found="a field that does",
                               where=self._name)


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)


def _leads_out(entry: zipfile.ZipInfo) -> bool:
    name = entry.orig_filename
    return name.startswith("/") or "\\" in name or "\0" in name or ".." in name.split("/") or ":" in name


def _may_link(target: str) -> bool:
    """A link that a reader follows by hand, into the web or to an address; or within the document."""
    try:
        return target.startswith("#") or urlsplit(target.strip()).scheme.lower() in _LINKS
    except ValueError:
        return False


def _not_a_document(found: str, name: str) -> InvalidInput:
    return InvalidInput(expected="a DOCX or OFD document", found=found, where=name)


def _too_much(name: str) -> InvalidInput:
    return InvalidInput(expected=Phrase("at most {size} MB unpacked", size=MOST_UNPACKED >> 20), found="more",
                        where=name)
