"""Files: content-addressed by SHA-256 in a folder, staged before the command that refers to them."""

from __future__ import annotations

import hashlib
import os
import tempfile
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from engine.errors import InvalidInput, NotFound

CHUNK = 1 << 20
ZIP = b"PK\x03\x04"
MOST_ENTRIES, MOST_UNPACKED = 5_000, 200 << 20

MEDIA_BY_SIGNATURE: tuple[tuple[bytes, str, tuple[str, ...]], ...] = (
    (b"%PDF-", "application/pdf", (".pdf",)),
    (b"\x89PNG\r\n\x1a\n", "image/png", (".png",)),
    (b"\xff\xd8\xff", "image/jpeg", (".jpg", ".jpeg")),
    (b"PK\x03\x04", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", (".docx",)),
    (b"PK\x03\x04", "application/ofd", (".ofd",)),
)
"""What may be uploaded: how the content begins, what it is, and by which endings it is known."""


@dataclass(frozen=True, slots=True)
class StagedFile:
    sha256: str
    size: int
    name: str
    media: str


def media_of(head: bytes, name: str) -> str:
    """The media type of an upload, judged by its first bytes and its ending together.

    Raises ``InvalidInput`` when the two do not name one of the kinds in ``MEDIA_BY_SIGNATURE``.
    """
    ending = Path(name).suffix.lower()
    for signature, media, endings in MEDIA_BY_SIGNATURE:
        if head.startswith(signature) and ending in endings:
            return media
    expected = "PDF, DOCX, OFD, PNG, JPEG"
    raise InvalidInput(expected=expected, found=ending or "no ending", where=name)


def require_document(path: Path, name: str) -> None:
    """A zipped upload must be the document its ending says: whole, without macros, and of a size one can open.

    Raises ``InvalidInput`` for what is no DOCX or OFD, for macros, and for what unpacks to more than ``MOST_UNPACKED``.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        found = "a file that cannot be opened"
        raise InvalidInput(expected="a DOCX or OFD document", found=found, where=name) from error
    names = {entry.filename for entry in entries}
    if names.isdisjoint({"[Content_Types].xml", "OFD.xml"}):
        raise InvalidInput(expected="a DOCX or OFD document", found="another archive", where=name)
    if any(entry.rpartition("/")[2].lower() == "vbaproject.bin" for entry in names):
        raise InvalidInput(expected="a document without macros", found="macros", where=name)
    if len(entries) > MOST_ENTRIES or sum(entry.file_size for entry in entries) > MOST_UNPACKED:
        raise InvalidInput(expected=f"at most {MOST_UNPACKED >> 20} MB unpacked", found="more", where=name)


class FileStore:
    """A folder of files named by their hash, two levels deep."""

    def __init__(self, folder: Path, limit: int) -> None:
        self._folder = folder
        self.limit = limit

    def path(self, sha256: str) -> Path:
        return self._folder / sha256[:2] / sha256

    def stage(self, stream: BinaryIO, name: str) -> StagedFile:
        """Store an upload by its hash. Raises ``InvalidInput`` for a wrong kind, an empty file or too large a one."""
        head = stream.read(CHUNK)
        if not head:
            raise InvalidInput(expected="a file with content", found="an empty file", where=name)
        media = media_of(head, name)
        check = require_document if head.startswith(ZIP) else None
        return self._write(self._chunks(head, stream), name, media, check)

    def put(self, content: bytes, name: str, media: str) -> StagedFile:
        """Store what the engine itself made."""
        return self._write([content], name, media)

    def _chunks(self, head: bytes, stream: BinaryIO) -> Iterable[bytes]:
        yield head
        while chunk := stream.read(CHUNK):
            yield chunk

    def _write(self, chunks: Iterable[bytes], name: str, media: str,
               check: Callable[[Path, str], None] | None = None) -> StagedFile:
        self._folder.mkdir(parents=True, exist_ok=True)
        digest, size = hashlib.sha256(), 0
        handle, temporary = tempfile.mkstemp(dir=self._folder, prefix="staging-")
        try:
            with os.fdopen(handle, "wb") as out:
                for chunk in chunks:
                    size += len(chunk)
                    if size > self.limit:
                        expected = f"at most {self.limit // (1 << 20)} MB"
                        raise InvalidInput(expected=expected, found="a larger file", where=name)
                    digest.update(chunk)
                    out.write(chunk)
                out.flush()
                os.fsync(out.fileno())
            if check is not None:
                check(Path(temporary), name)
            return self._keep(Path(temporary), StagedFile(digest.hexdigest(), size, name, media))
        finally:
            Path(temporary).unlink(missing_ok=True)

    def _keep(self, temporary: Path, staged: StagedFile) -> StagedFile:
        target = self.path(staged.sha256)
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary.replace(target)
        return staged

    def remove(self, sha256: str) -> None:
        """Forget a content, if it is there."""
        self.path(sha256).unlink(missing_ok=True)

    def read(self, sha256: str) -> bytes:
        path = self.path(sha256)
        if not path.is_file():
            raise NotFound(noun="file", key=sha256)
        return path.read_bytes()
