"""Files: content-addressed by SHA-256 on a shelf, sealed at rest, staged before the command that refers to them.

Nothing is held in memory whole: what comes in and what goes out passes through a temporary file beyond ``IN_MEMORY``,
where it is hashed before anybody sees a byte of it.
"""

from __future__ import annotations

import hashlib
import io
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, BinaryIO, cast

from engine.domain.ciphers import (
    AES,
    HEAD,
    Key,
    KeyMissing,
    SealBroken,
    key_of_stream,
    new_key,
    open_stream,
    seal_stream,
)
from engine.domain.file_names import plain
from engine.errors import InvalidInput, NotFound, Phrase
from engine.services.proof.keys import KeyRing, read_again
from engine.services.shelves.shelf import CHUNK, Shelf, StorageDown
from engine.services.uploads import kinds

IN_MEMORY = 1 << 20
KEYS = "keys/"


@dataclass(frozen=True, slots=True)
class StagedFile:
    sha256: str
    size: int
    name: str
    media: str


class FileStore:
    """Files named by the hash of their content, two levels deep; sealed when there is a ring of keys.

    Each sealed file has a data key of its own, wrapped in a file of its own under ``keys/``: a new master key rewrites
    those and no content. A file names its key, so two who store the same content at once do not harm each other.
    """

    def __init__(self, shelf: Shelf, limit: int, ring: KeyRing | None = None, kind: str = AES) -> None:
        self.shelf = shelf
        self.limit = limit
        self._ring = ring
        self._kind = kind

    @property
    def ring(self) -> KeyRing | None:
        """The master keys; None where nothing is sealed."""
        return self._ring

    def stage(self, stream: BinaryIO, name: str) -> StagedFile:
        """Store an upload by its hash. Raises ``InvalidInput`` for a wrong kind, an empty file or too large a one."""
        name = plain(name)
        with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as spooled:
            content = cast(BinaryIO, spooled)
            sha256, size = self._taken(stream, content, name)
            if not size:
                raise InvalidInput(expected="a file with content", found="an empty file", where=name)
            content.seek(0)
            media = kinds.inspect(content, name)
            return self._keep(content, StagedFile(sha256, size, name, media))

    def put(self, content: bytes, name: str, media: str) -> StagedFile:
        """Store what the engine itself made, or has looked at."""
        if len(content) > self.limit:
            raise self._too_large(name)
        sha256 = hashlib.sha256(content).hexdigest()
        return self._keep(io.BytesIO(content), StagedFile(sha256, len(content), name, media))

    def holds(self, sha256: str) -> bool:
        return self.shelf.exists(_place(sha256))

    def remove(self, sha256: str) -> None:
        """Forget a content, if it is there, and its key."""
        old = self._key_id(sha256)
        self.shelf.remove(_place(sha256))
        if old is not None:
            self.shelf.remove(_key_place(old))

    def read(self, sha256: str) -> bytes:
        """As ``open``."""
        with self.open(sha256) as content:
            return content.read()

    def open(self, sha256: str) -> BinaryIO:
        """A content that has been checked against its hash, to be read in any order. Raises ``NotFound``;
        ``SealBroken`` or ``KeyMissing`` when it cannot be opened or is another."""
        whole = cast(BinaryIO, tempfile.SpooledTemporaryFile(max_size=IN_MEMORY))  # noqa: SIM115 - the caller closes it
        try:
            digest = hashlib.sha256()
            for piece in self._pieces(sha256):
                digest.update(piece)
                whole.write(piece)
            if digest.hexdigest() != sha256:
                raise SealBroken(where=f"file {sha256[:8]}")
            whole.seek(0)
        except BaseException:
            whole.close()
            raise
        return whole

    def wrap_anew(self, ring: KeyRing) -> int:
        """Wrap the keys of all files by the present master key of another ring. Returns how many there are.

        What was removed meanwhile needs none."""
        count = 0
        for place in self.shelf.names(KEYS):
            try:
                key = self._key(place.rpartition("/")[2])
            except KeyMissing:
                if self.shelf.exists(place):
                    raise
                continue
            self._keep_key(key, ring)
            count += 1
        self._ring = ring
        return count

    def _taken(self, stream: BinaryIO, into: IO[bytes], name: str) -> tuple[str, int]:
        """(hash, size) of a stream that is written down as it comes."""
        digest, size = hashlib.sha256(), 0
        while piece := stream.read(CHUNK):
            size += len(piece)
            if size > self.limit:
                raise self._too_large(name)
            digest.update(piece)
            into.write(piece)
        return digest.hexdigest(), size

    def _too_large(self, name: str) -> InvalidInput:
        expected = Phrase("at most {size} MB", size=self.limit // (1 << 20))
        return InvalidInput(expected=expected, found="a larger file", where=name)

    def _keep(self, content: BinaryIO, staged: StagedFile) -> StagedFile:
        old = self._key_id(staged.sha256)
        key = None if self._ring is None else new_key(self._kind)
        if key is not None and self._ring is not None:
            self._keep_key(key, self._ring)
        try:
            self.shelf.put(_place(staged.sha256), _read(content) if key is None else seal_stream(key, content))
        except BaseException:
            if key is not None:
                with suppress(StorageDown):
                    self.shelf.remove(_key_place(key.id))
            raise
        if old is not None:
            self.shelf.remove(_key_place(old))
        return staged

    def _pieces(self, sha256: str) -> Iterator[bytes]:
        try:
            with self.shelf.open(_place(sha256)) as sealed:
                head = sealed.read(HEAD)
                key_id = key_of_stream(head)
                if key_id is not None:
                    yield from open_stream(self._key(key_id), sealed, head)
                    return
                yield head
                yield from _read(sealed)
        except FileNotFoundError as error:
            raise NotFound(noun="file", key=sha256) from error

    def _key_id(self, sha256: str) -> str | None:
        try:
            with self.shelf.open(_place(sha256)) as sealed:
                return key_of_stream(sealed.read(HEAD))
        except FileNotFoundError:
            return None

    def _keep_key(self, key: Key, ring: KeyRing) -> None:
        master, wrapped = ring.wrap(key)
        self.shelf.put(_key_place(key.id), [f"{key.algorithm} {master} {wrapped}\n".encode()])

    def _key(self, key_id: str) -> Key:
        if self._ring is None:
            raise KeyMissing(key=key_id, where="file")
        try:
            with self.shelf.open(_key_place(key_id)) as kept:
                kind, master, wrapped = kept.read().decode("ascii").split()
        except FileNotFoundError as error:
            raise KeyMissing(key=key_id, where="file") from error
        if master not in self._ring.keys:  # changed by another process
            self._ring = read_again(self._ring)
        return self._ring.unwrap(key_id, kind, master, wrapped)


def _place(sha256: str) -> str:
    return f"{sha256[:2]}/{sha256}"


def _key_place(key_id: str) -> str:
    return f"{KEYS}{key_id[:2]}/{key_id}"


def _read(content: BinaryIO) -> Iterator[bytes]:
    while piece := content.read(CHUNK):
        yield piece
