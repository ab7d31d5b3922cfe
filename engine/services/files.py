"""Files: content-addressed by SHA-256 in a folder, sealed at rest, staged before the command that refers to them."""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from engine.domain.ciphers import AES, HEAD, Key, KeyMissing, key_of_stream, new_key, open_stream, seal_stream
from engine.errors import InvalidInput, NotFound, Phrase
from engine.services.proof.keys import KeyRing, read_again

CHUNK = 1 << 20
STAGING = "staging-"
"""How the names of files begin that are being written."""
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


def require_document(content: BinaryIO, name: str) -> None:
    """A zipped upload must be the document its ending says: whole, without macros, and of a size one can open.

    Raises ``InvalidInput`` for what is no DOCX or OFD, for macros, and for what unpacks to more than ``MOST_UNPACKED``.
    """
    try:
        with zipfile.ZipFile(content) as archive:
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
        raise InvalidInput(expected=Phrase("at most {size} MB unpacked", size=MOST_UNPACKED >> 20),
                           found="more", where=name)


class FileStore:
    """A folder of files named by the hash of their content, two levels deep; sealed when there is a ring of keys.

    Each sealed file has a data key of its own, wrapped in a file of its own under ``keys/``: a new master key rewrites
    those and no content. A file names its key, so two who store the same content at once do not harm each other.
    """

    def __init__(self, folder: Path, limit: int, ring: KeyRing | None = None, kind: str = AES) -> None:
        self._folder = folder
        self.limit = limit
        self._ring = ring
        self._kind = kind

    @property
    def ring(self) -> KeyRing | None:
        """The master keys; None where nothing is sealed."""
        return self._ring

    def path(self, sha256: str) -> Path:
        return self._folder / sha256[:2] / sha256

    def stage(self, stream: BinaryIO, name: str) -> StagedFile:
        """Store an upload by its hash. Raises ``InvalidInput`` for a wrong kind, an empty file or too large a one."""
        content = stream.read(self.limit + 1)
        if not content:
            raise InvalidInput(expected="a file with content", found="an empty file", where=name)
        media = media_of(content[:CHUNK], name)
        if len(content) <= self.limit and content.startswith(ZIP):
            require_document(io.BytesIO(content), name)
        return self.put(content, name, media)

    def put(self, content: bytes, name: str, media: str) -> StagedFile:
        """Store what the engine itself made, or has looked at."""
        if len(content) > self.limit:
            expected = Phrase("at most {size} MB", size=self.limit // (1 << 20))
            raise InvalidInput(expected=expected, found="a larger file", where=name)
        sha256 = hashlib.sha256(content).hexdigest()
        old = self._key_id(sha256)
        key = None if self._ring is None else new_key(self._kind)
        if key is not None:
            self._keep_key(key)
        pieces = [content] if key is None else seal_stream(key, io.BytesIO(content))
        _write(self.path(sha256), pieces)
        if old is not None:
            self._key_path(old).unlink(missing_ok=True)
        return StagedFile(sha256, len(content), name, media)

    def remove(self, sha256: str) -> None:
        """Forget a content, if it is there, and its key."""
        old = self._key_id(sha256)
        self.path(sha256).unlink(missing_ok=True)
        if old is not None:
            self._key_path(old).unlink(missing_ok=True)

    def read(self, sha256: str) -> bytes:
        """Raises ``NotFound``; ``SealBroken`` or ``KeyMissing`` when it cannot be opened."""
        path = self.path(sha256)
        if not path.is_file():
            raise NotFound(noun="file", key=sha256)
        with path.open("rb") as sealed:
            key_id = key_of_stream(sealed.read(HEAD))
            sealed.seek(0)
            return sealed.read() if key_id is None else b"".join(open_stream(self._key(key_id), sealed))

    def open(self, sha256: str) -> BinaryIO:
        return io.BytesIO(self.read(sha256))

    def wrap_anew(self, ring: KeyRing) -> int:
        """Wrap the keys of all files by the present master key of another ring. Returns how many there are.

        What a killed process left half-written is no key; what was removed meanwhile needs none."""
        count = 0
        for path in sorted(self._folder.glob("keys/*/*")):
            if path.name.startswith(STAGING):
                continue
            try:
                key = self._key(path.name)
            except (KeyMissing, FileNotFoundError):
                if path.exists():
                    raise
                continue
            master, wrapped = ring.wrap(key)
            _write(path, [f"{key.algorithm} {master} {wrapped}\n".encode()])
            count += 1
        self._ring = ring
        return count

    def _key_id(self, sha256: str) -> str | None:
        try:
            with self.path(sha256).open("rb") as sealed:
                return key_of_stream(sealed.read(HEAD))
        except FileNotFoundError:
            return None

    def _key_path(self, key_id: str) -> Path:
        return self._folder / "keys" / key_id[:2] / key_id

    def _keep_key(self, key: Key) -> None:
        if self._ring is not None:
            master, wrapped = self._ring.wrap(key)
            _write(self._key_path(key.id), [f"{key.algorithm} {master} {wrapped}\n".encode()])

    def _key(self, key_id: str) -> Key:
        path = self._key_path(key_id)
        if self._ring is None or not path.is_file():
            raise KeyMissing(key=key_id, where="file")
        kind, master, wrapped = path.read_text("ascii").split()
        if master not in self._ring.keys:  # changed by another process
            self._ring = read_again(self._ring)
        return self._ring.unwrap(key_id, kind, master, wrapped)


def _write(target: Path, pieces: Iterable[bytes]) -> None:
    """Whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=STAGING)
    try:
        with os.fdopen(handle, "wb") as out:
            for piece in pieces:
                out.write(piece)
            out.flush()
            os.fsync(out.fileno())
        Path(temporary).replace(target)
    finally:
        Path(temporary).unlink(missing_ok=True)
